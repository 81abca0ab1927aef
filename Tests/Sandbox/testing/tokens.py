"""Tokens signed by hand, so that exactly one thing about them can be wrong."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from .sandboxes import Server

EMPTY = hashlib.sha256(b"").hexdigest()


def _encode(text: str) -> str:
    return quote(text, safe="-._~")


def _digest(key: bytes, message: str) -> bytes:
    return hmac.new(key, message.encode(), hashlib.sha256).digest()


@dataclass(frozen=True)
class Request:
    """A token's parts; whatever they are, the signature fits them."""

    host: str
    port: int | str
    user: str
    key: str
    secret: str
    session_token: str | None = None
    region: str = "eu-west-1"
    service: str = "rds-db"
    terminator: str = "aws4_request"
    date: str = field(default_factory=lambda: stamp(timedelta()))
    day: str | None = None
    #: The name in the signature, when it is not `host` in small letters.
    signed_host: str | None = None
    #: Further parameters, or None to leave one out.
    parameters: dict[str, str | None] = field(default_factory=dict)

    @classmethod
    def to(cls, server: Server, user: str, *, temporary: bool = False) -> Request:
        """A request that the server accepts."""
        keys: dict[str, Any] = server.aws["temporary"] if temporary else server.aws
        return cls(
            server.about["host"],
            server.about["port"],
            user,
            keys["accessKeyId"],
            keys["secretAccessKey"],
            keys.get("sessionToken"),
        )

    def but(self, **changes: Any) -> Request:
        """The same request with something else in places."""
        return replace(self, **changes)

    def token(self) -> str:
        """The signed token."""
        scope = [self.day or self.date[:8], self.region, self.service, self.terminator]
        parameters: dict[str, str | None] = {
            "Action": "connect",
            "DBUser": self.user,
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Credential": "/".join([self.key, *scope]),
            "X-Amz-Date": self.date,
            "X-Amz-Expires": "900",
            "X-Amz-SignedHeaders": "host",
            "X-Amz-Security-Token": self.session_token,
            **self.parameters,
        }
        pairs = [(_encode(n), _encode(v)) for n, v in parameters.items() if v is not None]
        query = "&".join(f"{name}={value}" for name, value in sorted(pairs))
        host = f"host:{self.signed_host or self.host.lower()}:{self.port}"
        canonical = "\n".join(["GET", "/", query, host, "", "host", EMPTY])
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        message = "\n".join(["AWS4-HMAC-SHA256", self.date, "/".join(scope), digest])
        key = f"AWS4{self.secret}".encode()
        for part in scope:
            key = _digest(key, part)
        signature = _digest(key, message).hex()
        return f"{self.host}:{self.port}/?{query}&X-Amz-Signature={signature}"


def stamp(offset: timedelta) -> str:
    """An X-Amz-Date so far from now."""
    return (datetime.now(UTC) + offset).strftime("%Y%m%dT%H%M%SZ")
