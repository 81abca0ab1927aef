"""The list of faults and of healthy set-ups, to which the files in `faults` add theirs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .scene import Scene

if TYPE_CHECKING:
    from .laboratory import Laboratory

Arrange = Callable[["Laboratory"], Scene]


@dataclass(frozen=True)
class Case:
    """A fault with the diagnosis that it deserves, or a healthy set-up, whose `slug` is None.

    `psql` is a regular expression for what psql says to the same, where it says anything: the proof
    that the fault is real. A healthy set-up has to let psql in.
    """

    name: str
    slug: str | None
    section: str
    arrange: Arrange
    psql: str | None = None


CASES: dict[str, Case] = {}


def _add(case: Case) -> None:
    if case.name in CASES:
        raise ValueError(f"two cases have the name {case.name!r}")
    CASES[case.name] = case


def fault(name: str, slug: str, psql: str | None = None) -> Callable[[Arrange], Arrange]:
    """Adds a fault; `name` is a sentence that says what is wrong."""

    def add(arrange: Arrange) -> Arrange:
        section = arrange.__module__.rpartition(".")[2]
        _add(Case(name, slug, section, arrange, psql))
        return arrange

    return add


def healthy(name: str) -> Callable[[Arrange], Arrange]:
    """Adds a set-up that doctor has nothing to say about."""

    def add(arrange: Arrange) -> Arrange:
        _add(Case(name, None, arrange.__module__.rpartition(".")[2], arrange, r"\A\Z"))
        return arrange

    return add
