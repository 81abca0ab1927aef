"""The sandboxes of this user: where they are, whether they live, and the removal of dead ones."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from . import locks
from .errors import SandboxError
from .places import state_root

ID_SHAPE = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")

#: The file in the state root whose lock orders creation and sweeping.
LOCK = ".lock"

#: Seconds for a sandbox to end when asked, before it is made to.
END_SECONDS = 60.0


@dataclass(frozen=True)
class Place:
    """A sandbox's id and folder. Its `lock` is held for as long as the sandbox lives."""

    id: str
    folder: Path

    @property
    def lock(self) -> Path:
        return self.folder / "lock"

    @property
    def environment(self) -> Path:
        return self.folder / "env.json"

    @property
    def entry(self) -> Path:
        """The folder itself or a link to it, by which it is found again."""
        return state_root() / self.id

    def is_alive(self) -> bool:
        return locks.is_held(self.lock)

    def remove(self, lock: int) -> None:
        """Deletes the sandbox's files; nothing may run in it any more.

        Does nothing when `lock`, the descriptor that says whose they are, is not the lock that is
        there: then the sandbox is gone already and another one has taken its name.
        """
        if not locks.is_same_file(lock, self.lock):
            return
        self.environment.unlink(missing_ok=True)
        # The lock file goes last: until then others see who is at work here.
        for child in self.folder.iterdir():
            if child.is_dir():
                shutil.rmtree(child, ignore_errors=True)
            elif child != self.lock:
                child.unlink(missing_ok=True)
        if self.entry.is_symlink():
            self.entry.unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)


def list_places() -> list[Place]:
    """Every sandbox that this user has, dead ones included."""
    root = state_root()
    try:
        names = sorted(os.listdir(root))
    except FileNotFoundError:
        return []
    return [Place(name, (root / name).resolve()) for name in names if ID_SHAPE.fullmatch(name)]


def create(id: str | None, folder: Path | None) -> tuple[Place, int]:
    """Makes the folder of a new sandbox and takes its lock; dead sandboxes are swept first."""
    try:
        return _create(id, folder)
    except SandboxError:
        sweep()  # which also removes the registry's own folder when nothing is in it
        raise


def _create(id: str | None, folder: Path | None) -> tuple[Place, int]:
    id = id or secrets.token_hex(4)
    if not ID_SHAPE.fullmatch(id):
        raise SandboxError(
            f"--id {id!r}: an id is up to 32 small letters, digits and hyphens, such as demo-1."
        )
    with _registry():
        _sweep()
        place = Place(id, folder or state_root() / id)
        if place.entry.exists():
            raise SandboxError(f"a sandbox {id!r} is running already: {place.folder}")
        if folder is not None:
            if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
                raise SandboxError(f"--dir {folder} is in use; give a new or an empty folder.")
            folder.mkdir(parents=True, exist_ok=True)
            place.entry.symlink_to(folder)
        else:
            place.folder.mkdir()
        place.folder.chmod(0o711)
        # Whoever asks whether this sandbox lives holds the lock for a moment.
        lock = locks.take(place.lock, wait=True)
    assert lock is not None
    return place, lock


def sweep() -> list[str]:
    """Removes the sandboxes whose processes are gone; returns their ids."""
    if not state_root().exists():
        return []
    with _registry():
        dead = _sweep()
        if not list_places():
            (state_root() / LOCK).unlink()
            state_root().rmdir()
        return dead


@contextmanager
def _registry() -> Iterator[None]:
    """Nobody else of this user creates or sweeps sandboxes during the block."""
    root = state_root()
    if root.is_symlink() or (root.exists() and root.stat().st_uid != os.geteuid()):
        raise SandboxError(
            f"{root} belongs to somebody else, so what is in it cannot be trusted. Remove it, or "
            "set TMPDIR to a folder of your own."
        )
    with locks.holding(root / LOCK):
        # Servers run under another account when root starts them, and must be able to pass.
        root.chmod(0o711)
        yield


def _sweep() -> list[str]:
    dead = []
    for place in list_places():
        try:
            lock = locks.take(place.lock)
        except FileNotFoundError:
            # It is gone by now, or somebody has deleted the folder behind a link of ours.
            if place.entry.is_symlink():
                place.entry.unlink(missing_ok=True)
            continue
        if lock is not None:
            stop_servers(place.folder, signal.SIGQUIT)
            place.remove(lock)
            os.close(lock)
            dead.append(place.id)
    return dead


def find(id: str | None, folder: Path | None) -> Place:
    """The one running sandbox that is meant; SandboxError when none or several are."""
    id = id or os.environ.get("DBAUTH_SANDBOX_ID")
    alive = [place for place in list_places() if place.is_alive()]
    if folder is not None:
        matches = [place for place in alive if place.folder == folder.resolve()]
    else:
        matches = [place for place in alive if id in (None, place.id)]
    if len(matches) == 1:
        return matches[0]
    running = ", ".join(place.id for place in alive) or "none"
    if matches:
        raise SandboxError(
            f"several sandboxes are running ({running}): say which with --id or --dir."
        )
    wanted = f"no sandbox {id or folder} is" if id or folder else "no sandbox is"
    raise SandboxError(f"{wanted} running (running: {running}). `sandbox up` starts one.")


def end(place: Place) -> None:
    """Asks a sandbox to end and waits until its files are gone; insists when it does not."""
    for wanted in (signal.SIGTERM, signal.SIGKILL):
        try:
            supervisor = int(place.lock.read_text().split()[0])
            os.kill(supervisor, wanted)
        except (FileNotFoundError, IndexError, ProcessLookupError):
            pass  # it has ended by itself, or has not got as far as having processes
        deadline = time.monotonic() + END_SECONDS
        while place.is_alive() and time.monotonic() < deadline:
            time.sleep(0.02)
        if not place.is_alive():
            sweep()  # what its processes could not remove, when they were killed
            return
    raise SandboxError(
        f"sandbox {place.id} does not end, not even by SIGKILL to its supervisor, whose process id "
        f"is in {place.lock}. Look for processes that work in {place.folder}."
    )


def stop_servers(folder: Path, signal_number: int) -> None:
    """Sends a signal to every PostgreSQL server whose data is in the sandbox."""
    for file in folder.glob("*/data/postmaster.pid"):
        try:
            pid = int(file.read_text().split("\n", 1)[0])
            working = Path(f"/proc/{pid}/cwd").resolve()
        except (OSError, ValueError):
            continue
        if working == file.parent:
            os.kill(pid, signal_number)
