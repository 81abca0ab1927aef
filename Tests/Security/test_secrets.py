"""A server that repeats what it was told in confidence, and arguments with secrets in them."""

from __future__ import annotations

import urllib.parse
from collections.abc import Callable
from pathlib import Path

import pytest
from labkit.laboratory import Laboratory
from labkit.wire import authentication, error

from securitykit.program import run

PASSWORD = "Xyzzy/9&plugh%2B=frobozz"

FORMS: dict[str, Callable[[str], str]] = {
    "whole": lambda secret: secret,
    "in capitals": str.upper,
    "encoded": lambda secret: urllib.parse.quote(secret, safe=""),
    "encoded twice": lambda secret: urllib.parse.quote(urllib.parse.quote(secret, safe="")),
    "decoded": urllib.parse.unquote,
    "cut at its end": lambda secret: secret[:-6],
    "cut at its beginning": lambda secret: secret[6:],
    "in quotation marks": lambda secret: f"'{secret}'",
    "in hexadecimal": lambda secret: secret.encode().hex(),
    "in decimal references": lambda secret: "".join(f"&#{ord(sign)};" for sign in secret),
    "in hexadecimal references": lambda secret: "".join(f"&#x{ord(sign):X};" for sign in secret),
}

#: Enough of the password to tell it.
PARTS = ["xyzzy", "plugh", "frobozz"]


def echo(laboratory: Laboratory, text: str) -> int:
    """A server that asks for a password in clear text, and answers with this."""
    answer = authentication(3) + error("XX000", f"no: {text}")
    return laboratory.peer(laboratory.name("echo."), after_startup_plain(answer)).port


def after_startup_plain(answer: bytes) -> Callable[..., object]:
    """Answers every StartupMessage, without TLS."""
    from labkit import wire

    async def handle(reader, writer):  # type: ignore[no-untyped-def]
        head = await wire.opening(reader, writer)
        if head == wire.SSL_REQUEST:
            writer.write(b"N")
            head = b""
        await wire.startup(reader, head)
        writer.write(answer)
        await writer.drain()
        await reader.read(1000)
        writer.close()

    return handle


def assert_hidden(output: str) -> None:
    shown = output.lower()
    assert not any(part in shown for part in PARTS), output


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("place", ["environment", "password file", "URI", "service file"])
def test_setup_does_not_show_a_password_that_the_server_repeats(
    laboratory: Laboratory, tmp_path: Path, form: str, place: str
) -> None:
    port = echo(laboratory, FORMS[form](PASSWORD))
    environment: dict[str, str] = {}
    database = "app"
    if place == "environment":
        environment = {"PGPASSWORD": PASSWORD}
    elif place == "password file":
        file = tmp_path / "pgpass"
        file.write_text(f"127.0.0.1:{port}:*:*:{PASSWORD}\n")
        file.chmod(0o600)
        environment = {"PGPASSFILE": str(file)}
    elif place == "URI":
        database = f"postgresql://postgres:{urllib.parse.quote(PASSWORD, safe='')}@127.0.0.1/app"
    else:
        file = tmp_path / "services"
        file.write_text(f"[s]\npassword={PASSWORD}\ndbname=app\n")
        environment = {"PGSERVICEFILE": str(file)}
        database = "service=s"
    ended = run(
        *("setup", "verify", "-h", "127.0.0.1", "-p", str(port), "-U", "postgres", "-d", database),
        *("--iam-user", "zq_iam", "-w"),
        environment=environment,
    )
    assert ended.status == 1, ended.story
    assert "(redacted)" in ended.output, ended.story
    assert_hidden(ended.output)


