"""How the program is linked; `make release` runs `check-binary` for the release build."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from labkit.trial import binary

from securitykit.elf import Elf


def test_the_debug_build_is_hardened_like_the_release_build() -> None:
    """But for RUNPATH: SwiftPM adds the binary's own folder unless it is told not to."""
    assert Elf.read(Path(binary())).faults() == []


def test_libpq_is_loaded_by_the_commands_that_connect_alone(tmp_path: Path) -> None:
    """An empty file stands where libpq is looked for first."""
    (tmp_path / "libpq.so.5").touch()

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        variables = {
            "PATH": os.environ["PATH"],
            "LD_LIBRARY_PATH": str(tmp_path),
            "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        }
        command = [binary(), *arguments]
        return subprocess.run(command, env=variables, capture_output=True, text=True, timeout=60)

    host = "db.abc.eu-west-1.rds.amazonaws.com"
    token = run("token", "rds", "--host", host, "--port", "5432", "--username", "iamuser")
    assert (token.returncode, token.stderr) == (0, "")
    assert token.stdout.startswith(f"{host}:5432/?Action=connect")

    plan = run("setup", "plan", "-h", "127.0.0.1", "-d", "app", "--iam-user", "iamuser")
    assert plan.returncode == 1
    assert "libpq, PostgreSQL's client library, cannot be used" in plan.stderr
    assert "libpq5" in plan.stderr
