"""Sandboxes under test, driven from outside as a user would."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROGRAM = Path(__file__).resolve().parent.parent / "sandbox"
PSQL = "/usr/lib/postgresql/15/bin/psql"


def command(state: Path, *arguments: str) -> list[str]:
    """The command line of `sandbox`, under a TMPDIR of its own."""
    return ["env", "-u", "DBAUTH_SANDBOX_ID", f"TMPDIR={state}", str(PROGRAM), *arguments]


def run(state: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs `sandbox` to its end."""
    return subprocess.run(command(state, *arguments), capture_output=True, text=True)


@dataclass(frozen=True)
class Result:
    """What psql said."""

    status: int
    output: str
    error: str


@dataclass(frozen=True)
class Server:
    """One server's entry in the environment file."""

    name: str
    about: dict[str, Any]
    aws: dict[str, Any]

    @property
    def major(self) -> int:
        return int(self.about["version"]) // 10_000

    def login(self, user: str, password: str, sql: str = "SELECT session_user") -> Result:
        """Runs SQL over TCP with a password or token; TLS is verified where there is TLS."""
        about = self.about
        environment = {
            "PGHOST": about["host"],
            "PGHOSTADDR": about["hostaddr"],
            "PGPORT": str(about["port"]),
            "PGSSLMODE": about["sslmode"],
            "PGSSLROOTCERT": about["sslrootcert"] or "",
            "PGDATABASE": about["database"],
            "PGUSER": user,
            "PGPASSWORD": password,
        }
        return _psql(sql, environment)

    def master(self, sql: str) -> Result:
        """Runs SQL as the master."""
        return self.login(self.about["master"]["user"], self.about["master"]["password"], sql)

    def admin(self, sql: str) -> str:
        """Runs SQL as the bootstrap superuser over the private socket; it has to work."""
        superuser = self.about["superuser"]
        environment = {
            "PGHOST": superuser["socket"],
            "PGPORT": str(self.about["port"]),
            "PGDATABASE": self.about["database"],
            "PGUSER": superuser["user"],
        }
        result = _psql(sql, environment)
        assert result.status == 0, result.error
        return result.output

    def log(self) -> str:
        """The whole log of the server."""
        return Path(self.about["log"]).read_text(errors="replace")


def _psql(sql: str, environment: dict[str, str]) -> Result:
    done = subprocess.run(
        [PSQL, "-XqAt", "-w", "-v", "ON_ERROR_STOP=1"],
        input=sql,
        env={**os.environ, "LC_ALL": "C.UTF-8", **environment},
        capture_output=True,
        text=True,
    )
    return Result(done.returncode, done.stdout.strip(), done.stderr.strip())


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox."""

    environment: dict[str, Any]

    def server(self, name: str) -> Server:
        """One of its servers."""
        return Server(name, self.environment["servers"][name], self.environment["aws"])

    @classmethod
    @contextmanager
    def up(cls, state: Path, *arguments: str) -> Iterator[Sandbox]:
        """Starts a sandbox and ends it after the block."""
        started = run(state, "up", *arguments)
        assert started.returncode == 0, started.stderr
        environment = json.loads(Path(started.stdout.strip()).read_text())
        try:
            yield cls(environment)
        finally:
            ended = run(state, "down", "--id", environment["id"])
            assert ended.returncode == 0, ended.stderr
