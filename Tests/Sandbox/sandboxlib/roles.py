"""The roles and databases of a new server, as SQL."""

from __future__ import annotations

MASTER = "postgres"
IAM_ROLE = "rds_iam"
DATABASE = "app"

#: As Amazon documents for rds_superuser, less what PostgreSQL 15 does not have.
RDS_ROLES = """
CREATE ROLE rds_superuser NOLOGIN;
CREATE ROLE rds_password NOLOGIN;
CREATE ROLE rds_replication NOLOGIN;
CREATE ROLE rds_ad NOLOGIN;
CREATE ROLE rdsrepladmin NOLOGIN NOINHERIT REPLICATION;
CREATE ROLE rdstopmgr LOGIN;
GRANT pg_monitor, pg_signal_backend, pg_checkpoint, rds_password, rds_replication
  TO rds_superuser WITH ADMIN OPTION;
GRANT pg_monitor, pg_checkpoint TO rdstopmgr;
GRANT rds_superuser TO postgres;
ALTER ROLE postgres VALID UNTIL 'infinity';
"""

#: The service's own database: every user sees it, and pg_hba lets nobody in.
RDS_DATABASE = """
CREATE DATABASE rdsadmin OWNER rdsadmin;
REVOKE ALL ON DATABASE rdsadmin FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE rdsadmin TO rdstopmgr;
"""


def literal(text: str) -> str:
    """An SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def bootstrap(flavour: str, master_password: str, admin_password: str | None) -> str:
    """The script that rdsadmin runs once in database `postgres` of a fresh cluster."""
    statements = [
        f"CREATE ROLE {MASTER} LOGIN NOSUPERUSER INHERIT CREATEDB CREATEROLE NOREPLICATION"
        f" PASSWORD {literal(master_password)};",
        f"CREATE ROLE {IAM_ROLE} NOLOGIN;",
    ]
    if admin_password is not None:
        statements.append(f"ALTER ROLE rdsadmin PASSWORD {literal(admin_password)};")
    if flavour == "rds":
        statements += [RDS_ROLES, RDS_DATABASE]
    statements += [
        f"ALTER DATABASE postgres OWNER TO {MASTER};",
        f"ALTER DATABASE template1 OWNER TO {MASTER};",
        f"CREATE DATABASE {DATABASE} OWNER {MASTER};",
    ]
    return "\n".join(statements) + "\n"
