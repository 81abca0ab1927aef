"""Measures what this project promises about its speed, against the ways that people use today.

Every promise is a ratio of two whole processes that are run in turns, or a bound on memory; times
alone promise nothing, because machines differ. Exit status: 0 when every promise is met, 1 when one
is not or could not be measured, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from benchlib import large, logs, ownership, tokens
from benchlib.command import BenchmarkError
from benchlib.promise import Promise, table
from benchlib.server import Server

#: Rounds that count, after one that does not: more where the promise is close.
TOKEN_ROUNDS = 7
OWNERSHIP_ROUNDS = 9
DUMP_ROUNDS = 5
LOG_ROUNDS = 5
QUICK_ROUNDS = 3


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("program", type=Path, help="the release build of dbauth-admin")
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    options = parser.parse_args()
    program = options.program.resolve()
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    begin = time.monotonic()
    try:
        promises = measure(program, quick=options.quick)
    except BenchmarkError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    load = ", ".join(f"{average:.1f}" for average in os.getloadavg())
    print(f"\n{table(promises)}\n")
    print(f"{time.monotonic() - begin:.0f} s on {os.cpu_count()} processors; load averages {load}")
    return 0 if all(promise.holds for promise in promises) else 1


def measure(program: Path, *, quick: bool) -> list[Promise]:
    """Everything, one after the other; nothing else of ours runs meanwhile."""

    def rounds(number: int) -> int:
        return QUICK_ROUNDS if quick else number

    with tempfile.TemporaryDirectory(prefix="dbauth-bench-") as name:
        folder = Path(name)
        server = Server.start()
        print(tokens.EXPLANATION)
        promises = tokens.measure(server, program, folder, rounds(TOKEN_ROUNDS))
        print(f"\n{ownership.EXPLANATION}")
        promises = [
            *ownership.measure(server, program, folder, rounds(OWNERSHIP_ROUNDS)),
            *promises,
        ]
        print(f"\n{large.EXPLANATION}")
        usual, roomy = large.start()
        plan = large.measure_plan(roomy, program, rounds(DUMP_ROUNDS))
        memory = large.measure_memory(usual, program, folder)
        print(f"\n{logs.EXPLANATION}")
        reading = logs.measure(program, folder, rounds(LOG_ROUNDS))
        return [*promises[:2], plan, memory, *promises[2:], *reading]


if __name__ == "__main__":
    sys.exit(main())
