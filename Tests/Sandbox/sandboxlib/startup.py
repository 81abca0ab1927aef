"""Brings the servers of a sandbox up, side by side."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from . import credentials, environment
from .account import give
from .catalogue import ServerKind
from .certificates import Authority
from .registry import Place
from .server import PortTaken, Server, stop
from .watch import Watch

#: How often another port is tried when somebody takes the first one meanwhile.
PORT_ATTEMPTS = 5

#: Seconds between two looks at the servers that are starting.
POLL_SECONDS = 0.01


def bring_up(
    place: Place,
    kinds: list[ServerKind],
    settings: dict[str, str],
    servers: list[Server],
    watch: Watch,
) -> None:
    """Starts servers of these kinds with these settings and writes the environment file.

    `servers` receives them as they come to be, so that the caller can stop them whatever happens.
    """
    sockets = place.folder / "s"
    sockets.mkdir()
    give(sockets, 0o700)
    keys = credentials.AWSKeys.random()
    network = credentials.network_label()
    authority = Authority.create(place.folder) if any(kind.secure for kind in kinds) else None
    servers += [Server(kind, place.folder / kind.name, sockets, network, keys) for kind in kinds]

    def trusted(server: Server) -> Authority | None:
        return authority if server.kind.secure else None

    versions: dict[str, int] = {}
    attempts = dict.fromkeys((server.kind.name for server in servers), PORT_ATTEMPTS)
    with ThreadPoolExecutor(len(servers)) as pool:
        preparing = {
            pool.submit(server.prepare, trusted(server), settings): server for server in servers
        }
        finishing: dict[Future[int], Server] = {}
        try:
            while preparing or finishing:
                watch.check()
                to_start = [server for _, server in _completed(preparing)]
                for version, server in _completed(finishing, retry=(PortTaken,)):
                    name = server.kind.name
                    attempts[name] -= 1
                    if not isinstance(version, PortTaken):
                        versions[name] = version
                    elif attempts[name] > 0:
                        to_start.append(server)
                    else:
                        raise version
                for server in to_start:
                    # On this thread: the kernel ends a server with the thread that started it.
                    server.start()
                    finishing[pool.submit(server.finish)] = server
                time.sleep(POLL_SECONDS)
        except BaseException:
            stop(servers)
            raise
    environment.write(
        place.environment,
        {
            "id": place.id,
            "dir": str(place.folder),
            "ca": str(authority.certificate) if authority else None,
            "aws": keys.description(),
            "servers": {
                server.kind.name: server.description(versions[server.kind.name], trusted(server))
                for server in servers
            },
        },
    )


def _completed(
    futures: dict[Future[Any], Server], retry: tuple[type[Exception], ...] = ()
) -> list[tuple[Any, Server]]:
    """Takes what is done out of `futures`: results, or exceptions of the types in `retry`."""
    done = []
    for future in [future for future in futures if future.done()]:
        error = future.exception()
        result = error if isinstance(error, retry) else future.result()
        done.append((result, futures.pop(future)))
    return done
