"""What the sandbox's tests share: one sandbox with all servers, for the whole run."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from testing.sandboxes import Sandbox, Server  # noqa: E402

NAMES = ["pg15-rds", "pg16-rds", "pg18-rds", "pg15-stock", "pg16-stock", "pg18-stock"]
SECURE = ["pg15-rds", "pg15-stock"]


@pytest.fixture(scope="session")
def state() -> Iterator[Path]:
    """A TMPDIR of our own: other sandboxes on this machine are none of our business."""
    folder = Path(tempfile.mkdtemp(prefix="dbauth-test-", dir="/tmp"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def sandbox(state: Path) -> Iterator[Sandbox]:
    """All six servers; they end with this process, however it ends."""
    with Sandbox.up(state, "--while", str(os.getpid())) as started:
        yield started


@pytest.fixture(params=NAMES)
def server(request: pytest.FixtureRequest, sandbox: Sandbox) -> Server:
    """Each of the six servers in turn."""
    return sandbox.server(request.param)


@pytest.fixture(params=[name for name in NAMES if name.endswith("rds")])
def rds(request: pytest.FixtureRequest, sandbox: Sandbox) -> Server:
    """Each server with RDS's role semantics."""
    return sandbox.server(request.param)


@pytest.fixture(params=[name for name in NAMES if name.endswith("stock")])
def stock(request: pytest.FixtureRequest, sandbox: Sandbox) -> Server:
    """Each server with PostgreSQL's own role semantics."""
    return sandbox.server(request.param)


@pytest.fixture(params=SECURE)
def secure(request: pytest.FixtureRequest, sandbox: Sandbox) -> Server:
    """Each server with TLS and login by token."""
    return sandbox.server(request.param)
