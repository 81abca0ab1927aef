"""pgbouncer, unpacked from Debian's package, in front of a server."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

from sandboxlib.account import give, write_private
from sandboxlib.places import cache_root

from .background import Background
from .ports import free_port

PROGRAM = "pgbouncer/usr/sbin/pgbouncer"

SETTINGS = """[databases]
* = {target}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = {authentication}
auth_file = {folder}/users.txt
logfile = {folder}/log
pidfile =
server_tls_sslmode = {server_tls}
server_login_retry = {retry}
query_wait_timeout = 2
ignore_startup_parameters = {ignored}
pool_mode = {mode}
"""

TLS = """client_tls_sslmode = {client_tls}
client_tls_cert_file = {folder}/server.crt
client_tls_key_file = {folder}/server.key
"""


def start(
    background: Background,
    folder: Path,
    target: str,
    users: dict[str, str],
    *,
    authentication: str = "plain",
    client_tls: str = "allow",
    server_tls: str = "require",
    retry: str = "0",
    mode: str = "session",
    ignored: str = "extra_float_digits",
    certificate: tuple[str, str] | None = None,
) -> int:
    """Starts a pgbouncer and returns its port once it listens.

    `target` is the connection string of the server, `users` the passwords or their digests that it
    knows, `certificate` the chain and key that it offers TLS with, `client_tls` whether it insists,
    `retry` for how many seconds it tries no login after one that failed, `mode` how long a client
    has a session of the server, `ignored` the parameters of a startup packet that it drops.
    """
    folder.mkdir()
    port = free_port()
    text = SETTINGS + (TLS if certificate else "")
    values = {"target": target, "port": port, "folder": folder}
    values |= {"authentication": authentication, "server_tls": server_tls, "retry": retry}
    values |= {"client_tls": client_tls, "mode": mode, "ignored": ignored}
    write_private(folder / "pgbouncer.ini", text.format(**values))
    lines = "".join(f'"{user}" "{secret}"\n' for user, secret in users.items())
    write_private(folder / "users.txt", lines)
    for name, content in zip(("server.crt", "server.key"), certificate or (), strict=False):
        write_private(folder / name, content)
    give(folder, 0o700)
    output = folder / "output"
    process = background.start([cache_root() / PROGRAM, folder / "pgbouncer.ini"], output)
    deadline = time.monotonic() + 10
    while process.poll() is None and time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return port
        time.sleep(0.02)
    raise RuntimeError(f"pgbouncer in {folder} does not start:\n{os.fsdecode(output.read_bytes())}")
