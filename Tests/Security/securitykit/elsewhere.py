"""A server on another machine: in a network of its own, with DNS that leads to it."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from labkit import certificates, network, wire
from labkit.certificates import Identity
from labkit.laboratory import Impossible, Laboratory
from labkit.servers import Postgres
from labkit.trial import binary

#: An address that is not loopback.
ADDRESS = "10.20.0.5"

#: Starts a stranger's server, or the way to a real one, runs a command, and prints what came of it.
SCRIPT = """
import asyncio, json, subprocess, sys
sys.path[:0] = json.loads(sys.argv[1])
from labkit import front, wire
from securitykit.recorder import Recorder

async def main(chain, key, port, server, *command):
    recorder = Recorder(front.context(chain, key) if chain else None)

    async def passed_on(reader, writer):
        await wire.join((reader, writer), await asyncio.open_unix_connection(server))

    handle = passed_on if server else recorder.handle
    await asyncio.start_server(handle, "{address}", int(port))
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe)
    out, err = await process.communicate()
    heard = [[data.decode("latin1"), encrypted] for data, encrypted in recorder.heard]
    print(json.dumps([process.returncode, out.decode() + err.decode(), heard]))

asyncio.run(main(*sys.argv[2:]))
"""


@dataclass(frozen=True)
class Visit:
    """What came of a run, and what the stranger was told."""

    status: int
    output: str
    heard: list[tuple[str, bool]]

    def received(self, secret: str) -> int:
        """How often a secret has come."""
        return sum(secret in data for data, _ in self.heard)


def visit(
    laboratory: Laboratory,
    arguments: tuple[str, ...],
    environment: Mapping[str, str],
    identity: Identity | None,
    zone: list[str],
    server: Postgres | None = None,
) -> Visit:
    """Runs the program where DNS has this zone.

    At ADDRESS is a stranger, who has no TLS without an identity, or a server of the laboratory.
    """
    if not network.is_possible():
        raise Impossible("this system lets nobody make a network namespace of his own")
    resolver = laboratory.file("resolv.conf", "nameserver 127.0.0.1\n")
    inside = network.inside(
        laboratory.work("elsewhere"), zone, address=ADDRESS, gateway="10.20.0.1", routed=False
    )
    mount = f'mount --bind {resolver} /etc/resolv.conf && exec "$@"'
    files = ["", ""]
    if identity is not None:
        files = [str(path) for path in certificates.write(identity, laboratory.work("stranger"))]
    way = _way_to(laboratory, server) if server else ""
    port = str(server.port if server else 5432)
    script = laboratory.file("stranger.py", SCRIPT.format(address=ADDRESS))
    home = laboratory.work("home")
    home.mkdir()
    given = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(home), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        [*inside, "unshare", "--mount", "sh", "-c", mount, "sh"]
        + [sys.executable, str(script), json.dumps(sys.path), *files, port, way]
        + [binary(), *arguments],
        env=given | {"AWS_EC2_METADATA_DISABLED": "true"} | dict(environment),
        capture_output=True,
        text=True,
        timeout=30,
        cwd=home,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    status, output, heard = json.loads(done.stdout.splitlines()[-1])
    return Visit(status, output, [(data, encrypted) for data, encrypted in heard])


def _way_to(laboratory: Laboratory, server: Postgres) -> str:
    """A socket that leads to a server: the one thing that two networks share is the file system."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_connection("127.0.0.1", server.port)
        await wire.join((reader, writer), there)

    path = str(laboratory.work("way"))
    laboratory.background.run(asyncio.start_unix_server(handle, path))
    return path
