"""setup on a server with few connections and locks, and beside prepared transactions."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from securitykit.program import Run, run
from securitykit.small import SmallSandbox, SmallServer
from securitykit.terminal import Terminal

TABLES = 40
DATABASES = 8
OWNER = "SELECT tableowner FROM pg_tables WHERE tablename = 't'"
ALL = ["--all-databases", "--owner-role", "shop_owner", "--create-owner-role"]


@pytest.fixture(scope="module")
def server() -> Iterator[SmallServer]:
    """At most 7 connections for everybody but superusers, and 120 locks for all of them."""
    sandbox = SmallSandbox(
        "pg15-rds",
        max_connections="10",
        max_locks_per_transaction="10",
        max_prepared_transactions="2",
        max_wal_senders="0",
    )
    sandbox.server.sql(
        "CREATE ROLE shop LOGIN PASSWORD 'old'; GRANT ALL ON SCHEMA public TO shop;"
        "SET ROLE shop;"
        + "".join(f"CREATE TABLE t{n} (id serial PRIMARY KEY, body text);" for n in range(TABLES))
    )
    yield sandbox.server
    sandbox.close()


@pytest.fixture
def journal(tmp_path: Path) -> str:
    """Where apply writes how things were."""
    return str(tmp_path / "setup.journal")


def setup(server: SmallServer, command: str, journal: str, *more: str) -> Run:
    user = [] if command == "revert" else ["--iam-user", "shop_iam"]
    options = ["setup", command, *user, "--yes", "--journal", journal, *more]
    return run(*options, environment=server.environment())


@pytest.mark.parametrize("mode", ["owner-role", "direct"])
def test_few_locks_suffice_to_move_a_database_and_back(
    server: SmallServer, journal: str, mode: str
) -> None:
    before = server.dump()
    applied = setup(server, "apply", journal, "--mode", mode, "--keep-access", "shop")
    assert applied.status == 0, applied.story
    assert server.sql("SELECT count(*) FROM pg_tables WHERE tableowner = 'shop'") == "0"
    reverted = setup(server, "revert", journal)
    assert reverted.status == 0, reverted.story
    assert server.dump() == before


def test_more_databases_than_connections_are_moved_four_at_a_time(
    server: SmallServer, journal: str
) -> None:
    names = [f"d{n}" for n in range(DATABASES)]
    for name in names:
        server.sql(f"CREATE DATABASE {name} OWNER postgres")
        server.sql("CREATE TABLE t (); ALTER TABLE t OWNER TO shop", name)
    try:
        applied = setup(server, "apply", journal, *ALL)
        assert applied.status == 0, applied.story
        for name in names:
            assert server.sql(OWNER, name) == "shop_owner"
        options = ["--iam-user", "shop_iam", "--all-databases", "--owner-role", "shop_owner"]
        verified = run("setup", "verify", *options, environment=server.environment())
        assert verified.status == 0, verified.story
        reverted = setup(server, "revert", journal)
        assert reverted.status == 0, reverted.story
        for name in names:
            assert server.sql(OWNER, name) == "shop"
        assert server.sql("SELECT count(*) FROM pg_roles WHERE rolname ~ '^shop_'") == "0"
    finally:
        for name in names:
            server.sql(f"DROP DATABASE {name} WITH (FORCE)")


def test_a_prepared_transaction_is_named_and_not_to_be_ended_lightly(
    server: SmallServer, journal: str
) -> None:
    server.sql("BEGIN; LOCK TABLE t1 IN ACCESS SHARE MODE; PREPARE TRANSACTION 'payments-17'")
    try:
        applied = setup(server, "apply", journal, "--lock-timeout", "300ms")
        assert applied.status == 1, applied.story
        assert "table public.t1: " in applied.output, applied.story
        assert "prepared transaction 'payments-17' (rdsadmin, prepared since 20" in applied.output
        assert "ROLLBACK PREPARED" not in applied.output, applied.story
        assert "transaction manager" in applied.output, applied.story
        assert server.sql("SELECT count(*) FROM pg_tables WHERE tableowner = 'shop'") == "1"
    finally:
        server.sql("ROLLBACK PREPARED 'payments-17'")
    assert setup(server, "apply", journal).status == 0
    reverted = setup(server, "revert", journal)
    assert reverted.status == 0, reverted.story


def test_a_prepared_grant_is_waited_for_and_named(server: SmallServer, journal: str) -> None:
    server.sql("CREATE ROLE shop_iam LOGIN; CREATE ROLE bob LOGIN PASSWORD 'old'")
    server.sql("BEGIN; GRANT shop_iam TO bob; PREPARE TRANSACTION 'grant-1'")
    options = ["--adopt-iam-user", "--lock-timeout", "300ms"]
    try:
        applied = setup(server, "apply", journal, *options)
        assert applied.status == 1, applied.story
        assert "prepared transaction 'grant-1'" in applied.output, applied.story
        inside = server.sql("SELECT pg_has_role('shop_iam', 'rds_iam', 'MEMBER')")
        assert inside == "f", applied.story
    finally:
        server.sql("COMMIT PREPARED 'grant-1'")
    applied = setup(server, "apply", journal, *options)
    assert applied.status == 1 and "bob → shop_iam → rds_iam" in applied.output, applied.story
    server.sql("REVOKE shop_iam FROM bob; DROP ROLE bob")
    reverted = setup(server, "revert", journal)
    assert reverted.status == 0, reverted.story
    server.sql("DROP ROLE shop_iam")


@pytest.fixture
def reading(server: SmallServer, journal: str, tmp_path: Path) -> Iterator[Terminal]:
    """Somebody who has been shown the plan and is asked."""
    options = ["setup", "apply", "--iam-user", "shop_iam", "--journal", journal]
    with Terminal(*options, environment=server.environment(), folder=tmp_path) as terminal:
        terminal.read_until("these changes")
        yield terminal


MINE = "pid <> pg_backend_pid() AND application_name LIKE 'dbauth-admin%'"


def test_a_session_that_ends_while_the_plan_is_read_is_opened_again(
    server: SmallServer, reading: Terminal, journal: str
) -> None:
    ended = f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE {MINE}"
    assert server.sql(ended) == "1"
    reading.answer("yes")
    assert reading.end() == 0, reading.output
    assert "has changed since" not in reading.output, reading.output
    assert server.sql("SELECT count(*) FROM pg_tables WHERE tableowner = 'shop'") == "0"
    reverted = setup(server, "revert", journal)
    assert reverted.status == 0, reverted.story


def test_a_plan_that_has_changed_with_the_session_is_shown_again(
    server: SmallServer, reading: Terminal
) -> None:
    server.sql("CREATE TABLE late (); ALTER TABLE late OWNER TO shop")
    server.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {MINE}")
    reading.answer("yes")
    reading.read_until("these changes")
    assert "has changed since it was shown" in reading.output, reading.output
    assert "public.late" in reading.output, reading.output
    reading.answer("no")
    assert reading.end() == 1, reading.output
    assert server.sql("SELECT tableowner FROM pg_tables WHERE tablename = 'late'") == "shop"
    assert server.sql("SELECT count(*) FROM pg_roles WHERE rolname = 'shop_iam'") == "0"
    server.sql("DROP TABLE late")


def test_a_server_that_ends_idle_sessions_leaves_time_to_read(
    server: SmallServer, journal: str, tmp_path: Path
) -> None:
    server.sql("ALTER ROLE postgres SET idle_session_timeout = 500")
    try:
        options = ["setup", "apply", "--iam-user", "shop_iam", "--journal", journal]
        with Terminal(*options, environment=server.environment(), folder=tmp_path) as terminal:
            terminal.read_until("these changes")
            time.sleep(0.8)
            terminal.answer("yes")
            assert terminal.end() == 0, terminal.output
    finally:
        server.sql("ALTER ROLE postgres RESET idle_session_timeout")
    ended = setup(server, "revert", journal)
    assert ended.status == 0, ended.story
