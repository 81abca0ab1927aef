"""A server that lies: a real one, whose answers are rewritten on their way to the client."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from labkit.wire import GSS_REQUEST, SSL_REQUEST, message


@dataclass(frozen=True)
class Lies:
    """What the client gets instead of what the real server says."""

    #: In values of rows and in messages: text and what stands in its place.
    texts: Mapping[str, str] = field(default_factory=dict)
    #: Parameters that the server reports, such as client_encoding.
    parameters: Mapping[str, str] = field(default_factory=dict)

    def about(self, value: bytes) -> bytes:
        """A value as the client sees it."""
        for text, instead in self.texts.items():
            value = value.replace(text.encode(), instead.encode(errors="surrogateescape"))
        return value

    def rewritten(self, kind: bytes, body: bytes) -> bytes:
        """A message of the server as the client sees it."""
        if kind == b"D":
            return message(kind, self._row(body))
        if kind in (b"E", b"N"):
            return message(kind, self.about(body))
        if kind == b"S":
            name, value = body.rstrip(b"\0").split(b"\0", 1)
            told = self.parameters.get(name.decode())
            value = self.about(value) if told is None else told.encode()
            return message(kind, name + b"\0" + value + b"\0")
        return message(kind, body)

    def _row(self, body: bytes) -> bytes:
        (columns,) = struct.unpack_from("!H", body)
        at, row = 2, body[:2]
        for _ in range(columns):
            (length,) = struct.unpack_from("!i", body, at)
            at += 4
            if length < 0:
                row += struct.pack("!i", length)
                continue
            value = self.about(body[at : at + length])
            at += length
            row += struct.pack("!i", len(value)) + value
        return row


@contextlib.contextmanager
def lying_server(upstream: Path, lies: Lies) -> Iterator[int]:
    """Listens on a port of 127.0.0.1, without TLS, before a server's Unix-domain socket."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        accepting = threading.Thread(target=_accept, args=(listener, upstream, lies), daemon=True)
        accepting.start()
        yield int(listener.getsockname()[1])
        listener.shutdown(socket.SHUT_RDWR)
    accepting.join()


def _accept(listener: socket.socket, upstream: Path, lies: Lies) -> None:
    with contextlib.suppress(OSError):
        while True:
            client, _ = listener.accept()
            threading.Thread(target=_serve, args=(client, upstream, lies), daemon=True).start()


def _serve(client: socket.socket, upstream: Path, lies: Lies) -> None:
    with client, socket.socket(socket.AF_UNIX) as server, contextlib.suppress(OSError, EOFError):
        # Messages are small and many: each would wait for the last one's acknowledgement.
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        first = _exactly(client, 8)
        while first in (SSL_REQUEST, GSS_REQUEST):
            client.sendall(b"N")
            first = _exactly(client, 8)
        server.connect(str(upstream))
        server.sendall(first)
        threading.Thread(target=_copy, args=(client, server), daemon=True).start()
        while True:
            head = _exactly(server, 5)
            body = _exactly(server, struct.unpack("!I", head[1:])[0] - 4)
            client.sendall(lies.rewritten(head[:1], body))


def _copy(one: socket.socket, other: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := one.recv(65536):
            other.sendall(data)
        other.shutdown(socket.SHUT_WR)


def _exactly(peer: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = peer.recv(count - len(data))
        if not more:
            raise EOFError
        data += more
    return data
