"""The roles and databases that the faults need, on every server."""

from __future__ import annotations

import secrets

#: The password of every role that has one.
PASSWORD = secrets.token_urlsafe(18)

#: `app_iam` and `app_password` are healthy, `chief` is a second master, and each of the others has
#: one fault.
ROLES = f"""
CREATE ROLE app_iam LOGIN IN ROLE rds_iam;
CREATE ROLE app_password LOGIN PASSWORD '{PASSWORD}';
CREATE ROLE app_plain LOGIN;
CREATE ROLE app_nologin NOLOGIN IN ROLE rds_iam;
CREATE ROLE app_limited LOGIN CONNECTION LIMIT 0 IN ROLE rds_iam;
CREATE ROLE app_bare LOGIN IN ROLE rds_iam;
CREATE ROLE app_entrant LOGIN IN ROLE rds_iam;
CREATE ROLE "AppMixed" LOGIN IN ROLE rds_iam;
CREATE ROLE app_lower LOGIN IN ROLE rds_iam;
CREATE ROLE app_expired LOGIN PASSWORD '{PASSWORD}' VALID UNTIL '2020-01-01';
CREATE ROLE team_iam NOLOGIN IN ROLE rds_iam;
CREATE ROLE app_nested LOGIN PASSWORD '{PASSWORD}' IN ROLE team_iam;
CREATE ROLE team_deep NOLOGIN IN ROLE team_iam;
CREATE ROLE app_deep LOGIN PASSWORD '{PASSWORD}' IN ROLE team_deep;
CREATE ROLE app_static LOGIN PASSWORD '{PASSWORD}' IN ROLE rds_iam;
CREATE ROLE chief LOGIN CREATEDB CREATEROLE PASSWORD '{PASSWORD}' IN ROLE rds_iam;
CREATE ROLE app_root LOGIN SUPERUSER;
GRANT app_iam TO app_lower;
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'rds_ad') THEN
    CREATE ROLE rds_ad NOLOGIN;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'rds_superuser') THEN
    GRANT rds_superuser TO chief;
  END IF;
END $$;
CREATE ROLE app_both LOGIN IN ROLE rds_iam, rds_ad, app_iam;
CREATE DATABASE office OWNER app_password;
CREATE DATABASE closed;
REVOKE CONNECT ON DATABASE closed FROM PUBLIC;
CREATE DATABASE frozen ALLOW_CONNECTIONS false;
CREATE DATABASE narrow CONNECTION LIMIT 0;
"""

SHOP = """
CREATE SCHEMA shop AUTHORIZATION {owner};
SET SESSION AUTHORIZATION {owner};
CREATE TABLE shop.article (id bigserial PRIMARY KEY, name text NOT NULL);
CREATE TABLE shop.purchase (id bigserial PRIMARY KEY, article bigint REFERENCES shop.article);
CREATE VIEW shop.sold AS SELECT a.name FROM shop.article a JOIN shop.purchase p ON p.article = a.id;
RESET SESSION AUTHORIZATION;
"""

#: `app_entrant` may enter the schema and touch nothing in it.
APP = "GRANT USAGE ON SCHEMA shop TO app_entrant;\n"


def databases() -> dict[str, str]:
    """The scripts that fill databases."""
    return {
        "app": SHOP.format(owner="app_iam") + APP,
        "office": SHOP.format(owner="app_password"),
    }
