"""One run of doctor, or of psql, at a scene."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from testing.tokens import stamp

from .laboratory import Laboratory
from .premises import HERE
from .scene import Scene

PSQL = "/usr/lib/postgresql/15/bin/psql"

#: Seconds after which a run is given up: more than any scene's --timeout.
PATIENCE = 60.0


def binary() -> str:
    """The program under test."""
    built = HERE.parent.parent / ".build" / "debug" / "dbauth-admin"
    return os.environ.get("DBAUTH_ADMIN") or str(built)


@dataclass(frozen=True)
class Outcome:
    """What doctor said."""

    command: list[str]
    status: int | None
    seconds: float
    report: dict[str, Any] = field(default_factory=dict)
    error: str = ""

    @property
    def ranking(self) -> list[str]:
        """The slugs of the diagnoses, the most probable first."""
        return [str(diagnosis["id"]) for diagnosis in self.report.get("diagnoses", [])]

    @property
    def diagnosis(self) -> str | None:
        """The root cause, or None."""
        slug = self.report.get("diagnosis")
        return None if slug is None else str(slug)

    @property
    def verdict(self) -> str:
        """The verdict, or why there is none."""
        return str(self.report.get("verdict") or f"no report (exit {self.status})")

    def story(self) -> str:
        """Everything that helps to see why it said so."""
        lines = [" ".join(self.command), f"exit {self.status} after {self.seconds:.1f} s"]
        lines += [f"verdict {self.verdict}: {', '.join(self.ranking) or 'no diagnosis'}"]
        for check in self.report.get("checks", []):
            if check.get("status") not in ("pass", "skip"):
                lines.append(f"  {check.get('id')} {check.get('status')}: {check.get('message')}")
        return "\n".join([*lines, self.error])


def doctor(laboratory: Laboratory, scene: Scene) -> Outcome:
    """Runs the program under test at a scene."""
    arguments = ["doctor", "--format", "json", "--timeout", scene.timeout]
    if scene.dsn is not None:
        arguments += ["-d", scene.dsn]
    else:
        given = {
            "-h": scene.host,
            "-p": scene.port,
            "-U": scene.user,
            "-d": scene.conninfo() if scene.options else scene.database,
            "--sslmode": scene.sslmode,
            "--sslrootcert": scene.root,
        }
        for flag, value in given.items():
            if value is not None:
                arguments += [flag, str(value)]
    if scene.dns is not None:
        arguments += ["--dns-server", scene.dns]
    if scene.password is not None:
        arguments.append("--password-from-env")
    command = [*scene.wrapper, binary(), *arguments, *scene.flags]
    environment = _environment(laboratory, scene)
    if scene.password is not None:
        environment["PGPASSWORD"] = scene.password
    return _run(command, environment)


def _run(command: list[str], environment: dict[str, str]) -> Outcome:
    begin = time.monotonic()
    try:
        # Ends with the thread that runs it, however that ends.
        done = subprocess.run(
            ["setpriv", "--pdeathsig", "KILL", *command],
            capture_output=True,
            env=environment,
            cwd=environment["HOME"],
            stdin=subprocess.DEVNULL,
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired:
        return Outcome(command, None, time.monotonic() - begin, error="it did not end")
    seconds = time.monotonic() - begin
    error = done.stderr.decode(errors="replace")
    try:
        report = json.loads(done.stdout)
    except ValueError:
        return Outcome(command, done.returncode, seconds, error=done.stdout.decode() + error)
    return Outcome(command, done.returncode, seconds, report, error)


def _environment(laboratory: Laboratory, scene: Scene) -> dict[str, str]:
    home = laboratory.work("home")
    home.mkdir()
    for name, text in scene.files.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o600)
    key = laboratory.keys.long_term
    given: Mapping[str, str | None] = {
        "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "OPENSSL_CONF": str(laboratory.openssl_conf),
        "AWS_REGION": laboratory.region,
        "AWS_ACCESS_KEY_ID": key.id,
        "AWS_SECRET_ACCESS_KEY": key.secret,
        "AWS_EC2_METADATA_DISABLED": "true",
        **scene.environment,
    }
    return {name: value for name, value in given.items() if value is not None}


def psql(laboratory: Laboratory, scene: Scene) -> str:
    """What psql says on stderr when it tries the same; empty when it gets in."""
    environment = _environment(laboratory, scene)
    pairs = dict(scene.options)
    if scene.host is not None and scene.address is not None:
        pairs.setdefault("hostaddr", scene.address)
    given = {
        "PGHOST": scene.dialled or scene.host,
        "PGPORT": scene.port,
        "PGUSER": scene.user,
        "PGSSLMODE": scene.sslmode,
        "PGSSLROOTCERT": scene.root,
    }
    if scene.dsn is None:
        environment |= {name: str(value) for name, value in given.items() if value is not None}
    environment.setdefault("PGCONNECT_TIMEOUT", "6")
    if scene.password is not None:
        environment["PGPASSWORD"] = scene.password
    elif "--password-from-env" not in scene.flags and scene.port is not None:
        host, port = scene.token_for or (scene.host or "", scene.port)
        request = laboratory.request(laboratory.main, scene.user or "")
        offset = timedelta(seconds=int(environment.get("DBAUTH_CLOCK_OFFSET", "0")))
        request = request.but(
            date=stamp(offset),
            host=host.rstrip("."),
            port=port,
            region=environment.get("AWS_REGION", laboratory.region),
            key=environment.get("AWS_ACCESS_KEY_ID", ""),
            secret=environment.get("AWS_SECRET_ACCESS_KEY", ""),
            session_token=environment.get("AWS_SESSION_TOKEN"),
        )
        environment["PGPASSWORD"] = request.token()
    text = scene.dsn or scene.but(options=pairs).conninfo()
    command = [*scene.wrapper, PSQL, "-XqAt", "-w", "-c", "SELECT 1", text]
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment, stdin=subprocess.DEVNULL
    )
    return done.stderr.strip()
