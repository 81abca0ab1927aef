"""A login that is limited to methods (require_auth) is not made by another one."""

from __future__ import annotations

import pytest
from labkit.laboratory import Laboratory

from securitykit.program import Run, run
from securitykit.recorder import Stranger, stranger

PASSWORD = "correct-horse-battery"
ADMINISTRATOR = "administrators-own-secret"
PLAN = ("setup", "plan", "--iam-user", "a")
DOCTOR = ("doctor", "--timeout", "4s", "--password-from-env")
every_way = pytest.mark.parametrize(
    ("command", "source"),
    [(PLAN, "variable"), (PLAN, "-d"), (DOCTOR, "variable"), (DOCTOR, "-d")],
    ids=["setup", "setup -d", "doctor", "doctor -d"],
)


@pytest.fixture
def peer(laboratory: Laboratory) -> Stranger:
    """It asks for the password in clear text, and has a good certificate."""
    host = laboratory.name("asking.")
    return stranger(laboratory, host, laboratory.issuer.issue(host))


def _environment(laboratory: Laboratory, peer: Stranger) -> dict[str, str]:
    given = {
        "PGUSER": "postgres",
        "PGPASSWORD": PASSWORD,
        "PGSSLROOTCERT": str(laboratory.bundle),
    }
    return given | peer.environment


def _limited(
    laboratory: Laboratory,
    peer: Stranger,
    command: tuple[str, ...],
    source: str,
    methods: str,
    further: str = "",
) -> Run:
    """Runs a command that is limited to methods by the variable, or in a connection string."""
    environment = _environment(laboratory, peer)
    if source == "variable":
        return run(*command, environment=environment | {"PGREQUIREAUTH": methods})
    return run(*command, "-d", f"require_auth={methods}{further}", environment=environment)


@every_way
@pytest.mark.parametrize("methods", ["scram-sha-256", "!password", "scram-sha-256,md5"])
def test_a_method_that_is_ruled_out_gets_no_password(
    laboratory: Laboratory,
    peer: Stranger,
    command: tuple[str, ...],
    source: str,
    methods: str,
) -> None:
    ended = _limited(laboratory, peer, command, source, methods)
    assert peer.recorder.received(PASSWORD) == 0, ended.story
    assert ended.status in (1, 3, 64), ended.story
    assert f"require_auth={methods} rules out password" in " ".join(ended.output.split())


@pytest.mark.parametrize("honest", [1, 2, 3])
def test_a_server_that_changes_its_mind_gets_no_password(
    laboratory: Laboratory, peer: Stranger, honest: int
) -> None:
    peer.recorder.honest = honest
    environment = _environment(laboratory, peer) | {"PGREQUIREAUTH": "scram-sha-256"}
    ended = run(*DOCTOR, environment=environment)
    assert peer.recorder.received(PASSWORD) == 0, ended.story
    assert "as postgres in" not in ended.output, ended.story


@every_way
@pytest.mark.parametrize("methods", ["password", "scram-sha-256,password", "!none"])
def test_a_method_that_is_let_through_works(
    laboratory: Laboratory,
    peer: Stranger,
    command: tuple[str, ...],
    source: str,
    methods: str,
) -> None:
    ended = _limited(laboratory, peer, command, source, methods, " sslnegotiation=postgres")
    assert peer.recorder.received(PASSWORD, encrypted=True) == 1, ended.story


@pytest.mark.parametrize(("methods", "sent"), [("scram-sha-256", 0), ("password", 1)])
def test_an_administrator_may_be_limited_too(
    laboratory: Laboratory, peer: Stranger, methods: str, sent: int
) -> None:
    admin = f"user=root password={ADMINISTRATOR} require_auth={methods}"
    command = (*DOCTOR, "--admin", admin, "--only", "route-rules")
    ended = run(*command, environment=_environment(laboratory, peer))
    assert peer.recorder.received(ADMINISTRATOR) == sent, ended.story
    assert "invalid connection option" not in ended.output, ended.story


@pytest.mark.parametrize("command", [PLAN, DOCTOR], ids=["setup", "doctor"])
def test_a_server_that_asks_for_scram_is_logged_in_to(
    laboratory: Laboratory, command: tuple[str, ...]
) -> None:
    main = laboratory.main
    main.sql("DROP ROLE IF EXISTS limited")
    main.sql(f"CREATE ROLE limited LOGIN PASSWORD '{PASSWORD}'")
    environment = {
        "PGHOST": main.host,
        "PGHOSTADDR": "127.0.0.1",
        "PGPORT": str(main.port),
        "PGDATABASE": "app",
        "PGUSER": "limited",
        "PGPASSWORD": PASSWORD,
        "PGSSLROOTCERT": str(laboratory.bundle),
        "PGREQUIREAUTH": "scram-sha-256",
    }
    try:
        ended = run(*command, environment=environment)
        wrong = run(*command, environment=environment | {"PGREQUIREAUTH": "md5"})
    finally:
        main.sql("DROP ROLE limited")
    entered = "as limited" if command == PLAN else "as limited in"
    assert entered in " ".join(ended.output.split()), ended.story
    assert "require_auth=md5 rules out" in " ".join(wrong.output.split()), wrong.story
