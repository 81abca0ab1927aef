"""setup through a connection pooler: refused before anything, and nothing of ours stays behind."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from labkit.laboratory import Endpoint, Laboratory

from securitykit.program import Run, run

PASSWORD = "pooled-password"

#: What setup wants to hold in its sessions, as a role's own settings: a pooler then has nothing to
#: pass on, and what is left to notice it by is that its transactions change sessions.
SETTINGS = {
    "search_path": "pg_catalog, pg_temp",
    "default_transaction_read_only": "on",
    "default_transaction_isolation": "'read committed'",
    "default_transaction_deferrable": "off",
    "row_security": "off",
    "transform_null_equals": "off",
    "standard_conforming_strings": "on",
    "quote_all_identifiers": "off",
    "client_min_messages": "warning",
    "statement_timeout": "'1min'",
    "lock_timeout": "0",
}


@dataclass
class Pool:
    """A pooler, and a login of the server that it knows."""

    laboratory: Laboratory
    at: Endpoint
    user: str

    def setup(self, command: str, *options: str) -> Run:
        environment = {"PGHOST": "127.0.0.1", "PGPORT": str(self.at.port), "PGSSLMODE": "disable"}
        environment |= {"PGUSER": self.user, "PGPASSWORD": PASSWORD, "PGDATABASE": "office"}
        return run("setup", command, *options, environment=environment)

    def expect_nothing_left(self) -> None:
        """The pooler's sessions of the server have no lock and no setting of setup's."""
        sql = self.laboratory.main.sql
        mine = f"(SELECT pid FROM pg_stat_activity WHERE usename = '{self.user}')"
        locks = f"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid IN {mine}"
        assert sql(locks).strip() == "0"


@pytest.fixture
def user(laboratory: Laboratory) -> Iterator[str]:
    """A login with a password."""
    name = f"pooled_{secrets.token_hex(4)}"
    laboratory.main.sql(f"CREATE ROLE {name} LOGIN CREATEROLE PASSWORD '{PASSWORD}'")
    yield name
    laboratory.main.sql(
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{name}';"
        f"DROP OWNED BY {name}; DROP ROLE {name};"
    )


def pool(laboratory: Laboratory, user: str, mode: str, *passed: str) -> Pool:
    parameters = ", ".join(["extra_float_digits", *passed])
    at = laboratory.pooler(
        laboratory.name("pool."),
        f"host=127.0.0.1 port={laboratory.main.port}",
        {user: PASSWORD},
        tls=False,
        mode=mode,
        ignored=parameters,
    )
    return Pool(laboratory, at, user)


@pytest.mark.parametrize("mode", ["transaction", "statement", "session"])
@pytest.mark.parametrize("passed", [(), ("options",)], ids=["refused", "dropped"])
def test_a_pooler_that_does_not_pass_the_settings_on_is_refused(
    laboratory: Laboratory, user: str, mode: str, passed: tuple[str, ...]
) -> None:
    pooled = pool(laboratory, user, mode, *passed)
    ended = pooled.setup("apply", "--iam-user", "iam_user", "--yes")
    assert ended.status == 1, ended.story
    assert "pooler" in ended.output, ended.story
    pooled.expect_nothing_left()


@pytest.mark.parametrize("command", ["plan", "apply", "verify"])
def test_a_pooler_whose_transactions_change_sessions_is_refused(
    laboratory: Laboratory, user: str, command: str
) -> None:
    for name, value in SETTINGS.items():
        laboratory.main.sql(f"ALTER ROLE {user} SET {name} = {value}")
    pooled = pool(laboratory, user, "transaction", "options")
    options = ["--iam-user", "iam_user"] + (["--yes"] if command == "apply" else [])
    ended = pooled.setup(command, *options)
    assert ended.status == 1, ended.story
    assert "gives every transaction another session" in ended.output, ended.story
    assert "pool_mode = session" in ended.output, ended.story
    pooled.expect_nothing_left()


def test_a_pooler_that_keeps_a_session_for_each_client_is_no_hindrance(
    laboratory: Laboratory, user: str
) -> None:
    for name, value in SETTINGS.items():
        laboratory.main.sql(f"ALTER ROLE {user} SET {name} = {value}")
    pooled = pool(laboratory, user, "session", "options")
    ended = pooled.setup("plan", "--iam-user", "iam_user")
    assert "pooler" not in ended.output, ended.story
    assert "setup plan: database office" in ended.output, ended.story
