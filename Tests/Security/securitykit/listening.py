"""A way to a real server on which everything is heard that a client says."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from labkit.wire import GSS_REQUEST, SSL_REQUEST

#: The code that stands where a protocol version would when a client wants a statement cancelled.
CANCEL = struct.pack("!I", 80877102)


@dataclass
class Conversation:
    """One session: the parameters that it began with, and its statements."""

    startup: dict[str, str]
    statements: list[str] = field(default_factory=list)


@contextlib.contextmanager
def listening_server(upstream: Path) -> Iterator[tuple[int, list[Conversation]]]:
    """A port of 127.0.0.1, without TLS, before a server's Unix-domain socket."""
    heard: list[Conversation] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        accepting = threading.Thread(target=_accept, args=(listener, upstream, heard), daemon=True)
        accepting.start()
        yield int(listener.getsockname()[1]), heard
        listener.shutdown(socket.SHUT_RDWR)
    accepting.join()


def _accept(listener: socket.socket, upstream: Path, heard: list[Conversation]) -> None:
    with contextlib.suppress(OSError):
        while True:
            client, _ = listener.accept()
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=_serve, args=(client, upstream, heard), daemon=True).start()


def _serve(client: socket.socket, upstream: Path, heard: list[Conversation]) -> None:
    with client, socket.socket(socket.AF_UNIX) as server, contextlib.suppress(OSError, EOFError):
        first = _exactly(client, 8)
        while first in (SSL_REQUEST, GSS_REQUEST):
            client.sendall(b"N")
            first = _exactly(client, 8)
        rest = _exactly(client, struct.unpack("!I", first[:4])[0] - 8)
        server.connect(str(upstream))
        server.sendall(first + rest)
        threading.Thread(target=_copy, args=(server, client), daemon=True).start()
        words = rest.decode(errors="replace").split("\0")
        told = Conversation(dict(zip(words[::2], words[1::2], strict=False)))
        if first[4:] != CANCEL:
            heard.append(told)
        while True:
            head = _exactly(client, 5)
            body = _exactly(client, struct.unpack("!I", head[1:])[0] - 4)
            if head[:1] in (b"Q", b"P"):
                told.statements.append(body.split(b"\0")[head[:1] == b"P"].decode())
            server.sendall(head + body)


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
