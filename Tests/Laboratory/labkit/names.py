"""DNS on a free port: dnsmasq with a zone of its own, and answers that dnsmasq refuses to give."""

from __future__ import annotations

import socket
import struct
import time
from pathlib import Path

from sandboxlib.account import give

from .background import Background
from .ports import free_port

#: Seconds for dnsmasq to answer its first question.
START_SECONDS = 10.0

#: Everything that the zone does not say does not exist, instead of being asked elsewhere.
SETTINGS = """no-resolv
no-hosts
no-poll
bind-interfaces
listen-address=127.0.0.1
keep-in-foreground
cache-size=0
local-ttl=60
user=
pid-file=
local=/#/
"""


def question(name: str, kind: int) -> bytes:
    """A query for the records of a kind that a name has."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    header = struct.pack("!6H", 0x4C41, 0x0100, 1, 0, 0, 0)
    return header + labels + b"\0" + struct.pack("!2H", kind, 1)


def start(background: Background, folder: Path, zone: list[str]) -> str:
    """Starts dnsmasq with these lines of dnsmasq.conf; returns ADDRESS:PORT once it answers."""
    folder.mkdir()
    give(folder, 0o755)
    port = free_port()
    settings = folder / "dnsmasq.conf"
    settings.write_text(SETTINGS + f"port={port}\n" + "".join(f"{line}\n" for line in zone))
    give(settings, 0o644)
    log = folder / "log"
    command = ["/usr/sbin/dnsmasq", f"--conf-file={settings}"]
    process = background.start(command, log)
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.settimeout(0.1)
            asking.connect(("127.0.0.1", port))
            try:
                asking.send(question("ready.invalid", 1))
                asking.recv(512)
                return f"127.0.0.1:{port}"
            except OSError:
                time.sleep(0.02)
    raise RuntimeError(f"dnsmasq with {settings} does not answer:\n{log.read_text()}")


def _names(data: bytes, at: int) -> tuple[str, int]:
    labels = []
    while data[at]:
        labels.append(data[at + 1 : at + 1 + data[at]].decode())
        at += 1 + data[at]
    return ".".join(labels).lower(), at + 1


def _encoded(name: str) -> bytes:
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


def alias_answer(query: bytes, aliases: dict[str, str]) -> bytes:
    """The answer to a query: the whole chain of aliases from the name asked for, each once."""
    name, end = _names(query, 12)
    question = query[12 : end + 4]
    records, seen = b"", set()
    count = 0
    while name in aliases and name not in seen:
        seen.add(name)
        target = _encoded(aliases[name])
        records += _encoded(name) + struct.pack("!2HIH", 5, 1, 60, len(target)) + target
        count += 1
        name = aliases[name]
    # No such domain, unless there is an alias at least.
    flags = 0x8580 if count else 0x8583
    return query[:2] + struct.pack("!5H", flags, 1, count, 0, 0) + question + records
