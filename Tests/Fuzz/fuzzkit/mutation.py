"""Almost the same bytes: one number gives always the same ones."""

from __future__ import annotations

import random
from collections.abc import Sequence

#: What parsers stumble over: ends, quotes, signs of every syntax that is read here, numbers at a
#: type's edge, and bytes that are no text.
WORDS = [
    *(b"\0 \n \r\n \t \x1b[2J \x7f \x80 \xff \xfe\xff \xed\xa0\x80 \xf0\x9f\x90\x98".split(b" ")),
    *(
        b"' \" \\ ` $ $$ % %00 %zz %ff & && * ** : :: ; , - -- --- # = == ? / // @ ! | >".split(
            b" "
        )
    ),
    *(b"[ ] { } ( ) < > [[ {{ {} [] [section] key = value: - *a &a !!str ~".split(b" ")),
    *(b"0 -1 1e300 NaN 2147483648 4294967296 9223372036854775807 9223372036854775808".split(b" ")),
    *(b"-9223372036854775809 99999999999999999999999 0x10 1_0 00000000000000000000001".split(b" ")),
    b" " * 300,
    b"a" * 5000,
    b"[" * 1500,
    b"{a: " * 300,
    b"\n" * 2000,
]


class Mutator:
    """Changes bytes in one to eight places."""

    def __init__(self, number: int, seeds: Sequence[bytes]) -> None:
        self.random = random.Random(number)
        self.seeds = seeds

    def bytes(self) -> bytes:
        data = bytearray(self.random.choice(self.seeds))
        for _ in range(self.random.choice([1, 1, 1, 2, 3, 8])):
            self._change(data)
        return bytes(data)

    def _change(self, data: bytearray) -> None:
        place = self.random.randint(0, len(data))
        end = min(len(data), place + self.random.choice([1, 1, 2, 4, 16, 64]))
        other = self.random.choice(self.seeds)
        begin = self.random.randint(0, len(other))
        match self.random.randrange(9):
            case 0 if place < len(data):
                data[place] ^= 1 << self.random.randrange(8)
            case 1 if place < len(data):
                data[place] = self.random.randrange(256)
            case 2:
                del data[place:end]
            case 3:
                data[place:place] = self.random.choice(WORDS)
            case 4:
                data[place:end] = self.random.choice(WORDS)
            case 5:
                data[place:place] = data[place:end] * self.random.choice([2, 3, 50])
            case 6:
                del data[place:]
            case 7:
                data[place:place] = other[begin : begin + self.random.randint(1, 80)]
            case _:
                lines = data.split(b"\n")
                self.random.shuffle(lines)
                data[:] = b"\n".join(lines)
