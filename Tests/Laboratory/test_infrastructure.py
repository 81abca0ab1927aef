"""The laboratory's own parts do what they say, and nothing of it stays behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from labkit import names, network, relay
from labkit.catalogue import CASES
from labkit.laboratory import Laboratory
from labkit.peers import FilteredPort

HERE = Path(__file__).resolve().parent
PAGES = HERE.parent.parent / "checks"


def test_there_are_enough_cases() -> None:
    faults = [case for case in CASES.values() if case.slug is not None]
    assert len(faults) >= 100
    assert len(CASES) - len(faults) >= 10


@pytest.mark.skipif(not PAGES.is_dir(), reason="there are no pages yet")
def test_every_slug_has_a_page() -> None:
    pages = {path.stem for path in PAGES.glob("*/*.md")}
    assert {case.slug for case in CASES.values() if case.slug} <= pages


def test_a_relay_adds_latency_and_takes_no_throughput(laboratory: Laboratory) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address, port = listener.getsockname()
        relayed = laboratory.background.run(relay.serve(address, port, 0.05))
        with socket.create_connection(("127.0.0.1", relayed)) as client:
            server, _ = listener.accept()
            begin = time.monotonic()
            # Twenty messages under way at once take one delay, not twenty.
            for number in range(20):
                client.sendall(bytes([number]) * 1000)
                time.sleep(0.001)
            received = b""
            while len(received) < 20_000:
                received += server.recv(65536)
            seconds = time.monotonic() - begin
            server.close()
    assert received == b"".join(bytes([number]) * 1000 for number in range(20))
    assert 0.05 <= seconds < 0.3


def test_a_filtered_port_answers_nothing() -> None:
    filtered = FilteredPort()
    with pytest.raises(TimeoutError):
        socket.create_connection(("127.0.0.1", filtered.port), timeout=0.5)


def _ask(server: str, name: str) -> bytes:
    address, _, port = server.rpartition(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(5)
        asking.sendto(names.question(name, 1), (address, int(port)))
        return asking.recv(4096)


def test_a_zone_knows_its_own_names_only(laboratory: Laboratory) -> None:
    server = laboratory.names("cname=a.example,b.example", "host-record=b.example,127.0.0.9")
    assert socket.inet_aton("127.0.0.9") in _ask(server, "a.example")
    assert _ask(server, "c.example")[3] & 15 == 3, "NXDOMAIN"


def test_an_alias_may_lead_back_to_itself(laboratory: Laboratory) -> None:
    server = laboratory.aliases({"a.example": "b.example", "b.example": "a.example"})
    answer = _ask(server, "a.example")
    assert (answer[3] & 15, answer[7]) == (0, 2)


@pytest.mark.skipif(not network.is_possible(), reason="no network namespaces here")
def test_packets_get_lost_in_a_network_of_its_own(laboratory: Laboratory) -> None:
    scene = laboratory.elsewhere("52.16.1.2", "203.0.113.5")
    probe = "import socket; socket.create_connection(('52.16.1.2', 5432), 1)"
    done = subprocess.run(
        [*scene.wrapper, sys.executable, "-c", probe], capture_output=True, text=True
    )
    assert "TimeoutError" in done.stderr


KILLED = f"""
import sys
sys.path[:0] = [{str(HERE)!r}, {str(HERE.parent / "Sandbox")!r}]
from labkit.laboratory import open_laboratory
laboratory, close = open_laboratory()
laboratory.server("stock")
laboratory.pooler(laboratory.name("pool."), "host=127.0.0.1", {{}})
print(laboratory.sandbox["dir"], flush=True)
sys.stdin.read()
"""


def _working_in(folder: str) -> list[str]:
    """The processes whose command line or working folder is in a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().decode(errors="replace")
            if folder in command or str((process / "cwd").resolve()).startswith(folder):
                found.append(command.replace("\0", " "))
        except OSError:
            continue
    return found


def test_nothing_stays_behind_when_it_is_killed() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    folder = process.stdout.readline().strip()
    assert len(_working_in(folder)) >= 4
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and (_working_in(folder) or Path(folder).exists()):
        time.sleep(0.1)
    assert _working_in(folder) == []
    assert not Path(folder).exists()
