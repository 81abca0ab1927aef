"""A TLS front: an endpoint with any certificate, before a real PostgreSQL.

What reaches the server comes by TLS again, and from an address of the front's own, so that the
server's pg_hba.conf and PAM tell one front's clients from another's.
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from pathlib import Path

from . import wire


@dataclass(frozen=True)
class Backend:
    """The server behind a front; `source` is the address to come from."""

    address: str
    port: int
    tls: bool = True
    source: str = "127.0.0.1"


def context(
    chain: Path,
    key: Path,
    curve: str | None = None,
) -> ssl.SSLContext:
    """The front's side of TLS; `curve` is the only one that it accepts."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.load_cert_chain(chain, key)
    if curve is not None:
        made.set_ecdh_curve(curve)
    return made


def backend_context() -> ssl.SSLContext:
    """The other side of TLS: the server is our own, so nothing is verified."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    return made


class Front:
    """One front; `handle` serves one client."""

    def __init__(self, tls: ssl.SSLContext, backend: Backend) -> None:
        self.tls = tls
        self.backend = backend
        self.backend_tls = backend_context()

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Shakes hands with a client that asks for TLS, and connects it with the server."""
        try:
            first = await wire.opening(reader, writer)
            to_server = await asyncio.open_connection(
                self.backend.address, self.backend.port, local_addr=(self.backend.source, 0)
            )
            if first == wire.SSL_REQUEST:
                await wire.accept_tls(writer, self.tls)
                if self.backend.tls:
                    to_server[1].write(wire.SSL_REQUEST)
                    await to_server[0].readexactly(1)
                    await to_server[1].start_tls(self.backend_tls)
            else:
                to_server[1].write(first)
            await wire.join((reader, writer), to_server)
        except (OSError, ssl.SSLError, asyncio.IncompleteReadError):
            pass  # a client that gives up, for whatever reason it was sent here
        finally:
            writer.close()
