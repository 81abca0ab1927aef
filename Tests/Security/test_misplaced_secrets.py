"""A token, or a password, where a name is to be: whatever is said about it does not repeat it."""

from __future__ import annotations

from pathlib import Path

import pytest

from securitykit.program import Run, run

SIGNATURE = "5f0c2f6a1d9e8b7c4a3f2e1d0c9b8a7f6e5d4c3b2a1908f7e6d5c4b3a2918070"
SESSION = "IQoJb3JpZ2luX2VjEPzqsession%2Fxyzzy"
TOKEN = (
    "mydb.abc123def456.eu-west-1.rds.amazonaws.com:5432/?Action=connect&DBUser=app"
    "&X-Amz-Algorithm=AWS4-HMAC-SHA256"
    "&X-Amz-Credential=ASIAZQEXAMPLE1234567%2F20260101%2Feu-west-1%2Frds-db%2Faws4_request"
    f"&X-Amz-Date=20260101T000000Z&X-Amz-Expires=900&X-Amz-Security-Token={SESSION}"
    f"&X-Amz-SignedHeaders=host&X-Amz-Signature={SIGNATURE}"
)
PASSWORD = "S3cretPw-plugh"
VARIABLES = ["PGHOST", "PGHOSTADDR", "PGPORT", "PGUSER", "PGDATABASE", "PGSERVICE", "PGSSLMODE"]
VARIABLES += ["PGSSLROOTCERT"]
KEYS = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE1234", "AWS_SECRET_ACCESS_KEY": "xyzzysecret"}
#: Nobody listens there, so that a run which gets as far as that ends at once.
CLOSED = ["-h", "127.0.0.1", "-p", "1", "-U", "app", "-d", "app"]
DOCTOR = ["doctor", "--timeout", "1s", "--offline"]
SETUP = ["setup", "plan", "-w", "--iam-user", "app_iam"]
RDS = "mydb.abc123def456.eu-west-1.rds.amazonaws.com"


def assert_hidden(ended: Run, *files: Path) -> None:
    """Something was said, and neither the signature, nor the session token, nor the password."""
    assert ended.output, ended.story
    for text in [ended.output, *(file.read_text() for file in files)]:
        small = text.lower()
        for secret in (SIGNATURE[:20], SIGNATURE[-20:], SESSION[:16].lower(), "plugh", "xyzzy"):
            assert secret not in small, text


@pytest.mark.parametrize(
    "arguments",
    [
        [*DOCTOR, "-h", TOKEN],
        [*SETUP, "-h", TOKEN],
        ["token", "rds", "-h", TOKEN, "-U", "app"],
        ["token", "rds", "-h", RDS, "-U", "app", "--region", TOKEN],
        ["token", "rds", "-h", RDS, "-U", "app", "--profile", TOKEN],
        ["token", "rds", "-h", RDS, "-U", "app", "-p", TOKEN],
        ["token", "rds", "-h", RDS, "-U", "app", "--format", TOKEN],
        ["explain", TOKEN],
        ["explain", "--checks", TOKEN, "tls-expired"],
        ["policy", "connect", "--user", TOKEN],
        ["token", "inspect", "-h", TOKEN],
        [*DOCTOR, *CLOSED, "--hostaddr", TOKEN],
        [*DOCTOR, *CLOSED, "--sslmode", TOKEN],
        [*DOCTOR, *CLOSED, "--sslmode", "verify-full", "--sslrootcert", TOKEN],
        [*DOCTOR, *CLOSED, "--region", TOKEN],
        [*DOCTOR, *CLOSED, "--token-host", TOKEN],
        [*DOCTOR, *CLOSED, "--timeout", TOKEN],
        [*DOCTOR, *CLOSED, "--only", TOKEN],
        [*DOCTOR, *CLOSED, "--output", f"/nonexistent/{TOKEN}"],
        [*DOCTOR, "-h", "127.0.0.1", "-p", "1", "-U", TOKEN],
        [*DOCTOR, *CLOSED, "--admin", f"user=postgres host={TOKEN}"],
        [*DOCTOR, "-d", f"host=127.0.0.1 port=1 user={TOKEN}"],
        [*SETUP, "-h", "127.0.0.1", "-p", "1", "-U", TOKEN],
        [*SETUP, *CLOSED, "--statement-timeout", TOKEN],
        [*SETUP, *CLOSED, "--owner-role", TOKEN],
        ["setup", "revert", *CLOSED, "-w", "--journal", TOKEN],
    ],
    ids=lambda arguments: " ".join(arguments).replace(TOKEN, "TOKEN"),
)
def test_a_token_in_the_place_of_an_argument_is_not_repeated(arguments: list[str]) -> None:
    assert_hidden(run(*arguments, environment=KEYS))


@pytest.mark.parametrize("command", [DOCTOR, SETUP], ids=lambda command: command[0])
@pytest.mark.parametrize("variable", VARIABLES)
def test_a_token_in_the_place_of_a_variable_is_not_repeated(
    command: list[str], variable: str
) -> None:
    place = {"PGHOST": "127.0.0.1", "PGPORT": "1", "PGUSER": "app", "PGDATABASE": "app"}
    assert_hidden(run(*command, environment=KEYS | place | {variable: TOKEN}))


@pytest.mark.parametrize("command", [DOCTOR, SETUP], ids=lambda command: command[0])
def test_a_password_before_the_host_of_a_variable_is_not_repeated(command: list[str]) -> None:
    assert_hidden(run(*command, environment={"PGHOST": f"app:{PASSWORD}@127.0.0.1"}))


@pytest.mark.parametrize("command", [DOCTOR, SETUP], ids=lambda command: command[0])
@pytest.mark.parametrize("value", [TOKEN, f"app:{PASSWORD}@127.0.0.1"], ids=["token", "password"])
def test_what_a_service_has_for_a_host_is_not_repeated(
    command: list[str], value: str, tmp_path: Path
) -> None:
    file = tmp_path / "services"
    file.write_text(f"[s]\nhost={value}\n")
    assert_hidden(run(*command, "-d", "service=s", environment={"PGSERVICEFILE": str(file)}))


def test_a_token_for_a_user_stands_in_no_report(tmp_path: Path) -> None:
    kinds = ["json", "jsonl", "junit", "sarif", "markdown", "github"]
    files = [tmp_path / kind for kind in kinds]
    reports = [f"--format={kind}={file}" for kind, file in zip(kinds, files, strict=True)]
    ended = run(*DOCTOR, "-h", "127.0.0.1", "-p", "1", "-U", TOKEN, "--format", "text", *reports)
    assert_hidden(ended, *files)
