"""Random secrets in the shapes that AWS and PostgreSQL use; new for every sandbox."""

from __future__ import annotations

import base64
import secrets
import string

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


def aws_keys() -> dict[str, object]:
    """One long-term and one temporary key pair, as the environment file holds them."""

    def pair(prefix: str) -> dict[str, str]:
        return {
            "accessKeyId": prefix + _letters(ACCESS_KEY_ALPHABET, 16),
            "secretAccessKey": base64.b64encode(secrets.token_bytes(30)).decode(),
        }

    token = base64.b64encode(secrets.token_bytes(SESSION_TOKEN_BYTES)).decode()
    temporary = {**pair("ASIA"), "sessionToken": token}
    return {"region": REGION, "accountId": ACCOUNT, **pair("AKIA"), "temporary": temporary}
