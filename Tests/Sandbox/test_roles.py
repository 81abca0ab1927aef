"""What the master may and may not do with roles: as on RDS, and as on stock PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from testing.sandboxes import Server

MEMBERSHIPS = """
SELECT roleid::regrole, member::regrole, grantor::regrole
FROM pg_auth_members WHERE roleid::regrole::text LIKE 't\\_%' ORDER BY 1, 2, 3
"""


@pytest.fixture(autouse=True)
def clean_roles(request: pytest.FixtureRequest) -> Iterator[None]:
    """Drops the roles of a test (t_…) and frees the master of rds_iam after it."""
    names = [name for name in ("server", "rds", "stock") if name in request.fixturenames]
    servers: list[Server] = [request.getfixturevalue(name) for name in names]
    yield
    for server in servers:
        roles = server.admin("SELECT rolname FROM pg_roles WHERE rolname LIKE 't\\_%'")
        server.admin("REVOKE rds_iam FROM postgres;")
        server.admin("".join(f'DROP OWNED BY "{r}"; DROP ROLE "{r}";' for r in roles.split()))


def must_work(server: Server, sql: str) -> str:
    """Runs SQL as the master; it has to work."""
    result = server.master(sql)
    assert result.status == 0, result.error
    return result.output


def test_the_master_is_no_superuser_but_may_create_roles_and_databases(server: Server) -> None:
    columns = "rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolcanlogin"
    sql = f"SELECT {columns} FROM pg_roles WHERE rolname = 'postgres'"
    assert must_work(server, sql) == "f|t|t|f|t"


def test_database_app_belongs_to_the_master(server: Server) -> None:
    sql = "SELECT current_database(), datdba::regrole FROM pg_database WHERE datname = 'app'"
    assert must_work(server, sql) == "app|postgres"


@pytest.mark.parametrize(
    ("name", "value"),
    [("max_connections", "100"), ("max_locks_per_transaction", "64"), ("fsync", "on")],
)
def test_settings_are_postgresqls_own(server: Server, name: str, value: str) -> None:
    assert must_work(server, f"SHOW {name}") == value


def test_rdsadmin_is_the_bootstrap_superuser(server: Server) -> None:
    sql = "SELECT oid, rolsuper FROM pg_roles WHERE rolname = 'rdsadmin'"
    assert must_work(server, sql) == "10|t"


def test_rds_roles_are_there(rds: Server) -> None:
    sql = "SELECT rolname FROM pg_roles WHERE rolname LIKE 'rds\\_%' ORDER BY 1"
    expected = "rds_ad rds_iam rds_password rds_replication rds_superuser"
    assert must_work(rds, sql).split() == expected.split()
    assert must_work(rds, "SELECT pg_has_role('rds_superuser', 'MEMBER')") == "t"


def test_stock_has_no_role_of_rds_but_rds_iam(stock: Server) -> None:
    sql = "SELECT string_agg(rolname, ',') FROM pg_roles WHERE rolname LIKE 'rds\\_%'"
    assert must_work(stock, sql) == "rds_iam"


def test_the_creator_of_a_role_does_not_become_its_member_on_rds(rds: Server) -> None:
    must_work(rds, "CREATE ROLE t_one;")
    assert must_work(rds, MEMBERSHIPS) == ""


def test_the_creator_of_a_role_becomes_its_member_on_stock_16_and_later(stock: Server) -> None:
    must_work(stock, "CREATE ROLE t_one;")
    expected = "" if stock.major < 16 else "t_one|postgres|rdsadmin"
    assert must_work(stock, MEMBERSHIPS) == expected


def test_grants_of_the_master_read_granted_by_rdsadmin_on_rds(rds: Server) -> None:
    must_work(rds, "CREATE ROLE t_one; CREATE ROLE t_two; GRANT t_one TO t_two, CURRENT_USER;")
    assert must_work(rds, MEMBERSHIPS) == "t_one|postgres|rdsadmin\nt_one|t_two|rdsadmin"
    must_work(rds, "REVOKE t_one FROM t_two, CURRENT_USER;")
    assert must_work(rds, MEMBERSHIPS) == ""


def test_the_master_alters_roles_without_admin_option_on_rds(rds: Server) -> None:
    rds.admin("CREATE ROLE t_one; CREATE ROLE t_two;")
    must_work(
        rds,
        "ALTER ROLE t_one LOGIN PASSWORD 'x' CONNECTION LIMIT 3;"
        "ALTER ROLE t_one SET role = 't_two';"
        "ALTER ROLE t_one IN DATABASE app SET work_mem = '8MB';"
        "ALTER ROLE t_two RENAME TO t_three; DROP ROLE t_three;",
    )
    sql = "SELECT rolconnlimit, rolconfig FROM pg_roles WHERE rolname = 't_one'"
    assert must_work(rds, sql) == "3|{role=t_two}"


def test_current_user_means_the_master_and_not_rdsadmin(rds: Server) -> None:
    must_work(rds, "ALTER ROLE CURRENT_USER SET work_mem = '5MB';")
    must_work(rds, "ALTER USER SESSION_USER CONNECTION LIMIT 90;")
    sql = "SELECT rolname, rolconnlimit, rolconfig FROM pg_roles WHERE rolconfig IS NOT NULL"
    assert must_work(rds, sql) == "postgres|90|{work_mem=5MB}"
    must_work(rds, "ALTER ROLE SESSION_USER RESET ALL;")
    must_work(rds, "ALTER ROLE CURRENT_ROLE CONNECTION LIMIT -1;")


def test_role_statements_roll_back_and_leave_the_user_as_it_was(rds: Server) -> None:
    sql = """
    BEGIN; CREATE ROLE t_one; GRANT rds_iam TO t_one; ROLLBACK;
    DO $$ BEGIN CREATE ROLE t_two; CREATE ROLE t_two;
          EXCEPTION WHEN duplicate_object THEN NULL; END $$;
    DO $$ BEGIN ASSERT current_user = 'postgres'; CREATE ROLE t_three;
                ASSERT current_user = 'postgres'; END $$;
    SELECT current_user, string_agg(rolname, ',') FROM pg_roles WHERE rolname LIKE 't\\_%'
    """
    assert must_work(rds, sql) == "postgres|t_three"


REFUSED = [
    "GRANT rdsadmin TO postgres",
    "GRANT rdsadmin TO t_one",
    "GRANT t_super TO t_one",
    "GRANT t_one TO rdsadmin",
    "GRANT pg_read_server_files TO t_one",
    "GRANT pg_write_server_files TO postgres",
    "GRANT pg_execute_server_program TO t_one",
    "CREATE ROLE t_two SUPERUSER",
    "CREATE ROLE t_two REPLICATION",
    "CREATE ROLE t_two BYPASSRLS",
    "CREATE ROLE t_two IN ROLE rdsadmin",
    "CREATE ROLE t_two IN ROLE t_super",
    "CREATE ROLE t_two ROLE rdsadmin",
    "ALTER ROLE t_one SUPERUSER",
    "ALTER ROLE t_one REPLICATION",
    "ALTER ROLE CURRENT_USER SUPERUSER",
    "ALTER ROLE rdsadmin PASSWORD 'x'",
    "ALTER ROLE t_super PASSWORD 'x'",
    "ALTER ROLE rdsadmin SET work_mem = '1MB'",
    "ALTER ROLE ALL SET work_mem = '1MB'",
    "ALTER ROLE rdsadmin RENAME TO t_two",
    "ALTER ROLE t_super RENAME TO t_two",
    "ALTER GROUP rdsadmin ADD USER t_one",
    "DROP ROLE rdsadmin",
    "DROP ROLE t_super",
    "DROP ROLE postgres",
    "DROP ROLE t_one, rds_superuser",
    "SET ROLE t_one",
    "SET SESSION AUTHORIZATION t_one",
]


@pytest.mark.parametrize("sql", REFUSED)
def test_the_master_is_refused_what_rds_keeps_for_itself(rds: Server, sql: str) -> None:
    rds.admin("CREATE ROLE t_one; CREATE ROLE t_super SUPERUSER;")
    before = rds.admin("SELECT * FROM pg_authid ORDER BY oid; TABLE pg_auth_members")
    assert rds.master(sql).status != 0
    assert rds.admin("SELECT * FROM pg_authid ORDER BY oid; TABLE pg_auth_members") == before


def test_membership_in_rdsadmin_needs_a_superuser(rds: Server) -> None:
    assert "must be superuser to grant role" in rds.master("GRANT rdsadmin TO postgres").error


def test_a_user_outside_rds_superuser_gets_stock_rules(rds: Server) -> None:
    must_work(rds, "CREATE ROLE t_one LOGIN PASSWORD 'secret'; CREATE ROLE t_two;")
    assert "permission denied" in rds.login("t_one", "secret", "CREATE ROLE t_three").error
    result = rds.login("t_one", "secret", "GRANT t_two TO t_one")
    assert result.status != 0
    assert rds.login("t_one", "secret", "ALTER ROLE t_one PASSWORD 'other'").status == 0
    assert rds.login("t_one", "other").output == "t_one"


def test_a_second_member_of_rds_superuser_administers_roles_too(rds: Server) -> None:
    must_work(rds, "CREATE ROLE t_one LOGIN PASSWORD 'secret'; GRANT rds_superuser TO t_one;")
    assert rds.login("t_one", "secret", "CREATE ROLE t_two IN ROLE rds_iam").error == ""


def test_the_service_database_is_closed(rds: Server) -> None:
    about = {**rds.about, "database": "rdsadmin"}
    assert "pg_hba.conf rejects" in Server(rds.name, about, rds.aws).master("SELECT 1").error


def test_rdsadmin_cannot_log_in_over_tcp_on_rds(rds: Server) -> None:
    assert "pg_hba.conf rejects" in rds.login("rdsadmin", "anything").error


def test_rdsadmin_logs_in_over_tcp_on_stock(stock: Server) -> None:
    password = stock.about["superuser"]["password"]
    assert stock.login("rdsadmin", password).output == "rdsadmin"


def test_a_master_who_becomes_an_indirect_member_of_rds_iam_is_locked_out(server: Server) -> None:
    options = "" if server.major < 16 else "WITH INHERIT FALSE, SET FALSE"
    server.admin("CREATE ROLE t_iam; GRANT rds_iam TO t_iam;")
    server.admin(f"GRANT t_iam TO postgres {options};")
    tls = server.about["tls"]
    expected = 'PAM authentication failed for user "postgres"' if tls else "pg_hba.conf rejects"
    assert expected in server.master("SELECT 1").error
    server.admin("REVOKE t_iam FROM postgres;")
    assert server.master("SELECT 1").output == "1"


def test_creating_an_iam_user_locks_the_creator_out_on_stock_16_and_later(stock: Server) -> None:
    must_work(stock, "CREATE ROLE t_iam LOGIN;")
    stock.admin("GRANT rds_iam TO t_iam;")
    result = stock.master("SELECT 1")
    if stock.major < 16:  # which makes no row for the creator
        assert result.output == "1"
    else:
        assert "pg_hba.conf rejects" in result.error


def test_creating_an_iam_user_leaves_the_master_alone_on_rds(rds: Server) -> None:
    must_work(rds, "CREATE ROLE t_iam LOGIN; GRANT rds_iam TO t_iam;")
    assert must_work(rds, "SELECT 1") == "1"
