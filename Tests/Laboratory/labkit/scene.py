"""A fault as it is set up: what doctor is told, and what it finds around it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Scene:
    """One call of doctor. None leaves a flag out."""

    host: str | None
    port: int | None
    user: str | None = "app_iam"
    database: str | None = "app"
    sslmode: str | None = "verify-full"
    root: Path | str | None = None
    dns: str | None = None
    #: Further parameters of libpq, which go into a conninfo string.
    options: Mapping[str, str] = field(default_factory=dict)
    #: The whole of `-d`, in the place of the parts above.
    dsn: str | None = None
    #: Further flags.
    flags: tuple[str, ...] = ()
    #: A password or a token of the caller's, for --password-from-env.
    password: str | None = None
    #: Changes to the environment; None takes a variable away.
    environment: Mapping[str, str | None] = field(default_factory=dict)
    #: Files in the home folder, by path.
    files: Mapping[str, str] = field(default_factory=dict)
    #: What doctor's command line is put behind.
    wrapper: tuple[str, ...] = ()
    timeout: str = "10s"
    #: Where psql finds the server when it tries the same: it cannot be told a DNS server.
    address: str | None = "127.0.0.1"
    #: The name that psql verifies, when it is not `host`.
    dialled: str | None = None
    #: What psql's token is for, when it is not for the host and port above.
    token_for: tuple[str, int] | None = None

    def but(self, **changes: Any) -> Scene:
        """The same scene with something else in places."""
        return replace(self, **changes)

    def conninfo(self) -> str:
        """The conninfo string of the database and `options`."""
        pairs = {**({"dbname": self.database} if self.database else {}), **self.options}
        return " ".join(f"{name}={_quoted(value)}" for name, value in pairs.items())


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
