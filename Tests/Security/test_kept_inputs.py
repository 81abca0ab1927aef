"""Inputs that once made trouble, and a few new ones of each kind; `make fuzz` has thousands."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from labkit.trial import binary

FUZZ = Path(__file__).resolve().parents[1] / "Fuzz"
sys.path.insert(0, str(FUZZ))

from fuzzkit.inputs import Input, inputs  # noqa: E402
from fuzzkit.trial import fault  # noqa: E402

NEW_ONES = 6


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Input]]:
    yield inputs(tmp_path_factory.mktemp("shared"), Path(binary()))


def test_every_input_ends_by_itself_and_shows_no_secret(known: list[Input], tmp_path: Path) -> None:
    tried: list[tuple[Input, str, bytes]] = []
    for one in known:
        for kept in sorted((FUZZ / "kept" / one.name).glob("*")):
            tried.append((one, kept.name, kept.read_bytes()))
        tried += [(one, str(number), one.mutated(number)) for number in range(NEW_ONES)]

    def run(index: int) -> str | None:
        one, name, data = tried[index]
        folder = tmp_path / str(index)
        folder.mkdir()
        found = fault(Path(binary()), one.prepare(data, folder), one.secrets(data))
        return f"{one.name}, {name}: {found}" if found else None

    with ThreadPoolExecutor(8) as pool:
        assert [found for found in pool.map(run, range(len(tried))) if found] == []
    assert [found for one in known if (found := one.finish())] == []


def test_every_kept_input_is_one_that_is_known(known: list[Input]) -> None:
    kept = {folder.name for folder in (FUZZ / "kept").iterdir()}
    assert kept <= {one.name for one in known}
