"""The table of accuracy."""

from __future__ import annotations

import sys
import time

from .catalogue import CASES, Case
from .laboratory import Impossible, open_laboratory
from .trials import Trials, is_right

WIDTHS = (74, 29, 29, 29)


def _row(mark: str, *cells: str) -> str:
    return mark + " " + " ".join(f"{cell:<{w}}" for cell, w in zip(cells, WIDTHS, strict=True))


def _chosen(words: list[str]) -> list[Case]:
    return [
        case
        for case in CASES.values()
        if not words
        or any(
            word in case.name or word in (case.slug or "healthy", case.section) for word in words
        )
    ]


def main(arguments: list[str]) -> int:
    """Prints the table, of the cases that the words choose; 1 when doctor is wrong anywhere."""
    listing = "--list" in arguments
    chosen = _chosen([word for word in arguments if word != "--list"])
    if not chosen:
        print("laboratory: no case has any of these words in it; see --list", file=sys.stderr)
        return 64
    if listing:
        for case in chosen:
            print(f"{case.section:<12} {case.slug or 'healthy':<29} {case.name}")
        return 0
    begin = time.monotonic()
    laboratory, close = open_laboratory()
    trials = Trials(laboratory)
    wrong, skipped = [], 0
    print(_row(" ", "fault", "expected", "first", "second"))
    try:
        outcomes = trials.doctors(chosen)
        for case in chosen:
            try:
                outcome = outcomes[case.name].result()
            except Impossible as reason:
                skipped += 1
                print(_row("-", case.name, case.slug or "", str(reason), ""))
                continue
            first, second = [*outcome.ranking, "", ""][:2]
            if not is_right(case, outcome):
                wrong.append((case, outcome))
            mark = " " if is_right(case, outcome) else "✗"
            expected = case.slug or "healthy"
            print(_row(mark, case.name, expected, first or outcome.verdict, second), flush=True)
    finally:
        trials.close()
        close()
    faults = [case for case in chosen if case.slug]
    missed = sum(1 for case, _ in wrong if case.slug)
    false = len(wrong) - missed
    healthy = len(chosen) - len(faults)
    print(
        f"\n{len(faults)} faults with {len({case.slug for case in faults})} diagnoses: "
        f"{len(faults) - missed - skipped} named first, {missed} not, {skipped} not possible here. "
        f"{healthy} healthy set-ups: {false} with false findings. {time.monotonic() - begin:.0f} s"
    )
    for case, outcome in wrong:
        print(f"\n✗ {case.name}: expected {case.slug or 'nothing'}\n{outcome.story()}")
    return 1 if wrong else 0
