"""The few messages of PostgreSQL's protocol that the laboratory speaks itself.

PostgreSQL's documentation, "Message Formats", has them all.
"""

from __future__ import annotations

import asyncio
import ssl
import struct

#: The codes that stand where a protocol version would.
SSL_REQUEST = struct.pack("!2I", 8, 80877103)
GSS_REQUEST = struct.pack("!2I", 8, 80877104)

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def opening(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """The client's first eight bytes, after a request for GSSAPI has been turned down."""
    first = await reader.readexactly(8)
    if first == GSS_REQUEST:
        writer.write(b"N")
        await writer.drain()
        first = await reader.readexactly(8)
    return first


async def accept_tls(writer: asyncio.StreamWriter, context: ssl.SSLContext) -> None:
    """Says yes to an SSLRequest, and shakes hands as the server."""
    writer.write(b"S")
    await writer.drain()
    await writer.start_tls(context)


async def startup(reader: asyncio.StreamReader, head: bytes = b"") -> bytes:
    """The whole StartupMessage, of which `head` has been read already."""
    head += await reader.readexactly(8 - len(head))
    (length,) = struct.unpack("!I", head[:4])
    return head + await reader.readexactly(length - 8)


def message(kind: bytes, body: bytes) -> bytes:
    """One message of the server."""
    return kind + struct.pack("!I", 4 + len(body)) + body


def authentication(code: int, body: bytes = b"") -> bytes:
    """An authentication request."""
    return message(b"R", struct.pack("!I", code) + body)


def error(sqlstate: str, text: str) -> bytes:
    """A FATAL error."""
    fields = {"S": "FATAL", "V": "FATAL", "C": sqlstate, "M": text}
    body = b"".join(name.encode() + value.encode() + b"\0" for name, value in fields.items())
    return message(b"E", body + b"\0")


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Passes on everything until one side has had enough."""
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except (OSError, ssl.SSLError):
        pass
    finally:
        writer.close()


async def join(one: Streams, other: Streams) -> None:
    """Connects two connections with each other until both have ended."""
    await asyncio.gather(copy(one[0], other[1]), copy(other[0], one[1]))
