"""The laboratory's servers, and the sessions that occupy them."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from sandboxlib.account import as_account, give, write_private
from sandboxlib.server import PortTaken, Server, stop

from . import roles, servers
from .premises import Premises
from .scene import Scene
from .servers import Postgres, RDSAuthority

Command = list[str | Path]


class Machines(Premises):
    """The main server, and the others once they are asked for."""

    def __init__(self, sandbox: dict[str, Any]) -> None:
        super().__init__(sandbox)
        self._lock = threading.Lock()
        self._servers: dict[str, Future[Postgres]] = {}
        self._started: list[Server] = []
        self.main = self._main()

    def _main(self) -> Postgres:
        """The sandbox's own server, with a chain like Amazon's and a line for every front."""
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
                postgres = servers.finish(name, server, start)
            except PortTaken:
                continue
            variant = servers.VARIANTS[name]
            if variant.ordinary:
                self._occupy(postgres, variant.ordinary, variant.superusers)
            if variant.stopping:
                self._shut_down(postgres)
            return postgres

    def _occupy(self, server: Postgres, ordinary: int, superusers: int) -> None:
        """Opens sessions that stay, and returns when the server has them all."""
        program: Path = server.programs / "psql"
        # Our own counting takes a slot for a moment, so that somebody may have to try again.
        retry: Command = ["sh", "-c", 'until "$@"; do sleep 0.1; done', "sh", program]
        wait: Command = [
            "-Xqw",
            "-c",
            "SET application_name = 'occupied'",
            "-c",
            "SELECT pg_sleep(3600)",
        ]
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
        probe: Command = [program, "-XqAtw", "-c", count, server.admin()]
        if superusers:
            until(
                lambda: subprocess.run(as_account(probe), capture_output=True).returncode != 0,
                f"{superusers} superusers at {server.name}",
            )

    def _shut_down(self, server: Postgres) -> None:
        """Asks a server to stop when its sessions have ended, and waits until it has heard that."""
        server.signal(signal.SIGTERM)
        state = server.folder / "data" / "postmaster.pid"
        until(
            lambda: state.read_text().splitlines()[7].strip() == "stopping",
            f"the shutdown of {server.name}",
        )

    def attempt(self, scene: Scene) -> None:
        """One login and one query with a scene's password, whatever comes of it."""
        text = f"hostaddr={scene.address} port={scene.port} user={scene.user} sslmode=require"
        command: Command = [self.main.programs / "psql", "-Xqw", "-c", "SELECT 1"]
        subprocess.run(
            [*command, f"{text} dbname={scene.database}"],
            capture_output=True,
            env={"HOME": "/nonexistent", "PGPASSWORD": scene.password or ""},
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
