"""What is downloaded is what was meant, and is unpacked where nobody else can put anything."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sandboxlib import places
from sandboxlib.errors import SandboxError

HERE = Path(__file__).resolve().parent


@pytest.mark.parametrize("name", ["requirements.txt", "servers.txt"])
def test_every_package_has_one_version_and_a_hash(name: str) -> None:
    text = (HERE / name).read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert lines
    for line in lines:
        assert re.fullmatch(r"[\w.-]+==[\w.]+( +--hash=sha256:[0-9a-f]{64})+", line), line


def test_every_package_of_swift_has_one_version() -> None:
    manifest = (HERE.parents[1] / "Package.swift").read_text()
    packages = re.findall(r"\.package\(url: [^)]*\)", manifest)
    assert packages
    for package in packages:
        assert re.search(r', exact: "[0-9.]+"\)$', package), package


def test_a_cache_that_others_may_write_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "cache"
    monkeypatch.setenv("DBAUTH_SANDBOX_CACHE", str(root))
    root.mkdir()
    (root / "modules").mkdir()
    root.chmod(0o777)
    with pytest.raises(SandboxError, match="others may write"):
        places.kept_folder("modules")
