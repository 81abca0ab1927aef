"""A database that setup has moved, and what `setup revert` says to its server."""

from __future__ import annotations

import json
import os
import random
import re
import secrets
import subprocess
import threading
from pathlib import Path
from typing import Any

from labkit.proxy import Passage, Proxy
from labkit.wire import message

from .journal import (
    MARK,
    NO_CHAIN,
    ROLES,
    forged,
    is_empty,
    is_sound,
    journal,
    rearranged,
    sealed,
    unquoted,
)
from .mutation import Mutator
from .trial import Call

SANDBOX = Path(__file__).resolve().parents[2] / "Sandbox" / "sandbox"
DATABASE = "fuzzed"


def quoted(name: str) -> str:
    """A name for SQL."""
    return '"' + name.replace('"', '""') + '"'


OBJECTS = f"""
{"".join(f"CREATE ROLE {quoted(role)} LOGIN;" for role in ROLES)}
CREATE ROLE fuzz_reader;
CREATE TABLE public.orders (id integer, note text);
CREATE TABLE public.{quoted(ROLES[0])} (id serial);
CREATE VIEW public.notes AS SELECT note FROM public.orders;
ALTER TABLE public.orders OWNER TO {quoted(ROLES[0])};
ALTER TABLE public.{quoted(ROLES[0])} OWNER TO {quoted(ROLES[2])};
ALTER VIEW public.notes OWNER TO {quoted(ROLES[1])};
GRANT SELECT ON public.orders TO fuzz_reader;
GRANT UPDATE (note) ON public.orders TO fuzz_reader WITH GRANT OPTION;
"""


class ReadOnly(Passage):
    """A way to the server on which nothing can be changed, and all that is asked is noted."""

    def __init__(self, statements: list[str]) -> None:
        self._statements = statements

    def from_client(self, kind: bytes, body: bytes) -> bytes:
        if kind in (b"Q", b"P"):
            # Of the same length, and nothing is changed.
            body = body.replace(b"BEGIN READ WRITE", b"BEGIN READ ONLY ")
            self._statements.append(body.decode(errors="replace").strip("\0"))
        return message(kind, body)


def changing(statements: list[str]) -> list[str]:
    """What would have changed something."""
    pattern = (
        r"^\s*(ALTER|GRANT|REVOKE|DROP|CREATE|COMMENT|UPDATE|INSERT|DELETE|BEGIN READ ONLY )\b"
    )
    return [text for text in statements if re.search(pattern, text, re.MULTILINE)]


