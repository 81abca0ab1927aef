"""`dbauth-admin token inspect`, given tokens that botocore made.

Run with the project's virtual environment: .venv/bin/python -m pytest Tests/Tokens
The binary is DBAUTH_ADMIN, or .build/debug/dbauth-admin.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import botocore.session
import pytest

ROOT = Path(__file__).resolve().parents[2]
BINARY = os.environ.get("DBAUTH_ADMIN", str(ROOT / ".build/debug/dbauth-admin"))
HOST = "mydb.abc123.eu-west-1.rds.amazonaws.com"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
KEYS = [
    ("AKIAIOSFODNN7EXAMPLE", None),
    ("ASIAIOSFODNN7EXAMPLE", "IQoJb3JpZ2luX2VjEKf//////////wE+/=="),
]


def inspect(token: str, *arguments: str) -> tuple[int, dict[str, object]]:
    """The exit status and the report."""
    result = subprocess.run(
        [BINARY, "token", "inspect", "--format", "json", *arguments],
        input=token,
        capture_output=True,
        text=True,
        check=False,
        env={"HOME": "/nonexistent"},
        timeout=60,
    )
    assert token[-64:] not in result.stdout + result.stderr
    return result.returncode, json.loads(result.stdout)


def session(key: str, session_token: str | None) -> botocore.session.Session:
    """A session with the example's keys."""
    session = botocore.session.Session()
    session.set_credentials(key, SECRET, session_token)
    return session


@pytest.mark.parametrize(("key", "session_token"), KEYS)
@pytest.mark.parametrize("port", [5432, 443])
@pytest.mark.parametrize(
    "user", ["app", "jane.doe+ops@example.com", "a b/é*~'()%&=?#[]\\\"", "100%2F", "日本"]
)
def test_rds(user: str, port: int, key: str, session_token: str | None) -> None:
    client = session(key, session_token).create_client("rds", region_name="eu-west-1")
    token = client.generate_db_auth_token(HOST, port, user)
    status, report = inspect(token, "-h", HOST, "-p", str(port), "-U", user)
    assert (status, report["faults"]) == (0, [])
    assert (report["host"], report["port"], report["user"]) == (HOST, port, user)
    assert (report["region"], report["signingService"], report["keySuffix"]) == (
        "eu-west-1",
        "rds-db",
        "MPLE",
    )
    assert report["hasSessionToken"] is (session_token is not None)
    assert report["length"] == len(token)


@pytest.mark.parametrize("admin", [False, True])
def test_dsql(admin: bool) -> None:
    host = "abcdefghijklmnopqrstuvwxyz.dsql.eu-west-1.on.aws"
    client = session(*KEYS[0]).create_client("dsql", region_name="eu-west-1")
    sign = (
        client.generate_db_connect_admin_auth_token
        if admin
        else client.generate_db_connect_auth_token
    )
    status, report = inspect(sign(host, "eu-west-1", 604_800), "-h", host)
    assert (status, report["faults"]) == (0, [])
    assert report["action"] == ("DbConnectAdmin" if admin else "DbConnect")


def test_a_session_token_that_was_forgotten() -> None:
    client = session(KEYS[1][0], None).create_client("rds", region_name="eu-west-1")
    status, report = inspect(client.generate_db_auth_token(HOST, 5432, "app"))
    assert status == 1
    assert [fault["id"] for fault in report["faults"]] == ["tok-no-session-token"]


def test_a_signer_for_another_region() -> None:
    client = session(*KEYS[0]).create_client("rds", region_name="us-east-1")
    status, report = inspect(client.generate_db_auth_token(HOST, 5432, "app"))
    assert status == 1
    assert [fault["id"] for fault in report["faults"]] == ["tok-wrong-region"]
