"""The environment file: everything that a client needs to use a sandbox."""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path
from typing import Any

from .errors import SandboxError

SCHEMA_VERSION = 1


def write(path: Path, environment: dict[str, Any]) -> None:
    """Writes the file in one step, readable by its owner only: it holds secrets."""
    draft = path.with_suffix(".draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump({"schemaVersion": SCHEMA_VERSION, **environment}, file, indent=2)
        file.write("\n")
    draft.rename(path)


def read(path: Path) -> dict[str, Any]:
    """The parsed file; SandboxError when the sandbox is not up yet."""
    try:
        environment: dict[str, Any] = json.loads(path.read_text())
    except FileNotFoundError:
        raise SandboxError(f"{path} is not there yet: the sandbox is still starting.") from None
    return environment


def shell(environment: dict[str, Any], server: str | None, *, temporary: bool) -> str:
    """`export` lines for one server, for `eval`; variables that must not linger are unset."""
    servers = environment["servers"]
    name = server or next(iter(servers))
    if name not in servers:
        raise SandboxError(f"this sandbox has no server {name!r}; it has {', '.join(servers)}.")
    chosen = servers[name]
    keys = environment["aws"]["temporary"] if temporary else environment["aws"]
    region = environment["aws"]["region"]
    values: dict[str, str | None] = {
        "PGHOST": chosen["host"],
        "PGHOSTADDR": chosen["hostaddr"],
        "PGPORT": str(chosen["port"]),
        "PGDATABASE": chosen["database"],
        "PGUSER": chosen["master"]["user"],
        "PGPASSWORD": chosen["master"]["password"],
        "PGSSLMODE": chosen["sslmode"],
        "PGSSLROOTCERT": chosen["sslrootcert"],
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_ACCESS_KEY_ID": keys["accessKeyId"],
        "AWS_SECRET_ACCESS_KEY": keys["secretAccessKey"],
        "AWS_SESSION_TOKEN": keys.get("sessionToken"),
    }
    return "".join(
        f"unset {name}\n" if value is None else f"export {name}={shlex.quote(value)}\n"
        for name, value in values.items()
    )
