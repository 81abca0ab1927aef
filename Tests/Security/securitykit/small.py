"""A server that can do little: few connections, few locks."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SANDBOX = Path(__file__).resolve().parents[2] / "Sandbox" / "sandbox"


@dataclass(frozen=True)
class SmallServer:
    """One server of a sandbox of its own."""

    facts: dict[str, Any]

    def sql(self, script: str, database: str = "app") -> str:
        """Runs a script as the superuser, on a connection that is kept for superusers."""
        at = ["-h", self.facts["superuser"]["socket"], "-p", str(self.facts["port"])]
        who = ["-U", self.facts["superuser"]["user"], "-d", database]
        psql = [f"{self.facts['bindir']}/psql", "-XqAt", "-v", "ON_ERROR_STOP=1", *at, *who]
        done = subprocess.run(psql, input=script, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def environment(self, database: str = "app") -> dict[str, str]:
        """libpq's variables for the master."""
        facts = self.facts
        found = {"PGHOST": facts["host"], "PGHOSTADDR": facts["hostaddr"]}
        found |= {"PGPORT": str(facts["port"]), "PGUSER": facts["master"]["user"]}
        found |= {"PGPASSWORD": facts["master"]["password"], "PGDATABASE": database}
        found["PGSSLMODE"] = facts["sslmode"]
        if facts.get("sslrootcert"):
            found["PGSSLROOTCERT"] = facts["sslrootcert"]
        return found

    def dump(self, database: str = "app") -> str:
        """The schema with owners and privileges, and the roles' memberships."""
        at = ["-h", self.facts["superuser"]["socket"], "-p", str(self.facts["port"])]
        command = [f"{self.facts['bindir']}/pg_dump", "-s", "--restrict-key=0", *at]
        command += ["-U", self.facts["superuser"]["user"], database]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if "restrict-key" in done.stderr:
            command.remove("--restrict-key=0")
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        members = self.sql(
            "SELECT roleid::regrole, member::regrole, admin_option FROM pg_auth_members "
            "ORDER BY 1, 2"
        )
        return done.stdout + members


class SmallSandbox:
    """Starts the server, and ends it."""

    def __init__(self, kind: str, **settings: str) -> None:
        self._id = f"small-{secrets.token_hex(4)}"
        options = [
            part for name, value in settings.items() for part in ("--set", f"{name}={value}")
        ]
        command: list[str | Path] = [
            SANDBOX,
            "up",
            "--id",
            self._id,
            "--only",
            kind,
            "--while",
            str(os.getpid()),
        ]
        done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        facts = json.loads(Path(done.stdout.strip()).read_text())
        self.server = SmallServer(facts["servers"][kind])

    def close(self) -> None:
        """Removes everything."""
        subprocess.run([SANDBOX, "down", "--id", self._id], capture_output=True, check=False)
