"""Wrong usage ends at once, with the right exit status, and without a server."""

from __future__ import annotations

import pytest

from securitykit.program import run


@pytest.mark.parametrize(
    "command", ["setup plan --iam-user a", "setup revert", "doctor", "token rds"]
)
def test_an_unknown_option_is_wrong_usage(command: str) -> None:
    ended = run(*command.split(), "--no-such-option")
    assert ended.status == 64, ended.story
    assert b"no-such-option" in ended.stderr, ended.story
