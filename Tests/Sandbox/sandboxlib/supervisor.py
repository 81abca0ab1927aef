"""The processes that own a sandbox, and take it away however one of them ends.

The *supervisor* starts the servers and waits for a reason to stop them. The *guardian* is its
parent: it does nothing but wait, and cleans up what a killed supervisor leaves behind. If the
guardian is the one that is killed, the supervisor hears of it from the kernel and ends itself. The
servers get SIGQUIT from the kernel when the supervisor is gone.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from . import registry
from .catalogue import ServerKind
from .errors import SandboxError
from .server import QUIT_SECONDS, Server, stop
from .startup import bring_up
from .watch import Ended, Watch

#: From linux/prctl.h.
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True)
class Plan:
    """What to start, and how long it lives.

    `lifeline` and `report` are the ends of pipes to the starter; `starters_end` is the lifeline's
    other end, which nobody but the starter may keep open. `settings` are every server's own.
    """

    kinds: list[ServerKind]
    lifeline: int
    starters_end: int
    report: int
    seconds: float | None
    companion: int | None
    settings: dict[str, str]


def launch(place: registry.Place, lock: int, plan: Plan) -> None:
    """Forks guardian and supervisor into a session of their own and returns in the starter."""
    if os.fork() != 0:
        return
    status = 1
    try:
        os.setsid()
        os.close(plan.starters_end)
        null = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(null, standard)
        status = _guard(place, lock, plan)
    finally:
        os._exit(status)


def _prctl(option: int, value: int) -> None:
    ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def _guard(place: registry.Place, lock: int, plan: Plan) -> int:
    _prctl(PR_SET_CHILD_SUBREAPER, 1)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    guardian = os.getpid()
    supervisor = os.fork()
    if supervisor == 0:
        try:
            _prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() == guardian:
                _supervise(place, lock, plan)
        finally:
            os._exit(0)
    os.close(plan.lifeline)
    os.close(plan.report)
    while os.wait()[0] != supervisor:
        pass
    _end_orphans(place.folder)
    place.remove(lock)
    registry.sweep()
    return 0


def _end_orphans(folder: Path) -> None:
    """Ends the servers that the guardian has inherited; returns when the last one is gone."""
    begin = time.monotonic()
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            late = time.monotonic() - begin > QUIT_SECONDS
            registry.stop_servers(folder, signal.SIGKILL if late else signal.SIGQUIT)
            time.sleep(0.02)


def _supervise(place: registry.Place, lock: int, plan: Plan) -> None:
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()} {os.getppid()}\n".encode(), 0)
    wake_read, wake_write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)

    def tell(kind: str, text: str) -> None:
        with suppress(BrokenPipeError):  # the starter may be gone
            os.write(plan.report, (json.dumps({kind: text}) + "\n").encode())

    servers: list[Server] = []
    try:
        companion = os.pidfd_open(plan.companion) if plan.companion else None
        watch = Watch(plan.lifeline, wake_read, companion)
        bring_up(place, plan.kinds, plan.settings, servers, watch)
        tell("ready", str(place.environment))
        os.close(plan.report)
        watch.wait(plan.seconds)
    except Ended:
        pass
    except SandboxError as error:
        tell("error", str(error))
    except Exception as error:  # the report is the only way this can reach anybody
        tell("error", f"unexpected {type(error).__name__}: {error}")
    finally:
        stop(servers)
        place.remove(lock)
        registry.sweep()
