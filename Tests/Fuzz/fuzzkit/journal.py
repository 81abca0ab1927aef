"""A journal of setup: its checksums, and values of somebody else's in it."""

from __future__ import annotations

import hashlib
import json
import random
import re
from typing import Any

#: What no statement may have but in quotation marks.
MARK = "zqmark"
#: Roles that there are, so that what names them gets as far as a statement.
ROLES = [f'"; DROP ROLE {MARK}; --', f"'; SELECT {MARK}(); --", f"\\'; SELECT {MARK}; --"]
FORGED_TEXTS = [
    *ROLES,
    *ROLES,
    MARK,
    f"$$ {MARK} $$",
    f"{MARK}\n\\! touch {MARK}\n",
    f'U&"{MARK}',
    f"{{{MARK}=arwdDxt/{MARK}}}",
    f'{{"\\"{MARK}\\"=r/fuzz_reader"}}',
    "{=r/fuzz_reader,=r/fuzz_reader}",
    f"\u202e{MARK}\x1b[2J",
    f"ALL ON SCHEMA public TO {MARK}; --",
    *("", "postgres", "rdsadmin", "rds_iam", "pg_database_owner", "public", "fuzz_reader"),
    *("relation", "type", "routine", "drop-role", "revoke-role", "owner", "x" * 5000),
]
FORGED_VALUES: list[Any] = [
    *FORGED_TEXTS,
    *(None, True, False, 0, 1, -1, 1.5, 1e300, 10, 16384),
    *(2**31, 2**32 - 1, 2**32, 2**63 - 1, 2**63, -(2**63) - 1, [], {}, [MARK], {MARK: MARK}),
]
HEADER = re.compile(
    rb'\{"journal":\{"schemaVersion":2,"length":([ \d]{19}),"chain":"([0-9a-f]{64})"\}\}?'
    rb',"sha256":"[0-9a-f]{64}"\}\n'
)
NO_CHAIN = bytes(32)
OLD_OPENING = b'{"begin":{'


def sealed(line: bytes, chain: bytes) -> tuple[bytes, bytes]:
    """A JSON object as a line with its checksum, and that."""
    body = line[:-1]
    digest = hashlib.sha256(chain + body).digest()
    return body + b',"sha256":"' + digest.hex().encode() + b'"}\n', digest


def journal(objects: list[bytes]) -> bytes:
    """A journal whose checksums are right, whatever it says."""
    body, chain = b"", NO_CHAIN
    for one in objects:
        line, chain = sealed(one, chain)
        body += line
    return header(len(body), chain) + body


def header(length: int, chain: bytes) -> bytes:
    """A first line; `length` is that of the others."""

    def line(total: int) -> bytes:
        text = b'{"journal":{"schemaVersion":2,"length":%19d,"chain":"' % total
        return sealed(text + chain.hex().encode() + b'"}}', b"")[0]

    return line(length + len(line(0)))


def objects(data: bytes) -> list[bytes]:
    """The records without their checksums."""
    lines = data.split(b"\n")[1:]
    return [re.sub(rb',"sha256":"[0-9a-f]{64}"\}$', b"}", line) for line in lines if line]


def is_empty(data: bytes) -> bool:
    """Whether it is a journal that was begun, and remembers nothing."""
    empty = header(0, NO_CHAIN)
    return empty.startswith(data) or data.startswith(empty) or OLD_OPENING.startswith(data)


def is_sound(data: bytes) -> bool:
    """Whether the checksums are right of all that counts, and there is something."""
    found = HEADER.match(data)
    if not found:
        return data.startswith(OLD_OPENING)
    length, place, chain = int(found[1]), found.end(), NO_CHAIN
    # The last line break alone may be missing.
    if (
        len(data) < length - 1
        or header(length - place, bytes.fromhex(found[2].decode())) != found[0]
    ):
        return False
    while place < min(length, len(data)):
        end = data.find(b"\n", place)
        end = len(data) if end < 0 else end
        line, place = data[place:end], end + 1
        body = re.sub(rb',"sha256":"[0-9a-f]{64}"\}$', b"", line)
        expected, chain = sealed(body + b"}", chain)
        if expected != line + b"\n":
            return False
    return place == length and chain.hex().encode() == found[2] and chain != NO_CHAIN


def forged(good: bytes, chance: random.Random) -> list[bytes]:
    """The records with values of somebody else's, or records more or less."""
    records = [json.loads(one) for one in objects(good)]
    for _ in range(chance.choice([1, 1, 2, 5])):
        _forge(chance, chance.choice(records))
    if chance.random() < 0.2:
        records.insert(chance.randrange(len(records) + 1), chance.choice(records))
    return [json.dumps(one, separators=(",", ":")).encode() for one in records]


def _forge(chance: random.Random, value: Any) -> None:
    """Puts something else in the place of one value somewhere within."""
    while True:
        keys: list[Any] = list(value if isinstance(value, dict) else range(len(value)))
        if not keys:
            return
        key = chance.choice(keys)
        inner = value[key]
        if isinstance(inner, dict | list) and inner and chance.random() < 0.95:
            value = inner
            continue
        if isinstance(value, dict) and chance.random() < 0.1:
            del value[key]
        elif isinstance(inner, str) and chance.random() < 0.95:
            value[key] = chance.choice(FORGED_TEXTS)
        else:
            value[key] = chance.choice(FORGED_VALUES)
        return


def rearranged(good: bytes, chance: random.Random) -> bytes:
    """The lines in another order, or two of them made one."""
    lines = good.splitlines(keepends=True)
    place, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    match chance.randrange(4):
        case 0:
            lines[place], lines[other] = lines[other], lines[place]
        case 1:
            lines.insert(other, lines[place])
        case 2:
            del lines[place]
        case _:
            begin = chance.randrange(len(lines[place]))
            lines[place] = lines[place][:begin] + lines[other][begin:]
    return b"".join(lines)


def unquoted(statement: str) -> str:
    """A statement without its names and values in quotation marks."""
    return re.sub(r'"(?:[^"]|"")*"|\'(?:[^\']|\'\')*\'', "", statement)
