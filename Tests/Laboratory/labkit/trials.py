"""Many cases side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from .catalogue import Case
from .laboratory import Laboratory
from .scene import Scene
from .trial import Outcome, doctor, psql

Result = TypeVar("Result")

#: Cases under way at a time: most of them wait for something rather than compute.
WORKERS = 10


class Trials:
    """Runs doctor and psql at scenes; ends what has not begun when it is closed."""

    def __init__(self, laboratory: Laboratory) -> None:
        self.laboratory = laboratory
        self.pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="trial")

    def doctors(self, cases: Iterable[Case]) -> dict[str, Future[Outcome]]:
        """What doctor says about cases, by their names."""
        return {case.name: self._submit(case, doctor) for case in cases}

    def psqls(self, cases: Iterable[Case]) -> dict[str, Future[str]]:
        """What psql says about cases, by their names."""
        return {case.name: self._submit(case, psql) for case in cases}

    def _submit(self, case: Case, look: Callable[[Laboratory, Scene], Result]) -> Future[Result]:
        return self.pool.submit(lambda: look(self.laboratory, case.arrange(self.laboratory)))

    def close(self) -> None:
        """Waits for what is under way."""
        self.pool.shutdown(cancel_futures=True)


def is_right(case: Case, outcome: Outcome) -> bool:
    """Whether doctor has named the fault first, or has found nothing where nothing is wrong."""
    if case.slug is None:
        return outcome.verdict == "pass" and not outcome.ranking and outcome.status == 0
    return outcome.diagnosis == case.slug
