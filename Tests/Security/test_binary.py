"""How the program is linked; `make release` runs `check-binary` for the release build."""

from __future__ import annotations

from pathlib import Path

from labkit.trial import binary

from securitykit.elf import Elf


def test_the_debug_build_is_hardened_like_the_release_build() -> None:
    """But for RUNPATH: SwiftPM adds the binary's own folder unless it is told not to."""
    assert Elf.read(Path(binary())).faults() == []
