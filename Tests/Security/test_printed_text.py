"""What a server says steers neither a terminal nor a CI system, whatever is printed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from labkit.laboratory import Laboratory
from labkit.servers import Postgres

from securitykit.program import run
from securitykit.rewriting import Lies, lying_server
from test_plan_script import socket_of

#: Every form at once: C0, C1, marks of direction, invisible characters, CI systems' commands.
HOSTILE = (
    "x\x1b[2J\x1b]0;t\x07\x9b31m\u202e\u2066\u200b\ufeff\x7f\r\n::error::y\n  ::stop-commands::z\n"
    "##vso[task.setvariable variable=a]b ##[error]c ##teamcity[d] section_start:1:e\r\x1b[0K"
)

#: What must not be in any output, and what must not begin a line of one.
STEERING = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
COMMANDS = re.compile(r"^\s*::|##(vso|teamcity)?\[|section_(start|end):", re.MULTILINE)

SYSTEMS = ["GITHUB_ACTIONS", "TF_BUILD", "TEAMCITY_VERSION", "GITLAB_CI"]

OBJECTS = """
CREATE ROLE zqprinted LOGIN PASSWORD 'x';
CREATE SCHEMA zqplace AUTHORIZATION zqprinted;
CREATE TABLE zqplace.zqthing (id integer);
ALTER TABLE zqplace.zqthing OWNER TO zqprinted;
CREATE VIEW public.zqsight AS SELECT * FROM zqplace.zqthing;
"""

COMMAND_LINES = {
    "plan": ["setup", "plan"],
    "plan in JSON": ["setup", "plan", "--format", "json"],
    "plan in SQL": ["setup", "plan", "--format", "sql"],
    "verify": ["setup", "verify"],
    "verify in JSON": ["setup", "verify", "--format", "json"],
    "a refusal": ["setup", "plan", "--keep-access", "zqprinted", "--schema", "zqplace"],
}


@pytest.fixture(scope="module")
def database(laboratory: Laboratory) -> Iterator[Postgres]:
    main = laboratory.main
    main.sql("CREATE DATABASE zqprint")
    main.sql(OBJECTS, "zqprint")
    yield main
    main.sql("DROP DATABASE zqprint WITH (FORCE)")
    main.sql("DROP ROLE zqprinted")


@pytest.mark.parametrize("number", range(len(COMMAND_LINES)), ids=list(COMMAND_LINES))
def test_setup_prints_nothing_that_steers(database: Postgres, number: int) -> None:
    words = list(COMMAND_LINES.values())[number]
    lies = {text: HOSTILE for text in ("zqprinted", "zqplace", "zqthing", "zqsight")}
    with lying_server(socket_of(database), Lies(lies)) as port:
        ended = run(
            *words,
            *("-h", "127.0.0.1", "-p", str(port), "-U", "rdsadmin", "-d", "zqprint"),
            *("--iam-user", "zq_iam", "--all-schemas" if "--schema" not in words else "--yes"),
            environment={SYSTEMS[number % len(SYSTEMS)]: "true"},
        )
    assert not STEERING.search(ended.output), repr(ended.output)
    assert not COMMANDS.search(ended.output), ended.story
    if "json" in words:
        assert json.loads(ended.stdout), ended.story


@pytest.mark.parametrize("form", ["text", "json", "jsonl", "junit", "sarif", "markdown"])
def test_doctor_prints_nothing_that_steers(laboratory: Laboratory, form: str) -> None:
    text = HOSTILE.encode().replace(b"\0", b"")
    body = b"SFATAL\0VFATAL\0CXX000\0M" + text + b"\0\0"
    answer = b"E" + (len(body) + 4).to_bytes(4, "big") + body
    at = laboratory.scripted(laboratory.name(f"printed-{form}."), answer)
    ended = run(
        *(
            "doctor",
            "-h",
            at.host,
            "--hostaddr",
            "127.0.0.1",
            "-p",
            str(at.port),
            "-U",
            "zq\n::error::u",
        ),
        *("-d", "app", "--sslmode", "verify-full", "--sslrootcert", str(laboratory.bundle)),
        *("--format", form, "--timeout", "5s", "--password-from-env"),
        environment={"GITHUB_ACTIONS": "true", "PGPASSWORD": "zq-password-of-nobody"},
    )
    # A failure without a diagnosis is no result of SARIF.
    assert form == "sarif" or b"vso" in ended.stdout, ended.story
    assert not STEERING.search(ended.output), repr(ended.output)
    assert not COMMANDS.search(ended.output), ended.story


@pytest.mark.parametrize(
    "words", [["explain", HOSTILE], ["checks", "list", "--checks", HOSTILE], [HOSTILE]]
)
def test_a_hostile_argument_steers_nothing(words: list[str]) -> None:
    ended = run(*(word.replace("\0", "") for word in words), environment={"TF_BUILD": "True"})
    assert ended.status == 64, ended.story
    assert not STEERING.search(ended.output), repr(ended.output)
    assert not COMMANDS.search(ended.output), ended.story


def test_explain_shows_no_command_of_a_log() -> None:
    log = f"FATAL:  password authentication failed for user {HOSTILE}\n" * 3
    log += "##[error]FATAL:  PAM authentication failed\n::error::PAM authentication failed\n"
    ended = run("explain", "--stdin", input=log.encode(), environment={"GITHUB_ACTIONS": "true"})
    assert ended.status == 0, ended.story
    assert not STEERING.search(ended.output), repr(ended.output)
    assert not COMMANDS.search(ended.output), ended.story
