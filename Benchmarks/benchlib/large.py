"""A database of 20,000 tables: how long a plan takes, and how much memory an apply."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .command import BenchmarkError, Command
from .ownership import apply
from .pairs import Spread, ratios, rounds
from .promise import Promise
from .server import Server
from .tables import NEW, OLD, REMAINING, build

TABLES = 20_000

#: With this, pg_dump can lock every table of the database at once.
MANY_LOCKS = "512"

EXPLANATION = f"""\
{TABLES:,} tables (identity key, text with TOAST)
  setup plan    and pg_dump --schema-only, both to /dev/null. Here max_locks_per_transaction is
                {MANY_LOCKS}: with PostgreSQL's own 64, pg_dump fails, and so does REASSIGN OWNED
  setup apply   its memory where max_locks_per_transaction is 64"""


def start() -> tuple[Server, Server]:
    """A server with PostgreSQL's own settings and one with room for many locks, both filled."""
    usual = Server.start()
    roomy = Server.start(max_locks_per_transaction=MANY_LOCKS)
    with ThreadPoolExecutor() as pool:
        for done in [pool.submit(build(server, TABLES).run) for server in (usual, roomy)]:
            done.result()
    return usual, roomy


def measure_plan(server: Server, program: Path, pairs: int) -> Promise:
    """A plan of everything against a dump of the same."""
    plan: list[str | Path] = [program, "setup", "plan", "--mode", "direct", "--iam-user", NEW]
    dump: list[str | Path] = [server.program("pg_dump"), "--schema-only"]
    ours, theirs = rounds(
        pairs,
        Command(plan, server.variables).seconds,
        Command(dump, server.variables).seconds,
    )
    print(f"  setup plan {ours.middle:.2f} s, pg_dump --schema-only {theirs.middle:.2f} s")
    return Promise(
        f"setup plan of {TABLES:,} tables: time of pg_dump", ratios(ours, theirs), "at most", 0.3
    )


def measure_memory(server: Server, program: Path, folder: Path) -> Promise:
    """An apply where others give up; once, because what it does is the same every time."""
    server.psql(f"CREATE ROLE {NEW} LOGIN").run()
    for name, command in {
        "pg_dump": Command([server.program("pg_dump"), "--schema-only"], server.variables),
        "REASSIGN OWNED": server.psql(f"REASSIGN OWNED BY {OLD} TO {NEW}"),
    }.items():
        ended = command.try_run()
        said = next((line for line in ended.error.splitlines() if "out of" in line), "it worked")
        print(f"  {name}: {said}")
    server.psql(f"DROP ROLE {NEW}").run()
    finished = apply(server, program, folder / "large.journal").run()
    if (left := server.ask(REMAINING)) != "0":
        raise BenchmarkError(f"{left} objects still belong to {OLD}")
    print(f"  setup apply: done in {finished.seconds:.1f} s")
    peak = Spread([finished.peak_bytes / 1_000_000])
    return Promise(f"setup apply of {TABLES:,} tables: memory", peak, "at most", 150, " MB")
