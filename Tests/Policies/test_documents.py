"""Documents of `dbauth-admin policy connect`, read by other people's parsers and judged by their linters.

Run with the project's virtual environment: .venv/bin/python -m pytest Tests/Policies
The binary is DBAUTH_ADMIN, or .build/debug/dbauth-admin.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import hcl2
import parliament
import pytest

ROOT = Path(__file__).resolve().parents[2]
BINARY = os.environ.get("DBAUTH_ADMIN", str(ROOT / ".build/debug/dbauth-admin"))
TERRAFORM = shutil.which("terraform")

DATABASE = "db-ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CLUSTER = "cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ"
PROXY = "prx-0123456789abcdef0"

PLACE = ["--account", "123456789012", "--region", "eu-west-1"]
USERS = ["app", "Jane.Doe+ops@example.com", "with space", 'quote"back\\slash', "dollar${x}", "percent%{if}", "tab\there"]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs `policy connect` and returns what it said."""
    return subprocess.run(
        [BINARY, "policy", "connect", *arguments], capture_output=True, text=True, check=False, timeout=60
    )


def document(*arguments: str) -> str:
    """Runs `policy connect`, which has to succeed, and returns the document."""
    result = run(*arguments)
    assert result.returncode == 0, result.stderr
    return result.stdout


def users(names: list[str]) -> list[str]:
    """The flags that name users."""
    return [argument for name in names for argument in ("--db-user", name)]


def databases(*ids: str) -> list[str]:
    """The flags that name databases."""
    return [argument for id in ids for argument in ("--resource-id", id)]


def unquoted(text: str) -> str:
    """The text that a quoted HCL string stands for, where it has no expressions."""
    text = re.sub(r'^"|"$', "", text)
    text = json.loads(f'"{text}"')
    return text.replace("$${", "${").replace("%%{", "%{")


def statements(terraform: dict[str, Any]) -> list[dict[str, Any]]:
    """The statements of the only policy document of a configuration."""
    data = terraform["data"]
    blocks = data if isinstance(data, list) else [data]
    for block in blocks:
        for kind, named in block.items():
            if unquoted(kind) == "aws_iam_policy_document":
                (body,) = named.values()
                return body["statement"]
    raise AssertionError("there is no policy document")


def terraform_fmt_says(text: str, tmp_path: Path) -> int:
    """The exit status of `terraform fmt -check` for a snippet: 0 when it would change nothing."""
    path = tmp_path / "main.tf"
    path.write_text(text)
    return subprocess.run([TERRAFORM, "fmt", "-check", str(path)], capture_output=True, check=False).returncode


def test_parliament_finds_nothing_in_the_json_form() -> None:
    text = document(*PLACE, *databases(DATABASE, CLUSTER, PROXY), *users(USERS))
    analyzed = parliament.analyze_policy_string(text)
    assert [finding.issue for finding in analyzed.findings] == []


@pytest.mark.parametrize("region", ["cn-north-1", "us-gov-west-1", "us-iso-east-1", "us-isob-east-1", "eusc-de-east-1"])
def test_every_partition_has_its_own_arns(region: str) -> None:
    text = document("--account", "123456789012", "--region", region, *databases(DATABASE), *users(["app"]))
    (statement,) = json.loads(text)["Statement"]
    (arn,) = statement["Resource"]
    assert re.fullmatch(rf"arn:aws-[a-z-]+:rds-db:{region}:123456789012:dbuser:{DATABASE}/app", arn)


def test_the_three_forms_say_the_same() -> None:
    flags = [*PLACE, *databases(DATABASE, PROXY), *users(USERS)]
    (expected,) = json.loads(document(*flags))["Statement"]

    (native,) = statements(hcl2.loads(document(*flags, "--format", "terraform")))
    assert [unquoted(resource) for resource in native["resources"]] == expected["Resource"]
    assert [unquoted(action) for action in native["actions"]] == expected["Action"]
    assert unquoted(native["sid"]) == expected["Sid"] == "ConnectToRdsByIam"
    assert unquoted(native["effect"]) == expected["Effect"]

    (in_json,) = statements(json.loads(document(*flags, "--format", "terraform-json")))
    resources = [resource.replace("$${", "${").replace("%%{", "%{") for resource in in_json["resources"]]
    assert resources == expected["Resource"]
    assert in_json["actions"] == expected["Action"]
    assert in_json["sid"] == expected["Sid"]


