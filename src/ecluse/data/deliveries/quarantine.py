"""Lines that were not loaded: where and why, never what they say."""

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ecluse.domain.errors import LoadFailed

Positions = NDArray[np.int64]

HEADER: Final = ("file", "line", "column", "reason")
MOST_REFUSED: Final = 1_000_000
"""Lines of one file beyond which it is not the table that it claims to be."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that was not loaded; `column` is empty when the line is not a row at all."""

    line: int
    column: str
    reason: str


def check_count(file_name: str, refused: Sequence[Refused]) -> None:
    """Raise LoadFailed when so many lines are refused that the file cannot be what it claims."""
    if len(refused) <= MOST_REFUSED:
        return
    (column, reason), _ = Counter((item.column, item.reason) for item in refused).most_common(1)[0]
    raise too_many(file_name, column=column, reason=reason)


def too_many(file_name: str, *, column: str, reason: str) -> LoadFailed:
    """Return the error of a file of which over MOST_REFUSED lines are refused."""
    return LoadFailed(
        f"{file_name}: over {MOST_REFUSED} lines cannot be read, mostly for {reason} in column "
        f"{column or '(none)'}: check that the schema describes this file. Nothing was loaded."
    )


class Quarantine:
    """The file that lists refused lines."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerow(HEADER)

    def add(self, file_name: str, refused: Iterable[Refused]) -> int:
        """Append the refused lines of one file, in order; return how many."""
        rows = sorted(refused, key=lambda item: (item.line, item.column))
        with self.path.open("a", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(
                (file_name, item.line, item.column, item.reason) for item in rows
            )
        return len(rows)


def row_numbers(ranks: Positions, *, skipped: Iterable[int], header: int) -> Positions:
    """Return the numbers in the file of the rows that were read 1st, 2nd… (`ranks`).

    `skipped` records gave no row (blank, or refused before); `header` records come first.
    """
    lost = np.array(sorted(skipped), dtype=np.int64)
    rows_before = lost - header - 1 - np.arange(len(lost))
    return header + ranks + np.searchsorted(rows_before, ranks, side="left")
