"""Peers that are not, or not quite, what a client expects behind PostgreSQL's port."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable

from . import wire

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

#: What MySQL 8 says first: length, sequence, protocol 10, version, and the rest of its greeting.
MYSQL_GREETING = (
    b"\x4a\0\0\0\x0a8.0.36\0\x0b\0\0\0abcdefgh\0\xff\xff\xff\x02\0\xff\xdf\x15"
    + bytes(10)
    + b"abcdefghijkl\0caching_sha2_password\0"
)
SSH_GREETING = b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n"
SMTP_GREETING = b"220 mail.example.com ESMTP Postfix\r\n"
HTTP_REFUSAL = (
    b"HTTP/1.1 400 Bad Request\r\nServer: awselb/2.0\r\nContent-Type: text/html\r\n"
    b"Content-Length: 39\r\nConnection: close\r\n\r\n<html><body>400 Bad Request</body></html>"
)


def _abort(writer: asyncio.StreamWriter) -> None:
    """Ends a connection by a reset."""
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Accepts, reads, and never says a word."""
    while await reader.read(65536):
        pass
    writer.close()


async def closes_at_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A load balancer without a healthy target: accepts and closes."""
    writer.close()


async def resets_at_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Accepts, and resets the connection when the first byte comes."""
    await reader.read(1)
    _abort(writer)


async def closes_after_request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Closes in answer to the SSLRequest."""
    await reader.readexactly(8)
    writer.close()


async def cuts_handshake(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A middlebox that offers TLS and resets the connection when it sees the ClientHello."""
    if await wire.opening(reader, writer) == wire.SSL_REQUEST:
        writer.write(b"S")
        await writer.drain()
        await reader.read(1)
    _abort(writer)


def greets(greeting: bytes) -> Handler:
    """A server of another kind, which speaks first."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        await writer.drain()
        await reader.read(1)
        writer.close()

    return handle


def answers(answer: bytes) -> Handler:
    """Says the same whatever it is asked, and closes."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(8)
        writer.write(answer)
        await writer.drain()
        writer.close()

    return handle


def after_startup(tls: ssl.SSLContext, answer: bytes | None) -> Handler:
    """Offers TLS, reads the StartupMessage, answers it with `answer`, or closes for None."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            first = await wire.opening(reader, writer)
            if first == wire.SSL_REQUEST:
                await wire.accept_tls(writer, tls)
                first = b""
            await wire.startup(reader, first)
            if answer is not None:
                writer.write(answer)
                await writer.drain()
                await reader.read(1)
        except (OSError, ssl.SSLError):
            pass  # a client that gives up
        writer.close()

    return handle


def forgiving(handle: Handler) -> Handler:
    """The same peer, to which it is no error that the client goes away."""

    async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await handle(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            writer.close()

    return guarded


class FilteredPort:
    """A port whose SYNs get no answer: its backlog is full, so the kernel drops them."""

    def __init__(self) -> None:
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(0)
        self.port: int = self.listener.getsockname()[1]
        self.fillers = []
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", self.port))
            self.fillers.append(filler)
