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
import select
import signal
import subprocess
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import credentials, environment, registry
from .account import give
from .catalogue import ServerKind
from .certificates import Authority
from .errors import SandboxError
from .server import PortTaken, Server

#: From linux/prctl.h.
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36

#: Seconds for PostgreSQL's immediate shutdown before SIGKILL.
QUIT_SECONDS = 5.0

#: How often another port is tried when somebody takes the first one meanwhile.
PORT_ATTEMPTS = 5

#: Seconds between two looks at the servers that are starting.
POLL_SECONDS = 0.01

#: What the starter writes into the lifeline when the sandbox shall outlive it.
DETACH = b"D"


@dataclass(frozen=True)
class Plan:
    """What to start, and how long it lives.

    `lifeline` and `report` are the ends of pipes to the starter; `starters_end` is the lifeline's
    other end, which nobody but the starter may keep open.
    """

    kinds: list[ServerKind]
    lifeline: int
    starters_end: int
    report: int
    seconds: float | None
    companion: int | None


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
        try:
            os.write(plan.report, (json.dumps({kind: text}) + "\n").encode())
        except BrokenPipeError:
            pass

    servers: list[Server] = []
    try:
        companion = os.pidfd_open(plan.companion) if plan.companion else None
        watch = _Watch(plan.lifeline, wake_read, companion)
        _bring_up(place, plan.kinds, servers, watch)
        tell("ready", str(place.environment))
        os.close(plan.report)
        watch.wait(plan.seconds)
    except _Ended:
        pass
    except SandboxError as error:
        tell("error", str(error))
    except Exception as error:  # the report is the only way this can reach anybody
        tell("error", f"unexpected {type(error).__name__}: {error}")
    finally:
        _stop([server.process for server in servers if server.process])
        place.remove(lock)
        registry.sweep()


class _Ended(Exception):
    """There is a reason to take the sandbox away."""


class _Watch:
    """Everything that can end a sandbox: a signal, its starter, its companion process, the clock."""

    def __init__(self, lifeline: int, wakeup: int, companion: int | None) -> None:
        self.lifeline = lifeline
        self.poll = select.poll()
        for descriptor in (lifeline, wakeup, companion):
            if descriptor is not None:
                self.poll.register(descriptor, select.POLLIN)

    def check(self, seconds: float | None = 0) -> None:
        """Waits that long for something to happen; raises _Ended when it ends the sandbox."""
        for descriptor, _ in self.poll.poll(None if seconds is None else max(0.0, seconds) * 1000):
            if descriptor == self.lifeline and os.read(descriptor, 1) == DETACH:
                self.poll.unregister(descriptor)
            else:
                raise _Ended

    def wait(self, seconds: float | None) -> None:
        """Returns only by raising _Ended, at the latest after `seconds`."""
        deadline = None if seconds is None else time.monotonic() + seconds
        while deadline is None or time.monotonic() < deadline:
            self.check(None if deadline is None else deadline - time.monotonic())
        raise _Ended


def _bring_up(
    place: registry.Place, kinds: list[ServerKind], servers: list[Server], watch: _Watch
) -> None:
    sockets = place.folder / "s"
    sockets.mkdir()
    give(sockets, 0o700)
    keys = credentials.AWSKeys.random()
    network = credentials.network_label()
    authority = Authority.create(place.folder) if any(kind.secure for kind in kinds) else None
    servers += [
        Server(kind, place.folder / kind.name, sockets, network, keys) for kind in kinds
    ]

    def trusted(server: Server) -> Authority | None:
        return authority if server.kind.secure else None

    versions: dict[str, int] = {}
    attempts = dict.fromkeys((server.kind.name for server in servers), PORT_ATTEMPTS)
    with ThreadPoolExecutor(len(servers)) as pool:
        preparing = {pool.submit(server.prepare, trusted(server)): server for server in servers}
        finishing: dict[Future[int], Server] = {}
        try:
            while preparing or finishing:
                watch.check()
                to_start = [server for _, server in _completed(preparing)]
                for version, server in _completed(finishing, retry=(PortTaken,)):
                    name = server.kind.name
                    attempts[name] -= 1
                    if not isinstance(version, PortTaken):
                        versions[name] = version
                    elif attempts[name] > 0:
                        to_start.append(server)
                    else:
                        raise version
                for server in to_start:
                    # On this thread: the kernel ends a server with the thread that started it.
                    server.start()
                    finishing[pool.submit(server.finish)] = server
                time.sleep(POLL_SECONDS)
        except BaseException:
            _stop([server.process for server in servers if server.process])
            raise
    environment.write(
        place.environment,
        {
            "id": place.id,
            "dir": str(place.folder),
            "ca": str(authority.certificate) if authority else None,
            "aws": keys.description(),
            "servers": {
                server.kind.name: server.description(versions[server.kind.name], trusted(server))
                for server in servers
            },
        },
    )


def _completed(
    futures: dict[Future[Any], Server], retry: tuple[type[Exception], ...] = ()
) -> list[tuple[Any, Server]]:
    """Takes what is done out of `futures`: results, or exceptions of the types in `retry`."""
    done = []
    for future in [future for future in futures if future.done()]:
        error = future.exception()
        result = error if isinstance(error, retry) else future.result()
        done.append((result, futures.pop(future)))
    return done


def _stop(processes: list[subprocess.Popen[bytes]]) -> None:
    """Shuts servers down at once; nobody needs their data any more."""
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGQUIT)
    for process in processes:
        try:
            process.wait(QUIT_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
