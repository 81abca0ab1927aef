"""How long doctor takes, how many connections it opens, and whether its own figures add up."""

from __future__ import annotations

import asyncio
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from labkit import peers, roles, wire
from labkit.laboratory import Laboratory
from labkit.scene import Scene
from labkit.trial import Outcome, doctor, psql

#: The simulated round trip, in seconds.
ROUND_TRIP = 0.04

#: The most connections that a healthy run may open.
CONNECTIONS = 8


def _phases(outcome: Outcome) -> dict[str, float]:
    return {phase["name"]: phase["ms"] for phase in outcome.report["phases"]}


def _check(outcome: Outcome, name: str) -> dict[str, Any]:
    checks: list[dict[str, Any]] = outcome.report["checks"]
    return next(check for check in checks if check["id"] == name)


def test_the_phases_add_up_to_the_whole_login(laboratory: Laboratory) -> None:
    outcome = doctor(laboratory, laboratory.distant(laboratory.main, ROUND_TRIP))
    assert outcome.verdict == "pass", outcome.story()
    phases = _phases(outcome)
    login = sum(ms for name, ms in phases.items() if name != "dns")
    assert login == pytest.approx(_check(outcome, "login-token")["ms"], rel=0.05), phases
    # Four exchanges with the server, none of which takes less than the simulated round trip.
    assert all(phases[name] >= 40 for name in ("tls-request", "tls", "startup", "authentication"))


def test_a_healthy_run_takes_at_most_three_connections_of_psql(laboratory: Laboratory) -> None:
    scene = laboratory.distant(laboratory.main, ROUND_TRIP)
    doctors, psqls = [], []
    for _ in range(3):
        begin = time.monotonic()
        assert doctor(laboratory, scene).verdict == "pass"
        doctors.append(time.monotonic() - begin)
        begin = time.monotonic()
        assert psql(laboratory, scene) == ""
        psqls.append(time.monotonic() - begin)
    ratio = min(doctors) / min(psqls)
    assert ratio <= 3, f"doctor {min(doctors):.3f} s, psql {min(psqls):.3f} s: {ratio:.2f} times"


def _silent_at_once(laboratory: Laboratory) -> Scene:
    return laboratory.scene(laboratory.peer(laboratory.name("mute."), peers.silent))


def _silent_after_startup(laboratory: Laboratory) -> Scene:
    return laboratory.scene(laboratory.scripted(laboratory.name("mute."), None))


def _silent_names(laboratory: Laboratory) -> Scene:
    port = laboratory.background.run(_deaf_name_server())
    return laboratory.scene(laboratory.main, dns=f"127.0.0.1:{port}")


async def _deaf_name_server() -> int:
    loop = asyncio.get_running_loop()
    local = ("127.0.0.1", 0)
    transport, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=local)
    port: int = transport.get_extra_info("sockname")[1]
    return port


@pytest.mark.parametrize("arrange", [_silent_at_once, _silent_after_startup, _silent_names])
def test_a_silent_peer_does_not_hold_doctor_longer(laboratory: Laboratory, arrange: Any) -> None:
    scene = arrange(laboratory).but(timeout="5s")
    with ThreadPoolExecutor(1) as pool:
        # The same five seconds without doctor, on a machine that may be busy.
        begin = time.monotonic()
        usual = pool.submit(subprocess.run, ["sleep", "5"], check=True)
        outcome = doctor(laboratory, scene)
        elapsed = time.monotonic() - begin
        usual.result()
        bound = max(5.0, time.monotonic() - begin) * 1.1
    assert outcome.verdict in ("fail", "incomplete"), outcome.story()
    assert elapsed <= bound, f"{elapsed:.2f} s of {bound:.2f} s\n{outcome.story()}"


def test_a_healthy_run_opens_few_connections(laboratory: Laboratory) -> None:
    opened = 0
    main = laboratory.main

    async def count(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal opened
        opened += 1
        await wire.join((reader, writer), await asyncio.open_connection("127.0.0.1", main.port))

    at = laboratory.peer(main.host, count)
    flags = ("--token-host", f"{main.host}:{main.port}")
    outcome = doctor(laboratory, laboratory.scene(at, flags=flags))
    assert outcome.verdict == "pass", outcome.story()
    assert 1 <= opened <= CONNECTIONS


def test_direct_negotiation_is_compared_where_the_server_can_do_it(laboratory: Laboratory) -> None:
    scene = laboratory.distant(laboratory.server("pg17"), ROUND_TRIP)
    said = _check(doctor(laboratory, scene), "timing-phases")["message"]
    assert "sslnegotiation=direct (libpq 17) would save" in said, said
    older = laboratory.distant(laboratory.main, ROUND_TRIP)
    assert "direct" not in _check(doctor(laboratory, older), "timing-phases")["message"]


def test_a_password_login_is_measured_beside_the_token(laboratory: Laboratory) -> None:
    scene = laboratory.distant(laboratory.main, ROUND_TRIP)
    flags = (*scene.flags, "--samples", "3", "--compare-password", "--compare-user", "app_password")
    environment = {**scene.environment, "DBAUTH_COMPARE_PASSWORD": roles.PASSWORD}
    outcome = doctor(laboratory, scene.but(flags=flags, environment=environment))
    compared = _check(outcome, "timing-compare")
    # On the wire a token takes one round trip less than SCRAM.
    assert compared["status"] == "pass", outcome.story()
    assert "the token is no slower" in compared["message"], compared


def test_a_budget_that_is_not_kept_fails(laboratory: Laboratory) -> None:
    scene = laboratory.distant(laboratory.main, ROUND_TRIP)
    outcome = doctor(laboratory, scene.but(flags=(*scene.flags, "--budget", "tls-request=10")))
    assert outcome.status == 1
    assert _check(outcome, "timing-budget")["status"] == "fail"
    kept = doctor(laboratory, scene.but(flags=(*scene.flags, "--budget", "tls-request=5s")))
    assert kept.status == 0, kept.story()
