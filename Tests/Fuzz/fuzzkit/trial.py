"""One run of the program, and whether it ended as every run has to end."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

#: Exit statuses that the README lists.
STATUSES = {0, 1, 2, 3, 64}
#: A run takes some hundredths of a second, and a few when the machine is busy.
PATIENCE = 30.0
#: Words that only secrets have, given to every run.
SECRETS = [b"xyzzysecret", b"plughtoken", b"hunter2password"]

ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "HOME": "/nonexistent",
    "LC_ALL": "C.UTF-8",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE1234",
    "AWS_SECRET_ACCESS_KEY": "xyzzysecret",
    "AWS_SESSION_TOKEN": "plughtoken",
    "AWS_REGION": "eu-west-1",
}


class Peer(Protocol):
    """Who answers the program."""

    def close(self) -> None: ...


@dataclass(frozen=True)
class Call:
    """How the program is called with an input."""

    arguments: Sequence[str | Path]
    environment: Mapping[str, str] = field(default_factory=dict)
    input: bytes = b""
    folder: Path | None = None
    #: What answers it, and goes with it.
    server: Peer | None = None
    #: What else was wrong, by the exit status and what was printed; nothing is good.
    judge: Callable[[int, bytes], str | None] | None = None


def fault(program: Path, call: Call, secrets: Sequence[bytes]) -> str | None:
    """What was wrong with how a run ended; nothing is good."""
    try:
        return _fault(program, call, secrets)
    finally:
        if call.server:
            call.server.close()


def _fault(program: Path, call: Call, secrets: Sequence[bytes]) -> str | None:
    command = [str(program), *map(str, call.arguments)]
    try:
        ended = subprocess.run(
            command,
            input=call.input,
            env=ENVIRONMENT | dict(call.environment),
            cwd=call.folder,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"it did not end within {PATIENCE:.0f} s"
    said = ended.stdout + ended.stderr
    # A token is what `token` prints, and the session token is a part of it.
    shown = ended.stderr if call.arguments[:2] == ["token", "rds"] else said
    if ended.returncode < 0:
        return f"{signal.Signals(-ended.returncode).name}: {said[-500:]!r}"
    if ended.returncode not in STATUSES:
        return f"exit status {ended.returncode}: {said[-500:]!r}"
    for secret in secrets:
        if secret in shown:
            return f"it printed the secret {secret.decode()}: {said[-500:]!r}"
    if b"\x1b" in said:
        return f"it printed an escape character: {said[-500:]!r}"
    return call.judge(ended.returncode, said) if call.judge else None


def silence() -> None:
    """A reader that goes away is the program's business."""
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    os.umask(0o077)
