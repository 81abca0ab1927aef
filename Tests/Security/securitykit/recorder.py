"""A server of a stranger's that asks for passwords in clear text, and remembers all it is sent."""

from __future__ import annotations

import asyncio
import ssl
import struct
from dataclasses import dataclass, field

from labkit import certificates, front, wire
from labkit.certificates import Identity
from labkit.laboratory import Endpoint, Laboratory


@dataclass
class Recorder:
    """A peer; without a TLS context it answers N to the SSLRequest, as anybody on the way can."""

    tls: ssl.SSLContext | None = None
    #: What came, and whether it was encrypted.
    heard: list[tuple[bytes, bool]] = field(default_factory=list)
    #: Whether somebody on the way cuts handshakes, in the hope of plain text.
    cuts: bool = False
    #: How many logins are asked for SCRAM before the others are asked for the password itself.
    honest: int = 0

    def received(self, secret: str, *, encrypted: bool | None = None) -> int:
        """How often a secret has come; encrypted, in clear, or either way."""
        return sum(
            secret.encode() in data
            for data, was_encrypted in self.heard
            if encrypted in (None, was_encrypted)
        )

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Lets a client say everything up to its password, and refuses that."""
        encrypted = False
        try:
            first = await wire.opening(reader, writer)
            if first == wire.SSL_REQUEST:
                if self.tls is None:
                    writer.write(b"N")
                    await writer.drain()
                elif self.cuts:
                    writer.write(b"S")
                    await writer.drain()
                    await reader.read(1)
                    raise ConnectionResetError
                else:
                    await wire.accept_tls(writer, self.tls)
                    encrypted = True
                first = b""
            self.heard.append((await wire.startup(reader, first), encrypted))
            if self.honest > 0:
                self.honest -= 1
                methods = b"SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0"
                writer.write(wire.authentication(10, methods))
            else:
                writer.write(wire.authentication(3))
            await writer.drain()
            kind, length = struct.unpack("!cI", await reader.readexactly(5))
            self.heard.append((kind + await reader.readexactly(length - 4), encrypted))
            writer.write(wire.error("28P01", "password authentication failed"))
            await writer.drain()
        except (OSError, ssl.SSLError):
            pass  # a client that gives up
        writer.close()


@dataclass(frozen=True)
class Stranger:
    """A recorder under a name."""

    at: Endpoint
    recorder: Recorder

    @property
    def environment(self) -> dict[str, str]:
        """libpq's variables that lead to it."""
        return {
            "PGHOST": self.at.host,
            "PGHOSTADDR": self.at.address,
            "PGPORT": str(self.at.port),
            "PGDATABASE": "app",
        }


def stranger(
    laboratory: Laboratory, host: str, identity: Identity | None = None, *, tls: bool = True
) -> Stranger:
    """Starts one; its certificate is one that it has made itself, unless it has another."""
    context = None
    if tls:
        chosen = identity or certificates.self_signed(host)
        context = front.context(*certificates.write(chosen, laboratory.work("stranger")))
    recorder = Recorder(context)
    return Stranger(laboratory.peer(host, recorder.handle), recorder)
