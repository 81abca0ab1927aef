"""Servers that never end cost neither time nor memory beyond what was given."""

from __future__ import annotations

import base64
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from labkit.laboratory import Laboratory
from labkit.wire import authentication, message

from securitykit.hostile import READY, Client, columns, hostile_server, row
from securitykit.program import Run, run
from securitykit.rewriting import Lies, lying_server
from test_plan_script import socket_of

#: Seconds that doctor may take, and the server over a statement of setup's.
TIMEOUT = 1.0
#: libpq's least.
CONNECT_TIMEOUT = 2.0
#: How often a run to which nobody answers fits into what a busy machine adds.
MARGIN = 4
#: Above what a run needs in which no server answers.
MEMORY = 100 << 20

Behaviour = Callable[[Client], None]

NOTICE = message(b"N", b"SNOTICE\0VNOTICE\0C00000\0M" + b"x" * 400 + b"\0\0")
PARAMETER = b"".join(message(b"S", f"p{number}\0v\0".encode()) for number in range(20_000))
GIGABYTE = struct.pack("!I", 1_000_000_000)


def scram(client: Client) -> None:
    """Asks for 2,000,000,000 rounds of SCRAM."""
    client.send(authentication(10, b"SCRAM-SHA-256\0\0"))
    client.exactly(1)
    (length,) = struct.unpack("!I", client.exactly(4))
    nonce = client.exactly(length - 4).split(b"r=")[1]
    salt = base64.b64encode(b"0123456789abcdef")
    client.send(authentication(11, b"r=" + nonce + b"more,s=" + salt + b",i=2000000000"))


def huge(kind: bytes) -> Behaviour:
    """Begins a message of a gigabyte."""

    def behave(client: Client) -> None:
        client.send(authentication(0) + kind + GIGABYTE)
        client.flood(b"x" * 65536)

    return behave


#: What a server does instead of letting a login in.
BEFORE: dict[str, Behaviour] = {
    "notices": lambda client: client.flood(NOTICE),
    "versions": lambda client: client.flood(message(b"v", struct.pack("!II", 196608, 0))),
    "parameters": lambda client: (client.send(authentication(0)), client.flood(PARAMETER))[1],
    "one notice": huge(b"N"),
    "dripping notices": lambda client: client.drip(NOTICE),
    "dripping parameters": lambda client: (
        client.send(authentication(0)),
        client.drip(message(b"S", b"p\0v\0")),
    )[1],
    "notices after the password": lambda client: (
        client.send(authentication(0)),
        client.flood(NOTICE),
    )[1],
    "scram": scram,
}


def answering(*data: bytes, flood: bytes = b"", drip: bytes = b"") -> Behaviour:
    """Lets the login in and answers its first statement so; setup's settings it confirms before."""

    def behave(client: Client) -> None:
        client.admit()
        if "options" in client.startup:
            client.confirm_settings()
        client.question()
        for part in data:
            client.send(part)
        if flood:
            client.flood(flood)
        if drip:
            client.drip(drip)

    return behave


COPY = struct.pack("!bh", 0, 0)
NULLS = row(*[None] * 8)

#: What a server does instead of answering a statement.
INSTEAD: dict[str, Behaviour] = {
    "dripping rows": answering(columns(8), drip=NULLS),
    "nothing": answering(),
    "dripping ends": answering(drip=READY),
    "copy out": answering(message(b"H", COPY)),
    "copy in": answering(message(b"G", COPY)),
    "copy both": answering(message(b"W", COPY)),
    "copied data": answering(message(b"H", COPY), flood=message(b"d", b"x" * 1000)),
    "rows of nothing": answering(columns(8), flood=NULLS),
    "large rows": answering(columns(1), flood=row("x" * 200_000)),
    "one row": answering(columns(1), b"D" + GIGABYTE, flood=b"x" * 65536),
    "results": answering(flood=columns(1) + message(b"C", b"SELECT 0\0")),
    "notices in between": answering(flood=NOTICE),
    "parameters in between": answering(flood=PARAMETER),
    "parameters between rows": answering(columns(1), flood=PARAMETER + row("x")),
    "notifications": answering(flood=message(b"A", struct.pack("!I", 1) + b"c\0x\0")),
    "errors": answering(flood=message(b"E", b"SERROR\0VERROR\0CXX000\0Mno\0\0")),
}


