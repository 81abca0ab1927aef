"""A password or token goes over verified TLS, unless somebody has said otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest
from labkit.laboratory import Laboratory

from securitykit.program import Run, run
from securitykit.recorder import Stranger, stranger

PASSWORD = "correct-horse-battery"
ADMINISTRATOR = "administrators-own-secret"
ALIAS = "db.shop.example"

SETUP = {
    "plan": ("setup", "plan", "--iam-user", "a"),
    "apply": ("setup", "apply", "--iam-user", "a", "--yes"),
    "verify": ("setup", "verify", "--iam-user", "a"),
    "revert": ("setup", "revert", "--yes"),
}
DOCTOR = ("doctor", "--timeout", "4s", "--format", "json", "--password-from-env")
COMMANDS = {**SETUP, "doctor": DOCTOR}
every_command = pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS.keys())
setup_and_doctor = pytest.mark.parametrize(
    "command", [SETUP["plan"], DOCTOR], ids=["setup", "doctor"]
)


def called(
    laboratory: Laboratory, command: tuple[str, ...], at: Stranger, **environment: str
) -> Run:
    """Runs a command as a user with a password; variables' names are in lower case here."""
    given = {"PGUSER": "postgres", "PGPASSWORD": PASSWORD, **at.environment}
    return run(*command, environment=given | {k.upper(): v for k, v in environment.items()})


@every_command
def test_without_an_sslmode_nothing_secret_goes_to_a_server_without_tls(
    laboratory: Laboratory, command: tuple[str, ...]
) -> None:
    peer = stranger(laboratory, laboratory.name("plain."), tls=False)
    ended = called(laboratory, command, peer)
    assert peer.recorder.received(PASSWORD) == 0, ended.story
    assert ended.status in (1, 3), ended.story


@every_command
def test_without_an_sslmode_a_root_file_has_to_verify_an_rds_name(
    laboratory: Laboratory, command: tuple[str, ...]
) -> None:
    peer = stranger(laboratory, laboratory.name("untrusted."))
    ended = called(laboratory, command, peer, pgsslrootcert=str(laboratory.bundle))
    assert peer.recorder.received(PASSWORD) == 0, ended.story
    assert ended.status in (1, 3), ended.story


@setup_and_doctor
def test_without_an_sslmode_a_certificate_for_another_name_is_not_enough(
    laboratory: Laboratory, command: tuple[str, ...]
) -> None:
    other = laboratory.issuer.issue(laboratory.name("somebody-else."))
    peer = stranger(laboratory, laboratory.name("mine."), other)
    ended = called(laboratory, command, peer, pgsslrootcert=str(laboratory.bundle))
    assert peer.recorder.received(PASSWORD) == 0, ended.story
    assert ended.status in (1, 3), ended.story


@setup_and_doctor
def test_root_crt_in_the_home_folder_is_a_root_file_too(
    laboratory: Laboratory, command: tuple[str, ...]
) -> None:
    home = laboratory.work("home")
    (home / ".postgresql").mkdir(parents=True)
    (home / ".postgresql" / "root.crt").write_text(laboratory.bundle.read_text())
    peer = stranger(laboratory, laboratory.name("homely."))
    ended = called(laboratory, command, peer, home=str(home))
    assert peer.recorder.received(PASSWORD) == 0, ended.story


@setup_and_doctor
def test_without_an_sslmode_and_a_root_file_it_goes_encrypted_and_once(
    laboratory: Laboratory, command: tuple[str, ...]
) -> None:
    peer = stranger(laboratory, laboratory.name("encrypted."))
    ended = called(laboratory, command, peer)
    assert peer.recorder.received(PASSWORD, encrypted=True) == 1, ended.story
    assert peer.recorder.received(PASSWORD, encrypted=False) == 0, ended.story


@every_command
@pytest.mark.parametrize("mode", ["disable", "prefer"])
def test_an_explicit_mode_is_obeyed_with_a_warning(
    laboratory: Laboratory, command: tuple[str, ...], mode: str
) -> None:
    peer = stranger(laboratory, laboratory.name("wished."), tls=False)
    ended = called(laboratory, command, peer, pgsslmode=mode)
    assert peer.recorder.received(PASSWORD, encrypted=False) == 1, ended.story
    assert f"warning: with sslmode={mode} (PGSSLMODE)" in ended.stderr.decode(), ended.story


