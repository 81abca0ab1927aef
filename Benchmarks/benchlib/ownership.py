"""Ownership of 2,000 tables and 400 other objects: setup, a shell loop, and REASSIGN OWNED."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

from .command import BenchmarkError, Command
from .pairs import Spread, ratios, rounds
from .promise import Promise
from .server import PSQL, Server
from .tables import NEW, OLD, OTHERS, REMAINING, build, turn_back

TABLES = 2_000

#: Tables that the shell loop is timed with; the time of the others follows from theirs.
SAMPLE = 40

#: The faster of so many runs counts: what else the machine does can only add to it.
REPETITIONS = 2

#: How people hand over tables by hand: one psql for each.
LOOP = f'for t in "$@"; do {PSQL} -c "alter table \\"$t\\" owner to {NEW}"; done'

EXPLANATION = f"""\
Ownership: {TABLES:,} tables (identity key, text), {OTHERS} views, sequences, functions and enums
  setup apply   creates the IAM user, plans, journals, moves everything, checks, grants rds_iam
  shell loop    one psql a table, timed with {SAMPLE} tables and multiplied for all objects
  REASSIGN      psql -c 'REASSIGN OWNED BY {OLD} TO {NEW}'
The role exists before loop and REASSIGN, and they do nothing but change owners. Of apply and of
REASSIGN, the faster of {REPETITIONS} runs counts in each round.
All as a superuser over TLS, on the same database, turned back and vacuumed in between; psql is
what PATH finds, {shutil.which(PSQL)}."""


def apply(server: Server, program: Path, journal: Path) -> Command:
    """`setup apply` of everything, as people run it."""
    words: list[str | Path] = [program, "setup", "apply", "--yes", "--mode", "direct"]
    return Command([*words, "--iam-user", NEW, "--journal", journal], server.variables)


def measure(server: Server, program: Path, folder: Path, pairs: int) -> list[Promise]:
    """Builds the database and measures the three ways in turns."""
    build(server, TABLES, others=True).run()
    journal = folder / "ownership.journal"

    def way(command: Callable[[], Command], *, whole: bool = True) -> Callable[[], float]:
        def once() -> float:
            seconds = command().seconds()
            if whole and (left := server.ask(REMAINING)) != "0":
                raise BenchmarkError(f"{left} objects still belong to {OLD}")
            turn_back(server)
            journal.unlink(missing_ok=True)
            return seconds

        return lambda: min(once() for _ in range(REPETITIONS if whole else 1))

    def with_role(command: Command) -> Command:
        server.psql(f"CREATE ROLE {NEW} LOGIN").run()
        return command

    def loop() -> Command:
        tables = [f"t{number}" for number in random.sample(range(1, TABLES + 1), SAMPLE)]
        return with_role(Command(["sh", "-euc", LOOP, "sh", *tables], server.variables))

    reassign = server.psql(f"REASSIGN OWNED BY {OLD} TO {NEW}")
    sample, ours, theirs = rounds(
        pairs,
        way(loop, whole=False),
        way(lambda: apply(server, program, journal)),
        way(lambda: with_role(reassign)),
    )
    all_objects = Spread([seconds / SAMPLE * (TABLES + OTHERS) for seconds in sample.values])
    print(
        f"  setup apply {ours.middle:.2f} s, shell loop {all_objects.middle:.0f} s by its sample, "
        f"REASSIGN OWNED {theirs.middle:.2f} s"
    )
    return [
        Promise("setup apply: faster than a shell loop", ratios(all_objects, ours), "at least", 80),
        Promise("setup apply: time of REASSIGN OWNED", ratios(ours, theirs), "at most", 1.3),
    ]