def doctor(port: int, *more: str) -> Run:
    """Checks a login by password without TLS."""
    return run(
        "doctor",
        *("-h", "127.0.0.1", "-p", str(port), "-U", "app", "-d", "dbname=app sslmode=disable"),
        *("--password-from-env", "--timeout", f"{TIMEOUT:.0f}s", *more),
        environment={"PGPASSWORD": "not used"},
    )


def plan(port: int) -> Run:
    """Plans a setup without TLS."""
    return run(
        *("setup", "plan", "--iam-user", "app_iam", "-w"),
        *("--statement-timeout", f"{TIMEOUT:.0f}s"),
        environment={
            "PGHOST": "127.0.0.1",
            "PGPORT": str(port),
            "PGUSER": "postgres",
            "PGDATABASE": "app",
            "PGPASSWORD": "not used",
            "PGSSLMODE": "disable",
            "PGCONNECT_TIMEOUT": f"{CONNECT_TIMEOUT:.0f}",
        },
    )


@dataclass(frozen=True)
class Baseline:
    """What a run needs when nobody answers, which it learns at once."""

    peak_bytes: int

    def assert_bounded(
        self, ended: Run, again: Callable[[int], Run], seconds: float = TIMEOUT
    ) -> None:
        """It ended by itself, in time, and within its memory."""
        assert ended.status in (1, 3), ended.story
        assert ended.peak_bytes < self.peak_bytes + MEMORY, ended.story
        if ended.seconds > seconds * 1.1:
            # As busy as the machine is now.
            most = seconds * 1.1 + MARGIN * again(9).seconds
            assert ended.seconds < most, f"more than {most:.1f} s: {ended.story}"


@pytest.fixture(scope="module")
def baseline() -> Baseline:
    return Baseline(max(doctor(9).peak_bytes, plan(9).peak_bytes))


@pytest.mark.parametrize("behaviour", [*BEFORE, *INSTEAD])
def test_doctor_ends_in_time(behaviour: str, baseline: Baseline) -> None:
    with hostile_server({**BEFORE, **INSTEAD}[behaviour]) as port:
        baseline.assert_bounded(doctor(port), doctor)


@pytest.mark.parametrize("behaviour", [*BEFORE, *INSTEAD])
def test_setup_ends_in_time(behaviour: str, baseline: Baseline) -> None:
    with hostile_server({**BEFORE, **INSTEAD}[behaviour]) as port:
        seconds = CONNECT_TIMEOUT if behaviour in BEFORE else TIMEOUT
        baseline.assert_bounded(plan(port), plan, seconds)


@dataclass
class Answers:
    """How many there have been."""

    count: int = 0


@dataclass(frozen=True)
class Silenced(Lies):
    """A real server that falls silent after a few answers."""

    answers: Answers = field(default_factory=Answers)

    def rewritten(self, kind: bytes, body: bytes) -> bytes:
        self.answers.count += kind == b"Z"
        return b"" if self.answers.count > 6 else message(kind, body)


def test_setup_ends_in_time_in_the_midst_of_a_plan(
    laboratory: Laboratory, baseline: Baseline
) -> None:
    with lying_server(socket_of(laboratory.main), Silenced()) as port:
        ended = run(
            *("setup", "plan", "--iam-user", "zq_iam", "--statement-timeout", f"{TIMEOUT:.0f}s"),
            *("-h", "127.0.0.1", "-p", str(port), "-U", "rdsadmin", "-d", "postgres"),
        )
    assert ended.status == 1, ended.story
    # What was answered before takes time, too.
    baseline.assert_bounded(ended, plan, seconds=2 * TIMEOUT)


@dataclass(frozen=True)
class Slow(Lies):
    """A real server far away: every answer takes as long as from one continent to another."""

    def rewritten(self, kind: bytes, body: bytes) -> bytes:
        if kind == b"Z":
            threading.Event().wait(0.04)
        return message(kind, body)


def test_setup_works_with_a_server_that_is_slow_but_honest(laboratory: Laboratory) -> None:
    with lying_server(socket_of(laboratory.main), Slow()) as port:
        ended = run(
            *(
                "setup",
                "plan",
                "--iam-user",
                "zq_iam",
                "--all-schemas",
                "--statement-timeout",
                "2s",
            ),
            *("-h", "127.0.0.1", "-p", str(port), "-U", "rdsadmin", "-d", "postgres"),
        )
    assert ended.status == 0, ended.story
