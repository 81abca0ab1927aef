"""Two ways of doing the same, measured in turns, so that what else the machine does hits both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Spread:
    """Minimum, median and maximum of repeated measurements."""

    values: Sequence[float]

    @property
    def low(self) -> float:
        return min(self.values)

    @property
    def middle(self) -> float:
        return median(self.values)

    @property
    def high(self) -> float:
        return max(self.values)


def rounds(count: int, *ways: Callable[[], float]) -> list[Spread]:
    """Measures A B C A B C …, after one round that does not count; one spread of times per way."""
    times: list[list[float]] = [[] for _ in ways]
    for number in range(count + 1):
        for measured, way in zip(times, ways, strict=True):
            seconds = way()
            if number > 0:
                measured.append(seconds)
    return [Spread(measured) for measured in times]


def ratios(ours: Spread, theirs: Spread) -> Spread:
    """Ours divided by theirs, round by round."""
    return Spread([a / b for a, b in zip(ours.values, theirs.values, strict=True)])
