"""The PostgreSQL servers of the laboratory: few servers, with many roles, databases and rules."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sandboxlib.account import give, run, write_private
from sandboxlib.catalogue import CATALOGUE
from sandboxlib.certificates import Authority as SandboxAuthority
from sandboxlib.credentials import REGION, AWSKeys
from sandboxlib.places import bin_folder
from sandboxlib.rules import access_rules
from sandboxlib.server import Server
from sandboxlib.tokens import TokenCheck

from . import certificates, roles

#: How many fronts there can be before the main server.
SLOTS = 200


def slot_address(slot: int) -> str:
    """The address that a front comes from; the whole of 127.0.0.0/8 is loopback."""
    return f"127.77.0.{slot}"


def slot_rules() -> list[str]:
    """Lines of pg_hba.conf that give every front a PAM service of its own."""
    return [
        f"hostssl all +rds_iam {slot_address(slot)}/32 pam pamservice=lab-{slot}"
        for slot in range(1, SLOTS + 1)
    ]


def main_rules() -> str:
    """pg_hba.conf of the main server: RDS's, and the fronts' lines before `+rds_iam`."""
    lines = access_rules(CATALOGUE[0]).splitlines()
    at = next(n for n, line in enumerate(lines) if "+rds_iam" in line)
    return "\n".join([*lines[:at], *slot_rules(), *lines[at:]]) + "\n"


#: IAM is switched off in database app, and nobody may enter any other database by TCP.
GATED_RULES = """local all rdsadmin trust
host    all rdsadmin all reject
hostssl app all      all scram-sha-256
"""


@dataclass(frozen=True)
class Variant:
    """What is special about a server; `label` begins its host's name."""

    kind: str = "pg15-rds"
    label: str | None = None
    settings: dict[str, str] = field(default_factory=dict)
    rules: str | None = None
    pam: tuple[str, ...] = ()
    #: Sessions that are there from the beginning, and whether the server has been told to stop.
    ordinary: int = 0
    superusers: int = 0
    stopping: bool = False


VARIANTS: dict[str, Variant] = {
    "tls12": Variant(settings={"ssl_max_protocol_version": "TLSv1.2"}),
    "tls11": Variant(
        settings={
            "ssl_min_protocol_version": "TLSv1",
            "ssl_max_protocol_version": "TLSv1.1",
            # OpenSSL 3 signs for the old versions at its lowest level of security only.
            "ssl_ciphers": "ALL:@SECLEVEL=0",
        }
    ),
    "tls13": Variant(settings={"ssl_min_protocol_version": "TLSv1.3"}),
    "plain": Variant(settings={"ssl": "off"}),
    "gated": Variant(rules=GATED_RULES),
    "stock": Variant(kind="pg15-stock"),
    "full": Variant(settings={"max_connections": "8"}, ordinary=5),
    "crowded": Variant(settings={"max_connections": "8"}, ordinary=5, superusers=3),
    "stopping": Variant(ordinary=1, stopping=True),
    "standby": Variant(label="shop.cluster-"),
    "hasty": Variant(
        settings={"authentication_timeout": "6s"},
        pam=("auth optional pam_exec.so quiet /bin/sleep 12",),
    ),
    "pg16": Variant(kind="pg16-stock"),
    "pg17": Variant(kind="pg17-stock"),
    "pg18": Variant(kind="pg18-stock"),
}


@dataclass(frozen=True)
class RDSAuthority(SandboxAuthority):
    """Has the sandbox's servers send chains like Amazon's; `issuer` signs for them."""

    issuer: certificates.Authority | None = None

    def issue(self, host: str, certificate: Path, key: Path) -> None:
        """Writes the chain for one host name, and its key."""
        assert self.issuer is not None
        identity = self.issuer.issue(host, "*." + host.partition(".")[2])
        certificate.write_text(identity.chain_text())
        key.touch(0o600)
        key.write_text(identity.key_text())


@dataclass(frozen=True)
class Postgres:
    """A running server: where it is, and what administers it."""

    name: str
    host: str
    port: int
    folder: Path
    sockets: Path
    programs: Path
    keys: AWSKeys
    #: Sends the server's first process a signal.
    signal: Callable[[int], None]

    def sql(self, script: str, database: str = "postgres") -> str:
        """Runs a script as the superuser over the private socket."""
        command: list[str | Path] = [
            self.programs / "psql",
            "-XqAt",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            self.sockets,
        ]
        command += ["-p", str(self.port), "-U", "rdsadmin", "-d", database]
        return run(command, what=f"a script on {self.name}", stdin=script).strip()

    def admin(self, database: str = "app") -> str:
        """The superuser's connection string, which needs no password."""
        return f"host={self.sockets} port={self.port} user=rdsadmin dbname={database}"

    def pam_service(
        self,
        slot: int,
        host: str,
        port: int,
        keys: AWSKeys,
        more: tuple[str, ...] = (),
        region: str = REGION,
    ) -> None:
        """Has tokens from a front's address verified for this host, port and region.

        `more` are lines of the PAM service that come after the token's.
        """
        work = self.folder / f"slot-{slot}"
        work.mkdir()
        TokenCheck(keys).install(work, host, port)
        give(work, 0o700)
        settings = work / "tokens.conf"
        settings.write_text(settings.read_text().replace(f"region={REGION}", f"region={region}"))
        made = work / "pam.d" / "dbauth-sandbox"
        write_private(self.folder / "pam.d" / f"lab-{slot}", with_lines(made.read_text(), more))


def with_lines(service: str, more: tuple[str, ...]) -> str:
    """A PAM service with more lines after its first, for tokens that this has found good."""
    first, rest = service.replace("auth required", "auth requisite", 1).split("\n", 1)
    return "\n".join([first, *more, rest])


def prepare(
    name: str, folder: Path, sockets: Path, network: str, keys: AWSKeys, authority: RDSAuthority
) -> Server:
    """Makes the files of a server."""
    variant = VARIANTS[name]
    kind = next(kind for kind in CATALOGUE if kind.name == variant.kind)
    server = Server(kind, folder, sockets, network, keys)
    if kind.secure:
        server.host = f"{variant.label or name + '.'}{network}.{REGION}.rds.amazonaws.com"
    listen = {"listen_addresses": "127.0.0.1", "fsync": "off"}
    server.prepare(authority if kind.secure else None, listen | variant.settings)
    if variant.rules is not None:
        write_private(server.data / "pg_hba.conf", variant.rules)
    return server


def finish(name: str, server: Server, restart: Callable[[Server], None]) -> Postgres:
    """Waits for a server, makes its roles, and brings it into its state."""
    server.finish()
    postgres = described(name, server)
    postgres.sql(roles.ROLES)
    for database, script in roles.databases().items():
        postgres.sql(script, database)
    if more := VARIANTS[name].pam:
        service = server.folder / "pam.d" / "dbauth-sandbox"
        write_private(service, with_lines(service.read_text(), more))
    if name == "standby":
        assert server.process is not None
        server.process.send_signal(signal.SIGINT)
        server.process.wait()
        write_private(server.data / "standby.signal", "")
        restart(server)
        while not server.is_ready():
            time.sleep(0.02)
        postgres = described(name, server)
    return postgres


def described(name: str, server: Server) -> Postgres:
    """A server of the sandbox as one of the laboratory."""
    assert server.process is not None
    return Postgres(
        name,
        server.host,
        server.port,
        server.folder,
        server.sockets,
        bin_folder(server.kind.major),
        server.tokens.keys if server.tokens else AWSKeys.random(),
        server.process.send_signal,
    )
