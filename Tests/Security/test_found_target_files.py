"""A dbauth.yaml that nobody named may have come with somebody else's repository."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from labkit import certificates
from labkit.laboratory import Laboratory

from securitykit.program import run
from securitykit.recorder import Stranger, stranger

PASSWORD = "correct-horse-battery"

#: An OpenSSL engine's library is run as soon as it is loaded.
ENGINE = """
#include <stdio.h>
__attribute__((constructor)) static void run(void)
{
  FILE *file = fopen("has-run", "w");
  if (file) fclose(file);
}
"""


def write(folder: Path, **keys: str | int) -> Path:
    """A target file with one target, called orders."""
    path = folder / "dbauth.yaml"
    lines = [f"    {key.replace('_', '-')}: {value}\n" for key, value in keys.items()]
    path.write_text("targets:\n  orders:\n" + "".join(lines))
    path.chmod(0o644)
    folder.chmod(0o755)
    return path


@pytest.fixture
def peer(laboratory: Laboratory) -> Stranger:
    host = laboratory.name("orders.")
    return stranger(laboratory, host, laboratory.issuer.issue(host))


def _engine(laboratory: Laboratory, peer: Stranger, folder: Path) -> dict[str, str]:
    """Builds an engine beside a certificate, and says how libpq would be told of both."""
    compiler = shutil.which("cc") or shutil.which("clang")
    if compiler is None:
        pytest.skip("there is no C compiler")
    (folder / "engine.c").write_text(ENGINE)
    build = [compiler, "-shared", "-fPIC", "-o", "engine.so", "engine.c"]
    subprocess.run(build, cwd=folder, check=True, capture_output=True, timeout=20)
    certificates.write(laboratory.issuer.issue("client.example"), folder / "client")
    (chain,) = [path for path in (folder / "client").iterdir() if "key" not in path.name]
    return {"sslcert": str(chain), "sslkey": "/proc/self/cwd/engine.so:key"}


@pytest.mark.parametrize("named", [False, True], ids=["found", "named"])
def test_no_target_file_has_a_program_loaded(
    laboratory: Laboratory, peer: Stranger, named: bool, tmp_path: Path
) -> None:
    files = _engine(laboratory, peer, tmp_path)
    at = {"host": peer.at.host, "port": peer.at.port, "hostaddr": "127.0.0.1", "user": "app"}
    write(tmp_path, **at, **{key: f'"{value}"' for key, value in files.items()})
    flags = ("--config", "dbauth.yaml") if named else ()
    command = ("doctor", "--target", "orders", *flags, "--timeout", "4s", "--password-from-env")
    ended = run(*command, environment={"PGPASSWORD": PASSWORD}, folder=tmp_path)
    assert not (tmp_path / "has-run").exists(), ended.story
    assert peer.recorder.received(PASSWORD) == 0, ended.story
    said = "sslkey has a colon" if named else "sslcert is not taken from a file"
    assert said in ended.output, ended.story


@pytest.mark.parametrize("command", ["setup", "doctor", "administrator"])
def test_nobody_else_has_one_loaded_either(
    laboratory: Laboratory, peer: Stranger, command: str, tmp_path: Path
) -> None:
    files = _engine(laboratory, peer, tmp_path)
    environment = {**peer.environment, "PGUSER": "app", "PGPASSWORD": PASSWORD}
    doctor = ("doctor", "--timeout", "4s", "--password-from-env")
    if command == "administrator":
        told = " ".join(f"{keyword}={value}" for keyword, value in files.items())
        admin = f"user=root password=x host={peer.at.host} hostaddr=127.0.0.1 port={peer.at.port}"
        arguments = (*doctor, "--admin", f"{admin} {told}")
    else:
        environment |= {f"PG{keyword.upper()}": value for keyword, value in files.items()}
        arguments = ("setup", "plan", "--iam-user", "a") if command == "setup" else doctor
    ended = run(*arguments, environment=environment, folder=tmp_path)
    assert not (tmp_path / "has-run").exists(), ended.story
    assert "sslkey has a colon" in ended.output, ended.story


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("sslkey", "client.key"),
        ("sslcert", "client.pem"),
        ("service", "shop"),
        ("hostaddr", "10.20.0.5"),
        ("token_host", "shop.abc123.eu-west-1.rds.amazonaws.com"),
        ("sslrootcert", "bundle.pem"),
        ("sslmode", "disable"),
        ("sslmode", "prefer"),
    ],
)
def test_what_decides_where_secrets_go_has_to_be_named(
    key: str, value: str, tmp_path: Path
) -> None:
    path = write(tmp_path, host="10.20.0.9", port=1, user="app", **{key: value})
    command = ("doctor", "--target", "orders", "--offline", "--only", "config")
    found = run(*command, folder=tmp_path)
    assert found.status == 64, found.story
    word = key.replace("_", "-")
    assert f"dbauth.yaml:6: {word} is not taken" in found.output, found.story
    assert "--config dbauth.yaml" in found.output, found.story
    named = run(*command, "--config", str(path), folder=tmp_path)
    assert "is not taken" not in named.output, named.story


def test_a_weaker_mode_than_the_root_file_allows_has_to_be_named(
    laboratory: Laboratory, tmp_path: Path
) -> None:
    write(tmp_path, host="shop.example.com", user="app", sslmode="require")
    command = ("doctor", "--target", "orders", "--offline", "--only", "config")
    alone = run(*command, folder=tmp_path)
    assert "is not taken" not in alone.output, alone.story
    rooted = run(*command, environment={"PGSSLROOTCERT": str(laboratory.bundle)}, folder=tmp_path)
    assert rooted.status == 64 and ":5: sslmode is not taken" in rooted.output, rooted.story


@pytest.mark.parametrize(
    "keys",
    [
        {"host": "shop.example.com", "sslmode": "verify-full"},
        {"host": "shop.example.com", "sslrootcert": "system"},
        {"host": "localhost", "sslmode": "disable"},
        {"host": "127.0.0.1", "sslrootcert": "bundle.pem"},
    ],
)
def test_what_weakens_nothing_may_be_found(keys: dict[str, str], tmp_path: Path) -> None:
    write(tmp_path, **keys, user="app")
    command = ("doctor", "--target", "orders", "--offline", "--only", "config")
    ended = run(*command, folder=tmp_path)
    assert "is not taken" not in ended.output, ended.story


def test_the_end_of_a_tunnel_may_be_found(tmp_path: Path) -> None:
    endpoint = "shop.abc123.eu-west-1.rds.amazonaws.com"
    write(tmp_path, host=endpoint, hostaddr="127.0.0.1", user="app", token_host=endpoint)
    command = ("doctor", "--target", "orders", "--offline", "--only", "config")
    ended = run(*command, folder=tmp_path)
    assert ended.status == 0, ended.story
    for decided in ("hostaddr=127.0.0.1", "user=app", f"token-host={endpoint}"):
        assert decided in ended.stderr.decode(), ended.story


def test_a_files_place_is_beside_the_target_file(
    laboratory: Laboratory, peer: Stranger, tmp_path: Path
) -> None:
    deploy = tmp_path / "deploy"
    deploy.mkdir()
    (deploy / "bundle.pem").write_text(laboratory.bundle.read_text())
    at = {"host": peer.at.host, "port": peer.at.port, "hostaddr": "127.0.0.1", "user": "app"}
    write(deploy, **at, sslrootcert="bundle.pem")
    command = ("doctor", "--target", "orders", "--timeout", "4s", "--password-from-env")
    given = {"PGPASSWORD": PASSWORD}
    config = ("--config", "deploy/dbauth.yaml")
    ended = run(*command, *config, environment=given, folder=tmp_path)
    assert peer.recorder.received(PASSWORD, encrypted=True) == 1, ended.story
    assert "sslmode=verify-full" in ended.output, ended.story
