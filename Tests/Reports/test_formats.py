"""doctor's report in each format, read by other people's parsers and checked by published schemas.

Run with the project's virtual environment: .venv/bin/python -m pytest Tests/Reports
"""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from lxml import etree
from referencing import Registry, Resource

import golden

OWN = json.loads((golden.ROOT / "Documentation" / "doctor.schema.json").read_text())
SARIF = json.loads((golden.SCHEMAS / "sarif-2.1.0-rtm.4.json").read_text())
JUNIT = etree.XMLSchema(etree.parse(str(golden.SCHEMAS / "junit-10.xsd")))


def own(definition: str | None = None) -> jsonschema.Draft202012Validator:
    """A validator of our own schema, or of one definition in it."""
    if definition is None:
        return jsonschema.Draft202012Validator(OWN)
    inner = {
        "$schema": OWN["$schema"],
        "$id": "https://example.invalid/line",
        "$ref": f"https://example.invalid/doctor#/$defs/{definition}",
    }
    outer = Resource.from_contents({**OWN, "$id": "https://example.invalid/doctor"})
    registry: Registry[Any] = Registry().with_resource("https://example.invalid/doctor", outer)
    return jsonschema.Draft202012Validator(inner, registry=registry)


def sample(name: str) -> Any:
    """The JSON of one hand-made report."""
    return json.loads((golden.FOLDER / f"{name}.json").read_text())


def test_our_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(OWN)


@pytest.mark.parametrize("file", golden.files(".json"), ids=golden.name)
def test_json_is_what_our_schema_says(file: Path) -> None:
    report = json.loads(file.read_text())
    own().validate(report)
    ranked = report["diagnoses"]
    assert report["diagnosis"] == (ranked[0]["id"] if ranked else None)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda report: report.pop("diagnosis"),
        lambda report: report.update(verdict="ok"),
        lambda report: report.update(schemaVersion=2),
        lambda report: report["checks"][0].update(status="passed"),
        lambda report: report["checks"][0]["evidence"].update(port=5432),
        lambda report: report["target"].update(password="x"),
    ],
)
def test_our_schema_refuses_what_it_does_not_say(spoil: Any) -> None:
    report = copy.deepcopy(sample("failing"))
    spoil(report)
    with pytest.raises(jsonschema.ValidationError):
        own().validate(report)


@pytest.mark.parametrize("file", golden.files(".jsonl"), ids=golden.name)
def test_each_line_is_an_event_and_the_last_is_the_report(file: Path) -> None:
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    for line in lines:
        own("event").validate(line)
    last = lines[-1]
    assert last.pop("type") == "report"
    assert last == sample(file.name.split(".")[0])
    assert [line["id"] for line in lines[:-1]] == [check["id"] for check in last["checks"]]


@pytest.mark.parametrize("file", golden.files(".junit.xml"), ids=golden.name)
def test_junit_is_what_jenkins_reads(file: Path) -> None:
    document = etree.parse(str(file))
    JUNIT.assertValid(document)
    suite = document.find("testsuite")
    assert suite is not None
    cases = suite.findall("testcase")
    assert int(suite.get("tests") or -1) == len(cases)
    for attribute, tag in [("failures", "failure"), ("errors", "error"), ("skipped", "skipped")]:
        assert int(suite.get(attribute) or 0) == len(suite.findall(f"testcase/{tag}"))
    report = sample(file.name.split(".")[0])
    assert [case.get("name") for case in cases] == [check["id"] for check in report["checks"]]


def test_junit_carries_hostile_text_unchanged_where_xml_can() -> None:
    document = etree.parse(str(golden.FOLDER / "hostile.junit.xml"))
    failure = document.find(".//failure")
    assert failure is not None
    message = failure.get("message") or ""
    for part in [
        "\"quoted\" 'single' 50% ::error",
        "]]> </failure> <b>&amp;</b>",
        "\r\n",
        "👩‍💻 漢字",
    ]:
        assert part in message
    assert "\\u{1B}[31m" in message and "\\u{0}" in message


# RFC 3986: unreserved characters, slashes and escapes are all that our references need.
URI = re.compile(r"(file://)?([A-Za-z0-9._~/-]|%[0-9A-F]{2})+")


@pytest.mark.parametrize("file", golden.files(".sarif"), ids=golden.name)
def test_sarif_is_what_the_standard_says(file: Path) -> None:
    log = json.loads(file.read_text())
    jsonschema.Draft4Validator(SARIF).validate(log)
    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(rules) == len(set(rules))
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        for location in result["locations"]:
            physical = location.get("physicalLocation")
            assert physical is None or URI.fullmatch(physical["artifactLocation"]["uri"])
    report = sample(file.name.split(".")[0])
    counting = [result["ruleId"] for result in run["results"] if "suppressions" not in result]
    assert counting == [diagnosis["id"] for diagnosis in report["diagnoses"]]


def test_with_the_targets_file_every_sarif_result_has_a_place() -> None:
    log = json.loads((golden.FOLDER / "warnings.with-file.sarif").read_text())
    for result in log["runs"][0]["results"]:
        (location,) = result["locations"]
        assert location["physicalLocation"]["artifactLocation"]["uri"] == "deploy/dbauth.yaml"


def unescape(text: str) -> str:
    """What GitHub's runner makes of data and properties."""
    for code, character in [("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")]:
        text = text.replace(code, character)
    return text


ANNOTATION = re.compile(r"::(error|warning|notice) ([^:]*)::(.*)")


@pytest.mark.parametrize("file", golden.files(".github.log"), ids=golden.name)
def test_github_reads_the_annotations_and_nothing_else(file: Path) -> None:
    lines = file.read_text().removesuffix("\n").split("\n")
    assert lines[0].startswith("::group::doctor ")
    assert lines[1].startswith("::stop-commands::")
    word = lines[1].removeprefix("::stop-commands::")
    # The runner also takes a command after spaces.
    resumed = [index for index, line in enumerate(lines) if line.strip() == f"::{word}::"]
    assert len(resumed) == 1
    assert sum(word in line for line in lines) == 2
    assert lines[resumed[0] + 1] == "::endgroup::"
    titles = []
    for line in lines[resumed[0] + 2 :]:
        match = ANNOTATION.fullmatch(line)
        assert match, line
        properties = dict(item.split("=", 1) for item in match[2].split(","))
        assert set(properties) <= {"file", "line", "title"}
        titles.append(unescape(properties["title"]))
    report = sample(file.name.split(".")[0])
    ids = [diagnosis["id"] for diagnosis in report["diagnoses"]]
    assert titles[: len(ids)] == ids


def cells(row: str) -> list[str]:
    """A table's cells: bars with a backslash in front separate nothing."""
    return re.split(r"(?<!\\)\|", row.strip())[1:-1]


@pytest.mark.parametrize("file", golden.files(".md"), ids=golden.name)
def test_markdown_tables_have_a_row_for_each_check(file: Path) -> None:
    text = file.read_text()
    tables = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    for table in tables:
        assert len({len(cells(row)) for row in table.splitlines()}) == 1, table
    report = sample(file.name.split(".")[0])
    checks = next(table for table in tables if "| stage | check |" in table)
    assert len(checks.splitlines()) == len(report["checks"]) + 2
    assert text.count("<details>") == text.count("</details>")
    outside = re.sub(r"^(`{3,})\n.*?^\1$|`[^`\n]*`", "", text, flags=re.MULTILINE | re.DOTALL)
    assert not re.search(r"<(?!/?details>|/?summary>|br>)", outside)
