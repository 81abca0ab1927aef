"""The program under test names every fault, and finds nothing where nothing is wrong."""

from __future__ import annotations

import re
from concurrent.futures import Future

import pytest

from labkit.catalogue import CASES, Case
from labkit.laboratory import Impossible
from labkit.trial import Outcome
from labkit.trials import is_right

BROKEN = [case for case in CASES.values() if case.slug is not None]
HEALTHY = [case for case in CASES.values() if case.slug is None]
SHOWN = [case for case in CASES.values() if case.psql is not None]


def _name(case: Case) -> str:
    return case.name


@pytest.mark.parametrize("case", SHOWN, ids=_name)
def test_a_case_is_what_it_says(case: Case, complaints: dict[str, Future[str]]) -> None:
    try:
        said = complaints[case.name].result()
    except Impossible as reason:
        pytest.skip(str(reason))
    assert case.psql is not None
    assert re.search(case.psql, said), f"psql said: {said or 'nothing, and was let in'}"


@pytest.mark.parametrize("case", BROKEN, ids=_name)
def test_a_fault_is_named_first(case: Case, outcomes: dict[str, Future[Outcome]]) -> None:
    try:
        outcome = outcomes[case.name].result()
    except Impossible as reason:
        pytest.skip(str(reason))
    assert is_right(case, outcome), f"expected {case.slug}\n{outcome.story()}"


@pytest.mark.parametrize("case", HEALTHY, ids=_name)
def test_nothing_is_found_where_nothing_is_wrong(
    case: Case, outcomes: dict[str, Future[Outcome]]
) -> None:
    outcome = outcomes[case.name].result()
    assert is_right(case, outcome), outcome.story()
