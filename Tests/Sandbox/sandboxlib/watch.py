"""What can end a sandbox."""

from __future__ import annotations

import os
import select
import time

#: What the starter writes into the lifeline when the sandbox shall outlive it.
DETACH = b"D"


class Ended(Exception):
    """There is a reason to take the sandbox away."""


class Watch:
    """Looks at a signal pipe, the lifeline to the starter, a companion process, and the clock."""

    def __init__(self, lifeline: int, wakeup: int, companion: int | None) -> None:
        self.lifeline = lifeline
        self.poll = select.poll()
        for descriptor in (lifeline, wakeup, companion):
            if descriptor is not None:
                self.poll.register(descriptor, select.POLLIN)

    def check(self, seconds: float | None = 0) -> None:
        """Waits that long for something to happen; raises Ended when it ends the sandbox."""
        for descriptor, _ in self.poll.poll(None if seconds is None else max(0.0, seconds) * 1000):
            if descriptor == self.lifeline and os.read(descriptor, 1) == DETACH:
                self.poll.unregister(descriptor)
            else:
                raise Ended

    def wait(self, seconds: float | None) -> None:
        """Returns only by raising Ended, at the latest after `seconds`."""
        deadline = None if seconds is None else time.monotonic() + seconds
        while deadline is None or time.monotonic() < deadline:
            self.check(None if deadline is None else deadline - time.monotonic())
        raise Ended
