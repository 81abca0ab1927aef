"""Answers that no PostgreSQL server gives end a run with a message, and never with a crash."""

from __future__ import annotations

import re
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from labkit.laboratory import Laboratory
from labkit.servers import Postgres
from labkit.wire import message

from securitykit.program import Run, run
from securitykit.rewriting import Lies, lying_server

NUMBERS = {
    "the largest": "9223372036854775807",
    "the smallest": "-9223372036854775808",
    "beyond 64 bits": "99999999999999999999",
    "a float": "1e300",
}


@dataclass(frozen=True)
class Absurd(Lies):
    """Replaces what rows have, but for the question whether setup's settings hold."""

    number: str = ""
    has_rows: bool = True
    has_values: bool = True
    honest: threading.Event = field(default_factory=threading.Event)

    def rewritten(self, kind: bytes, body: bytes) -> bytes:
        if kind == b"T":
            (self.honest.set if b"session_user\0" in body else self.honest.clear)()
        if kind != b"D" or self.honest.is_set():
            return message(kind, body)
        if not self.has_rows:
            return b""
        if not self.has_values:
            (count,) = struct.unpack_from("!H", body)
            return message(kind, struct.pack("!H", count) + struct.pack("!i", -1) * count)
        return message(kind, self._row(body))

    def about(self, value: bytes) -> bytes:
        number = self.number.encode()
        if value[:1] in (b"{", b"["):
            return re.sub(rb"(?<=[:,\[ ])-?\d+(\.\d+)?(?=[,}\] ])", number, value)
        return number if re.fullmatch(rb"-?\d+", value) else value


LIES = {name: Absurd(number=number) for name, number in NUMBERS.items()}
LIES |= {"no rows": Absurd(has_rows=False), "no values": Absurd(has_values=False)}


@pytest.fixture(scope="module")
def database(laboratory: Laboratory, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The journal of a database that has been set up."""
    main = laboratory.main
    main.sql("CREATE ROLE zabsurd LOGIN; CREATE ROLE zabsurd_reader")
    main.sql("CREATE DATABASE zabsurd OWNER zabsurd")
    main.sql(
        "CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY, v text);"
        "ALTER TABLE t OWNER TO zabsurd; GRANT SELECT ON t TO zabsurd_reader;"
        "GRANT UPDATE (v) ON t TO zabsurd_reader",
        "zabsurd",
    )
    journal = tmp_path_factory.mktemp("absurd") / "journal"
    applied = setup(str(main.sockets), main.port, "apply", journal, "--yes")
    assert applied.status == 0, applied.story
    yield journal
    main.sql("DROP DATABASE zabsurd WITH (FORCE)")
    main.sql("DROP ROLE IF EXISTS zabsurd, zabsurd_reader, zabsurd_iam, zabsurd_owner")


def setup(host: str, port: int, command: str, journal: Path, *more: str) -> Run:
    """One of setup's commands in that database."""
    where = ["-h", host, "-p", str(port), "-U", "rdsadmin", "-d", "zabsurd"]
    what = [] if command == "revert" else ["--iam-user", "zabsurd_iam"]
    if command == "apply":
        what += ["--keep-access", "zabsurd"]
    return run("setup", command, *where, *what, "--journal", str(journal), *more)


def socket_of(server: Postgres) -> Path:
    return Path(server.sockets) / f".s.PGSQL.{server.port}"


@pytest.mark.parametrize("lie", LIES)
def test_setup_survives(laboratory: Laboratory, database: Path, lie: str) -> None:
    with lying_server(socket_of(laboratory.main), LIES[lie]) as port:
        for command in ("plan", "revert"):
            copy = database.with_suffix(f".{command}")
            copy.write_bytes(database.read_bytes())
            # Nobody says yes: revert shows what it would do and ends.
            ended = setup("127.0.0.1", port, command, copy)
            assert ended.status in (0, 1, 2, 3, 64), ended.story


@pytest.mark.parametrize("lie", LIES)
def test_doctor_survives(laboratory: Laboratory, lie: str) -> None:
    with lying_server(socket_of(laboratory.main), LIES[lie]) as port:
        where = f"host=127.0.0.1 port={port} dbname=app sslmode=disable"
        ended = run(
            *("doctor", "-d", f"{where} user=rdsadmin", "--admin", f"{where} user=rdsadmin"),
            *("--password-from-env", "--timeout", "5s", "--format", "json"),
            environment={"PGPASSWORD": "not used"},
        )
        assert ended.status in (0, 1, 3), ended.story
