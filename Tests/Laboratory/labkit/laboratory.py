"""The laboratory: everything that the faults are made of, started as they need it."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from sandboxlib.account import as_account, give, write_private
from sandboxlib.credentials import REGION, AccessKey, AWSKeys
from sandboxlib.native import compiled
from sandboxlib.server import PortTaken, Server, stop
from testing.tokens import Request

from . import certificates, front, names, network, peers, pooler, relay, roles, servers
from .background import Background
from .certificates import Authority, Identity
from .ports import free_port
from .scene import Scene
from .servers import Postgres, RDSAuthority

HERE = Path(__file__).resolve().parent.parent
SANDBOX = HERE.parent / "Sandbox" / "sandbox"

#: Names that lead to loopback without anybody saying so: RDS's own, and those of the example company.
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


class Impossible(Exception):
    """This system cannot make the fault; says why."""


@dataclass(frozen=True)
class Endpoint:
    """A name and a port that something answers at."""

    host: str
    port: int
    address: str = "127.0.0.1"


class Laboratory:
    """Starts with a sandbox and ends with it; may be used by several threads."""

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
        self._slots = itertools.count(1)
        self._lock = threading.Lock()
        self._servers: dict[str, Future[Postgres]] = {}
        self._started: list[Server] = []
        self.bundle = self.file("global-bundle.pem", certificates.bundle(self.rds))
        self.openssl_conf = self.file("openssl.cnf", OPENSSL_CONF)
        self.main = self._main()
        self.network_label = self.main.host.split(".")[1]
        self.dns = self.names(*ZONE)

    # Files and names

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

    # Servers

    def _main(self) -> Postgres:
        """The sandbox's own server, with Amazon's kind of certificate and a line for every front."""
        about = self.sandbox["servers"]["pg15-rds"]
        folder = Path(self.sandbox["dir"]) / "pg15-rds"
        socket = Path(about["superuser"]["socket"])
        main = Postgres(
            "main",
            about["host"],
            about["port"],
            folder,
            socket,
            Path(about["bindir"]),
            self.keys,
            lambda _: None,
        )
        data = folder / "data"
        RDSAuthority(self.bundle, self.bundle, self.issuer).issue(
            main.host, data / "server.crt", data / "server.key"
        )
        give(data / "server.crt", 0o600)
        give(data / "server.key", 0o600)
        write_private(data / "pg_hba.conf", servers.main_rules())
        main.sql("SELECT pg_reload_conf()")
        main.sql(roles.ROLES)
        for database, script in roles.databases().items():
            main.sql(script, database)
        return main

    def server(self, name: str) -> Postgres:
        """One of labkit.servers.VARIANTS, started when it is first asked for."""
        with self._lock:
            mine = name not in self._servers
            future = self._servers.setdefault(name, Future())
        if mine:
            try:
                future.set_result(self._start(name))
            except BaseException as error:
                future.set_exception(error)
        return future.result()

    def _start(self, name: str) -> Postgres:
        root = Path(self.sandbox["dir"])
        authority = RDSAuthority(self.bundle, self.bundle, self.issuer)
        server = servers.prepare(
            name, root / name, root / "s", self.network_label, self.keys, authority
        )
        self._started.append(server)

        def start(one: Server) -> None:
            self.background.starter.submit(one.start).result()

        while True:
            start(server)
            try:
                return servers.finish(name, server, start)
            except PortTaken:
                continue

    def occupy(self, server: Postgres, ordinary: int, superusers: int = 0) -> None:
        """Opens sessions that stay, and returns when the server has them all."""
        program = server.programs / "psql"
        # Our own counting takes a slot for a moment, so that somebody may have to try again.
        retry = ["sh", "-c", 'until "$@"; do sleep 0.1; done', "sh", program]
        wait = ["-Xqw", "-c", "SET application_name = 'occupied'", "-c", "SELECT pg_sleep(3600)"]
        tcp = f"host=127.0.0.1 port={server.port} dbname=office user=app_password sslmode=require"
        socket = server.admin("office")
        for _ in range(ordinary):
            # The account of the servers cannot look into every home folder.
            password = {"PGPASSWORD": roles.PASSWORD, "HOME": "/nonexistent"}
            self.background.start([*retry, *wait, tcp], Path(os.devnull), password)
        count = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'occupied'"
        until(lambda: int(server.sql(count)) >= ordinary, f"{ordinary} sessions at {server.name}")
        # The last one takes the slot that the counting needs.
        for _ in range(superusers):
            self.background.start([*retry, *wait, socket], Path(os.devnull))
        probe = [program, "-XqAtw", "-c", count, server.admin()]
        if superusers:
            until(
                lambda: subprocess.run(as_account(probe), capture_output=True).returncode != 0,
                f"{superusers} superusers at {server.name}",
            )

    def shut_down(self, server: Postgres) -> None:
        """Asks a server to stop when its sessions have ended, and waits until it has heard that."""
        server.signal(signal.SIGTERM)
        state = server.folder / "data" / "postmaster.pid"
        until(
            lambda: state.read_text().splitlines()[7].strip() == "stopping",
            f"the shutdown of {server.name}",
        )

    # Things in between

    def front(
        self,
        host: str,
        identity: Identity | None = None,
        *,
        server: Postgres | None = None,
        tls_to_server: bool = True,
        address: str = "127.0.0.1",
        port: int | None = None,
        token_host: str | None = None,
        region: str = REGION,
        keys: AWSKeys | None = None,
        pam: tuple[str, ...] = (),
        curve: str | None = None,
    ) -> Endpoint:
        """An endpoint before the main server that accepts tokens for its own host and port.

        Without `identity` its certificate is as good as RDS's. Tokens are for `token_host` where
        that is another one. `pam` are lines that come after the verification of the token.
        """
        slot = next(self._slots)
        port = port or free_port(address)
        if server is None:
            verified = token_host or host
            self.main.pam_service(slot, verified, port, keys or self.keys, pam, region)
        chain, key = certificates.write(identity or self.issuer.issue(host), self.work("front"))
        behind = server or self.main
        source = servers.slot_address(slot) if server is None else "127.0.0.1"
        backend = front.Backend("127.0.0.1", behind.port, tls_to_server, source)
        context = front.context(chain, key, curve)
        self._serve(front.Front(context, backend).handle, address, port)
        return Endpoint(host, port, address)

    def peer(
        self,
        host: str,
        handler: peers.Handler,
        *,
        address: str = "127.0.0.1",
        port: int | None = None,
    ) -> Endpoint:
        """An endpoint that something else answers at."""
        port = port or free_port(address)
        self._serve(peers.forgiving(handler), address, port)
        return Endpoint(host, port, address)

    def scripted(self, host: str, answer: bytes | None) -> Endpoint:
        """An endpoint with good TLS that answers every StartupMessage the same way."""
        chain, key = certificates.write(self.issuer.issue(host), self.work("peer"))
        return self.peer(host, peers.after_startup(front.context(chain, key), answer))

    def _serve(self, handler: peers.Handler, address: str, port: int) -> None:
        self.background.run(asyncio.start_server(handler, address, port))

    def tunnel(self, to: Postgres) -> Endpoint:
        """The local end of a tunnel to a server, under the server's name."""
        port = self.background.run(relay.serve("127.0.0.1", to.port, 0.0))
        return Endpoint(to.host, port)

    def pooler(
        self, host: str, target: str, users: dict[str, str], *, tls: bool = True, **more: str
    ) -> Endpoint:
        """A pgbouncer, with a certificate as good as RDS's if it shall offer TLS."""
        identity = self.issuer.issue(host)
        pair = (identity.chain_text(), identity.key_text()) if tls else None
        folder = self.work("pooler")
        port = pooler.start(self.background, folder, target, users, certificate=pair, **more)
        return Endpoint(host, port)

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

    def first_attempt(self, scene: Scene) -> None:
        """One login that somebody has tried before, whatever came of it."""
        text = f"hostaddr={scene.address} port={scene.port} user={scene.user} sslmode=require"
        command = [self.main.programs / "psql", "-Xqw", "-c", "", f"{text} dbname={scene.database}"]
        subprocess.run(as_account(command), capture_output=True, env={"HOME": "/nonexistent"})

    # Scenes and tokens

    def scene(self, at: Endpoint | Postgres, **changes: Any) -> Scene:
        """A call of doctor at an endpoint in which, so far, nothing is wrong."""
        address = at.address if isinstance(at, Endpoint) else "127.0.0.1"
        healthy = Scene(at.host, at.port, root=self.bundle, dns=self.dns, address=address)
        return healthy.but(**changes)

    def request(self, at: Endpoint | Postgres, user: str = "app_iam") -> Request:
        """A token's parts, all of them right; `but` changes them."""
        key = self.keys.long_term
        return Request(at.host, at.port, user, key.id, key.secret)

    def elsewhere(self, target: str, caller: str, *, routed: bool = True) -> Scene:
        """A call of doctor in a network of its own, where the main server's name leads to `target`.

        `caller` is the address that doctor is called from, one of a /24 whose gateway drops all
        packets; if not `routed`, there is no gateway.
        """
        if not network.is_possible():
            raise Impossible("this system lets nobody make a network namespace of his own")
        gateway = caller.rpartition(".")[0] + ".1"
        zone = [f"host-record={self.main.host},{target}"]
        folder = self.work("net")
        wrapper = network.inside(folder, zone, address=caller, gateway=gateway, routed=routed)
        return self.scene(
            self.main, dns="127.0.0.1", wrapper=wrapper, address=target, timeout="6s"
        )

    def close(self) -> None:
        """Ends everything but the sandbox."""
        stop(self._started)
        self.background.close()


def until(condition: Callable[[], bool], what: str) -> None:
    """Waits for something that takes a moment; RuntimeError when it takes longer than 15 s."""
    deadline = time.monotonic() + 15
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(f"waited in vain for {what}")
        time.sleep(0.02)


def open_laboratory() -> tuple[Laboratory, Callable[[], None]]:
    """Starts a sandbox that ends with this process, and a laboratory in it; returns its end too."""
    command = [SANDBOX, "up", "--only", "pg15-rds", "--while", str(os.getpid())]
    settings = {"max_connections": "300", "listen_addresses": "127.0.0.1,::1", "fsync": "off"}
    for name, value in settings.items():
        command += ["--set", f"{name}={value}"]
    started = subprocess.run(command, capture_output=True, text=True)
    if started.returncode != 0:
        raise RuntimeError(started.stderr)
    sandbox = json.loads(Path(started.stdout.strip()).read_text())
    down = [SANDBOX, "down", "--id", sandbox["id"]]
    try:
        laboratory = Laboratory(sandbox)
    except BaseException:
        subprocess.run(down, capture_output=True)
        raise

    def close() -> None:
        laboratory.close()
        subprocess.run(down, check=True)

    return laboratory, close
