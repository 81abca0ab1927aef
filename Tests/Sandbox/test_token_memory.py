"""The verification under the address and undefined-behaviour sanitizers, fed with rubbish."""

from __future__ import annotations

import random
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sandboxlib.native import SOURCES, TOKEN_SOURCES
from testing.tokens import Request

SANITIZERS = ["-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]

#: The moment at which the tokens of this file are checked.
NOW = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)

REQUEST = Request(
    host="app.c9akciq32xyz.eu-west-1.rds.amazonaws.com",
    port=5432,
    user="iamuser",
    key="ASIAIOSFODNN7EXAMPLE",
    secret="secret/of+temporary",
    session_token="FwoGZXIvYXdzE+/==" * 50,
    date="20240102T030405Z",
)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The verification as a program of its own, with sanitizers."""
    target = tmp_path_factory.mktemp("native") / "check_token"
    flags = ["-std=gnu11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", *SANITIZERS]
    sources = [SOURCES / source for source in ["check_token.c", *TOKEN_SOURCES]]
    subprocess.run(["cc", *flags, "-o", target, *sources, "-lcrypto"], check=True)
    return target


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Settings that fit REQUEST; the keys of botocore's own vectors besides."""
    path = tmp_path_factory.mktemp("settings") / "tokens.conf"
    path.write_text(_settings(REQUEST, "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"))
    return path


def _settings(request: Request, key: str, secret: str) -> str:
    values = {
        "host": request.host.lower(),
        "port": request.port,
        "region": request.region,
        "access_key_id": key,
        "secret_access_key": secret,
        "temporary_access_key_id": request.key,
        "temporary_secret_access_key": request.secret,
        "temporary_session_token": request.session_token,
    }
    return "".join(f"{name}={value}\n" for name, value in values.items())


def verdicts(program: Path, settings: Path, user: str, tokens: list[bytes]) -> list[str]:
    """What the program says about each token; a sanitizer's report fails the test."""
    done = subprocess.run(
        [program, settings, user, str(int(NOW.timestamp()))],
        input=b"\0".join(tokens) + b"\0",
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr.decode()[-4000:]
    return done.stdout.decode().splitlines()


def test_the_right_token_is_right(program: Path, settings: Path) -> None:
    assert verdicts(program, settings, "iamuser", [REQUEST.token().encode()]) == ["ok"]


def test_a_published_vector_of_botocore_is_right(program: Path, tmp_path: Path) -> None:
    key, secret = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
    request = REQUEST.but(host="MyDB.ABC.us-east-1.rds.amazonaws.com", region="us-east-1")
    path = tmp_path / "tokens.conf"
    path.write_text(_settings(request, key, secret))
    token = (
        "MyDB.ABC.us-east-1.rds.amazonaws.com:5432/?Action=connect&DBUser=u"
        "&X-Amz-Algorithm=AWS4-HMAC-SHA256"
        f"&X-Amz-Credential={key}%2F20240102%2Fus-east-1%2Frds-db%2Faws4_request"
        "&X-Amz-Date=20240102T030405Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host"
        "&X-Amz-Signature=6f208387137f08e23a61fd7164a6bb36c346c7726515462a28cb1fd5357e2bfc"
    )
    assert verdicts(program, path, "u", [token.encode()]) == ["ok"]


def test_every_prefix_of_a_token_is_refused(program: Path, settings: Path) -> None:
    token = REQUEST.token().encode()
    tokens = [token[:length] for length in range(1, len(token))]
    assert "ok" not in verdicts(program, settings, "iamuser", tokens)


def test_every_token_with_one_byte_changed_is_refused(program: Path, settings: Path) -> None:
    chosen = random.Random(15)
    token = REQUEST.token().encode()
    # The host may be in any case, and so may the digits of escapes.
    tokens = []
    for at in range(len(token)):
        other = chosen.choice([byte for byte in range(1, 256) if byte | 32 != token[at] | 32])
        tokens.append(token[:at] + bytes([other]) + token[at + 1 :])
    assert "ok" not in verdicts(program, settings, "iamuser", tokens)


def test_rubbish_is_refused_without_a_memory_error(program: Path, settings: Path) -> None:
    chosen = random.Random(16)
    token = REQUEST.token().encode()
    pieces = [b"%", b"%0", b"&", b"=", b"&&", b"==", b"/?", b":", b"?", b"/", b"\xff", b" ", b"%00"]
    pieces += [b"X-Amz-Date=", b"X-Amz-Signature=", b"DBUser", b"0" * 70, b"A" * 20_000]
    tokens = [b"", b"/?", b":/?", b"?", b"/?=", b"/?&", b"a:1/?%", b"a:1/?%0"]
    for _ in range(5_000):
        mutant = bytearray(token)
        for _ in range(chosen.randint(1, 6)):
            begin = chosen.randrange(len(mutant) + 1)
            end = min(len(mutant), begin + chosen.choice([0, 1, 2, 8, 64, 500]))
            mutant[begin:end] = chosen.choice([*pieces, token[begin:end] * 2])
        if mutant != token:
            tokens.append(bytes(mutant))
    answers = verdicts(program, settings, "iamuser", tokens)
    assert len(answers) == len(tokens) and "ok" not in answers
