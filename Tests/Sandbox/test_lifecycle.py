"""Sandboxes come up side by side, and nothing of them stays, however they end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from testing.sandboxes import Server, command, run

#: Seconds for a sandbox to vanish after whatever killed it.
VANISH_SECONDS = 15.0

ONLY = ("--only", "pg15-rds,pg18-stock")


@pytest.fixture
def root(state: Path) -> Iterator[Path]:
    """An empty TMPDIR for one test, which has to leave it empty."""
    folder = state / f"t{time.monotonic_ns() % 10**8}"
    folder.mkdir()
    folder.chmod(0o711)
    yield folder
    vanished(folder)
    folder.rmdir()


def processes(root: Path) -> list[str]:
    """The processes that have something to do with the sandboxes of a root."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
            if str(root).encode() in words and int(entry.name) != os.getpid():
                found.append(f"{entry.name} {words[:80]!r}")
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
    return found


def ended(root: Path) -> None:
    """Waits until no process of the root's sandboxes is left."""
    deadline = time.monotonic() + VANISH_SECONDS
    while found := processes(root):
        assert time.monotonic() < deadline, found
        time.sleep(0.02)


def vanished(root: Path) -> None:
    """Waits until no process and no file of the root's sandboxes is left."""
    deadline = time.monotonic() + VANISH_SECONDS
    while processes(root) or any(root.iterdir()):
        assert time.monotonic() < deadline, [*processes(root), *root.rglob("*")]
        time.sleep(0.02)


def up(root: Path, *arguments: str) -> Path:
    """Starts a sandbox; returns its folder."""
    started = run(root, "up", *ONLY, *arguments)
    assert started.returncode == 0, started.stderr
    return Path(started.stdout.strip()).parent


def test_down_removes_everything(root: Path) -> None:
    up(root)
    assert run(root, "down").returncode == 0
    vanished(root)


def test_two_sandboxes_run_side_by_side(root: Path) -> None:
    up(root, "--id", "one")
    up(root, "--id", "two")
    status = run(root, "status").stdout
    assert "one  " in status and "two  " in status and status.count("pg18-stock") == 2
    assert "several sandboxes" in run(root, "down").stderr
    assert run(root, "down", "--all").returncode == 0


def test_an_id_can_be_used_again_at_once(root: Path) -> None:
    for _ in range(3):
        up(root, "--id", "again")
        assert run(root, "down", "--id", "again").returncode == 0


def test_an_id_in_use_is_refused(root: Path) -> None:
    up(root, "--id", "mine")
    second = run(root, "up", "--id", "mine")
    assert second.returncode == 1 and "running already" in second.stderr
    run(root, "down")


def test_a_folder_in_use_is_refused_and_left_alone(root: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    refused = run(root, "up", "--dir", str(tmp_path))
    assert refused.returncode == 1 and "in use" in refused.stderr
    assert (tmp_path / "file").exists()


def test_a_sandbox_lives_in_the_folder_of_ones_choice(root: Path, state: Path) -> None:
    folder = state / "a folder"
    assert up(root, "--dir", str(folder)) == folder
    assert "PGHOST" in run(root, "env", "--dir", str(folder), "--shell").stdout
    assert run(root, "down", "--dir", str(folder)).returncode == 0
    assert not folder.exists()


def test_an_unknown_server_is_wrong_usage(root: Path) -> None:
    refused = run(root, "up", "--only", "pg14-rds")
    assert refused.returncode == 1 and "The servers are pg15-rds" in refused.stderr


def test_a_sandbox_takes_settings_of_ones_choice(root: Path) -> None:
    settings = ("--set", "max_locks_per_transaction=512", "--set", r"cluster_name=it's a\b")
    environment = json.loads((up(root, *settings) / "env.json").read_text())
    for name, about in environment["servers"].items():
        server = Server(name, about, environment["aws"])
        assert server.master("SHOW max_locks_per_transaction").output == "512"
        assert server.master("SHOW cluster_name").output == r"it's a\b"
    run(root, "down")


def test_a_setting_without_a_value_is_wrong_usage(root: Path) -> None:
    refused = run(root, "up", "--set", "fsync")
    assert refused.returncode == 2 and "NAME=VALUE" in refused.stderr


def test_a_foreground_sandbox_ends_when_its_starter_is_killed(root: Path) -> None:
    starter = subprocess.Popen(
        command(root, "up", *ONLY, "--foreground"), stdout=subprocess.PIPE, text=True
    )
    assert starter.stdout is not None and starter.stdout.readline().endswith("env.json\n")
    starter.kill()
    starter.communicate()
    vanished(root)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_foreground_sandbox_ends_when_its_starter_is_told_to(root: Path, number: int) -> None:
    starter = subprocess.Popen(
        command(root, "up", *ONLY, "--foreground"), stdout=subprocess.PIPE, text=True
    )
    assert starter.stdout is not None and starter.stdout.readline().endswith("env.json\n")
    starter.send_signal(number)
    starter.communicate()
    vanished(root)


@pytest.mark.parametrize("milliseconds", [50, 150, 250, 350, 450, 550])
def test_a_starter_killed_on_the_way_leaves_nothing(root: Path, milliseconds: int) -> None:
    starter = subprocess.Popen(command(root, "up", "--foreground"), stdout=subprocess.DEVNULL)
    time.sleep(milliseconds / 1000)
    starter.kill()
    starter.wait()
    ended(root)
    run(root, "status")  # sweeps a folder that was made in the moment before there was a supervisor
    vanished(root)


def supervisor(folder: Path) -> int:
    return int((folder / "lock").read_text().split()[0])


def guardian(folder: Path) -> int:
    return int((folder / "lock").read_text().split()[1])


@pytest.mark.parametrize("victim", [supervisor, guardian])
def test_a_sandbox_vanishes_when_one_of_its_keepers_is_killed(
    root: Path, victim: Callable[[Path], int]
) -> None:
    os.kill(victim(up(root)), signal.SIGKILL)
    vanished(root)


def test_the_next_command_sweeps_when_both_keepers_are_killed(root: Path) -> None:
    folder = up(root)
    for pid in (guardian(folder), supervisor(folder)):
        os.kill(pid, signal.SIGKILL)
    ended(root)
    assert folder.exists()
    run(root, "status")
    vanished(root)


def test_a_sandbox_ends_with_the_process_that_it_is_for(root: Path) -> None:
    companion = subprocess.Popen(["sleep", "60"])
    up(root, "--while", str(companion.pid))
    companion.kill()
    companion.wait()
    vanished(root)


def test_a_sandbox_ends_when_its_time_is_over(root: Path) -> None:
    up(root, "--ttl", "0.5")
    vanished(root)


def test_a_server_killed_by_somebody_does_not_keep_the_sandbox_from_ending(root: Path) -> None:
    folder = up(root)
    pid = (folder / "pg18-stock/data/postmaster.pid").read_text().split()[0]
    os.kill(int(pid), signal.SIGKILL)
    assert run(root, "down").returncode == 0
