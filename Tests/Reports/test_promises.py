"""The README promises nothing without a test: CONTRIBUTING.md names them, and they exist.

Run with the project's virtual environment: .venv/bin/python -m pytest Tests/Reports
"""

from __future__ import annotations

import re

import pytest

from golden import ROOT


def section(file: str, heading: str) -> str:
    """What stands under a heading, up to the next one."""
    text = (ROOT / file).read_text()
    begin = text.index(f"\n{heading}\n") + len(heading) + 2
    end = re.compile(r"^#+ ", re.MULTILINE).search(text, begin)
    return text[begin : end.start() if end else None]


def sentences() -> list[str]:
    """The sentences of the README's list of promises, without their headings."""
    found = []
    for item in re.split(
        r"^- ", section("README.md", "## What you can rely on"), flags=re.MULTILINE
    )[1:]:
        text = " ".join(item.split("\n\n")[0].split())
        promise = re.sub(r"^\*\*.*?\*\* ", "", text)
        found += re.split(r"(?<=[.)]) (?=[A-Z`])", promise)
    return found


def rows() -> list[tuple[str, list[tuple[str, str]]]]:
    """How each row's sentence begins, and its tests: a file's name and a test's name in it."""
    table = section("CONTRIBUTING.md", "### Promises and their tests")
    found = re.findall(r"^\| (.*) … \| (.*) \|$", table, flags=re.MULTILINE)
    return [(begin, re.findall(r"`(\w+)` “(.+?)”", tests)) for begin, tests in found]


@pytest.mark.parametrize("sentence", sentences())
def test_a_promise_has_one_row_and_tests(sentence: str) -> None:
    own = [tests for begin, tests in rows() if sentence.startswith(begin)]
    assert len(own) == 1, f"{len(own)} rows of CONTRIBUTING.md are for: {sentence}"
    assert own[0], f"no test is named for: {sentence}"


@pytest.mark.parametrize("begin", [begin for begin, _ in rows()])
def test_a_row_is_for_a_promise(begin: str) -> None:
    assert any(sentence.startswith(begin) for sentence in sentences())


TESTS = sorted({test for _, tests in rows() for test in tests})


@pytest.mark.parametrize("test", TESTS, ids=" ".join)
def test_a_named_test_exists(test: tuple[str, str]) -> None:
    file, name = test
    swift = "".join(path.read_text() for path in ROOT.glob(f"Tests/*/{file}.swift"))
    python = "".join(path.read_text() for path in ROOT.glob(f"Tests/*/{file}.py"))
    assert re.search(rf"@Test\(\s*\"{re.escape(name)}\"", swift) or re.search(
        rf"^def {re.escape(name)}\(", python, flags=re.MULTILINE
    )
