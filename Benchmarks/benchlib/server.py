"""A server of the sandbox to measure on, as its superuser."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .command import BenchmarkError, Command

SANDBOX = Path(__file__).resolve().parents[2] / "Tests" / "Sandbox" / "sandbox"

#: As people call it. On Debian that is a script which looks for the newest psql.
PSQL = "psql"

#: With TLS and tokens, and where the superuser may log in over TCP like everybody else.
NAME = "pg15-stock"


@dataclass(frozen=True)
class Server:
    """One server with an empty database."""

    about: dict[str, Any]
    aws: dict[str, str]

    @classmethod
    def start(cls, **settings: str) -> Server:
        """Starts a sandbox of one server, which ends with this process."""
        words = [str(SANDBOX), "up", "--only", NAME, "--while", str(os.getpid())]
        # Vacuuming is done between the measurements instead, for every way alike.
        for name, value in {"autovacuum": "off", **settings}.items():
            words += ["--set", f"{name}={value}"]
        outside = {n: v for n, v in os.environ.items() if n != "DBAUTH_SANDBOX_ID"}
        done = subprocess.run(words, env=outside, capture_output=True, text=True)
        if done.returncode != 0:
            raise BenchmarkError(done.stderr.strip())
        environment = json.loads(Path(done.stdout.strip()).read_text())
        return cls(environment["servers"][NAME], environment["aws"])

    @property
    def variables(self) -> dict[str, str]:
        """What a client of libpq needs to log in as the superuser, over TCP and TLS."""
        about = self.about
        return {
            "PGHOST": about["host"],
            "PGHOSTADDR": about["hostaddr"],
            "PGPORT": str(about["port"]),
            "PGDATABASE": about["database"],
            "PGUSER": about["superuser"]["user"],
            "PGPASSWORD": about["superuser"]["password"],
            "PGSSLMODE": about["sslmode"],
            "PGSSLROOTCERT": about["sslrootcert"],
        }

    def program(self, name: str) -> Path:
        """One of PostgreSQL's own programs, of the server's version."""
        return Path(self.about["bindir"]) / name

    def psql(self, *statements: str) -> Command:
        """psql with these statements, each on its own."""
        words: list[str | Path] = [PSQL, "-Xq", "-v", "ON_ERROR_STOP=1"]
        for statement in statements:
            words += ["-c", statement]
        return Command(words, self.variables)

    def ask(self, query: str) -> str:
        """The answer to a query of one value."""
        words = [*self.psql(query).words, "-At"]
        environment = {**os.environ, **self.variables}
        return subprocess.check_output(words, env=environment, text=True).strip()
