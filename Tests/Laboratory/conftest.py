"""What the laboratory's tests share: one laboratory, in which the cases run side by side."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "Sandbox")]
sys.dont_write_bytecode = True

import faults  # noqa: E402, F401
from labkit.catalogue import Case  # noqa: E402
from labkit.laboratory import Laboratory, open_laboratory  # noqa: E402
from labkit.trial import Outcome  # noqa: E402
from labkit.trials import Trials  # noqa: E402


@pytest.fixture(scope="session")
def laboratory() -> Iterator[Laboratory]:
    """The laboratory; it ends with this process, however it ends."""
    opened, close = open_laboratory()
    yield opened
    close()


@pytest.fixture(scope="session")
def trials(laboratory: Laboratory) -> Iterator[Trials]:
    """Where the cases run."""
    running = Trials(laboratory)
    yield running
    running.close()


def selected(request: pytest.FixtureRequest, fixture: str) -> list[Case]:
    """The cases of the tests that this run has selected and that use a fixture."""
    return [
        item.callspec.params["case"]
        for item in request.session.items
        if isinstance(item, pytest.Function) and fixture in item.fixturenames
    ]


@pytest.fixture(scope="session")
def outcomes(request: pytest.FixtureRequest, trials: Trials) -> dict[str, Future[Outcome]]:
    """What doctor says about every selected case, by name."""
    return trials.doctors(selected(request, "outcomes"))


@pytest.fixture(scope="session")
def complaints(request: pytest.FixtureRequest, trials: Trials) -> dict[str, Future[str]]:
    """What psql says about every selected case, by name."""
    return trials.psqls(selected(request, "complaints"))
