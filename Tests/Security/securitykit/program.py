"""One run of the program under test, with how long it took and how much memory it needed."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from labkit.trial import binary

#: Seconds after which a run is ended by force: more than any --timeout of these tests.
PATIENCE = 20.0


@dataclass(frozen=True)
class Run:
    """What a run left behind; `status` is negative when a signal ended it, None by force."""

    command: list[str]
    status: int | None
    stdout: bytes
    stderr: bytes
    seconds: float
    #: The most memory it had at any moment.
    peak_bytes: int

    @property
    def output(self) -> str:
        """Everything that it printed."""
        return (self.stdout + self.stderr).decode(errors="replace")

    @property
    def story(self) -> str:
        """What a failed assertion should show."""
        ended = "by force" if self.status is None else f"with {self.status}"
        head = f"{' '.join(self.command[1:])}\nended {ended} after {self.seconds:.1f} s"
        return f"{head}, {self.peak_bytes >> 20} MB\n{self.output[-4000:]}"


def run(
    *arguments: str,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    input: bytes = b"",
    patience: float = PATIENCE,
) -> Run:
    """Runs `dbauth-admin` with these arguments; of this process's environment it gets nothing."""
    command = [binary(), *arguments]
    with tempfile.TemporaryDirectory(prefix="dbauth-security-") as home:
        given = {"PATH": "/usr/bin:/bin", "HOME": home, "LC_ALL": "C.UTF-8"}
        given |= {"AWS_EC2_METADATA_DISABLED": "true", **(environment or {})}
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            begin = time.monotonic()
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=err,
                env=given,
                cwd=folder or home,
            )
            force = threading.Timer(patience, process.kill)
            force.start()
            try:
                assert process.stdin is not None
                try:
                    process.stdin.write(input)
                    process.stdin.close()
                except BrokenPipeError:
                    pass
                _, raw, usage = os.wait4(process.pid, 0)
            finally:
                expired = not force.is_alive()
                force.cancel()
            seconds = time.monotonic() - begin
            process.returncode = os.waitstatus_to_exitcode(raw)
            out.seek(0)
            err.seek(0)
            status = None if expired else process.returncode
            return Run(command, status, out.read(), err.read(), seconds, usage.ru_maxrss * 1024)