@setup_and_doctor
def test_an_explicit_prefer_does_not_repeat_a_refused_password_in_clear(
    laboratory: Laboratory, command: tuple[str, ...]
) -> None:
    peer = stranger(laboratory, laboratory.name("refusing."))
    ended = called(laboratory, command, peer, pgsslmode="prefer")
    assert peer.recorder.received(PASSWORD, encrypted=True) == 1, ended.story
    assert peer.recorder.received(PASSWORD, encrypted=False) == 0, ended.story


@setup_and_doctor
def test_loopback_needs_no_tls(laboratory: Laboratory, command: tuple[str, ...]) -> None:
    peer = stranger(laboratory, "127.0.0.1", tls=False)
    ended = called(laboratory, command, peer)
    assert peer.recorder.received(PASSWORD) == 1, ended.story
    assert b"warning" not in ended.stderr, ended.story


def test_doctor_says_what_psql_would_do_and_does_not_do_it(laboratory: Laboratory) -> None:
    peer = stranger(laboratory, laboratory.name("told."), tls=False)
    ended = called(laboratory, DOCTOR, peer)
    assert '"prefer"' in ended.output and "without encryption, because TLS failed" in ended.output
    assert "not tried: there is no TLS, and no sslmode is set" in ended.output, ended.story


@pytest.mark.parametrize("trusted", [True, False])
def test_an_administrators_password_follows_the_same_rules(
    laboratory: Laboratory, trusted: bool
) -> None:
    peer = stranger(laboratory, laboratory.name("administered."), tls=trusted)
    root = {"pgsslrootcert": str(laboratory.bundle)} if trusted else {}
    admin = f"user=root password={ADMINISTRATOR}"
    ended = called(laboratory, (*DOCTOR, "--admin", admin), peer, **root)
    assert peer.recorder.received(ADMINISTRATOR) == 0, ended.story
    assert peer.recorder.received(PASSWORD) == 0, ended.story


def test_an_administrators_own_weak_mode_is_obeyed_with_a_warning(laboratory: Laboratory) -> None:
    peer = stranger(laboratory, laboratory.name("daring."), tls=False)
    admin = f"user=root password={ADMINISTRATOR} sslmode=disable"
    ended = called(laboratory, (*DOCTOR, "--admin", admin), peer)
    assert peer.recorder.received(ADMINISTRATOR) == 1, ended.story
    assert "warning: with sslmode=disable (--admin) the administrator's password" in ended.output
    assert peer.recorder.received(PASSWORD) == 0, ended.story


def test_an_administrator_who_is_asked_alone_follows_them_too(laboratory: Laboratory) -> None:
    peer = stranger(laboratory, laboratory.name("alone."))
    admin = ("--admin", f"user=root password={ADMINISTRATOR}", "--only", "route-rules")
    ended = called(laboratory, (*DOCTOR, *admin), peer, pgsslrootcert=str(laboratory.bundle))
    assert peer.recorder.received(ADMINISTRATOR) == 0, ended.story


@setup_and_doctor
def test_an_explicit_prefer_does_not_go_on_in_clear_when_tls_is_cut(
    laboratory: Laboratory, command: tuple[str, ...]
) -> None:
    peer = stranger(laboratory, laboratory.name("cut."))
    peer.recorder.cuts = True
    admin = ("--admin", f"user=root password={ADMINISTRATOR}") if command == DOCTOR else ()
    ended = called(laboratory, (*command, *admin), peer, pgsslmode="prefer")
    assert peer.recorder.received(PASSWORD) == 0, ended.story
    assert peer.recorder.received(ADMINISTRATOR) == 0, ended.story


