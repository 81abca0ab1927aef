"""A fresh database cluster per version, made once and copied for every server."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from .account import give, run
from .locks import holding
from .places import bin_folder, kept_folder

#: The bootstrap superuser; grants made by the service read "GRANTED BY rdsadmin".
BOOTSTRAP_USER = "rdsadmin"

INITDB_OPTIONS = [
    f"--username={BOOTSTRAP_USER}",
    "--encoding=UTF8",
    "--locale=C.UTF-8",
    "--auth=trust",
    "--no-sync",
]


def copy_cluster(major: int, target: Path) -> None:
    """Puts a fresh cluster of one version at `target`, whose parent the servers' account owns."""
    run(
        ["cp", "-a", "--reflink=auto", _template(major), target],
        what=f"copying a fresh cluster to {target}",
        as_service=True,
    )


def _template(major: int) -> Path:
    programs = bin_folder(major)
    version = run([programs / "initdb", "--version"], what="asking for the version").strip()
    recipe = "\0".join([version, *INITDB_OPTIONS])
    folder = kept_folder("clusters")
    target = folder / f"{major}-{hashlib.sha256(recipe.encode()).hexdigest()[:16]}"
    if target.exists():
        return target
    with holding(folder / f"{major}.lock"):
        if not target.exists():
            draft = folder / f"{major}-draft"
            if draft.exists():
                shutil.rmtree(draft)
            draft.mkdir()
            give(draft, 0o700)
            command: list[str | Path] = [programs / "initdb", *INITDB_OPTIONS, "-D", draft]
            run(command, what=f"initdb of PostgreSQL {major}", as_service=True)
            os.rename(draft, target)
    return target
