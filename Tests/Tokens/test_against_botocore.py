"""Tokens of `dbauth-admin token`, compared whole with those that botocore makes for the same second.

Run with the project's virtual environment: .venv/bin/python -m pytest Tests/Tokens
The binary is DBAUTH_ADMIN, or .build/debug/dbauth-admin.
"""

from __future__ import annotations

import datetime
import functools
import os
import re
import subprocess
from pathlib import Path
from unittest import mock

import botocore.session
import pytest

ROOT = Path(__file__).resolve().parents[2]
BINARY = os.environ.get("DBAUTH_ADMIN", str(ROOT / ".build/debug/dbauth-admin"))

KEY_ID = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
SESSION_TOKENS = [None, "IQoJb3JpZ2luX2VjEKf//////////wE+/=="]


def run(arguments: list[str], session_token: str | None) -> str:
    """Runs `dbauth-admin` with nothing but the example's keys, and returns the token."""
    environment = {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET, "HOME": "/nonexistent"}
    if session_token:
        environment["AWS_SESSION_TOKEN"] = session_token
    result = subprocess.run(
        [BINARY, "token", *arguments], capture_output=True, text=True, check=True, env=environment, timeout=60
    )
    return result.stdout


@functools.cache
def client(service: str, session_token: str | None):
    """botocore's client of a service, with the example's keys."""
    session = botocore.session.Session()
    session.set_credentials(KEY_ID, SECRET, session_token)
    return session.create_client(service, region_name="eu-west-1")


def at_the_time_of(token: str):
    """Sets botocore's clock to the second in which a token was signed."""
    found = re.search(r"X-Amz-Date=(\d{8}T\d{6})Z", token)
    assert found
    moment = datetime.datetime.strptime(found[1], "%Y%m%dT%H%M%S")
    return mock.patch("botocore.auth.get_current_datetime", return_value=moment)


@pytest.mark.parametrize("session_token", SESSION_TOKENS)
@pytest.mark.parametrize("port", [5432, 443, 80, 65535])
@pytest.mark.parametrize("user", ["app", "jane.doe+ops@example.com", "a b/é*~'()%&=?#[]\\\"", "日本", "$x{y}", "~-._"])
@pytest.mark.parametrize(
    "host", ["mydb.abc123.eu-west-1.rds.amazonaws.com", "MyDB.Cluster-RO-abc123.eu-west-1.rds.amazonaws.com"]
)
def test_rds(host: str, user: str, port: int, session_token: str | None) -> None:
    token = run(["rds", "-h", host, "-p", str(port), "-U", user], session_token)
    with at_the_time_of(token):
        expected = client("rds", session_token).generate_db_auth_token(host, port, user)
    assert token == expected


@pytest.mark.parametrize("session_token", SESSION_TOKENS)
@pytest.mark.parametrize("lifetime", [900, 604800])
@pytest.mark.parametrize("admin", [False, True])
def test_dsql(admin: bool, lifetime: int, session_token: str | None) -> None:
    host = "abcdefghijklmnopqrstuvwxyz.dsql.eu-west-1.on.aws"
    flags = ["--admin"] if admin else []
    token = run(["dsql", "-h", host, "--expires-in", str(lifetime), *flags], session_token)
    dsql = client("dsql", session_token)
    sign = dsql.generate_db_connect_admin_auth_token if admin else dsql.generate_db_connect_auth_token
    with at_the_time_of(token):
        expected = sign(host, "eu-west-1", lifetime)
    assert token == expected