@setup_and_doctor
@pytest.mark.parametrize("source", ["-d", "service"])
def test_a_mode_is_explicit_wherever_it_was_set(
    laboratory: Laboratory, command: tuple[str, ...], source: str
) -> None:
    peer = stranger(laboratory, laboratory.name("somewhere."), tls=False)
    home = laboratory.work("home")
    home.mkdir()
    (home / ".pg_service.conf").write_text("[plain]\nsslmode=disable\n")
    flags = ("-d", "sslmode=disable") if source == "-d" else ("-d", "service=plain")
    ended = called(laboratory, (*command, *flags), peer, home=str(home))
    assert peer.recorder.received(PASSWORD, encrypted=False) == 1, ended.story
    said = "(-d/--dbname)" if source == "-d" else ".pg_service.conf:2 (service plain)"
    assert "warning: with sslmode=disable" in ended.output and said in ended.output, ended.story


@setup_and_doctor
def test_two_hosts_on_one_command_line_get_nothing(
    laboratory: Laboratory, command: tuple[str, ...]
) -> None:
    peer = stranger(laboratory, "127.0.0.1", tls=False)
    flags = ("-h", "127.0.0.1", "-d", f"host={laboratory.name('other.')}")
    ended = called(laboratory, (*command, *flags), peer)
    assert ended.status == 64 and b"the host is given twice" in ended.stderr, ended.story
    assert not peer.recorder.heard, ended.story


def _token(laboratory: Laboratory, host: str, port: int) -> str:
    return laboratory.request(laboratory.main).but(host=host, port=port).token()


@pytest.mark.parametrize("service", [False, True], ids=["", "with a service"])
def test_what_is_the_targets_never_goes_to_the_administrators_host(
    laboratory: Laboratory, service: bool
) -> None:
    """PGPASSWORD, PGHOSTADDR, PGSSLMODE and the service's password are the target's."""
    target = stranger(laboratory, laboratory.name("target."))
    peer = stranger(laboratory, "127.0.0.1", tls=False)
    token = _token(laboratory, target.at.host, target.at.port)
    home = laboratory.work("home")
    home.mkdir()
    (home / ".pg_service.conf").write_text(f"[target]\nuser=app\npassword={PASSWORD}\n")
    more = {"pgservice": "target"} if service else {}
    admin = f"host=127.0.0.1 port={peer.at.port} user=root"
    ended = called(
        laboratory,
        (*DOCTOR, "--admin", admin),
        target,
        pgpassword=token,
        home=str(home),
        **more,
    )
    startups = [data for data, _ in peer.recorder.heard]
    assert startups and b"root" in startups[0], ended.story
    assert peer.recorder.received("X-Amz-Signature") == 0, ended.story
    assert peer.recorder.received(PASSWORD) == 0, ended.story
    assert len(startups) == 1, ended.story


def test_the_targets_sslmode_is_not_the_administrators(laboratory: Laboratory) -> None:
    target = stranger(laboratory, laboratory.name("target."), tls=False)
    peer = stranger(laboratory, laboratory.name("elsewhere."), tls=False)
    admin = f"host={peer.at.host} hostaddr=127.0.0.1 port={peer.at.port} user=root "
    admin += f"password={ADMINISTRATOR}"
    ended = called(laboratory, (*DOCTOR, "--admin", admin), target, pgsslmode="disable")
    assert target.recorder.received(PASSWORD) == 1, ended.story
    assert peer.recorder.received(ADMINISTRATOR) == 0, ended.story


def test_a_password_line_with_somebody_elses_token_is_not_the_administrators(
    laboratory: Laboratory,
) -> None:
    peer = stranger(laboratory, "127.0.0.1", tls=False)
    token = _token(laboratory, laboratory.name("x."), 5432).replace("\\", r"\\").replace(":", r"\:")
    home = laboratory.work("home")
    home.mkdir()
    (home / ".pgpass").write_text(f"*:*:*:*:{token}\n")
    (home / ".pgpass").chmod(0o600)
    admin = f"host=127.0.0.1 port={peer.at.port} user=root"
    ended = called(laboratory, (*DOCTOR, "--admin", admin), peer, home=str(home))
    assert peer.recorder.received("X-Amz-Signature") == 0, ended.story
    assert ended.status == 64, ended.story


