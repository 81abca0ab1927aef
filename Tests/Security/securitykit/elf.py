"""What an ELF file tells the loader, read with readelf."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

#: Writable bytes of the file that are taken for data: some 450 KB are.
WRITABLE_LIMIT = 2 << 20


@dataclass(frozen=True)
class Segment:
    """A program header."""

    type: str
    file_bytes: int
    flags: str


@dataclass(frozen=True)
class Elf:
    """Headers of a program."""

    kind: str
    segments: list[Segment]
    #: Section name to its flags.
    sections: dict[str, str]
    #: Pairs of a tag and its value, as in `("FLAGS_1", "Flags: NOW PIE")`.
    dynamic: list[tuple[str, str]]

    @classmethod
    def read(cls, path: Path) -> Elf:
        command = ["readelf", "--wide", "--file-header", "--segments", "--sections", "--dynamic"]
        text = subprocess.run(
            [*command, str(path)], check=True, capture_output=True, text=True
        ).stdout
        kind = re.search(r"^\s*Type:\s+(\S+)", text, re.MULTILINE)
        number = r"0x([0-9a-f]+)"
        segment = rf"^  (\w+) +{number} {number} {number} {number} {number} ([RWE ]{{3}})"
        section = r"^  \[ *\d+\] (\S+) +\w+ +[0-9a-f]+ [0-9a-f]+ [0-9a-f]+ [0-9a-f]+ +([A-Za-z]*) "
        return cls(
            kind=kind[1] if kind else "",
            segments=[
                Segment(found[1], int(found[5], 16), found[7])
                for found in re.finditer(segment, text, re.MULTILINE)
            ],
            sections=dict(re.findall(section, text, re.MULTILINE)),
            dynamic=re.findall(rf"^ {number[:2]}[0-9a-f]+ \((\w+)\) +(.*)$", text, re.MULTILINE),
        )

    def values(self, tag: str) -> list[str]:
        return [value for name, value in self.dynamic if name == tag]

    def faults(self) -> list[str]:
        """Why a program that was linked so is easier to attack than it has to be; empty is good."""
        faults = []
        if self.kind != "DYN" or not any("PIE" in value for value in self.values("FLAGS_1")):
            faults.append("it is loaded at a fixed address: not position-independent")
        if not any("NOW" in value for value in self.values("FLAGS_1")):
            faults.append("symbols are resolved while it runs: no BIND_NOW")
        relro = [segment for segment in self.segments if segment.type == "GNU_RELRO"]
        if not relro:
            faults.append("what the loader fills in stays writable: no RELRO")
        if "W" in self.sections.get(".rodata", "W"):
            faults.append("constants are writable: .rodata")
        loads = [segment for segment in self.segments if segment.type == "LOAD"]
        writable = sum(segment.file_bytes for segment in loads if "W" in segment.flags)
        writable -= sum(segment.file_bytes for segment in relro)
        if writable > WRITABLE_LIMIT:
            faults.append(f"{writable >> 20} MB of its file are writable when it runs")
        if any("W" in segment.flags and "E" in segment.flags for segment in loads):
            faults.append("a segment is both writable and executable")
        if any(segment.type == "GNU_STACK" and "E" in segment.flags for segment in self.segments):
            faults.append("its stack is executable")
        return faults

    def search_paths(self) -> list[str]:
        """Folders that libraries are looked for in before the system's."""
        paths = self.values("RUNPATH") + self.values("RPATH")
        return [path for value in paths for path in re.sub(r"^.*\[|\]$", "", value).split(":")]
