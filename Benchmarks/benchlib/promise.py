"""A promise, what was measured of it, and the table of all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .pairs import Spread


@dataclass(frozen=True)
class Promise:
    """A bound on the median of what was measured."""

    claim: str
    measured: Spread
    rule: Literal["at most", "at least"]
    bound: float
    unit: str = "×"

    @property
    def holds(self) -> bool:
        if self.rule == "at most":
            return self.measured.middle <= self.bound
        return self.measured.middle >= self.bound

    def number(self, value: float) -> str:
        digits = 0 if value >= 20 else 2
        return f"{value:.{digits}f}{self.unit}"

    @property
    def row(self) -> list[str]:
        spread = self.measured
        return [
            self.claim,
            self.number(spread.middle),
            f"{self.number(spread.low)} … {self.number(spread.high)}",
            f"{self.rule} {self.bound:g}{self.unit}",
            "ok" if self.holds else "NOT MET",
        ]


def table(promises: Sequence[Promise]) -> str:
    """One line a promise, in columns."""
    rows = [["", "median", "min … max", "promised", ""], *[promise.row for promise in promises]]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [text.ljust(width) for text, width in zip(row, widths, strict=True)]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
