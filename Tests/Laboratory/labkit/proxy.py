"""A way to a real server on which every message can be heard and changed."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from .wire import GSS_REQUEST, SSL_REQUEST, message


class Passage:
    """One session on its way. Here nothing is changed."""

    def began(self, startup: bytes) -> None:
        """The client's first packet, length included: its parameters, or a request to cancel."""

    def from_client(self, kind: bytes, body: bytes) -> bytes:
        """What the server gets instead of a client's message."""
        return message(kind, body)

    def from_server(self, kind: bytes, body: bytes) -> bytes:
        """What the client gets instead of a server's message."""
        return message(kind, body)


class Proxy:
    """A port of 127.0.0.1, without TLS, before a server's Unix-domain socket."""

    def __init__(self, upstream: Path, passage: Callable[[], Passage]) -> None:
        self._upstream = upstream
        self._passage = passage
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def __enter__(self) -> Proxy:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Lets nobody in any more; sessions end with their clients."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._accepting.join()
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        passage = self._passage()
        with client, socket.socket(socket.AF_UNIX) as server, suppress(OSError, EOFError):
            # Messages are small and many: each would wait for the last one's acknowledgement.
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            first = _exactly(client, 8)
            while first in (SSL_REQUEST, GSS_REQUEST):
                client.sendall(b"N")
                first = _exactly(client, 8)
            startup = first + _exactly(client, struct.unpack("!I", first[:4])[0] - 8)
            passage.began(startup)
            server.connect(str(self._upstream))
            server.sendall(startup)
            threading.Thread(
                target=_carry, args=(client, server, passage.from_client), daemon=True
            ).start()
            _carry(server, client, passage.from_server)


def _carry(
    one: socket.socket, other: socket.socket, changed: Callable[[bytes, bytes], bytes]
) -> None:
    with suppress(OSError, EOFError):
        while True:
            head = _exactly(one, 5)
            body = _exactly(one, struct.unpack("!I", head[1:])[0] - 4)
            other.sendall(changed(head[:1], body))
    with suppress(OSError):
        other.shutdown(socket.SHUT_WR)


def _exactly(peer: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = peer.recv(count - len(data))
        if not more:
            raise EOFError
        data += more
    return data
