"""Two threads that live as long as the laboratory: an event loop, and a starter of processes."""

from __future__ import annotations

import asyncio
import subprocess
import threading
from collections.abc import Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from sandboxlib.account import as_account, clean_environment

Result = TypeVar("Result")


class Background:
    """Runs coroutines of any thread on one loop, and starts processes that end with this one.

    The kernel ends a process with the *thread* that started it, so one thread starts them all.
    """

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, name="loop", daemon=True).start()
        self.starter = ThreadPoolExecutor(1, thread_name_prefix="starter")
        self.processes: list[subprocess.Popen[bytes]] = []

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Runs a coroutine on the loop and waits for what it returns."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    def start(
        self, command: Sequence[str | Path], log: Path, environment: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Starts a server under the account of the servers; its output goes to `log`."""

        def work() -> subprocess.Popen[bytes]:
            with log.open("ab") as output:
                process = subprocess.Popen(
                    as_account(command, dies_with_parent=True, death="KILL"),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    env={**clean_environment(), **(environment or {})},
                    cwd="/",
                )
            self.processes.append(process)
            return process

        return self.starter.submit(work).result()

    def close(self) -> None:
        """Ends every process that was started here."""
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
        for process in self.processes:
            try:
                process.wait(3)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.starter.shutdown()
        self.loop.call_soon_threadsafe(self.loop.stop)
