"""The list of files that a holder supplies: one line a file, `digest size name`, read strictly."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ecluse.domain.errors import InvalidInput

MOST_FILES: Final = 500
LONGEST_NAME: Final = 120
LARGEST: Final = 2**53
_LINE = re.compile(r"(?:sha256:)?([0-9a-f]{64})\s+(\d{1,16})\s+\*?([A-Za-z0-9][A-Za-z0-9._-]*)")


@dataclass(frozen=True, slots=True)
class Receipt:
    """One file: its name without any folder, its size in octets, `sha256:` and 64 digits."""

    name: str
    octets: int
    digest: str


def read_receipts(text: str) -> tuple[Receipt, ...]:
    """The files that a text names, one a line, by name.

    Raises InvalidInput naming the first line that is not a digest, a size and a plain name, or a
    name given twice. The line itself is not repeated: a name might say more than it should.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not 0 < len(lines) <= MOST_FILES:
        raise InvalidInput(f"Name 1 to {MOST_FILES} files, one a line: {len(lines)} were given.")
    found = [_receipt(rank, line) for rank, line in enumerate(lines, start=1)]
    names = [one.name for one in found]
    if len(set(names)) != len(names):
        raise InvalidInput("Two lines give the same name: each file has its own.")
    return tuple(sorted(found, key=lambda one: one.name))


def _receipt(rank: int, line: str) -> Receipt:
    match = _LINE.fullmatch(line.strip())
    if match is None or len(match[3]) > LONGEST_NAME or not 0 < int(match[2]) <= LARGEST:
        raise InvalidInput(
            f"Line {rank}: write a SHA-256 digest, a size in octets and a name made of letters, "
            "digits, dots, dashes and underscores."
        )
    return Receipt(match[3], int(match[2]), f"sha256:{match[1]}")


def differing(declared: Iterable[Receipt], arrived: Iterable[Receipt]) -> tuple[str, ...]:
    """The names of the files that are missing, unannounced, or not the same bytes."""
    return tuple(sorted({one.name for one in set(declared) ^ set(arrived)}))
