"""The C modules, compiled on the spot and kept by the digest of what went into them."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from .account import run
from .locks import holding
from .places import bin_folder, cache_root, server_headers

SOURCES = Path(__file__).resolve().parent.parent / "native"
WARNINGS = ["-Wall", "-Wextra", "-Werror"]


def compiled(source: str, *, key: str, flags: list[str], libraries: list[str]) -> Path:
    """The shared object made from `native/<source>`, compiled when there is none yet.

    `key` names what else the result depends on, such as the version of the headers.
    """
    text = (SOURCES / source).read_bytes()
    recipe = [key, *WARNINGS, *flags, *libraries]
    digest = hashlib.sha256(text + "\0".join(recipe).encode()).hexdigest()[:16]
    target = cache_root() / "modules" / f"{Path(source).stem}-{digest}.so"
    if target.exists():
        return target
    with holding(target.with_suffix(".lock")):
        if not target.exists():
            draft = target.with_suffix(f".{os.getpid()}")
            shape = ["-std=gnu11", "-O2", "-fPIC", "-shared", "-o", draft]
            command = ["cc", *WARNINGS, *flags, *shape, SOURCES / source, *libraries]
            run(command, what=f"compiling {source} ({key})")
            draft.chmod(0o755)
            draft.rename(target)
    target.with_suffix(".lock").unlink(missing_ok=True)
    return target


def role_rules(major: int) -> Path:
    """The module that lets members of rds_superuser administer roles, for one version."""
    version = run([bin_folder(major) / "postgres", "--version"], what="asking for the version")
    # PostgreSQL's own headers are not written for -Wextra.
    flags = ["-isystem", str(server_headers(major))]
    return compiled("rds_roles.c", key=version.strip(), flags=flags, libraries=[])
