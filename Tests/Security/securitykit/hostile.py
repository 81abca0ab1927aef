"""A server that speaks PostgreSQL's protocol up to a point, and then does as it pleases."""

from __future__ import annotations

import contextlib
import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from labkit.wire import GSS_REQUEST, SSL_REQUEST, authentication, message

#: The code that stands where a protocol version would when a client wants a statement cancelled.
CANCEL = 80877102

READY = message(b"Z", b"I")


@dataclass
class Client:
    """One connection of the program under test, from the server's side."""

    stream: socket.socket
    #: Parameters of the startup message.
    startup: dict[str, str] = field(default_factory=dict)

    def send(self, data: bytes) -> None:
        """Sends all of it."""
        self.stream.sendall(data)

    def flood(self, data: bytes) -> None:
        """Sends the same for ever, as fast as it is taken."""
        data *= max(1, 262_144 // len(data))
        while True:
            self.stream.sendall(data)

    def drip(self, data: bytes, pause: float = 0.05) -> None:
        """Sends the same for ever, and takes its time."""
        waiting = threading.Event()
        while not waiting.wait(pause):
            self.stream.sendall(data)

    def exactly(self, count: int) -> bytes:
        """The next bytes."""
        data = b""
        while len(data) < count:
            more = self.stream.recv(count - len(data))
            if not more:
                raise ConnectionError("the client has gone")
            data += more
        return data

    def begin(self) -> None:
        """Reads up to the startup message; there is no TLS here."""
        while True:
            (length,) = struct.unpack("!I", self.exactly(4))
            body = self.exactly(length - 4)
            first = struct.pack("!I", length) + body
            if first in (SSL_REQUEST, GSS_REQUEST):
                self.send(b"N")
                continue
            if struct.unpack("!I", body[:4])[0] == CANCEL:
                # Nobody cancels anything here, and nobody hears of it.
                self.exactly(1)
            words = body[4:].decode(errors="replace").split("\0")
            self.startup = dict(zip(words[::2], words[1::2], strict=False))
            return

    def admit(self) -> None:
        """Lets the login in."""
        told = {
            "server_version": "15.4",
            "client_encoding": "UTF8",
            "standard_conforming_strings": "on",
        }
        parameters = b"".join(
            message(b"S", f"{name}\0{value}\0".encode()) for name, value in told.items()
        )
        self.send(authentication(0) + parameters + message(b"K", bytes(8)) + READY)

    def question(self) -> str:
        """The next statement; the answer is due after it."""
        text = ""
        while True:
            kind = self.exactly(1)
            (length,) = struct.unpack("!I", self.exactly(4))
            body = self.exactly(length - 4)
            if kind == b"Q":
                return body.rstrip(b"\0").decode()
            if kind == b"P":
                text = body.split(b"\0")[1].decode()
            if kind == b"S":
                return text

    def confirm_settings(self) -> None:
        """Answers, as a real server would, whether the settings that were asked for hold."""
        asked = re.findall(r"current_setting\('(\w+)'\)", self.question())
        given = self.startup.get("options", "").replace("\\ ", "\0")
        held = {
            name: value.replace("\0", " ") for name, value in re.findall(r"-c (\w+)=(\S*)", given)
        }
        user = self.startup["user"]
        self.send(b"1\0\0\0\x04" + b"2\0\0\0\x04" + table([user, user, *(held[n] for n in asked)]))


def columns(count: int) -> bytes:
    """A RowDescription of texts."""
    one = b"c\0" + struct.pack("!IhIhih", 0, 0, 25, -1, -1, 0)
    return message(b"T", struct.pack("!H", count) + one * count)


def row(*values: str | None) -> bytes:
    """A DataRow."""
    body = struct.pack("!H", len(values))
    for value in values:
        data = None if value is None else value.encode()
        body += struct.pack("!i", -1 if data is None else len(data)) + (data or b"")
    return message(b"D", body)


def table(values: list[str]) -> bytes:
    """A whole answer of one row."""
    return columns(len(values)) + row(*values) + message(b"C", b"SELECT 1\0") + READY


@contextlib.contextmanager
def hostile_server(behave: Callable[[Client], None]) -> Iterator[int]:
    """A server on 127.0.0.1 that behaves so to every client once it has said who it is."""
    listener = socket.create_server(("127.0.0.1", 0))

    def meet(stream: socket.socket) -> None:
        with contextlib.suppress(OSError), stream:
            client = Client(stream)
            client.begin()
            behave(client)
            # It does not end a connection by itself.
            while stream.recv(65536):
                pass

    def listen() -> None:
        with contextlib.suppress(OSError):
            while True:
                stream, _ = listener.accept()
                threading.Thread(target=meet, args=(stream,), daemon=True).start()

    threading.Thread(target=listen, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
