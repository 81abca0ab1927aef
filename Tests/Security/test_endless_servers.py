"""Servers that never end cost neither time nor memory beyond what was given."""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable

import pytest
from labkit.wire import authentication, message

from securitykit.hostile import READY, Client, columns, hostile_server, row
from securitykit.program import PATIENCE, Run, run

#: What a run may take; PGCONNECT_TIMEOUT has the same seconds for setup.
TIMEOUT = 2.0
#: A busy machine starts the program late and takes time to end it.
MARGIN = 2.5
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
        client.drip(PARAMETER[:12]),
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
    "copy out": answering(message(b"H", COPY)),
    "copy in": answering(message(b"G", COPY)),
    "copy both": answering(message(b"W", COPY)),
    "copied data": answering(message(b"H", COPY), flood=message(b"d", b"x" * 1000)),
    "rows of nothing": answering(columns(8), flood=NULLS),
    "large rows": answering(columns(1), flood=row("x" * 200_000)),
    "one row": answering(columns(1), b"D" + GIGABYTE, flood=b"x" * 65536),
    "results": answering(flood=columns(1) + message(b"C", b"SELECT 0\0")),
    "notices": answering(flood=NOTICE),
    "parameters": answering(flood=PARAMETER),
    "parameters between rows": answering(columns(1), flood=PARAMETER + row("x")),
    "notifications": answering(flood=message(b"A", struct.pack("!I", 1) + b"c\0x\0")),
    "errors": answering(flood=message(b"E", b"SERROR\0VERROR\0CXX000\0Mno\0\0")),
}

#: Those that only doctor, which has a deadline for every statement, does not wait long for.
SLOW: dict[str, Behaviour] = {
    "dripping rows": answering(columns(8), drip=NULLS),
    "nothing": answering(),
    "dripping ends": answering(drip=READY),
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
        environment={
            "PGHOST": "127.0.0.1",
            "PGPORT": str(port),
            "PGUSER": "postgres",
            "PGDATABASE": "app",
            "PGPASSWORD": "not used",
            "PGSSLMODE": "disable",
            "PGCONNECT_TIMEOUT": f"{TIMEOUT:.0f}",
        },
    )


@pytest.fixture(scope="module")
def baseline() -> int:
    """What memory a run needs when nobody answers."""
    return max(doctor(9).peak_bytes, plan(9).peak_bytes)


def bounded(ended: Run, baseline: int, seconds: float = TIMEOUT * 1.1 + MARGIN) -> None:
    """It ended by itself, in time, and within its memory."""
    assert ended.status in (1, 3), ended.story
    assert ended.seconds < seconds, ended.story
    assert ended.peak_bytes < baseline + MEMORY, ended.story


@pytest.mark.parametrize("behaviour", [*BEFORE, *INSTEAD, *SLOW])
def test_doctor_ends_in_time(behaviour: str, baseline: int) -> None:
    behave = {**INSTEAD, **SLOW, **BEFORE}[behaviour]
    with hostile_server(behave) as port:
        bounded(doctor(port), baseline)


@pytest.mark.parametrize("behaviour", [*BEFORE])
def test_setup_ends_in_time_while_it_connects(behaviour: str, baseline: int) -> None:
    with hostile_server(BEFORE[behaviour]) as port:
        bounded(plan(port), baseline)


@pytest.mark.parametrize("behaviour", [*INSTEAD])
def test_setup_ends_when_a_statement_is_not_answered(behaviour: str, baseline: int) -> None:
    with hostile_server(INSTEAD[behaviour]) as port:
        bounded(plan(port), baseline, seconds=PATIENCE)
