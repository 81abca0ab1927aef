"""A server that puts the password it was told into the values that it answers with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from labkit.laboratory import Laboratory
from labkit.servers import Postgres

from securitykit.program import Run, run
from securitykit.rewriting import Lies, lying_server

PASSWORD = "1z.Xyzzy9plugh"

OBJECTS = """
CREATE ROLE zqowner LOGIN;
CREATE SCHEMA zqplace AUTHORIZATION zqowner;
CREATE FUNCTION zqplace.routine(zqparameter integer) RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE TABLE zqplace.zqrelation (id integer);
ALTER FUNCTION zqplace.routine OWNER TO zqowner;
ALTER TABLE zqplace.zqrelation OWNER TO zqowner;
"""

#: What the server really says, and what stands in its place.
VALUES = {
    "a version": {"15.": PASSWORD},
    "an argument's name": {"zqparameter": f'"{PASSWORD}"'},
    "something that is no argument": {"zqparameter": f"{PASSWORD}; --"},
    "a table's name": {"zqrelation": PASSWORD},
    "a part of a table's name": {"zqrelation": f"orders_{PASSWORD}_2026"},
    "a role's name": {"zqowner": PASSWORD},
}


@pytest.fixture(scope="module")
def database(laboratory: Laboratory) -> Iterator[tuple[Postgres, str]]:
    main = laboratory.main
    main.sql("CREATE DATABASE zqvalues")
    main.sql(OBJECTS, "zqvalues")
    yield main, "zqvalues"
    main.sql("DROP DATABASE zqvalues WITH (FORCE)")
    main.sql("DROP ROLE zqowner")


def planned(database: tuple[Postgres, str], lies: dict[str, str], form: str) -> Run:
    server, name = database
    there = Path(server.sockets) / f".s.PGSQL.{server.port}"
    with lying_server(there, Lies(lies, {"server_version": "15.18"})) as port:
        return run(
            *("setup", "plan", "-h", "127.0.0.1", "-p", str(port), "-U", "rdsadmin", "-d", name),
            *("-w", "--iam-user", "zq_iam", "--all-schemas", "--verbose", "--format", form),
            environment={"PGPASSWORD": PASSWORD},
        )


@pytest.mark.parametrize("form", ["text", "json", "sql"])
@pytest.mark.parametrize("value", VALUES)
def test_a_plan_does_not_show_the_password(
    database: tuple[Postgres, str], value: str, form: str
) -> None:
    ended = planned(database, VALUES[value], form)
    assert ended.output, ended.story
    assert "plugh" not in ended.output.lower(), ended.story


def test_a_script_is_not_written_when_a_name_is_the_password(
    database: tuple[Postgres, str],
) -> None:
    ended = planned(database, VALUES["a table's name"], "sql")
    assert ended.status == 1, ended.story
    assert "the password of this login" in ended.output, ended.story


def test_names_that_begin_like_a_password_stay_in_a_plan(database: tuple[Postgres, str]) -> None:
    ended = planned(database, {"zqrelation": PASSWORD[:12]}, "sql")
    assert ended.status == 0, ended.story
    assert PASSWORD[:12] in ended.output, ended.story
