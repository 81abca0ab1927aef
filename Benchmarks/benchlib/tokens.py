"""`token rds` as a whole process: against nothing at all, and against the AWS command line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from .command import Command
from .pairs import ratios, rounds
from .promise import Promise
from .server import Server

#: A process takes a few milliseconds, and noise is of the same size: many make one measurement.
REPETITIONS = 40

LINK_ONLY = Path(__file__).resolve().parents[1] / "link_only.c"

LIBRARIES = ["-Wl,--no-as-needed", "-lpq", "-lssl", "-lcrypto", "-lcares", "-lstdc++", "-lm"]

EXPLANATION = f"""\
A token, as a whole process, the fastest of {REPETITIONS} in a row
  token rds     signs one with the sandbox's key
  link_only     a C program that links libpq, OpenSSL, c-ares and libstdc++, and exits
  aws           aws rds generate-db-auth-token, one a round"""


def measure(server: Server, program: Path, folder: Path, pairs: int) -> list[Promise]:
    """Compiles the C program and measures all three in turns."""
    floor = folder / "link_only"
    compiler = ["cc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", str(floor), str(LINK_ONLY)]
    subprocess.run([*compiler, *LIBRARIES], check=True)
    about = server.about
    variables = {
        "AWS_ACCESS_KEY_ID": server.aws["accessKeyId"],
        "AWS_SECRET_ACCESS_KEY": server.aws["secretAccessKey"],
        "AWS_REGION": server.aws["region"],
        "AWS_DEFAULT_REGION": server.aws["region"],
    }
    host, port = ["--hostname", about["host"]], ["--port", str(about["port"])]
    token = [program, "token", "rds", "--host", about["host"], *port, "--username", "iamuser"]
    aws = [Path(sys.executable).parent / "aws", "rds", "generate-db-auth-token", *host, *port]
    aws += ["--username", "iamuser"]
    ours, nothing, theirs = rounds(
        pairs,
        lambda: Command(token, variables).seconds(REPETITIONS),
        lambda: Command([floor], {}).seconds(REPETITIONS),
        lambda: Command(aws, variables).seconds(),
    )
    print(
        f"  token rds {ours.middle * 1000:.1f} ms, link_only {nothing.middle * 1000:.1f} ms, "
        f"aws {theirs.middle * 1000:.0f} ms"
    )
    return [
        Promise(
            "token rds: time of a program that only exits", ratios(ours, nothing), "at most", 2
        ),
        Promise("token rds: faster than aws", ratios(theirs, ours), "at least", 30),
    ]
