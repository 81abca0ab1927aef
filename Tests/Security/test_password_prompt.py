"""What becomes of a terminal on which a password is asked for, when that is ended."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from labkit.trial import binary

from securitykit.terminal import Terminal

CONNECTION = ["-W", "-h", "127.0.0.1", "-p", "1", "-U", "postgres", "-d", "app"]
COMMANDS = {
    "plan": ["--iam-user", "shop_iam"],
    "apply": ["--iam-user", "shop_iam"],
    "verify": ["--iam-user", "shop_iam"],
    "revert": [],
}
ENDINGS: dict[str, tuple[Callable[[Terminal], object], int]] = {
    "ctrl-c": (lambda terminal: terminal.type(b"secr\x03"), signal.SIGINT),
    "sigterm": (lambda terminal: os.kill(terminal.process.pid, signal.SIGTERM), signal.SIGTERM),
    "sighup": (lambda terminal: os.kill(terminal.process.pid, signal.SIGHUP), signal.SIGHUP),
}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_signal_at_the_password_prompt_leaves_a_terminal_that_shows_what_is_typed(
    command: str, ending: str, tmp_path: Path
) -> None:
    arguments = ["setup", command, *COMMANDS[command], *CONNECTION]
    with Terminal(*arguments, environment={}, folder=tmp_path) as terminal:
        terminal.read_until("Password: ")
        assert not terminal.shows_what_is_typed()
        end, number = ENDINGS[ending]
        end(terminal)
        # A shell shows it as 128 and the signal's number: 130 for Ctrl-C.
        assert terminal.process.wait(20) == -number
        assert terminal.shows_what_is_typed()
        terminal.end()
        assert "secr" not in terminal.output


def test_a_password_that_is_typed_is_not_shown(tmp_path: Path) -> None:
    arguments = ["setup", "plan", *COMMANDS["plan"], *CONNECTION]
    with Terminal(*arguments, environment={}, folder=tmp_path) as terminal:
        terminal.read_until("Password: ")
        terminal.answer("opensesame")
        assert terminal.end() == 1
        assert "opensesame" not in terminal.output
        assert "Error: " in terminal.output
        assert terminal.output.count("Password: ") == 1


def test_a_hangup_that_the_caller_has_ignored_ends_nothing(tmp_path: Path) -> None:
    """As `nohup` does: the program stays, the password is read, and the server is tried."""
    command = [binary(), "setup", "apply", *COMMANDS["apply"], *CONNECTION]
    process = subprocess.Popen(
        ["/bin/sh", "-c", 'trap "" HUP; exec "$0" "$@"', *command],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        cwd=tmp_path,
        start_new_session=True,
    )
    with process:
        assert process.stderr is not None
        assert process.stderr.read(10) == b"Password: "
        os.kill(process.pid, signal.SIGHUP)
        _, said = process.communicate(b"opensesame\n", 20)
    assert process.returncode == 1
    assert b"Connection refused" in said
