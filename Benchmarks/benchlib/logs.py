"""`explain --stdin` over logs of 100 MB, against the tools that people search logs with."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from .command import BenchmarkError, Command
from .pairs import Spread, ratios, rounds
from .promise import Promise

SIZE = 100_000_000

#: The same log every time: what is measured is the program, not the dice.
SEED = 20_261_121

EXPLANATION = f"""\
A log of {SIZE // 1_000_000} MB from stdin, each program held to one processor
  usual         what PostgreSQL and its clients log all day, one failed login in 2,000 lines
  dense         nothing but failures, a different one in each line
  grep          grep -c -F -f with one literal text of each known message
  wc            wc -l"""


def measure(program: Path, folder: Path, pairs: int) -> list[Promise]:
    """Writes both logs and reads them with all three in turns."""
    messages = known_messages(program)
    texts = folder / "texts"
    texts.write_text("".join(f"{text}\n" for text in sorted(set(literals(messages)))))
    usual, dense = folder / "usual.log", folder / "dense.log"
    write(usual, usual_lines(random.Random(SEED), messages))
    write(dense, dense_lines(random.Random(SEED), messages))
    explain: list[str | Path] = [program, "explain", "--stdin"]
    grep: list[str | Path] = ["grep", "-c", "-F", "-f", texts]
    ours, theirs, count, crowded = rounds(
        pairs,
        reading(explain, usual),
        reading(grep, usual),
        reading(["wc", "-l"], usual),
        reading(explain, dense),
    )
    peak = Spread([piped(explain, usual).run().peak_bytes / 1_000_000])
    print(
        f"  usual: explain {speed(ours).middle:.0f} MB/s, grep {speed(theirs).middle:.0f} MB/s, "
        f"wc {speed(count).middle:.0f} MB/s; dense: explain {speed(crowded).middle:.0f} MB/s"
    )
    return [
        Promise("explain of a usual log", speed(ours), "at least", 100, " MB/s"),
        Promise("explain of a usual log: time of grep -F -f", ratios(ours, theirs), "at most", 1),
        Promise("explain of nothing but failures", speed(crowded), "at least", 50, " MB/s"),
        Promise("explain of a usual log: memory", peak, "at most", 60, " MB"),
    ]


def speed(times: Spread) -> Spread:
    """Megabytes a second."""
    return Spread([SIZE / 1_000_000 / seconds for seconds in times.values])


def piped(words: Sequence[str | Path], log: Path) -> Command:
    """The command with the log as its stdin, on the first processor that this process may use.

    It writes to a file: grep stops at the first match when it sees that its output is thrown away.
    """
    processor = min(os.sched_getaffinity(0))
    line = 'exec taskset -c "$1" "${@:3}" < "$2" > "$2.output"'
    return Command(["bash", "-euc", line, "bash", str(processor), log, *words], {})


def reading(words: Sequence[str | Path], log: Path) -> Callable[[], float]:
    """Times one reading of the log."""
    return lambda: piped(words, log).seconds()


def known_messages(program: Path) -> list[str]:
    """A pattern of each message that some page knows by itself."""
    words = [str(program), "checks", "list", "--format", "json"]
    listing = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    messages = [
        message[0]
        for page in json.loads(listing)["diagnoses"]
        for message in page["messages"]
        if len(message) == 1
    ]
    if not messages:
        raise BenchmarkError("checks list knows no messages")
    return messages


#: `{word}` and `{word!value}` in a pattern.
HOLE = re.compile(r"\{[a-z]+(?:![^}]*)?\}")


def literals(messages: Sequence[str]) -> Iterator[str]:
    """The longest literal text of each."""
    for message in messages:
        yield max(HOLE.split(message), key=len)


def write(log: Path, lines: Iterator[str]) -> None:
    """Writes lines until the log has its size."""
    left = SIZE
    with log.open("wb") as file:
        while left > 0:
            block = "".join(line for line, _ in zip(lines, range(10_000), strict=False)).encode()
            file.write(block[:left])
            left -= len(block)


def prefix(dice: random.Random) -> str:
    """What RDS puts in front of each line: time, client, user, database, process."""
    client = f"10.0.{dice.randrange(256)}.{dice.randrange(256)}({dice.randrange(1024, 65536)})"
    second = f"{dice.randrange(24):02}:{dice.randrange(60):02}:{dice.randrange(60):02}"
    return f"2026-11-21 {second} UTC:{client}:app@orders:[{dice.randrange(1, 99999)}]:"


def usual_lines(dice: random.Random, messages: Sequence[str]) -> Iterator[str]:
    """A busy server's log: near misses all the time, and now and then a failed login."""
    kinds: list[Callable[[], str]] = [
        lambda: f"LOG:  connection received: host=10.0.1.{dice.randrange(256)} port=54321",
        lambda: (
            'LOG:  connection authenticated: identity="app" method=scram-sha-256 '
            "(/rdsdbdata/config/pg_hba.conf:13)"
        ),
        lambda: (
            "LOG:  connection authorized: user=app database=orders application_name=api "
            "SSL enabled (protocol=TLSv1.3, cipher=TLS_AES_256_GCM_SHA384, bits=256)"
        ),
        lambda: (
            "LOG:  disconnection: session time: 0:00:01.234 user=app database=orders "
            f"host=10.0.1.{dice.randrange(256)} port=54321"
        ),
        lambda: (
            f"LOG:  duration: {dice.random() * 100:.3f} ms  execute <unnamed>: SELECT id, name, "
            f"created_at FROM accounts WHERE id = {dice.randrange(1_000_000)} AND status = 'open'"
        ),
        lambda: "FATAL:  the database system is not accepting commands at this time of day",
        lambda: "FATAL:  terminating connection due to conflict with a replica's recovery",
        lambda: 'ERROR:  duplicate key value violates unique constraint "users_email_key"',
        lambda: 'ERROR:  role membership of "app" was examined; certificate verification skipped',
        lambda: "LOG:  could not receive data from client: broken pipe by the peer of connection",
        lambda: "LOG:  password change of the user app: authentication stays scram-sha-256",
        lambda: "LOG:  server process (PID 4242) was told to close the connection of the client",
    ]
    while True:
        if dice.randrange(2_000) == 0:
            yield f"{prefix(dice)}FATAL:  {filled(dice, dice.choice(messages))}\n"
        else:
            yield f"{prefix(dice)}{dice.choice(kinds)()}\n"


def dense_lines(dice: random.Random, messages: Sequence[str]) -> Iterator[str]:
    """Every line fails."""
    while True:
        yield f"{prefix(dice)}FATAL:  {filled(dice, dice.choice(messages))}\n"


def filled(dice: random.Random, message: str) -> str:
    """The message with something in its holes."""
    return HOLE.sub(lambda _: f"value{dice.randrange(1000)}", message)