def _turned(laboratory: Laboratory) -> tuple[Stranger, str, tuple[str, ...]]:
    """An alias that leads to a stranger's endpoint, which has a certificate like everybody's."""
    host = laboratory.name("strangers.")
    peer = stranger(laboratory, host, laboratory.issuer.issue(host))
    dns = laboratory.names(f"cname={ALIAS},{host}", f"host-record={host},127.0.0.1")
    flags = ("-h", ALIAS, "-p", str(peer.at.port), "-d", "app", "--dns-server", dns)
    return peer, host, flags


@pytest.mark.parametrize("mode", [None, "verify-full"])
def test_an_alias_that_was_turned_elsewhere_gets_no_password(
    laboratory: Laboratory, mode: str | None
) -> None:
    peer, _, flags = _turned(laboratory)
    environment = {"PGUSER": "app", "PGPASSWORD": PASSWORD}
    environment["PGSSLROOTCERT"] = str(laboratory.bundle)
    environment |= {
        "DBAUTH_ADMIN_PASSWORD": ADMINISTRATOR,
        "DBAUTH_COMPARE_PASSWORD": ADMINISTRATOR,
    }
    environment |= {"PGSSLMODE": mode} if mode else {}
    more = ("--admin", "user=root", "--compare-password")
    ended = run(*DOCTOR, *flags, *more, environment=environment)
    assert peer.recorder.received(PASSWORD) == 0, ended.story
    assert peer.recorder.received(ADMINISTRATOR) == 0, ended.story
    assert ended.status in (1, 3), ended.story


def test_an_alias_without_a_root_file_gets_no_password(laboratory: Laboratory) -> None:
    peer, _, flags = _turned(laboratory)
    environment = {"PGUSER": "app", "PGPASSWORD": PASSWORD}
    ended = run(*DOCTOR, *flags, environment=environment)
    assert peer.recorder.received(PASSWORD) == 0, ended.story


def test_a_token_for_my_endpoint_does_not_go_to_the_one_that_an_alias_leads_to(
    laboratory: Laboratory,
) -> None:
    peer, _, flags = _turned(laboratory)
    token = _token(laboratory, laboratory.name("mine."), peer.at.port)
    environment = {"PGUSER": "app_iam", "PGPASSWORD": token, "PGSSLMODE": "verify-full"}
    environment["PGSSLROOTCERT"] = str(laboratory.bundle)
    ended = run(*DOCTOR, *flags, environment=environment)
    assert peer.recorder.received("X-Amz-Signature") == 0, ended.story


def _keys(laboratory: Laboratory) -> dict[str, str]:
    key = laboratory.keys.long_term
    return {"AWS_ACCESS_KEY_ID": key.id, "AWS_SECRET_ACCESS_KEY": key.secret}


@pytest.mark.parametrize("mode", [None, "verify-full"])
def test_a_token_for_the_aliass_endpoint_goes_there_verified_and_said_before(
    laboratory: Laboratory, mode: str | None
) -> None:
    peer, host, flags = _turned(laboratory)
    environment = {"PGUSER": "app_iam", **_keys(laboratory)}
    environment["PGSSLROOTCERT"] = str(laboratory.bundle)
    environment |= {"PGSSLMODE": mode} if mode else {}
    ended = run("doctor", "--timeout", "4s", *flags, environment=environment)
    assert peer.recorder.received("X-Amz-Signature", encrypted=True) == 1, ended.story
    assert f"{ALIAS} is an alias of {host}" in ended.stderr.decode(), ended.story


def test_verify_logs_in_at_the_aliass_endpoint_only(laboratory: Laboratory, tmp_path: Path) -> None:
    """The master's password goes to the server that was named, the token to its endpoint."""
    main = laboratory.main
    environment = {
        "PGHOST": main.host,
        "PGHOSTADDR": "127.0.0.1",
        "PGPORT": str(main.port),
        "PGDATABASE": "app",
        "PGUSER": "postgres",
        "PGPASSWORD": laboratory.sandbox["servers"]["pg15-rds"]["master"]["password"],
        "PGSSLROOTCERT": str(laboratory.bundle),
    }
    command = ("setup", "verify", "--iam-user", "app_iam", "--login", "--format", "json")
    ended = run(*command, environment=environment | _keys(laboratory), folder=tmp_path)
    assert "app_iam logged in with a token over verify-full" in ended.output, ended.story
