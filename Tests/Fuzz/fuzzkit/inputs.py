"""Every input of the program: what it looks like when it is right, and who reads it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from . import seeds, servers
from .moved import Database
from .mutation import Mutator
from .trial import SECRETS, Call

#: Nobody is asked: no packet leaves.
OFFLINE = ["doctor", "--offline"]
TOKEN = ["token", "rds", "-U", "app"]
AWS_SECRET = rb"^aws_(?:secret_access_key|session_token) ?= ?"
ENDPOINT = "db.abc123.eu-west-1.rds.amazonaws.com"


@dataclass(frozen=True)
class Input:
    """One input: `prepare` puts the bytes where they are read, and says how to call."""

    name: str
    seeds: list[bytes]
    prepare: Callable[[bytes, Path], Call]
    #: Runs at once for each processor: more where most of a run is waiting for a silent peer.
    crowd: int = 1
    #: What stands before a secret. A change may move one to where a public value is meant, as in
    #: `user=hunter2password`; then nobody could know that it is one, and it is not looked for.
    before_secret: bytes = b""
    #: Makes what no bytes alone can say.
    mutate: Callable[[int], bytes] | None = None
    #: What is looked at after all runs: nothing is good.
    finish: Callable[[], str | None] = lambda: None

    def secrets(self, data: bytes) -> list[bytes]:
        """The secrets that are none but secrets in this input."""
        return [
            secret
            for secret in SECRETS
            if data.count(secret)
            == len(re.findall(b"(?m)(?:" + self.before_secret + b")" + secret, data))
        ]

    def mutated(self, number: int) -> bytes:
        return self.mutate(number) if self.mutate else Mutator(number, self.seeds).bytes()


def _file(name: str, call: Callable[[Path], Call]) -> Callable[[bytes, Path], Call]:
    def prepare(data: bytes, folder: Path) -> Call:
        path = folder / name
        path.write_bytes(data)
        path.chmod(0o600)
        return call(path)

    return prepare


def _conninfo(data: bytes, folder: Path) -> Call:
    # An argument cannot hold a zero byte.
    text = data.replace(b"\0", b"").decode(errors="surrogateescape")
    return Call([*OFFLINE, f"--dbname={text}"])


def _first_messages(data: bytes, folder: Path) -> Call:
    server = servers.listen(servers.postgres(data))
    return Call(
        ["doctor", "-h", "127.0.0.1", "-p", str(server.port), "-U", "app", "-d", "app"]
        + ["--timeout", "2s", "--only", "route"],
        server=server,
    )


def _names(data: bytes, folder: Path) -> Call:
    """The same answer to every question, but for the question's own number."""

    def answer(question: bytes) -> bytes:
        return question[:2] + data[2:]

    server = servers.name_server(answer)
    return Call(
        [*TOKEN, "-h", "alias.example.com", "--region", "eu-west-1"]
        + ["--dns-server", f"127.0.0.1:{server.port}"],
        server=server,
    )


def _dns_seeds() -> list[bytes]:
    question = b"\0\1\1\0\0\1\0\0\0\0\0\0" + servers.dns_name("alias.example.com") + b"\0\1\0\1"
    return [servers.dns_answer(question)]


def inputs(folder: Path, program: Path) -> list[Input]:
    """All of them, in the order in which they are run; `folder` is for what they share."""
    database = Database(program, folder)
    certificate = servers.Certificate(folder)
    trusted = servers.listen(certificate.server(None))

    def bundle(path: Path) -> Call:
        return Call(
            ["doctor", "-h", "db.example.com", "--hostaddr", "127.0.0.1", "-p", str(trusted.port)]
            + ["-U", "app", "-d", "app", "--sslmode", "verify-full", "--sslrootcert", str(path)]
            + ["--only", "tls", "--timeout", "5s"]
        )

    def flight(data: bytes, own: Path) -> Call:
        server = servers.listen(certificate.server(int.from_bytes(data[:8], "big")))
        return Call(
            ["doctor", "-h", "db.example.com", "--hostaddr", "127.0.0.1", "-p", str(server.port)]
            + ["-U", "app", "-d", "app", "--sslmode", "verify-full"]
            + ["--sslrootcert", str(certificate.file), "--only", "tls", "--timeout", "2s"],
            server=server,
        )

    def aws(variable: str) -> Callable[[Path], Call]:
        return lambda path: Call(
            [*TOKEN, "-h", ENDPOINT, "--profile", "some"], {variable: str(path)}
        )

    return [
        Input(
            "target-file",
            seeds.TARGETS,
            _file(
                "dbauth.yaml", lambda path: Call([*OFFLINE, "--target", "orders", "--config", path])
            ),
        ),
        Input(
            "service-file",
            seeds.SERVICES,
            _file(
                "services",
                lambda path: Call([*OFFLINE, "-d", "service=orders"], {"PGSERVICEFILE": str(path)}),
            ),
            before_secret=rb"^password=",
        ),
        Input(
            "password-file",
            seeds.PASSWORDS,
            _file(
                "pgpass",
                lambda path: Call(
                    [*OFFLINE, "-h", ENDPOINT, "-U", "app", "-d", "shop", "--password-from-env"],
                    {"PGPASSFILE": str(path)},
                ),
            ),
        ),
        Input(
            "conninfo",
            seeds.CONNINFO,
            _conninfo,
            before_secret=rb"\Apostgresql://app:|password='",
        ),
        Input(
            "aws-config",
            seeds.AWS_CONFIG,
            _file("config", aws("AWS_CONFIG_FILE")),
            before_secret=AWS_SECRET,
        ),
        Input(
            "aws-credentials",
            seeds.AWS_CREDENTIALS,
            _file("credentials", aws("AWS_SHARED_CREDENTIALS_FILE")),
            before_secret=AWS_SECRET,
        ),
        Input(
            "token",
            seeds.TOKENS,
            lambda data, folder: Call(["token", "inspect"], input=data),
            before_secret=rb"oken=",
        ),
        Input(
            "log",
            seeds.LOGS,
            lambda data, folder: Call(["explain", "--stdin"], input=data),
            before_secret=rb"oken=|PASSWORD=|PASSWORD '|://app:",
        ),
        Input("first-messages", servers.FIRST_MESSAGES, _first_messages, crowd=16),
        Input("certificate-bundle", [certificate.file.read_bytes()], _file("bundle.pem", bundle)),
        Input(
            "handshake",
            [number.to_bytes(4, "big") for number in range(0, 1 << 20, 97)],
            flight,
            crowd=16,
        ),
        Input("dns-answer", _dns_seeds(), _names, crowd=32),
        Input("journal", [], database.prepare, mutate=database.mutated, finish=database.finish),
    ]
