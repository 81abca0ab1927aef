"""Login by token through psql, PAM and the module, over a verified TLS connection."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import boto3
import pytest

from testing.sandboxes import Server
from testing.tokens import Request, stamp

USER = "iamuser"
SPECIAL_USERS = [
    "jane.doe+ops@example.com",
    "user name/é*~'()",
    'quo"te\\back&amp=100%;#?',
    "Ünïcødé 🐘",
    "line\nfeed\ttab",
]


@pytest.fixture(scope="module", autouse=True)
def iam_user(sandbox) -> Iterator[None]:
    """The user that logs in by token, on both servers with TLS."""
    servers = [sandbox.server(name) for name in ("pg15-rds", "pg15-stock")]
    for server in servers:
        server.admin(f"CREATE ROLE {USER} LOGIN IN ROLE rds_iam;")
    yield
    for server in servers:
        server.admin(f"DROP ROLE {USER};")


def boto3_token(server: Server, user: str, *, temporary: bool, host: str | None = None) -> str:
    """The token that boto3 makes."""
    keys = server.aws["temporary"] if temporary else server.aws
    client = boto3.client(
        "rds",
        region_name=server.aws["region"],
        aws_access_key_id=keys["accessKeyId"],
        aws_secret_access_key=keys["secretAccessKey"],
        aws_session_token=keys.get("sessionToken"),
    )
    return client.generate_db_auth_token(host or server.about["host"], server.about["port"], user)


@pytest.mark.parametrize("temporary", [False, True], ids=["long-term key", "temporary key"])
def test_boto3s_token_logs_in(secure: Server, temporary: bool) -> None:
    token = boto3_token(secure, USER, temporary=temporary)
    assert secure.login(USER, token).output == USER


@pytest.mark.parametrize("user", SPECIAL_USERS)
def test_boto3s_token_logs_in_a_user_with_special_characters(secure: Server, user: str) -> None:
    role = '"' + user.replace('"', '""') + '"'
    secure.admin(f"CREATE ROLE {role} LOGIN IN ROLE rds_iam;")
    try:
        result = secure.login(user, boto3_token(secure, user, temporary=True))
        assert (result.output, result.error) == (user, "")
    finally:
        secure.admin(f"DROP ROLE {role};")


def test_a_host_in_capitals_is_the_same_host(secure: Server) -> None:
    token = boto3_token(secure, USER, temporary=False, host=secure.about["host"].upper())
    assert secure.login(USER, token).output == USER


def test_a_clock_ahead_by_less_than_five_minutes_is_tolerated(secure: Server) -> None:
    token = Request.to(secure, USER).but(date=stamp(timedelta(minutes=4))).token()
    assert secure.login(USER, token).output == USER


def test_a_token_of_more_than_ten_kilobytes_logs_in(secure: Server) -> None:
    settings = Path(secure.about["log"]).parent / "tokens.conf"
    before = settings.read_text()
    session_token = "IQoJb3JpZ2luX2Vj/+=" * 640
    key = Request.to(secure, USER, temporary=True)
    try:
        settings.write_text(before.replace(str(key.session_token), session_token))
        token = key.but(session_token=session_token).token()
        assert len(token) > 10_240
        assert secure.login(USER, token).output == USER
        assert secure.login(USER, token[:-1]).status != 0
    finally:
        settings.write_text(before)


def test_the_masters_password_still_logs_in(secure: Server) -> None:
    assert secure.master("SELECT session_user").output == "postgres"


def test_a_token_does_not_log_in_without_tls(secure: Server) -> None:
    plain = Server(secure.name, {**secure.about, "sslmode": "disable"}, secure.aws)
    assert "no encryption" in plain.login(USER, Request.to(secure, USER).token()).error


#: What is wrong with a token, how to make it so, and the reason that the server's log gives.
WRONG: dict[str, tuple[Callable[[Request], Request | str], str]] = {
    "another host": (lambda r: r.but(host="db" + r.host), "another host"),
    "a host that only begins alike": (lambda r: r.but(host=r.host + ".evil.org"), "another host"),
    "another port": (lambda r: r.but(port=int(r.port) + 1), "another port"),
    "a port with a leading zero": (lambda r: r.but(port=f"0{r.port}"), "another port"),
    "no port": (lambda r: r.token().replace(f":{r.port}", "", 1), "no port"),
    "another user": (lambda r: r.but(user="somebody"), "another database user"),
    "the user in another case": (lambda r: r.but(user=r.user.upper()), "another database user"),
    "another region": (lambda r: r.but(region="us-east-1"), "another region"),
    "another service": (lambda r: r.but(service="rds"), "another service"),
    "another terminator": (lambda r: r.but(terminator="aws5_request"), "X-Amz-Credential is not"),
    "another action": (lambda r: r.but(parameters={"Action": "DbConnect"}), "Action is not"),
    "another algorithm": (
        lambda r: r.but(parameters={"X-Amz-Algorithm": "AWS4-HMAC-SHA1"}),
        "algorithm",
    ),
    "more signed headers": (
        lambda r: r.but(parameters={"X-Amz-SignedHeaders": "host;x-amz-date"}),
        "other headers",
    ),
    "expired": (lambda r: r.but(date=stamp(timedelta(seconds=-901))), "expired"),
    "expired early by its own wish": (
        lambda r: r.but(date=stamp(timedelta(seconds=-61)), parameters={"X-Amz-Expires": "60"}),
        "expired",
    ),
    "from the future": (lambda r: r.but(date=stamp(timedelta(minutes=10))), "from the future"),
    "from the next century": (lambda r: r.but(date="21260101T000000Z"), "from the future"),
    "no date": (lambda r: r.but(date="20261301T000000Z"), "X-Amz-Date is no date"),
    "a date in another format": (lambda r: r.but(date="2026-11-21T02:00"), "X-Amz-Date is no"),
    "a scope of another day": (lambda r: r.but(day="20200101"), "credential's date"),
    "a life of 901 seconds": (lambda r: r.but(parameters={"X-Amz-Expires": "901"}), "900"),
    "a life of a week": (lambda r: r.but(parameters={"X-Amz-Expires": "604800"}), "900"),
    "no life": (lambda r: r.but(parameters={"X-Amz-Expires": "0"}), "900"),
    "a negative life": (lambda r: r.but(parameters={"X-Amz-Expires": "-1"}), "900"),
    "a life that is no number": (lambda r: r.but(parameters={"X-Amz-Expires": "9e2"}), "900"),
    "an unknown key": (lambda r: r.but(key="AKIAAAAAAAAAAAAAAAAA"), "key is not known"),
    "another secret": (lambda r: r.but(secret=r.secret[::-1]), "signature is wrong"),
    "a session token that a long-term key has not": (
        lambda r: r.but(session_token="token"),
        "came with a session token",
    ),
    "an unknown parameter": (lambda r: r.but(parameters={"X-Amz-Other": "1"}), "do not have"),
    "a parameter twice": (lambda r: r.token() + "&Action=connect", "twice"),
    "no algorithm": (lambda r: r.but(parameters={"X-Amz-Algorithm": None}), "lacks a parameter"),
    "no user": (lambda r: r.but(parameters={"DBUser": None}), "lacks a parameter"),
    "a broken escape": (lambda r: r.token().replace("%2F", "%2G", 1), "percent-encoded"),
    "a NUL in it": (lambda r: r.token().replace("Action=", "Action=%00"), "percent-encoded"),
    "a plus sign": (lambda r: r.token().replace("DBUser=", "DBUser=+"), "percent-encoded"),
    "a scheme": (lambda r: "https://" + r.token(), "host:port/?"),
    "another path": (lambda r: r.token().replace("/?", "/x?", 1), "host:port/?"),
    "a line feed after it": (lambda r: r.token() + "\n", "no token has"),
    "a space after it": (lambda r: r.token() + " ", "no token has"),
    "no percent sign escaped": (lambda r: r.token().replace("%", "%25"), "X-Amz-Credential is not"),
    "a signature in capitals": (
        lambda r: r.token()[:-64] + r.token()[-64:].upper(),
        "signature is wrong",
    ),
    "a tampered signature": (
        lambda r: r.token()[:-1] + ("0" if r.token()[-1] != "0" else "1"),
        "signature is wrong",
    ),
    "half a signature": (lambda r: r.token()[:-32], "signature is wrong"),
    "an empty signature": (lambda r: r.token()[:-64], "signature is wrong"),
    "cut before the signature": (lambda r: r.token().split("&X-Amz-Sig")[0], "lacks a parameter"),
    "cut in the query": (lambda r: r.token()[: len(r.token()) // 2], ""),
    "60 KB of nothing": (lambda r: "x" * 60_000, "host:port/?"),
    "60 KB of parameters": (lambda r: r.token() + "&a=b" * 15_000, "do not have"),
    "a user's password": (lambda r: "correct horse battery staple", "no token has"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_token_does_not_log_in(secure: Server, what: str) -> None:
    make, reason = WRONG[what]
    made = make(Request.to(secure, USER))
    refused(secure, made if isinstance(made, str) else made.token(), reason)


def test_a_temporary_key_needs_its_own_session_token(secure: Server) -> None:
    request = Request.to(secure, USER, temporary=True)
    refused(secure, request.but(session_token=None).token(), "without its session token")
    other = str(request.session_token)[::-1]
    refused(secure, request.but(session_token=other).token(), "not the access key's")


def test_a_token_for_one_server_does_not_open_the_other(sandbox) -> None:
    one, other = sandbox.server("pg15-rds"), sandbox.server("pg15-stock")
    refused(one, Request.to(other, USER).token(), "another host")


def test_an_empty_password_does_not_log_in(secure: Server) -> None:
    assert secure.login(USER, "").status != 0


def refused(server: Server, token: str, reason: str) -> None:
    """The login fails as on RDS; the log has the reason, and nothing of the token."""
    before = len(server.log())
    result = server.login(USER, token)
    said = server.log()[before:]
    assert f'PAM authentication failed for user "{USER}"' in result.error
    assert f'pam_rds_iam: user "{USER}": ' in said and reason in said
    for part in (token[:40], token[-40:], "AKIA", "ASIA"):
        assert part == "" or part not in said
