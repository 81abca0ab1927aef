"""What a server says steers neither a terminal nor a CI system, whatever is printed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from labkit.laboratory import Laboratory
from labkit.servers import Postgres
from labkit.wire import error, message

from securitykit.hostile import READY, Client, hostile_server
from securitykit.program import Run, run
from securitykit.rewriting import Lies, lying_server
from test_plan_script import socket_of

#: Every form at once: C0, C1, marks of direction, invisible characters, CI systems' commands.
HOSTILE = (
    "x\x1b[2J\x1b]0;t\x07\x9b31m\u202e\u2066\u200b\ufeff\x7f\r\n::error::y\n  ::stop-commands::z\n"
    "##vso[task.setvariable variable=a]b ##[error]c ##teamcity[d] section_start:1:e\r\x1b[0K"
)

#: What would begin a line if a name could end one.
FORGED_LINE = re.compile(r"^\s*(::error::y|::stop|##vso|##\[|##teamcity)", re.MULTILINE)

#: What must not be in any output, and what must not begin a line of one.
STEERING = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
COMMANDS = re.compile(r"^\s*::|##(vso|teamcity)?\[|section_(start|end):", re.MULTILINE)

SYSTEMS = ["GITHUB_ACTIONS", "TF_BUILD", "TEAMCITY_VERSION", "GITLAB_CI"]

OBJECTS = """
CREATE SCHEMA zqplace AUTHORIZATION zqprinted;
CREATE TABLE zqplace.zqthing (id integer);
ALTER TABLE zqplace.zqthing OWNER TO zqprinted;
CREATE VIEW public.zqsight AS SELECT * FROM zqplace.zqthing;
"""

COMMAND_LINES = {
    "plan": ["setup", "plan"],
    "plan on a terminal": ["setup", "plan"],
    "plan in JSON": ["setup", "plan", "--format", "json"],
    "plan in SQL": ["setup", "plan", "--format", "sql"],
    "verify": ["setup", "verify"],
    "verify on a terminal": ["setup", "verify"],
    "verify in JSON": ["setup", "verify", "--format", "json"],
    "a refusal": ["setup", "plan", "--keep-access", "zqprinted", "--schema", "zqplace"],
}


@pytest.fixture(scope="module")
def database(laboratory: Laboratory) -> Iterator[Postgres]:
    main = laboratory.main
    main.sql("CREATE ROLE zqprinted LOGIN PASSWORD 'x'")
    main.sql("CREATE DATABASE zqprint")
    main.sql(OBJECTS, "zqprint")
    yield main
    main.sql("DROP DATABASE zqprint WITH (FORCE)")
    main.sql("DROP ROLE zqprinted")


LIES = {text: HOSTILE for text in ("zqprinted", "zqplace", "zqthing", "zqsight")}


def assert_harmless(ended: Run, system: str | None) -> None:
    """Nothing that was printed steers a terminal, or the CI system that it was printed for."""
    assert not STEERING.search(ended.output), repr(ended.output)
    assert not FORGED_LINE.search(ended.output), ended.story
    if system:
        assert not COMMANDS.search(ended.output), ended.story


@pytest.mark.parametrize("name", COMMAND_LINES)
def test_setup_prints_nothing_that_steers(database: Postgres, name: str) -> None:
    words = COMMAND_LINES[name]
    system = None if name.endswith("on a terminal") else SYSTEMS[len(name) % len(SYSTEMS)]
    with lying_server(socket_of(database), Lies(LIES)) as port:
        ended = run(
            *words,
            *("-h", "127.0.0.1", "-p", str(port), "-U", "rdsadmin", "-d", "zqprint"),
            *("--iam-user", "zq_iam", "--all-schemas" if "--schema" not in words else "--yes"),
            environment={system: "true"} if system else {},
        )
    assert_harmless(ended, system)
    if "json" in words:
        assert json.loads(ended.stdout), ended.story


@pytest.mark.parametrize(
    ("form", "system"), [("text", None), ("text", "GITHUB_ACTIONS"), ("json", "TF_BUILD")]
)
def test_what_apply_and_revert_say_steers_nothing(
    database: Postgres, tmp_path: Path, form: str, system: str | None
) -> None:
    main = database
    main.sql("CREATE DATABASE zqchanged")
    main.sql(OBJECTS, "zqchanged")
    environment = {system: "true"} if system else {}

    def setup(lies: dict[str, str], *words: str) -> Run:
        with lying_server(socket_of(main), Lies(lies)) as port:
            return run(
                *("setup", *words, "--yes", "--format", form, "--journal", "some.journal"),
                *("-h", "127.0.0.1", "-p", str(port), "-U", "rdsadmin", "-d", "zqchanged"),
                environment=environment,
                folder=tmp_path,
            )

    options = ("--iam-user", "zq_iam", "--all-schemas", "--include", "owner-rights")
    told = {**LIES, "permission": HOSTILE, "does not exist": HOSTILE}
    try:
        for lies in (told, {}):
            assert_harmless(setup(lies, "apply", *options), system)
        main.sql("GRANT SELECT ON zqplace.zqthing TO zqprinted", "zqchanged")
        ended = setup(told, "revert")
        assert_harmless(ended, system)
        assert ended.output, ended.story
        ended = setup({}, "revert")
        assert ended.status == 0, ended.story
        owner = "SELECT relowner::regrole FROM pg_class WHERE relname = 'zqthing'"
        assert main.sql(owner, "zqchanged") == "zqprinted"
    finally:
        main.sql("DROP DATABASE zqchanged WITH (FORCE)")
        main.sql("DROP ROLE IF EXISTS zq_iam, zqchanged_owner")


FORMS = ["text", "json", "jsonl", "junit", "sarif", "markdown"]


@pytest.mark.parametrize("form", FORMS)
def test_doctor_prints_nothing_that_steers(
    laboratory: Laboratory, tmp_path: Path, form: str
) -> None:
    file = tmp_path / "report"
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
        *("--verbose", "--format", f"{FORMS[FORMS.index(form) - 1]}={file}"),
        environment={"GITHUB_ACTIONS": "true", "PGPASSWORD": "zq-password-of-nobody"},
    )
    # A failure without a diagnosis is no result of SARIF.
    assert form == "sarif" or b"vso" in ended.stdout, ended.story
    for output in (ended.output, file.read_text()):
        assert not STEERING.search(output), repr(output)
        assert not COMMANDS.search(output), output


FORGING = "no\r\nDone: 3 of 3 changes.\n  fix: everything\r::error::x\n\n"


def _refuse_login(client: Client) -> None:
    client.send(error("28000", FORGING))


def _refuse_statement(client: Client) -> None:
    client.admit()
    client.confirm_settings()
    client.question()
    text = FORGING.encode()
    fields = b"SERROR\0VERROR\0CXX000\0M" + text + b"\0D" + text + b"\0H" + text + b"\0\0"
    client.send(message(b"E", fields) + READY)


@pytest.mark.parametrize("refuse", [_refuse_login, _refuse_statement])
def test_a_servers_message_has_no_line_that_looks_like_one_of_ours(
    refuse: Callable[[Client], None],
) -> None:
    with hostile_server(refuse) as port:
        at = ("-h", "127.0.0.1", "-p", str(port), "-U", "postgres", "-d", "app", "-w")
        ended = run("setup", "plan", "--iam-user", "zq_iam", *at)
    first, *further = ended.output.splitlines()
    assert first.startswith("Error: "), ended.story
    assert all(line.startswith("    ") for line in further), ended.story
    assert not STEERING.search(ended.output), repr(ended.output)


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
