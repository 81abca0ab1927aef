"""The account that PostgreSQL runs as, and commands run under it."""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Sequence
from pathlib import Path

from .errors import SandboxError

#: PostgreSQL refuses to run as root; Debian's package brings this account.
SERVICE_ACCOUNT = "postgres"


def account() -> pwd.struct_passwd:
    """The `postgres` account for root, otherwise whoever is running."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    try:
        return pwd.getpwnam(SERVICE_ACCOUNT)
    except KeyError:
        raise SandboxError(
            f"PostgreSQL does not run as root, and there is no account {SERVICE_ACCOUNT!r} to run "
            "it as. `make deps` installs postgresql-15, which creates it."
        ) from None


def clean_environment(**extra: str) -> dict[str, str]:
    """An environment without the caller's PG* variables and locale."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return {"PATH": "/usr/bin:/bin", **kept, "LC_ALL": "C.UTF-8", **extra}


def as_account(
    command: Sequence[str | Path], *, dies_with_parent: bool = False, death: str = "QUIT"
) -> list[str]:
    """The command line that runs `command` under `account()`.

    With `dies_with_parent` the kernel sends the signal `death` when the thread that started it
    ends, however it ends: SIGQUIT is PostgreSQL's immediate shutdown. Other programs need SIGKILL,
    because a shell that starts something in the background has it ignore SIGQUIT.
    """
    prefix: list[str] = []
    if dies_with_parent:
        prefix += ["--pdeathsig", death]
    if os.geteuid() == 0:
        entry = account()
        prefix += [f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}", "--init-groups"]
    words = [str(word) for word in command]
    return ["setpriv", *prefix, "--", *words] if prefix else words


def run(
    command: Sequence[str | Path], *, what: str, as_service: bool = False, stdin: str = ""
) -> str:
    """Runs a command to its end and returns its output; SandboxError carries what it said."""
    words = as_account(command) if as_service else [str(word) for word in command]
    try:
        done = subprocess.run(
            words, input=stdin, capture_output=True, text=True, env=clean_environment(), cwd="/"
        )
    except FileNotFoundError as missing:
        raise SandboxError(
            f"{what}: {missing.filename} is not installed. Run `make deps`."
        ) from None
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip()
        raise SandboxError(f"{what} failed (exit {done.returncode}):\n{said}")
    return done.stdout


def give(path: Path, mode: int) -> None:
    """Hands a file or folder to the account of the servers."""
    entry = account()
    os.chown(path, entry.pw_uid, entry.pw_gid)
    path.chmod(mode)


def write_private(path: Path, text: str) -> None:
    """Writes a file for the eyes of the servers' account only."""
    path.touch(0o600)
    path.write_text(text)
    give(path, 0o600)
