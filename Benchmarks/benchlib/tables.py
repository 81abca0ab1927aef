"""Databases as applications have them: tables with identity keys and text, owned by one login."""

from __future__ import annotations

from .command import Command
from .server import Server

#: Who owns everything before the move, and who is to own it.
OLD = "app_old"
NEW = "iamuser"

#: A transaction that creates more tables runs out of locks under PostgreSQL's default settings.
TABLES_AT_ONCE = 500

MAKE_TABLES = """
CREATE PROCEDURE make_tables(a int, b int) LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN a..b LOOP
    EXECUTE format(
      'CREATE TABLE t%s (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text)', i);
  END LOOP;
END $$
"""

MAKE_OTHERS = """
DO $$
BEGIN
  FOR i IN 1..100 LOOP
    EXECUTE format('CREATE VIEW v%s AS SELECT * FROM t%s', i, i);
    EXECUTE format('CREATE SEQUENCE s%s', i);
    EXECUTE format('CREATE FUNCTION f%s() RETURNS int LANGUAGE sql AS ''SELECT 1''', i);
    EXECUTE format('CREATE TYPE e%s AS ENUM (''a'')', i);
  END LOOP;
END $$
"""

#: Objects that `MAKE_OTHERS` makes.
OTHERS = 400

#: How much still belongs to `OLD`.
REMAINING = f"""
SELECT (SELECT count(*) FROM pg_class WHERE relowner = '{OLD}'::regrole)
  + (SELECT count(*) FROM pg_proc WHERE proowner = '{OLD}'::regrole)
  + (SELECT count(*) FROM pg_type WHERE typowner = '{OLD}'::regrole)
"""


def build(server: Server, tables: int, *, others: bool = False) -> Command:
    """The command that fills the server's database."""
    statements = [
        f"CREATE ROLE {OLD} LOGIN",
        f"GRANT ALL ON SCHEMA public TO {OLD}",
        f"SET ROLE {OLD}",
        "SET synchronous_commit = off",
        MAKE_TABLES,
    ]
    for first in range(1, tables + 1, TABLES_AT_ONCE):
        statements.append(f"CALL make_tables({first}, {min(first + TABLES_AT_ONCE - 1, tables)})")
    statements.append("DROP PROCEDURE make_tables")
    if others:
        statements.append(MAKE_OTHERS)
    return server.psql(*statements, "RESET ROLE", "VACUUM (ANALYZE)", "CHECKPOINT")


def turn_back(server: Server) -> None:
    """Gives everything back to its old owner, and removes the new one and what was dead."""
    server.psql(
        f"REASSIGN OWNED BY {NEW} TO {OLD}",
        "ALTER SCHEMA public OWNER TO pg_database_owner",
        f"DROP OWNED BY {NEW}",
        f"DROP ROLE {NEW}",
        "VACUUM",
        "CHECKPOINT",
    ).run()
