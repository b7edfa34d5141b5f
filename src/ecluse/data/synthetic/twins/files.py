"""CSV files written as rows come: comma, quotes where needed, dates as yyyy-mm-dd."""

import csv
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol

from ecluse.domain.errors import InvalidInput

Row = Sequence[object]
Headers = Mapping[str, tuple[str, ...]]
NO_ROW: Final = 0


class _Writer(Protocol):
    def writerow(self, row: Row, /) -> object: ...


class Tables:
    """The tables of one folder, open for writing; `rows` counts the lines of each."""

    def __init__(self, folder: Path, headers: Headers) -> None:
        self.rows = dict.fromkeys(headers, NO_ROW)
        self._folder = folder
        self._headers = headers
        self._writers: dict[str, _Writer] = {}
        self._files = ExitStack()

    def __enter__(self) -> "Tables":
        self._folder.mkdir(parents=True, exist_ok=True)
        for name, header in self._headers.items():
            path = self._folder / f"{name}.csv"
            file = self._files.enter_context(path.open("w", encoding="utf-8", newline=""))
            self._writers[name] = csv.writer(file, lineterminator="\n")
            self._writers[name].writerow(header)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._files.close()

    def next_number(self, table: str) -> int:
        """Return the number of the next row of a table, from 1."""
        return self.rows[table] + 1

    def write(self, table: str, row: Row) -> None:
        """Add one row; None is an empty value.

        Raises:
            InvalidInput: the row has not one value per column.
        """
        if len(row) != len(self._headers[table]):
            raise InvalidInput(f"A row of {table} has {len(row)} values: give one per column.")
        self._writers[table].writerow(row)
        self.rows[table] += 1
