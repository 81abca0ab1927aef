"""Where the sandbox keeps things: running sandboxes, and what is worth keeping between them."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from .account import as_account
from .errors import SandboxError

#: Where Debian puts PostgreSQL 15.
DEBIAN_BIN = Path("/usr/lib/postgresql/15/bin")

#: `sun_path` holds 108 bytes with its terminator (unix(7)).
SOCKET_PATH_LIMIT = 107


def state_root() -> Path:
    """The folder that holds this user's running sandboxes, by id."""
    return Path(tempfile.gettempdir()) / f"dbauth-sandbox-{os.geteuid()}"


def cache_root() -> Path:
    """Unpacked servers, compiled modules, and fresh database clusters to copy.

    For root it is a place that the account of the servers can read, which root's home is not.
    """
    if chosen := os.environ.get("DBAUTH_SANDBOX_CACHE"):
        return Path(chosen).absolute()
    if os.geteuid() == 0:
        return Path("/var/cache/dbauth-sandbox")
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(home) / "dbauth-sandbox"


def kept_folder(name: str) -> Path:
    """A folder under `cache_root()` that the servers' account can read, whatever the umask."""
    root = cache_root()
    if any(character.isspace() or character == ":" for character in str(root)):
        # LD_PRELOAD and PAM's files separate words by them.
        raise SandboxError(
            f"the folder {root} has a space or a colon in its path, which the loader cannot take. "
            "Choose another one with DBAUTH_SANDBOX_CACHE."
        )
    folder = root / name
    if not folder.exists():
        folder.mkdir(parents=True, exist_ok=True)
        for path in (root, folder):
            path.chmod(0o755)
    for path in (root, folder):
        require_ours(path)
    require_reachable(folder)
    return folder


def require_ours(folder: Path) -> None:
    """SandboxError when others may have put programs there, which are run later."""
    facts = folder.stat()
    if facts.st_uid != os.geteuid() or facts.st_mode & 0o022:
        raise SandboxError(
            f"{folder} belongs to another user, or others may write to it. Remove it, or choose "
            "another one with DBAUTH_SANDBOX_CACHE."
        )


def bin_folder(major: int) -> Path:
    """The programs of one PostgreSQL version; SandboxError says how to get them."""
    portable = cache_root() / "postgresql" / str(major) / "bin"
    folder = DEBIAN_BIN if major == 15 else portable
    if not (folder / "postgres").exists():
        raise SandboxError(
            f"PostgreSQL {major} is not installed: there is no {folder}/postgres. Run `make deps`."
        )
    return folder.resolve()


def server_headers(major: int) -> Path:
    """The folder of postgres.h for modules of one PostgreSQL version."""
    if major == 15:
        debian = Path("usr/include/postgresql/15/server")
        installed, unpacked = "/" / debian, cache_root() / "headers-15" / debian
        headers = installed if installed.exists() else unpacked
    else:
        headers = bin_folder(major).parent / "include" / "postgresql" / "server"
    if not (headers / "postgres.h").exists():
        raise SandboxError(
            f"the server headers of PostgreSQL {major} are missing: no {headers}/postgres.h. "
            "Run `make deps`."
        )
    return headers


def require_reachable(folder: Path) -> None:
    """SandboxError unless the account of the servers can enter the folder."""
    if os.geteuid() != 0:
        return
    probe = subprocess.run(as_account(["test", "-x", folder]), cwd="/")
    if probe.returncode != 0:
        raise SandboxError(
            f"the account that runs PostgreSQL cannot enter {folder}; a folder above it is closed "
            "to others. Choose another one with --dir, TMPDIR or DBAUTH_SANDBOX_CACHE."
        )
