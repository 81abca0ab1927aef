"""The golden files of doctor's report: what the renderers make of hand-made reports."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "Tests" / "CheckupTests" / "Golden"
SCHEMAS = Path(__file__).resolve().parent / "schemas"


def files(ending: str) -> list[Path]:
    """All golden files whose names end in `ending`; there must be some."""
    found = sorted(FOLDER.glob(f"*{ending}"))
    assert len(found) >= 5, f"only {len(found)} golden files end in {ending}"
    return found


def name(file: Path) -> str:
    """What pytest calls the file."""
    return file.name
