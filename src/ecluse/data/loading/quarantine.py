"""Lines that were not loaded: where and why, never what they say."""

import csv
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HEADER: Final = ("file", "line", "column", "reason")


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that was not loaded; `column` is empty when the line is not a row at all."""

    line: int
    column: str
    reason: str


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


def line_numbers(skipped: Collection[int], *, header: int) -> Callable[[int], int]:
    """Return the function from the rank of a row that was read (1, 2…) to its line in the file.

    `skipped` lines gave no row (blank, or refused before); `header` lines come first.
    """
    rows_before = [line - header - 1 - index for index, line in enumerate(sorted(skipped))]
    return lambda rank: header + rank + bisect_left(rows_before, rank)
