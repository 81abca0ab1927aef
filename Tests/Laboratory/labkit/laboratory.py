"""The laboratory: everything that the faults are made of, started as they need it."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandboxlib.credentials import REGION, AWSKeys
from testing.tokens import Request

from . import certificates, front, network, peers, pooler, relay, servers
from .certificates import Identity
from .machines import Machines
from .ports import free_port
from .premises import HERE
from .scene import Scene
from .servers import Postgres

SANDBOX = HERE.parent / "Sandbox" / "sandbox"


class Impossible(Exception):
    """This system cannot make the fault; says why."""


@dataclass(frozen=True)
class Endpoint:
    """A name and a port that something answers at."""

    host: str
    port: int
    address: str = "127.0.0.1"


class Laboratory(Machines):
    """Starts with a sandbox and ends with it; may be used by several threads."""

    def __init__(self, sandbox: dict[str, Any]) -> None:
        super().__init__(sandbox)
        self._slots = itertools.count(1)

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

    def tunnel(self, to: Endpoint | Postgres, delay: float = 0.0) -> Endpoint:
        """The local end of a tunnel to a server, under the server's name.

        `delay` are the seconds that every byte is under way in either direction.
        """
        port = self.background.run(relay.serve("127.0.0.1", to.port, delay))
        return Endpoint(to.host, port)

    def distant(self, to: Endpoint | Postgres, round_trip: float) -> Scene:
        """A call of doctor at a server that is a round trip of so many seconds away."""
        real = (to.host, to.port)
        flags = ("--token-host", f"{to.host}:{to.port}")
        return self.scene(self.tunnel(to, round_trip / 2), flags=flags, token_for=real)

    def pooler(
        self, host: str, target: str, users: dict[str, str], *, tls: bool = True, **more: str
    ) -> Endpoint:
        """A pgbouncer, with a certificate as good as RDS's if it shall offer TLS."""
        identity = self.issuer.issue(host)
        pair = (identity.chain_text(), identity.key_text()) if tls else None
        folder = self.work("pooler")
        port = pooler.start(self.background, folder, target, users, certificate=pair, **more)
        return Endpoint(host, port)

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
        return self.scene(self.main, dns="127.0.0.1", wrapper=wrapper, address=target, timeout="6s")


def open_laboratory() -> tuple[Laboratory, Callable[[], None]]:
    """Starts a sandbox that ends with this process, and a laboratory in it; returns its end too."""
    command: list[str | Path] = [SANDBOX, "up", "--only", "pg15-rds", "--while", str(os.getpid())]
    settings = {"max_connections": "300", "listen_addresses": "127.0.0.1,::1", "fsync": "off"}
    for name, value in settings.items():
        command += ["--set", f"{name}={value}"]
    started = subprocess.run(command, capture_output=True, text=True)
    if started.returncode != 0:
        raise RuntimeError(started.stderr)
    sandbox = json.loads(Path(started.stdout.strip()).read_text())
    down: list[str | Path] = [SANDBOX, "down", "--id", sandbox["id"]]
    try:
        laboratory = Laboratory(sandbox)
    except BaseException:
        subprocess.run(down, capture_output=True)
        raise

    def close() -> None:
        laboratory.close()
        subprocess.run(down, check=True)

    return laboratory, close
