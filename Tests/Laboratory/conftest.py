"""What the laboratory's tests share: one laboratory, and the outcomes of all cases, side by side."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "Sandbox")]
sys.dont_write_bytecode = True

import faults  # noqa: E402, F401
from labkit.laboratory import Laboratory, open_laboratory  # noqa: E402


@pytest.fixture(scope="session")
def laboratory() -> Iterator[Laboratory]:
    """The laboratory; it ends with this process, however it ends."""
    opened, close = open_laboratory()
    yield opened
    close()
