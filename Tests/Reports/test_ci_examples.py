"""The CI examples in templates/ci, read by parsers of the systems that they are for.

Run with the project's virtual environment: .venv/bin/python -m pytest Tests/Reports
The binary is DBAUTH_ADMIN, or .build/debug/dbauth-admin.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

import golden
import jenkinsfile

CI = golden.ROOT / "templates" / "ci"
PAGE = golden.ROOT / "Documentation" / "continuous-integration.md"
BINARY = os.environ.get("DBAUTH_ADMIN", str(golden.ROOT / ".build/debug/dbauth-admin"))
EXAMPLES = sorted(path for path in CI.iterdir() if path.is_file())


def strings(node: Any) -> list[str]:
    """All text in a YAML document."""
    if isinstance(node, dict):
        return [text for value in node.values() for text in strings(value)]
    if isinstance(node, list):
        return [text for value in node for text in strings(value)]
    return [node] if isinstance(node, str) else []


def scripts(file: Path) -> list[str]:
    """The shell scripts in an example; GitLab runs a job's lines as one."""
    text = file.read_text()
    if file.name == "Jenkinsfile":
        quoted = re.findall(r"'''(.*?)'''|sh '([^']*)'", text, re.DOTALL)
        # Groovy drops a backslash and the line end after it.
        return [(long or short).replace("\\\n", "") for long, short in quoted]
    document = yaml.safe_load(text)
    if file.name == "gitlab.yml":
        jobs = [job for job in document.values() if isinstance(job, dict) and "script" in job]
        return ["\n".join(job.get("before_script", []) + job["script"]) for job in jobs]
    return [
        step["run"] for job in document["jobs"].values() for step in job["steps"] if "run" in step
    ]


def commands(file: Path) -> list[list[str]]:
    """The arguments of each dbauth-admin command line in an example."""
    found = []
    for script in scripts(file):
        for line in script.replace("\\\n", " ").splitlines():
            if line.strip().startswith("dbauth-admin "):
                found.append(shlex.split(line.split("||")[0])[1:])
    return found


def check(kind: list[str], file: Path) -> subprocess.CompletedProcess[str]:
    """What check-jsonschema says; its schemas are those that the systems publish."""
    command = [sys.executable, "-m", "check_jsonschema", *kind, str(file)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


GITHUB = ["--builtin-schema", "vendor.github-workflows"]
GITLAB = ["--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci"]


@pytest.mark.parametrize(("name", "kind"), [("github.yml", GITHUB), ("gitlab.yml", GITLAB)])
def test_yaml_is_what_the_system_takes(name: str, kind: list[str]) -> None:
    result = check(kind, CI / name)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("name", "kind", "right", "wrong"),
    [
        ("github.yml", GITHUB, "runs-on:", "run-on:"),
        ("github.yml", GITHUB, "id-token: write", "id-tokens: write"),
        ("gitlab.yml", GITLAB, "exit_codes:", "exit_code:"),
        ("gitlab.yml", GITLAB, "id_tokens:", "id_token:"),
    ],
)
def test_a_misspelled_key_is_seen(
    name: str, kind: list[str], right: str, wrong: str, tmp_path: Path
) -> None:
    text = (CI / name).read_text()
    assert right in text
    spoiled = tmp_path / name
    spoiled.write_text(text.replace(right, wrong))
    assert check(kind, spoiled).returncode != 0


SECTIONS = {"agent", "environment", "options", "parameters", "post", "stages", "tools", "triggers"}
STAGE_SECTIONS = {"agent", "environment", "options", "post", "steps", "tools", "when"}


def test_the_jenkinsfile_is_a_declarative_pipeline() -> None:
    root = jenkinsfile.parse((CI / "Jenkinsfile").read_text())
    (pipeline,) = root.blocks
    assert pipeline.name == "pipeline"
    names = [block.name for block in pipeline.blocks]
    assert {"agent", "stages"} <= set(names) <= SECTIONS
    assert len(names) == len(set(names))
    (stages,) = pipeline.named("stages")
    assert {block.name for block in stages.blocks} == {"stage"}
    for stage in stages.blocks:
        inside = [block.name for block in stage.blocks]
        assert "steps" in inside and set(inside) <= STAGE_SECTIONS
    assert stages.blocks[0].named("post")[0].named("always")


@pytest.mark.parametrize(
    "spoil", [("{ label", "label"), ("steps {", "steps ("), ("stages {", "stages { §")]
)
def test_a_broken_jenkinsfile_is_seen(spoil: tuple[str, str]) -> None:
    text = (CI / "Jenkinsfile").read_text()
    assert spoil[0] in text
    with pytest.raises(jenkinsfile.Malformed):
        jenkinsfile.parse(text.replace(*spoil, 1))


@pytest.mark.parametrize("file", EXAMPLES, ids=golden.name)
def test_scripts_are_shell(file: Path) -> None:
    found = scripts(file)
    assert found
    for script in found:
        result = subprocess.run(
            ["sh", "-n"], input=script, capture_output=True, text=True, timeout=10
        )
        assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("file", EXAMPLES, ids=golden.name)
def test_no_example_holds_a_secret_or_puts_one_on_a_command_line(file: Path) -> None:
    text = file.read_text()
    assert not re.search(r"AKIA|ASIA|PGPASSWORD|aws-secret-access-key|secrets\.", text)


def doctor_lists() -> bool:
    """Whether the binary is there and has `doctor --list`."""
    if not Path(BINARY).exists():
        return False
    result = subprocess.run(
        [BINARY, "doctor", "--list"], capture_output=True, text=True, timeout=60
    )
    return result.returncode == 0


@pytest.mark.skipif(not doctor_lists(), reason=f"{BINARY} has no doctor --list")
@pytest.mark.parametrize("file", [*EXAMPLES, PAGE], ids=golden.name)
def test_the_binary_takes_every_command_line(file: Path, tmp_path: Path) -> None:
    lines = page_commands() if file == PAGE else commands(file)
    assert lines
    (tmp_path / "deploy").mkdir()
    for arguments in lines:
        expanded = [
            re.sub(r"\$\w+", str(tmp_path / "variable"), argument) for argument in arguments
        ]
        assert expanded[0] in {"doctor", "explain", "checks"}
        if expanded[0] != "doctor":
            continue
        command = [BINARY, *expanded, *([] if "--list" in expanded else ["--list"])]
        result = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=tmp_path)
        assert result.returncode == 0, f"{shlex.join(command)}\n{result.stderr}"


def fences(language: str | None = None) -> list[str]:
    """The page's fenced blocks."""
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    return [body for kind, body in blocks if language in (None, kind)]


def page_commands() -> list[list[str]]:
    """The dbauth-admin command lines of the page itself."""
    lines = [line for block in fences("sh") for line in block.replace("\\\n", " ").splitlines()]
    return [
        shlex.split(line, comments=True)[1:] for line in lines if line.startswith("dbauth-admin ")
    ]


@pytest.mark.parametrize("file", EXAMPLES, ids=golden.name)
def test_the_page_quotes_the_file(file: Path) -> None:
    assert file.read_text() in fences()
    assert f"(../templates/ci/{file.name})" in PAGE.read_text()


def test_the_pages_links_lead_somewhere() -> None:
    for link in re.findall(r"\]\(([^)#]+)\)", PAGE.read_text()):
        if "://" not in link:
            assert (PAGE.parent / link).exists(), link
