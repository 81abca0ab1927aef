"""The program under test on a terminal, as somebody sits before it."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import termios
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from labkit.trial import binary


def _control() -> None:
    """Makes standard input the terminal whose keys send signals, and has none of them ignored."""
    os.close(os.open(os.ttyname(0), os.O_RDWR))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


class Terminal:
    """One run; what it prints is read until something appears."""

    def __init__(self, *arguments: str, environment: Mapping[str, str], folder: Path) -> None:
        self._side, other = pty.openpty()
        given = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "LC_ALL": "C.UTF-8", "TERM": "xterm"}
        self.process = subprocess.Popen(
            [binary(), *arguments],
            stdin=other,
            stdout=other,
            stderr=other,
            env=given | dict(environment),
            cwd=folder,
            start_new_session=True,
            preexec_fn=_control,
        )
        # Open until the end, so that its settings can be read after the program has ended.
        self._other: int | None = other
        self.output = ""

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._side)
        if self._other is not None:
            os.close(self._other)

    def read_until(self, text: str, patience: float = 20.0) -> None:
        """Reads on until what was printed since the last answer has this text."""
        seen = len(self.output)
        end = time.monotonic() + patience
        while text not in self.output[seen:]:
            assert time.monotonic() < end, f"no {text!r} in:\n{self.output}"
            if not self._read(0.2):
                raise AssertionError(f"ended without {text!r}:\n{self.output}")

    def type(self, keys: bytes) -> None:
        """Types what is no whole line."""
        os.write(self._side, keys)

    def shows_what_is_typed(self) -> bool:
        """Whether the terminal echoes."""
        return bool(termios.tcgetattr(self._side)[3] & termios.ECHO)

    def answer(self, line: str) -> None:
        """Types a line."""
        os.write(self._side, f"{line}\n".encode())

    def end(self) -> int:
        """Reads to the end and returns the exit status."""
        if self._other is not None:
            os.close(self._other)
            self._other = None
        while self._read(0.2):
            pass
        return self.process.wait()

    def _read(self, patience: float) -> bool:
        ready, _, _ = select.select([self._side], [], [], patience)
        if not ready:
            return True
        try:
            got = os.read(self._side, 1 << 16)
        except OSError:  # EIO: nobody has the other side open any more.
            return False
        self.output += got.decode(errors="replace").replace("\r\n", "\n")
        return bool(got)
