"""The file of root certificates: one that is named has to be there, and is the one that is used."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

import pytest
from labkit.laboratory import Laboratory
from labkit.trial import binary

from securitykit.program import run
from securitykit.recorder import Stranger, stranger

PASSWORD = "correct-horse-battery"
ADMINISTRATOR = "administrators-own-secret"
PLAN = ("setup", "plan", "--iam-user", "a")
DOCTOR = ("doctor", "--timeout", "4s", "--password-from-env")
MISSING = "/nonexistent/global-bundle.pem"
setup_and_doctor = pytest.mark.parametrize("command", [PLAN, DOCTOR], ids=["setup", "doctor"])


def _environment(at: Stranger, **more: str) -> dict[str, str]:
    return {"PGUSER": "postgres", "PGPASSWORD": PASSWORD, **at.environment, **more}


def _trusted(laboratory: Laboratory, prefix: str, name: str | None = None) -> Stranger:
    """A stranger whose certificate is as good as RDS's, for its own name or another."""
    host = laboratory.name(prefix)
    return stranger(laboratory, host, laboratory.issuer.issue(name or host))


@setup_and_doctor
@pytest.mark.parametrize("source", ["variable", "service", "-d"])
def test_a_named_file_that_is_not_there_ends_it(
    laboratory: Laboratory, command: tuple[str, ...], source: str
) -> None:
    peer = stranger(laboratory, laboratory.name("rootless."))
    home = laboratory.work("home")
    home.mkdir()
    (home / ".pg_service.conf").write_text(f"[some]\nsslrootcert={MISSING}\n")
    more = {"PGSSLROOTCERT": MISSING} if source == "variable" else {}
    texts = {"variable": "", "service": "service=some", "-d": f"sslrootcert={MISSING}"}
    flags = ("-d", texts[source]) if texts[source] else ()
    ended = run(*command, *flags, environment=_environment(peer, HOME=str(home), **more))
    assert peer.recorder.received(PASSWORD) == 0, ended.story
    assert ended.status in (1, 3), ended.story
    assert MISSING in ended.output and "does not exist" in ended.output, ended.story


def test_a_named_file_that_is_not_there_ends_an_administrators_login(
    laboratory: Laboratory,
) -> None:
    peer = stranger(laboratory, laboratory.name("rootless."))
    admin = f"user=root password={ADMINISTRATOR} sslrootcert={MISSING}"
    ended = run(*DOCTOR, "--admin", admin, environment=_environment(peer))
    assert peer.recorder.received(ADMINISTRATOR) == 0, ended.story


@setup_and_doctor
def test_require_is_obeyed_without_it_and_warned_of(
    laboratory: Laboratory, command: tuple[str, ...]
) -> None:
    peer = stranger(laboratory, laboratory.name("rootless."))
    environment = _environment(peer, PGSSLROOTCERT=MISSING, PGSSLMODE="require")
    ended = run(*command, environment=environment)
    assert peer.recorder.received(PASSWORD, encrypted=True) == 1, ended.story
    assert b"without verifying who answers" in ended.stderr, ended.story


@setup_and_doctor
def test_on_this_machine_nobody_minds(laboratory: Laboratory, command: tuple[str, ...]) -> None:
    peer = stranger(laboratory, "127.0.0.1", tls=False)
    ended = run(*command, environment=_environment(peer, PGSSLROOTCERT=MISSING))
    assert peer.recorder.received(PASSWORD) == 1, ended.story


@pytest.mark.parametrize("command", ["setup", "doctor", "administrator"])
def test_a_file_called_system_is_not_the_systems_roots(
    laboratory: Laboratory, command: str, tmp_path: Path
) -> None:
    """libpq before 16 takes the word for a file's name."""
    (tmp_path / "system").write_text(laboratory.bundle.read_text())
    peer = _trusted(laboratory, "systematic.")
    if command == "administrator":
        admin = f"host={peer.at.host} hostaddr=127.0.0.1 port={peer.at.port}"
        admin += f" user=root password={ADMINISTRATOR} sslrootcert=system"
        arguments: tuple[str, ...] = (*DOCTOR, "--admin", admin, "--only", "route-rules")
        environment = _environment(peer)
    else:
        arguments = PLAN if command == "setup" else DOCTOR
        environment = _environment(peer, PGSSLROOTCERT="system")
    ended = run(*arguments, environment=environment, folder=tmp_path)
    assert peer.recorder.received(PASSWORD) == 0, ended.story
    assert peer.recorder.received(ADMINISTRATOR) == 0, ended.story
    assert "needs libpq 16" in ended.output or "certificate" in ended.output, ended.story


@setup_and_doctor
def test_without_home_root_crt_is_where_libpq_finds_it(
    laboratory: Laboratory, command: tuple[str, ...], tmp_path: Path
) -> None:
    """As in cron, where the password database says which folder is the user's."""
    (tmp_path / ".postgresql").mkdir()
    (tmp_path / ".postgresql" / "root.crt").write_text(laboratory.bundle.read_text())
    users = laboratory.file("passwd", f"root:x:0:0:root:{tmp_path}:/bin/sh\n")
    mount = f'mount --bind {users} /etc/passwd && exec "$@"'
    inside = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount, "sh"]
    if subprocess.run([*inside, "true"], capture_output=True, timeout=10).returncode != 0:
        pytest.skip("this system lets nobody make a namespace of his own")
    peer = _trusted(laboratory, "homeless.", "somebody-else.example")
    environment = {"PATH": os.environ["PATH"], "AWS_EC2_METADATA_DISABLED": "true"}
    ended = subprocess.run(
        [*inside, binary(), *command],
        env=environment | _environment(peer),
        capture_output=True,
        text=True,
        timeout=20,
        cwd=tmp_path,
    )
    story = ended.stdout + ended.stderr
    assert peer.recorder.received(PASSWORD) == 0, story
    assert ended.returncode in (1, 3), story


@setup_and_doctor
def test_a_service_that_is_in_a_directory_is_asked_of_nobody(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    """An LDAP server's answer would say where the password goes."""
    with socket.create_server(("127.0.0.1", 0)) as directory:
        port = directory.getsockname()[1]
        line = f"ldap://127.0.0.1:{port}/dc=example?description?one?(cn=corp)"
        services = tmp_path / "services"
        services.write_text(f"[corp]\nuser=app\n{line}\n")
        environment = {"PGSERVICEFILE": str(services), "PGPASSWORD": PASSWORD}
        ended = run(*command, "-d", "service=corp", environment=environment)
        directory.setblocking(False)
        with pytest.raises(BlockingIOError):
            directory.accept()
    assert ended.status == 64, ended.story
    assert f"{services}:3: service “corp” takes its parameters from an LDAP" in ended.output
