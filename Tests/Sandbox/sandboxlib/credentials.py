"""Random secrets in the shapes that AWS and PostgreSQL use; new for every sandbox."""

from __future__ import annotations

import base64
import secrets
import string
from dataclasses import dataclass
from typing import Any

REGION = "eu-west-1"
ACCOUNT = "123456789012"

#: Access key ids: a four-letter prefix and sixteen characters of base 32.
ACCESS_KEY_ALPHABET = string.ascii_uppercase + "234567"

#: Bytes in a session token before base 64; STS hands out tokens of several hundred characters.
SESSION_TOKEN_BYTES = 600


def _letters(alphabet: str, count: int) -> str:
    return "".join(secrets.choice(alphabet) for _ in range(count))


def password() -> str:
    """A password of 32 URL-safe characters."""
    return secrets.token_urlsafe(24)


def resource_id() -> str:
    """A resource id of an RDS instance: `db-` and 26 capital letters or digits."""
    return "db-" + _letters(string.ascii_uppercase + string.digits, 26)


def network_label() -> str:
    """The part of an RDS endpoint that stands for account and region, such as c9akciq32xyz."""
    return "c" + _letters(string.ascii_lowercase + string.digits, 11)


@dataclass(frozen=True)
class AccessKey:
    """A key pair; `session_token` is None for a long-term one."""

    id: str
    secret: str
    session_token: str | None = None

    @classmethod
    def random(cls, prefix: str, session_token: str | None = None) -> AccessKey:
        """A new pair: AKIA is the prefix of long-term keys, ASIA of temporary ones."""
        key_id = prefix + _letters(ACCESS_KEY_ALPHABET, 16)
        return cls(key_id, base64.b64encode(secrets.token_bytes(30)).decode(), session_token)

    def description(self) -> dict[str, Any]:
        """The pair as the environment file holds it."""
        described = {"accessKeyId": self.id, "secretAccessKey": self.secret}
        return described | ({"sessionToken": self.session_token} if self.session_token else {})


@dataclass(frozen=True)
class AWSKeys:
    """The keys that one sandbox accepts signatures of."""

    long_term: AccessKey
    temporary: AccessKey

    @classmethod
    def random(cls) -> AWSKeys:
        """New keys for a sandbox."""
        token = base64.b64encode(secrets.token_bytes(SESSION_TOKEN_BYTES)).decode()
        return cls(AccessKey.random("AKIA"), AccessKey.random("ASIA", token))

    def description(self) -> dict[str, Any]:
        """The environment file's "aws"."""
        account = {"region": REGION, "accountId": ACCOUNT}
        return account | self.long_term.description() | {"temporary": self.temporary.description()}
