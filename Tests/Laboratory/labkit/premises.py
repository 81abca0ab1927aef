"""The ground that the laboratory stands on: a folder, keys, authorities, names and files."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path
from typing import Any, cast

from sandboxlib.account import give
from sandboxlib.credentials import REGION, AccessKey, AWSKeys
from sandboxlib.native import compiled

from . import certificates, names
from .background import Background
from .certificates import Authority
from .ports import free_port

HERE = Path(__file__).resolve().parent.parent

#: Names that lead to loopback without anybody saying so: RDS's own.
ZONE = [
    "address=/rds.amazonaws.com/127.0.0.1",
    "address=/rds.cn-north-1.amazonaws.com.cn/127.0.0.1",
    f"address=/{REGION}.rds.amazonaws.com/127.0.0.1",
]

#: The curve that PostgreSQL up to 17 accepts comes first, so that the server need not ask again.
OPENSSL_CONF = """openssl_conf = start
[start]
ssl_conf = tls
[tls]
system_default = defaults
[defaults]
Groups = P-256:X25519
"""


class Premises:
    """The folder of a sandbox, its keys, and what is written and started in it."""

    def __init__(self, sandbox: dict[str, Any]) -> None:
        self.background = Background()
        self.folder = Path(sandbox["dir"]) / "lab"
        self.folder.mkdir()
        self.folder.chmod(0o755)
        self.sandbox = sandbox
        aws = sandbox["aws"]
        temporary = aws["temporary"]
        self.keys = AWSKeys(
            AccessKey(aws["accessKeyId"], aws["secretAccessKey"]),
            AccessKey(
                temporary["accessKeyId"], temporary["secretAccessKey"], temporary["sessionToken"]
            ),
        )
        self.region = REGION
        self.rds = Authority.root(certificates.RDS_ROOT)
        self.issuer = self.rds.subordinate(certificates.RDS_SUBORDINATE)
        self.public = Authority.root(certificates.PUBLIC_ROOT, "Amazon")
        self._counter = itertools.count(1)
        # Of the real one's size: reading it takes as long as it does for a user.
        roots = certificates.bundle(self.rds, *certificates.other_roots())
        self.bundle = self.file("global-bundle.pem", roots)
        self.openssl_conf = self.file("openssl.cnf", OPENSSL_CONF)
        self.network_label = sandbox["servers"]["pg15-rds"]["host"].split(".")[1]
        self.dns = self.names(*ZONE)

    def work(self, name: str) -> Path:
        """A path in the laboratory that nobody else uses."""
        return self.folder / f"{next(self._counter)}-{name}"

    def file(self, name: str, text: str) -> Path:
        """A new file."""
        path = self.work(name)
        path.write_text(text)
        return path

    def names(self, *zone: str) -> str:
        """A DNS server with these lines of dnsmasq.conf; returns ADDRESS:PORT."""
        return names.start(self.background, self.work("dns"), list(zone))

    def aliases(self, table: dict[str, str]) -> str:
        """A DNS server that knows nothing but aliases; returns ADDRESS:PORT."""

        class Answering(asyncio.DatagramProtocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                self.transport = cast(asyncio.DatagramTransport, transport)

            def datagram_received(self, data: bytes, source: tuple[str | Any, int]) -> None:
                self.transport.sendto(names.alias_answer(data, table), source)

        port = free_port()
        loop = self.background.loop
        self.background.run(
            loop.create_datagram_endpoint(Answering, local_addr=("127.0.0.1", port))
        )
        return f"127.0.0.1:{port}"

    def name(self, label: str, region: str = REGION) -> str:
        """An endpoint's name in the sandbox's account, such as `shop.proxy-c1….eu-west-1.…`.

        `label` ends with what stands before the account's part: a dot, or `.cluster-`.
        """
        return f"{label}{self.network_label}.{region}.rds.amazonaws.com"

    def skewed_clock(self, seconds: int) -> dict[str, str | None]:
        """The environment of a process whose clock is so far ahead (or, negative, behind)."""
        source = HERE / "native" / "skewed_clock.c"
        library = compiled([str(source)], key=source.read_text(), flags=[], libraries=["-ldl"])
        return {"LD_PRELOAD": str(library), "DBAUTH_CLOCK_OFFSET": str(seconds)}

    def every_second(self) -> Path:
        """A program for the servers' account that fails every second time."""
        folder = self.work("alternating")
        folder.mkdir()
        give(folder, 0o755)
        program = folder / "run"
        mark = folder / "mark"
        program.write_text(f"#!/bin/sh\n[ -e {mark} ] && rm {mark} && exit 1\ntouch {mark}\n")
        program.chmod(0o755)
        return program