def test_references_mean_the_same_in_both_terraform_forms() -> None:
    addresses = ["aws_db_instance.app", 'aws_rds_cluster.app["blue"]', "data.aws_db_proxy.app", "module.db.cluster_arn"]
    flags = [argument for address in addresses for argument in ("--resource-ref", address)]
    flags += users(["app"])
    (native,) = statements(hcl2.loads(document(*flags, "--format", "terraform")))
    (in_json,) = statements(json.loads(document(*flags, "--format", "terraform-json")))
    resources = [re.sub(r'^"|"$', "", resource) for resource in native["resources"]]
    # The parser writes expressions with spaces of its own.
    assert [re.sub(r"\s", "", resource) for resource in resources] == [
        re.sub(r"\s", "", resource) for resource in in_json["resources"]
    ]
    assert "${aws_db_instance.app.resource_id}/app" in resources[0]


@pytest.mark.skipif(TERRAFORM is None, reason="terraform is not installed; its formatter is an optional second opinion")
@pytest.mark.parametrize(
    "flags",
    [
        [*PLACE, *databases(DATABASE, PROXY), *users(USERS)],
        ["--resource-ref", "aws_db_instance.app", *users(["app"])],
        ["--resource-ref", 'aws_db_proxy.app["blue"]', *databases(DATABASE), *users(USERS), "--name", "other-name"],
        ["--region", "us-east-1", "--resource-ref", "module.db.resource_id", *users(["app"])],
    ],
)
def test_terraform_fmt_would_change_nothing(flags: list[str], tmp_path: Path) -> None:
    assert terraform_fmt_says(document(*flags, "--format", "terraform"), tmp_path) == 0


@pytest.mark.skipif(TERRAFORM is None, reason="terraform is not installed; its evaluator is an optional second opinion")
@pytest.mark.parametrize("form", ["terraform", "terraform-json"])
def test_terraform_itself_reads_the_names_that_iam_is_to_get(form: str, tmp_path: Path) -> None:
    """Terraform evaluates the resources as plain outputs, which takes no provider and no network."""
    flags = [*PLACE, *databases(DATABASE), *users(USERS)]
    (expected,) = json.loads(document(*flags))["Statement"]
    text = document(*flags, "--format", form)
    if form == "terraform":
        found = re.search(r"resources = (\[.*?\n    \])", text, re.DOTALL)
        assert found
        (tmp_path / "main.tf").write_text('output "resources" {\n  value = ' + found[1] + "\n}\n")
    else:
        (statement,) = statements(json.loads(text))
        output = {"output": {"resources": {"value": statement["resources"]}}}
        (tmp_path / "main.tf.json").write_text(json.dumps(output))
    environment = {**os.environ, "CHECKPOINT_DISABLE": "1"}
    for command in (["init", "-backend=false"], ["apply", "-auto-approve", "-no-color"]):
        subprocess.run(
            [TERRAFORM, f"-chdir={tmp_path}", *command], check=True, capture_output=True, env=environment, timeout=120
        )
    printed = subprocess.run(
        [TERRAFORM, f"-chdir={tmp_path}", "output", "-json", "resources"],
        check=True, capture_output=True, text=True, env=environment, timeout=60,
    )
    assert json.loads(printed.stdout) == expected["Resource"]


@pytest.mark.parametrize("flags", [users(["*"]), users(["app?"]), users(["${aws:username}"])])
def test_wildcards_need_their_flag_and_are_explained(flags: list[str]) -> None:
    refused = run(*PLACE, *databases(DATABASE), *flags)
    assert refused.returncode == 64
    assert "--allow-wildcard" in refused.stderr and refused.stdout == ""
    allowed = run(*PLACE, *databases(DATABASE), *flags, "--allow-wildcard")
    assert allowed.returncode == 0
    assert allowed.stderr.startswith("warning: ") and "opens" in allowed.stderr
    assert json.loads(allowed.stdout)["Statement"][0]["Resource"][0].endswith("/" + flags[1])


def test_the_output_file_has_what_stdout_would_have(tmp_path: Path) -> None:
    flags = [*PLACE, *databases(DATABASE), *users(["app"])]
    path = tmp_path / "policy.json"
    assert run(*flags, "--output", str(path)).stdout == ""
    assert path.read_text() == document(*flags)
    nowhere = run(*flags, "--output", str(tmp_path / "missing" / "policy.json"))
    assert nowhere.returncode == 1
    assert "No such file or directory" in nowhere.stderr


def test_a_full_disk_is_told() -> None:
    result = run(*PLACE, *databases(DATABASE), *users(["app"]), "--output", "/dev/full")
    assert result.returncode == 1
    assert "No space left on device" in result.stderr
