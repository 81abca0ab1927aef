"""Which servers a sandbox can hold."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import SandboxError


@dataclass(frozen=True)
class ServerKind:
    """One server of the catalogue.

    `flavour` is "rds" (roles as on Amazon RDS) or "stock" (PostgreSQL's own rules). `secure` says
    whether the build has TLS and PAM; the portable builds of 16 and 18 have neither. `on_request`:
    it is started only when it is named.
    """

    name: str
    major: int
    flavour: str
    secure: bool
    on_request: bool = False


CATALOGUE: tuple[ServerKind, ...] = tuple(
    ServerKind(f"pg{major}-{flavour}", major, flavour, secure=major == 15)
    for flavour in ("rds", "stock")
    for major in (15, 16, 18)
) + (ServerKind("pg17-stock", 17, "stock", secure=True, on_request=True),)


def select(only: str | None) -> list[ServerKind]:
    """The servers named in a comma-separated list; all but those on request for None."""
    if only is None:
        return [kind for kind in CATALOGUE if not kind.on_request]
    by_name = {kind.name: kind for kind in CATALOGUE}
    names = [name.strip() for name in only.split(",") if name.strip()]
    unknown = [name for name in names if name not in by_name]
    if unknown or not names:
        raise SandboxError(
            f"--only {only!r} names what is no server of the sandbox: "
            f"{', '.join(unknown) or 'nothing'}. The servers are {', '.join(by_name)}."
        )
    return [by_name[name] for name in dict.fromkeys(names)]
