"""Names and short addresses that are this machine, and how long it may take to find that out."""

from __future__ import annotations

import os
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from labkit.laboratory import Laboratory
from labkit.trial import binary

from securitykit.program import run
from securitykit.recorder import stranger

PASSWORD = "correct-horse-battery"
PLAN = ("setup", "plan", "--iam-user", "a")
DOCTOR = ("doctor", "--timeout", "4s", "--password-from-env")


@pytest.mark.parametrize("command", [PLAN, DOCTOR], ids=["setup", "doctor"])
@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433", "0"])
def test_an_abbreviated_address_of_this_machine_needs_no_tls(
    laboratory: Laboratory, host: str, command: tuple[str, ...]
) -> None:
    peer = stranger(laboratory, "127.0.0.1", tls=False)
    environment = {"PGUSER": "app", "PGPASSWORD": PASSWORD, "PGPORT": str(peer.at.port)}
    ended = run(*command, "-h", host, environment=environment)
    assert peer.recorder.received(PASSWORD) == 1, ended.story


def _inside(laboratory: Laboratory, file: str, text: str, *command: str, **environment: str) -> str:
    """Runs a command with another version of one of the system's files."""
    path = laboratory.file("system", text)
    mount = f'mount --bind {path} {file} && exec "$@"'
    inside = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount, "sh"]
    if subprocess.run([*inside, "true"], capture_output=True, timeout=10).returncode != 0:
        pytest.skip("this system lets nobody make a namespace of his own")
    given = {"PATH": os.environ["PATH"], "AWS_EC2_METADATA_DISABLED": "true", "PGUSER": "app"}
    ended = subprocess.run(
        [*inside, binary(), *command],
        env=given | {"PGPASSWORD": PASSWORD} | environment,
        capture_output=True,
        text=True,
        timeout=20,
    )
    return ended.stdout + ended.stderr


@pytest.mark.parametrize("command", [PLAN, DOCTOR], ids=["setup", "doctor"])
def test_this_machines_own_name_needs_no_tls(
    laboratory: Laboratory, command: tuple[str, ...]
) -> None:
    peer = stranger(laboratory, "127.0.0.1", tls=False)
    hosts = "127.0.0.1 desk.example.com desk\n"
    port = str(peer.at.port)
    story = _inside(laboratory, "/etc/hosts", hosts, *command, "-h", "desk", PGPORT=port)
    assert peer.recorder.received(PASSWORD) == 1, story


@contextmanager
def _name_server(*answers: str) -> Iterator[str]:
    """One that says one address after the other, the last for good; its resolv.conf."""
    with socket.socket(type=socket.SOCK_DGRAM) as server:
        try:
            server.bind(("127.0.0.53", 53))
        except OSError as reason:
            pytest.skip(f"nobody may be a name server here: {reason}")
        server.settimeout(0.1)
        left = list(answers)

        def serve() -> None:
            while left:
                try:
                    query, peer = server.recvfrom(512)
                except TimeoutError:
                    continue
                asked = query[12 : query.index(b"\0", 12) + 5]
                head = query[:2] + b"\x85\x80" + struct.pack("!H", 1)
                if asked[-4:-2] != b"\0\1":
                    server.sendto(head + bytes(6) + asked, peer)
                    continue
                address = socket.inet_aton(left[0] if len(left) == 1 else left.pop(0))
                record = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 0, 4) + address
                server.sendto(head + struct.pack("!HHH", 1, 0, 0) + asked + record, peer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield "nameserver 127.0.0.53\noptions timeout:8 attempts:1\n"
        left.clear()
        thread.join()


def test_a_name_below_localhost_is_not_waited_for(laboratory: Laboratory) -> None:
    with _name_server() as servers:
        command = (*PLAN, "-h", "db.localhost", "-p", "1")
        begin = time.monotonic()
        story = _inside(laboratory, "/etc/resolv.conf", servers, *command, PGCONNECT_TIMEOUT="2")
        seconds = time.monotonic() - begin
    assert "was not looked up within 2.0 s" in story, story
    # Its own lookup and libpq's are for 2 seconds each, the system's is for 8.
    assert seconds < 7, story


def test_a_name_below_localhost_is_dialled_by_the_address_that_was_judged(
    laboratory: Laboratory,
) -> None:
    peer = stranger(laboratory, "127.0.0.1", tls=False)
    command = (*PLAN, "-h", "db.localhost", "-p", str(peer.at.port))
    with _name_server("127.0.0.1", "192.0.2.1") as servers:
        story = _inside(laboratory, "/etc/resolv.conf", servers, *command, PGCONNECT_TIMEOUT="2")
    assert peer.recorder.received(PASSWORD) == 1, story
    assert "192.0.2.1" not in story, story


def test_an_administrators_name_below_localhost_is_dialled_by_it_too(
    laboratory: Laboratory,
) -> None:
    peer = stranger(laboratory, "127.0.0.1", tls=False)
    admin = f"host=db.localhost port={peer.at.port} user=root password={PASSWORD}-2"
    command = (*DOCTOR, "-h", "127.0.0.1", "--admin", admin, "--only", "route-rules")
    with _name_server("127.0.0.1", "192.0.2.1") as servers:
        story = _inside(laboratory, "/etc/resolv.conf", servers, *command)
    assert peer.recorder.received(f"{PASSWORD}-2") == 1, story
