"""A run that has no secret needs nothing that would protect one."""

from __future__ import annotations

import os

from labkit.laboratory import Laboratory

from securitykit.program import run
from securitykit.recorder import stranger

PASSWORD = "correct-horse-battery"
PLAN = ("setup", "plan", "--iam-user", "a")


def test_a_run_that_has_no_secret_needs_no_tls(laboratory: Laboratory) -> None:
    peer = stranger(laboratory, laboratory.name("trusting."), tls=False)
    environment = {"PGUSER": "app", **peer.environment}
    ended = run(*PLAN, "-w", environment=environment)
    assert b"app" in peer.recorder.heard[0][0], ended.story
    assert "no password supplied" in ended.output, ended.story
    asking = run(*PLAN, "-w", environment=environment | {"PGPASSWORD": PASSWORD})
    assert peer.recorder.received(PASSWORD) == 0, asking.story
    assert "PGSSLMODE=prefer is for a server without" in " ".join(asking.output.split())


def test_a_password_file_is_a_secret_too(laboratory: Laboratory) -> None:
    peer = stranger(laboratory, laboratory.name("trusting."), tls=False)
    file = laboratory.file("pgpass", f"*:*:*:*:{PASSWORD}\n")
    os.chmod(file, 0o600)
    environment = {"PGUSER": "app", "PGPASSFILE": str(file), **peer.environment}
    ended = run(*PLAN, "-w", environment=environment)
    assert ended.status == 1 and "SSL was required" in ended.output, ended.story
    assert not peer.recorder.heard, ended.story
