"""A server that repeats a token, or AWS's keys, in every form: nothing of them is printed."""

from __future__ import annotations

from pathlib import Path

import pytest
from labkit.laboratory import Endpoint, Laboratory

from securitykit.program import Run, run
from securitykit.repeating import FORMS, Repeating, forms, leaks, repeating

SECRET_KEY = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYzqEXAMPLEKEY"
SESSION_TOKEN = "IQoJb3JpZ2luX2VjEPz//////////wEaCXVzLWVhc3Qt+zqsession/Ab9=="
AWS = {
    "AWS_ACCESS_KEY_ID": "ASIAZQEXAMPLE1234567",
    "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
    "AWS_SESSION_TOKEN": SESSION_TOKEN,
    "AWS_REGION": "eu-west-1",
}


def environment(laboratory: Laboratory, at: Endpoint) -> dict[str, str]:
    """What leads to the server, and the keys."""
    place = {"PGHOST": at.host, "PGHOSTADDR": at.address, "PGPORT": str(at.port)}
    return AWS | place | {"PGSSLMODE": "verify-full", "PGSSLROOTCERT": str(laboratory.bundle)}


def assert_hidden(ended: Run, server: Repeating, *files: Path) -> None:
    """It told the secrets to the server, and to nobody else."""
    assert server.passwords, ended.story
    assert "(redacted)" in ended.output + "".join(file.read_text() for file in files), ended.story
    for output in [ended.output, *(file.read_text() for file in files)]:
        for secret in server.secrets:
            assert leaks(output, secret) == [], output


@pytest.mark.parametrize("form", ["text", "json"])
def test_verify_shows_nothing_of_the_login_that_it_tries(laboratory: Laboratory, form: str) -> None:
    known = [SECRET_KEY, SESSION_TOKEN]
    at, server = repeating(laboratory, f"verify-{form}.", known, passed_on="rdsadmin")
    ended = run(
        *("setup", "verify", "--iam-user", "zq_iam", "--login", "--format", form),
        *("-U", "rdsadmin", "-d", "app", "-w"),
        environment=environment(laboratory, at),
    )
    assert "could not log in with a token" in ended.output, ended.story
    assert_hidden(ended, server)


def test_doctor_shows_nothing_of_the_login_that_it_tries(
    laboratory: Laboratory, tmp_path: Path
) -> None:
    at, server = repeating(laboratory, "doctor.", [SECRET_KEY, SESSION_TOKEN])
    kinds = ["json", "jsonl", "junit", "sarif", "markdown", "github"]
    files = [tmp_path / kind for kind in kinds]
    reports = [f"--format={kind}={file}" for kind, file in zip(kinds, files, strict=True)]
    ended = run(
        *("doctor", "-U", "zq_iam", "-d", "app", "--timeout", "5s", "--format", "text", *reports),
        environment=environment(laboratory, at),
    )
    assert ended.status == 1, ended.story
    assert_hidden(ended, server, *files)


def test_a_login_that_is_not_answered_takes_no_longer_than_any_other(
    laboratory: Laboratory,
) -> None:
    at, server = repeating(laboratory, "silent.", [], passed_on="rdsadmin")
    server.is_silent = True
    ended = run(
        *(
            "setup",
            "verify",
            "--iam-user",
            "zq_iam",
            "--login",
            "-U",
            "rdsadmin",
            "-d",
            "app",
            "-w",
        ),
        environment=environment(laboratory, at) | {"PGCONNECT_TIMEOUT": "2"},
    )
    # libpq's 2 seconds, and not setup's own 15.
    assert ended.seconds < 12, ended.story
    assert "within 2.0 s" in ended.output, ended.story


def test_what_a_reader_can_make_of_an_output_is_found() -> None:
    """The judge itself: each form of a secret is one that it finds."""
    for name, form in FORMS.items():
        assert leaks(f"no: {form(SECRET_KEY)}, said the server", SECRET_KEY), name
    assert leaks(forms(SESSION_TOKEN), SESSION_TOKEN)
    assert leaks("no: (redacted), said the server", SECRET_KEY) == []
