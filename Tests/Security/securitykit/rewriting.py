"""A server that lies: a real one, whose answers are rewritten on their way to the client."""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from labkit.proxy import Passage, Proxy
from labkit.wire import message


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


class _Rewritten(Passage):
    def __init__(self, lies: Lies) -> None:
        self._lies = lies

    def from_server(self, kind: bytes, body: bytes) -> bytes:
        return self._lies.rewritten(kind, body)


@contextlib.contextmanager
def lying_server(upstream: Path, lies: Lies) -> Iterator[int]:
    """Listens on a port of 127.0.0.1, without TLS, before a server's Unix-domain socket."""
    with Proxy(upstream, lambda: _Rewritten(lies)) as proxy:
        yield proxy.port
