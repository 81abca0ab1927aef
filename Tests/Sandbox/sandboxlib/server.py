"""One PostgreSQL server of a sandbox: its files, its process, its first script."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import time
from pathlib import Path

from . import credentials, native, rules, template
from .account import as_account, clean_environment, give, run, write_private
from .catalogue import ServerKind
from .certificates import Authority
from .credentials import AWSKeys
from .errors import SandboxError
from .places import SOCKET_PATH_LIMIT, bin_folder
from .roles import DATABASE, IAM_ROLE, MASTER, bootstrap
from .tokens import TokenCheck

#: Below the ports that the kernel gives to clients (ip_local_port_range), so that nobody gets ours
#: between the look and the start.
PORTS = range(20_000, 32_000)

#: Seconds until a server that is not ready is given up.
READY_SECONDS = 60.0

#: Seconds for PostgreSQL's immediate shutdown before SIGKILL.
QUIT_SECONDS = 5.0


class PortTaken(SandboxError):
    """Somebody else took the server's port before the server did."""


class Server:
    """A server under `folder`; `prepare`, `start` and `finish` are called in that order."""

    def __init__(
        self, kind: ServerKind, folder: Path, sockets: Path, network: str, keys: AWSKeys
    ) -> None:
        self.kind = kind
        self.folder = folder
        self.data = folder / "data"
        self.log = folder / "server.log"
        self.sockets = sockets
        label = "app" if kind.flavour == "rds" else f"app-{kind.flavour}"
        region = credentials.REGION
        self.host = f"{label}.{network}.{region}.rds.amazonaws.com" if kind.secure else "127.0.0.1"
        self.port = 0
        self.tokens = TokenCheck(keys) if kind.secure else None
        self.programs = bin_folder(kind.major)
        self.master_password = credentials.password()
        self.admin_password = credentials.password() if kind.flavour == "stock" else None
        self.process: subprocess.Popen[bytes] | None = None

    def prepare(self, authority: Authority | None, extra: dict[str, str]) -> None:
        """Makes the data folder and everything in it that does not depend on the port.

        `extra` are settings of the starter's choice, which win over the sandbox's own.
        """
        self.folder.mkdir()
        give(self.folder, 0o700)
        template.copy_cluster(self.kind.major, self.data)
        write_private(self.data / "pg_hba.conf", rules.access_rules(self.kind))
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self.sockets),
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_line_prefix": "%m [%p] %q%u@%d ",
        }
        if authority is not None:
            key = self.data / "server.key"
            authority.issue(self.host, self.data / "server.crt", key)
            give(self.data / "server.crt", 0o600)
            give(key, 0o600)
            settings["ssl"] = "on"
        if self.kind.flavour == "rds":
            settings["shared_preload_libraries"] = f'"{native.role_rules(self.kind.major)}"'
        settings |= extra
        lines = [f"{name} = {_quoted(value)}" for name, value in settings.items()]
        write_private(self.data / "postgresql.conf", "\n".join(lines) + "\n")
        write_private(self.log, "")

    def start(self) -> None:
        """Starts the server on a free port. To be called on the thread that outlives the server."""
        self.port = _free_port()
        socket_path = self.sockets / f".s.PGSQL.{self.port}"
        if len(os.fsencode(socket_path)) > SOCKET_PATH_LIMIT:
            raise SandboxError(
                f"the path of the socket {socket_path} is longer than {SOCKET_PATH_LIMIT} bytes, "
                "the most that a Unix socket can have. Choose a shorter --dir or TMPDIR."
            )
        environment = clean_environment()
        if self.tokens is not None:
            environment |= self.tokens.install(self.folder, self.host, self.port)
        command: list[str | Path] = [self.programs / "postgres", "-D", self.data]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                as_account([*command, "-p", str(self.port)], dies_with_parent=True),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
                cwd="/",
            )

    def is_ready(self) -> bool:
        """Whether the server accepts connections; PortTaken or SandboxError when it has ended."""
        assert self.process is not None
        if (status := self.process.poll()) is not None:
            said = f"{self.kind.name} ended with {status} on its start:\n{self.log_tail()}"
            raise PortTaken(said) if "Address already in use" in said else SandboxError(said)
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        # The eighth line is the server's own report of its state (miscadmin.h).
        return len(lines) >= 8 and lines[7].strip() == "ready"

    def finish(self) -> int:
        """Waits until the server is ready, makes its roles and database, returns its version."""
        deadline = time.monotonic() + READY_SECONDS
        while not self.is_ready():
            if time.monotonic() > deadline:
                raise SandboxError(
                    f"{self.kind.name} was not ready after {READY_SECONDS:.0f} s:\n"
                    f"{self.log_tail()}"
                )
            time.sleep(0.02)
        script = bootstrap(self.kind.flavour, self.master_password, self.admin_password)
        self.psql(script, what=f"making the roles of {self.kind.name}")
        return int(self.psql("SHOW server_version_num", what="asking for the version").strip())

    def psql(self, script: str, *, what: str) -> str:
        """Runs a script as the bootstrap superuser over the private socket."""
        command: list[str | Path] = [self.programs / "psql", "-XqAt", "-v", "ON_ERROR_STOP=1"]
        command += ["-h", self.sockets, "-p", str(self.port), "-U", template.BOOTSTRAP_USER]
        return run([*command, "-d", "postgres"], what=what, stdin=script)

    def log_tail(self) -> str:
        """The last lines of the server's log, for an error message."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-10:])

    def description(self, version: int, authority: Authority | None) -> dict[str, object]:
        """This server's entry in the environment file."""
        secure = authority is not None
        return {
            "version": version,
            "flavour": self.kind.flavour,
            "tls": secure,
            "pam": secure,
            "host": self.host,
            "hostaddr": "127.0.0.1",
            "port": self.port,
            "sslmode": "verify-full" if secure else "disable",
            "sslrootcert": str(authority.certificate) if authority else None,
            "database": DATABASE,
            "master": {"user": MASTER, "password": self.master_password},
            "superuser": {
                "user": template.BOOTSTRAP_USER,
                "socket": str(self.sockets),
                "password": self.admin_password,
            },
            "iamRole": IAM_ROLE,
            "bindir": str(self.programs),
            "resourceId": credentials.resource_id(),
            "log": str(self.log),
        }


def stop(servers: list[Server]) -> None:
    """Shuts servers down at once; nobody needs their data any more."""
    processes = [server.process for server in servers if server.process]
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGQUIT)
    for process in processes:
        try:
            process.wait(QUIT_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _quoted(value: str) -> str:
    """A value as `postgresql.conf` takes it."""
    return "'" + value.replace("\\", "\\\\").replace("'", "''").replace("\n", "\\n") + "'"


def _free_port() -> int:
    for port in random.sample(PORTS, 200):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise SandboxError(f"none of 200 ports tried between {PORTS[0]} and {PORTS[-1]} is free.")
