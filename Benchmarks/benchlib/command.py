"""A program run as a whole process, timed from before it is started until it has ended."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


class BenchmarkError(Exception):
    """Something that was to be measured did not work; the message says what and why."""


@dataclass(frozen=True)
class Finished:
    """How a process ended."""

    seconds: float
    #: The most memory it had at any time (VmHWM). An upper bound: the kernel counts what the
    #: process was before exec as well, which is this Python.
    peak_bytes: int
    status: int
    error: str


@dataclass(frozen=True)
class Command:
    """A command line with the variables it gets besides PATH and HOME."""

    words: Sequence[str | Path]
    variables: Mapping[str, str]

    def try_run(self) -> Finished:
        """Runs it with its output thrown away; its standard error is kept."""
        words = [str(word) for word in self.words]
        environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        environment |= {"LC_ALL": "C.UTF-8", **self.variables}
        null = os.open(os.devnull, os.O_RDWR)
        with tempfile.TemporaryFile() as said:
            actions = [
                (os.POSIX_SPAWN_DUP2, null, 0),
                (os.POSIX_SPAWN_DUP2, null, 1),
                (os.POSIX_SPAWN_DUP2, said.fileno(), 2),
            ]
            try:
                # Spawned without a copy of this process's memory map: what is timed is the program.
                start = time.perf_counter()
                pid = os.posix_spawnp(words[0], words, environment, file_actions=actions)
                _, status, usage = os.wait4(pid, 0)
                seconds = time.perf_counter() - start
            finally:
                os.close(null)
            said.seek(0)
            error = said.read().decode(errors="replace").strip()
        code = os.waitstatus_to_exitcode(status)
        return Finished(seconds, usage.ru_maxrss * 1024, code, error)

    def run(self) -> Finished:
        """The same; BenchmarkError unless it succeeds."""
        finished = self.try_run()
        if finished.status != 0:
            line = " ".join(str(word) for word in self.words)
            raise BenchmarkError(f"{line[:200]}\nended with {finished.status}:\n{finished.error}")
        return finished

    def seconds(self, times: int = 1) -> float:
        """The fastest of several runs in a row: what else the machine does can only add to it."""
        return min(self.run().seconds for _ in range(times))
