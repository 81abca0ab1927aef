"""What the security tests share: the laboratory's servers and peers."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "Laboratory"), str(HERE.parent / "Sandbox")]
sys.dont_write_bytecode = True

from labkit.laboratory import Laboratory, open_laboratory  # noqa: E402


@pytest.fixture(scope="session")
def laboratory() -> Iterator[Laboratory]:
    """A laboratory around PostgreSQL 15 as on RDS; it ends with this process, however it ends."""
    opened, close = open_laboratory()
    yield opened
    close()
