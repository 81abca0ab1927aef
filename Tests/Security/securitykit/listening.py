"""A way to a real server on which everything is heard that a client says."""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from labkit.proxy import Passage, Proxy
from labkit.wire import message

#: The code that stands where a protocol version would when a client wants a statement cancelled.
CANCEL = struct.pack("!I", 80877102)


@dataclass
class Conversation:
    """One session: the parameters that it began with, and its statements."""

    startup: dict[str, str]
    statements: list[str] = field(default_factory=list)


class _Heard(Passage):
    def __init__(self, heard: list[Conversation]) -> None:
        self._heard = heard
        self._told = Conversation({})

    def began(self, startup: bytes) -> None:
        words = startup[8:].decode(errors="replace").split("\0")
        self._told.startup.update(zip(words[::2], words[1::2], strict=False))
        if startup[4:8] != CANCEL:
            self._heard.append(self._told)

    def from_client(self, kind: bytes, body: bytes) -> bytes:
        if kind in (b"Q", b"P"):
            self._told.statements.append(body.split(b"\0")[kind == b"P"].decode())
        return message(kind, body)


@contextlib.contextmanager
def listening_server(upstream: Path) -> Iterator[tuple[int, list[Conversation]]]:
    """A port of 127.0.0.1, without TLS, before a server's Unix-domain socket."""
    heard: list[Conversation] = []
    with Proxy(upstream, lambda: _Heard(heard)) as proxy:
        yield proxy.port, heard