def test_lines_of_a_server_begin_nothing_of_ours(laboratory: Laboratory) -> None:
    forged = "no\n  fix: run zqforged\n  why: zqforged\n::error::zqforged\n##[error]zqforged"
    ended = run(
        *("setup", "verify", "-h", "127.0.0.1", "-p", str(echo(laboratory, forged)), "-w"),
        *("-U", "postgres", "-d", "app", "--iam-user", "zq_iam"),
        environment={"PGPASSWORD": PASSWORD},
    )
    assert ended.status == 1, ended.story
    lines = [line for line in ended.output.splitlines() if "zqforged" in line]
    assert len(lines) == 4, ended.story
    for line in lines:
        assert line.startswith("    "), ended.story
        assert not line.lstrip().startswith("::"), ended.story
        assert "##[" not in line, ended.story


@pytest.mark.parametrize(
    "arguments",
    [
        ["setup", "plan", "--iam-user", "a", f"postgresql://u:{PASSWORD}@h/db"],
        ["setup", "plan", "--iam-user", "a", "-h", f"u:{PASSWORD}@host"],
        ["setup", "plan", "--iam-user", "a", "-p", PASSWORD],
        ["setup", "plan", "--iam-user", "a", "-W", PASSWORD],
        ["setup", "plan", "--iam-user", "a", f"-W{PASSWORD}"],
        ["setup", "plan", "--iam-user", "a", f"--password={PASSWORD}"],
        ["setup", "plan", "--iam-user", "a", "--password", PASSWORD],
        ["setup", "plan", "--iam-user", "a", f"--passwd={PASSWORD}"],
        ["setup", "plan", "--iam-user", "a", "-d", f"postgresql://u:{PASSWORD}@[h/db"],
        ["setup", "plan", "--iam-user", "a", "-d", f"host=h passwort={PASSWORD}"],
        ["setup", "plan", "--iam-user", "a", "-d", f"host=h password={PASSWORD} more"],
        [f"postgresql://u:{PASSWORD}@h/db"],
        ["doctor", f"postgresql://u:{PASSWORD}@h/db"],
        ["doctor", "-h", f"u:{PASSWORD}@h"],
        ["doctor", "-h", "h", "-p", PASSWORD],
        ["doctor", "-h", "h", f"-W{PASSWORD}"],
        ["doctor", "-h", "h", f"--password={PASSWORD}"],
        ["doctor", "-h", "h", "--admin", f"postgresql://u:{PASSWORD}@[h"],
        ["setup", "plan", "--iam-user", "a", "-d", f"postgresql://u:{PASSWORD}!h/db"],
        ["doctor", "-d", f"postgresql://u:{PASSWORD}!h/db"],
        ["doctor", "-d", f"postgresql://u:{PASSWORD}/x@h/db"],
        ["token", "rds", "-h", f"postgresql://u:{PASSWORD}!h/db", "-U", "u"],
        ["token", "rds", "-h", f"u:{PASSWORD}@h", "-U", "u"],
        ["token", "rds", f"postgresql://u:{PASSWORD}@h/db"],
        ["token", "rds", f"--password={PASSWORD}"],
    ],
)
def test_wrong_usage_repeats_no_password(arguments: list[str]) -> None:
    ended = run(*arguments, environment={"PGHOST": "127.0.0.1", "PGPORT": "1"})
    assert ended.status in (1, 64), ended.story
    assert ended.stderr, ended.story
    assert_hidden(ended.output)


def test_doctor_shows_no_secret_of_a_service_file(tmp_path: Path) -> None:
    secrets = ["sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key"]
    lines = [f"{keyword}=xyzzy-{number}" for number, keyword in enumerate(secrets)]
    file = tmp_path / "services"
    file.write_text("\n".join(["[s]", "host=h.example", *lines]) + "\n")
    given = " ".join(f"{keyword}=plugh-{number}" for number, keyword in enumerate(secrets))
    for form in ("text", "json"):
        ended = run(
            *("doctor", "-d", f"service=s {given}", "--offline", "--format", form),
            environment={"PGSERVICEFILE": str(file), "PGPASSWORD": PASSWORD},
        )
        assert ended.stdout, ended.story
        assert_hidden(ended.output)
