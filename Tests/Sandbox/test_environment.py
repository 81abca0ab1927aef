"""What `sandbox env` tells clients: a contract."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from pathlib import Path

from testing.sandboxes import Sandbox, Server, command, run


def test_the_file_is_for_its_owner_only(sandbox: Sandbox) -> None:
    path = Path(sandbox.environment["dir"]) / "env.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_env_prints_the_file(sandbox: Sandbox, state: Path) -> None:
    printed = run(state, "env", "--id", sandbox.environment["id"])
    assert json.loads(printed.stdout) == sandbox.environment


def test_every_server_has_the_keys_of_the_contract(sandbox: Sandbox, server: Server) -> None:
    assert sandbox.environment["schemaVersion"] == 1
    assert set(server.about) == {
        *("version", "flavour", "tls", "pam", "host", "hostaddr", "port", "sslmode"),
        *("sslrootcert", "database", "master", "superuser", "iamRole", "bindir", "resourceId"),
        "log",
    }
    assert server.name == f"pg{server.major}-{server.about['flavour']}"
    assert set(server.about["superuser"]) == {"user", "socket", "password"}
    assert (server.about["superuser"]["password"] is None) == (server.about["flavour"] == "rds")
    assert server.about["resourceId"].startswith("db-") and len(server.about["resourceId"]) == 29


def test_servers_with_tls_have_names_of_rds_endpoints(secure: Server) -> None:
    assert secure.about["host"].endswith(".eu-west-1.rds.amazonaws.com")
    assert secure.about["sslmode"] == "verify-full"


def test_the_certificate_is_for_that_name_only(secure: Server) -> None:
    other = Server(secure.name, {**secure.about, "host": "other.example.com"}, secure.aws)
    assert 'does not match host name "other.example.com"' in other.master("SELECT 1").error


def test_shell_lines_let_psql_in(sandbox: Sandbox, server: Server, state: Path) -> None:
    arguments = ["env", "--id", sandbox.environment["id"], "--shell", "--server", server.name]
    printed = subprocess.check_output(command(state, *arguments), text=True)
    script = 'eval "$1"; psql -XqAtc "SELECT session_user, current_database()"; echo "$AWS_REGION"'
    clean = {n: v for n, v in os.environ.items() if not n.startswith(("PG", "AWS_"))}
    said = subprocess.check_output(["sh", "-c", script, "sh", printed], text=True, env=clean)
    assert said.split() == ["postgres|app", "eu-west-1"]


def test_shell_lines_can_carry_the_temporary_key(sandbox: Sandbox, state: Path) -> None:
    printed = run(state, "env", "--id", sandbox.environment["id"], "--shell", "--temporary").stdout
    assert f"AWS_SESSION_TOKEN={sandbox.environment['aws']['temporary']['sessionToken']}" in printed