class Database:
    """A sandbox with a database that has been moved, from its first use on."""

    def __init__(self, program: Path, folder: Path) -> None:
        self._program = program
        self._folder = folder
        self._lock = threading.Lock()
        self._server: dict[str, Any] | None = None
        self._good = b""
        self._id = f"fuzz-{secrets.token_hex(4)}"
        self._original = self._moved = ""

    def mutated(self, number: int) -> bytes:
        """The journal, changed as bytes, as lines, or in its values with and without checksums."""
        with self._lock:
            if self._server is None:
                self._start()
        chance = random.Random(number)
        match chance.randrange(6):
            case 0:
                return rearranged(self._good, chance)
            case 1:
                return b"".join(sealed(one, NO_CHAIN)[0] for one in forged(self._good, chance))
            case 2 | 3:
                return journal(forged(self._good, chance))
            case 4:
                return b"".join(one + b"\n" for one in forged(self._good, chance))
        return Mutator(number, [self._good]).bytes()

    def prepare(self, data: bytes, folder: Path) -> Call:
        """A revert, or an apply that goes on, which would change what it can."""
        path = folder / "some.journal"
        path.write_bytes(data)
        path.chmod(0o600)
        assert self._server is not None
        statements: list[str] = []
        proxy = Proxy(Path(self._socket), lambda: ReadOnly(statements))

        def judge(status: int, said: bytes) -> str | None:
            return self._judge(data, path, statements, status, said)

        apply = ["apply", "--iam-user", "fuzz_iam"]
        words = apply if len(data) % 3 == 0 else ["revert"]
        return Call(
            ["setup", *words, "--yes", "--journal", path, *self._connection(str(proxy.port))],
            server=proxy,
            judge=judge,
        )

    @staticmethod
    def _judge(
        data: bytes, path: Path, statements: list[str], status: int, said: bytes
    ) -> str | None:
        if MARK in " ".join(unquoted(text) for text in statements):
            return f"what the journal says became a statement: {statements[-3:]}"
        if is_sound(data) or is_empty(data):
            return None
        if changed := changing(statements):
            return f"it rests on a damaged journal: {changed[0]!r}"
        if path.read_bytes() != data:
            return "it changed a journal that it does not follow"
        if status != 64:
            return f"exit status {status} for a damaged journal: {said[-500:]!r}"
        if b"Error: " not in said or b"some.journal" not in said:
            return f"it does not say what is wrong with which file: {said[-500:]!r}"
        return None

    def finish(self) -> str | None:
        """After all runs nothing has changed, and the good journal restores everything."""
        if self._server is None:
            return None
        try:
            if self._dump() != self._moved:
                return "the database has changed"
            self._setup("revert", "--journal", str(self._folder / "good.journal"))
            return None if self._dump() == self._original else "the good journal does not restore"
        finally:
            subprocess.run([SANDBOX, "down", "--id", self._id], capture_output=True, check=False)
            self._server = None

    def _start(self) -> None:
        command: list[str | Path] = [SANDBOX, "up", "--id", self._id, "--only", "pg15-rds"]
        command += ["--set", "fsync=off", "--while", str(os.getpid())]
        started = subprocess.run(command, capture_output=True, text=True, check=True)
        self._server = json.loads(Path(started.stdout.strip()).read_text())["servers"]["pg15-rds"]
        self._sql(f"CREATE DATABASE {DATABASE}", "postgres")
        self._sql(OBJECTS, DATABASE)
        self._original = self._dump()
        path = self._folder / "good.journal"
        self._setup("apply", "--iam-user", "fuzz_iam", "--journal", str(path))
        self._good = path.read_bytes()
        self._moved = self._dump()

    @property
    def _socket(self) -> str:
        assert self._server is not None
        return f"{self._server['superuser']['socket']}/.s.PGSQL.{self._server['port']}"

    def _setup(self, *words: str) -> None:
        assert self._server is not None
        at = ["-h", self._server["superuser"]["socket"], "-p", str(self._server["port"])]
        done = subprocess.run(
            [self._program, "setup", *words, "--yes", *at, "-U", "rdsadmin", "-d", DATABASE],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(done.stdout + done.stderr)

    @staticmethod
    def _connection(port: str) -> list[str]:
        return ["-h", "127.0.0.1", "-p", port, "-U", "rdsadmin", "-d", DATABASE, "-w"]

    def _client(self, name: str, *words: str, input: str = "") -> str:
        assert self._server is not None
        at = ["-h", self._server["superuser"]["socket"], "-p", str(self._server["port"])]
        command = [f"{self._server['bindir']}/{name}", *at, "-U", "rdsadmin", *words]
        done = subprocess.run(command, input=input, capture_output=True, text=True, check=True)
        return done.stdout

    def _sql(self, script: str, database: str) -> str:
        return self._client("psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", database, input=script)

    def _dump(self) -> str:
        schema = self._client("pg_dump", "-s", DATABASE)
        members = self._sql(
            "SELECT roleid::regrole, member::regrole, admin_option FROM pg_auth_members "
            "ORDER BY 1, 2; SELECT rolname, rolcanlogin, rolcreaterole FROM pg_roles ORDER BY 1",
            DATABASE,
        )
        # From its minor releases of August 2025 on, pg_dump makes up a word for each dump.
        return re.sub(r"^\\(un)?restrict .*$", "", schema, flags=re.MULTILINE) + members
