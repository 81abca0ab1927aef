"""A server that repeats what it was told in confidence, and how to find it in what is printed."""

from __future__ import annotations

import asyncio
import base64
import html
import re
import struct
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from labkit import certificates, front, wire
from labkit.laboratory import Endpoint, Laboratory

#: In how many characters of a secret together there is something to tell it by.
TELLING = 16

#: What may be made of a secret on its way back.
FORMS: dict[str, Callable[[str], str]] = {
    "whole": lambda secret: secret,
    "in capitals": str.upper,
    "in small letters": str.lower,
    "encoded": lambda secret: urllib.parse.quote(secret, safe=""),
    "encoded twice": lambda secret: urllib.parse.quote(urllib.parse.quote(secret, safe="")),
    "decoded": urllib.parse.unquote,
    "cut at its end": lambda secret: secret[: len(secret) * 2 // 3],
    "cut at its beginning": lambda secret: secret[len(secret) // 3 :],
    "in quotation marks": lambda secret: f"'{secret}'",
    "in base64": lambda secret: base64.b64encode(secret.encode()).decode(),
    "in base64 for URLs": lambda secret: base64.urlsafe_b64encode(secret.encode()).decode(),
    "in base64 after a name": lambda secret: base64.b64encode(b"app:" + secret.encode()).decode(),
    "in base64 amid others": lambda secret: base64.b64encode(f"(({secret})".encode()).decode(),
    "in hexadecimal": lambda secret: secret.encode().hex(),
    "in decimal references": lambda secret: "".join(f"&#{ord(sign)};" for sign in secret),
    "in hexadecimal references": lambda secret: "".join(f"&#x{ord(sign):X};" for sign in secret),
}


def forms(secret: str) -> str:
    """A secret in all of its forms."""
    return " | ".join(form(secret) for form in FORMS.values())


@dataclass
class Repeating:
    """Repeats a client's password in all forms, parts of it, and whatever else it has heard."""

    tls: object
    #: What it knows from elsewhere.
    known: list[str]
    #: Users whom it passes on to a real server, by a Unix-domain socket.
    passed_on: str = ""
    upstream: Path | None = None
    #: Whether it never answers those users whom it does not pass on.
    is_silent: bool = False
    #: The passwords that came.
    passwords: list[str] = field(default_factory=list)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        first = await wire.opening(reader, writer)
        if first == wire.SSL_REQUEST:
            await wire.accept_tls(writer, self.tls)  # type: ignore[arg-type]
            first = b""
        started = await wire.startup(reader, first)
        if self.upstream and f"user\0{self.passed_on}\0".encode() in started:
            there = await asyncio.open_unix_connection(str(self.upstream))
            there[1].write(started)
            return await wire.join((reader, writer), there)
        if self.is_silent:
            await reader.read()
            return None
        writer.write(wire.authentication(3))
        await writer.drain()
        _, length = struct.unpack("!cI", await reader.readexactly(5))
        password = (await reader.readexactly(length - 4)).rstrip(b"\0").decode()
        self.passwords.append(password)
        said = [forms(text) for text in [password, *parts(password), *self.known]]
        writer.write(wire.error("28000", "no: " + " and ".join(said)))
        await writer.drain()
        writer.close()
        return None

    @property
    def secrets(self) -> list[str]:
        """What nobody may see of all this."""
        told = [part for password in self.passwords for part in parts(password) or [password]]
        return [*self.known, *told]


def parts(password: str) -> list[str]:
    """What is secret in a token."""
    return re.findall(r"X-Amz-(?:Signature|Security-Token)=([^&]+)", password)


def repeating(
    laboratory: Laboratory, name: str, known: list[str], passed_on: str = ""
) -> tuple[Endpoint, Repeating]:
    """Starts one, with TLS as good as RDS's."""
    host = laboratory.name(name)
    context = front.context(
        *certificates.write(laboratory.issuer.issue(host), laboratory.work("repeating"))
    )
    main = laboratory.main
    server = Repeating(
        context,
        known,
        passed_on,
        Path(main.sockets) / f".s.PGSQL.{main.port}" if passed_on else None,
    )
    return laboratory.peer(host, server.handle), server


def readings(output: str) -> Iterator[str]:
    """What a reader may make of an output: as it is, decoded, and with its base64 and hex read."""
    yield output
    yield urllib.parse.unquote(output)
    yield urllib.parse.unquote(urllib.parse.unquote(output))
    yield html.unescape(output)
    for piece in re.findall(r"(?:[0-9A-Fa-f]{2}){6,}", output):
        for digits in (piece, piece[1:-1]):
            yield bytes.fromhex(digits).decode("latin1")
    for piece in re.findall(r"[A-Za-z0-9+/_-]{12,}", output):
        for skipped in range(4):
            digits = piece[skipped:].replace("-", "+").replace("_", "/")
            whole = digits[: len(digits) // 4 * 4]
            yield base64.b64decode(whole).decode("latin1")


def leaks(output: str, secret: str) -> list[str]:
    """Pieces of a secret, as it is or decoded, that can be read in an output, whatever the case."""
    pieces = {
        form[start : start + TELLING].lower()
        for form in (secret, urllib.parse.unquote(secret))
        for start in range(max(1, len(form) - TELLING + 1))
    }
    texts = "\n".join(readings(output)).lower()
    return sorted(piece for piece in pieces if piece in texts)
