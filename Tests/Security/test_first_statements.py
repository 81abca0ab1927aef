"""Until its search path is ours, a session calls nothing that a database's owner may have made."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

from labkit.laboratory import Laboratory

from securitykit.listening import Conversation, listening_server
from securitykit.program import run
from test_plan_script import socket_of

#: What begins every transaction in a session that has the settings of its user's programs.
BEGINNING = re.compile(
    "BEGIN READ ONLY; SET LOCAL search_path = pg_catalog, pg_temp; SET LOCAL statement_timeout = "
)
SETUP_OPTIONS = ("--iam-user", "zq_first", "--all-databases", "--all-schemas")
COMMANDS = {
    "plan": ("setup", "plan", *SETUP_OPTIONS),
    "verify": ("setup", "verify", *SETUP_OPTIONS),
    "apply": ("setup", "apply", "--iam-user", "zq_first", "--yes", "--journal", "first.journal"),
    "revert": ("setup", "revert", "--yes", "--journal", "first.journal"),
    "doctor": ("doctor", "--password-from-env", "--timeout", "5s", "--samples", "2"),
}


def unqualified(statement: str) -> list[str]:
    """Operators, and functions that are not said to be PostgreSQL's own."""
    bare = re.sub(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"", " ", statement)
    bare = re.sub(r"OPERATOR\(pg_catalog\.[-+*/<>=~!@#%^&|`?]+\)", " ", bare)
    operators = re.findall(r"[-+*/<>=~!@#%^&|`?]+|::|\b(?:I?LIKE|SIMILAR|BETWEEN|IN|ANY)\b", bare)
    calls = re.findall(r"(?<![\w.])(?!pg_catalog\.)[\w.]+\s*\(", bare)
    return operators + calls


def before_safety(session: Conversation) -> Iterator[str]:
    """What a session runs with a search path that is not known to be ours."""
    if "search_path=pg_catalog,pg_temp" in session.startup.get("options", ""):
        # Whether the settings hold is what the first statement asks.
        assert "current_setting('search_path')" in session.statements[0]
        yield session.statements[0]
        return
    is_ours = False
    for statement in session.statements:
        beginning = BEGINNING.match(statement)
        if statement.endswith("ROLLBACK"):
            assert beginning or is_ours, statement
            is_ours = False
        elif beginning:
            is_ours = True
        elif not is_ours:
            yield statement


def heard_of(laboratory: Laboratory, folder: Path, *words: str) -> list[Conversation]:
    """The sessions of a command in a database of its own in which something was asked."""
    with listening_server(socket_of(laboratory.main)) as (port, heard):
        administrator = ("--admin", f"postgresql://rdsadmin@127.0.0.1:{port}/zqfirst")
        ended = run(
            *words,
            *("-h", "127.0.0.1", "-p", str(port), "-U", "rdsadmin", "-d", "zqfirst"),
            *(administrator if words[0] == "doctor" else ()),
            environment={"PGPASSWORD": "unused", "PGSSLMODE": "disable"},
            folder=folder,
        )
    assert ended.status in (0, 1), ended.story
    return [session for session in heard if session.statements]


def test_the_first_statements_call_nothing_of_others(
    laboratory: Laboratory, tmp_path: Path
) -> None:
    laboratory.main.sql("CREATE DATABASE zqfirst")
    try:
        sessions = {
            name: heard_of(laboratory, tmp_path, *words) for name, words in COMMANDS.items()
        }
    finally:
        laboratory.main.sql("DROP DATABASE zqfirst WITH (FORCE)")
        laboratory.main.sql("DROP ROLE IF EXISTS zq_first, zqfirst_owner")
    # One in each database; the administrator's and the login's.
    assert min(len(sessions[name]) for name in ("plan", "verify", "doctor")) > 1
    for statement in (
        statement
        for session in itertools.chain(*sessions.values())
        for statement in before_safety(session)
    ):
        assert unqualified(statement) == [], statement


def test_what_is_not_qualified_is_found() -> None:
    """The judge itself."""
    assert unqualified("SELECT pg_catalog.current_setting('a = b'), session_user") == []
    assert unqualified("SELECT 1 OPERATOR(pg_catalog.=) 2") == []
    for statement in ("SELECT 1 = 2", "SELECT now()", "SELECT 'a'::name", "SELECT 1 IN (2)"):
        assert unqualified(statement), statement
