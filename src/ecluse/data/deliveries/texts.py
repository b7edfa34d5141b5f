"""Rows of a text file: one fast typed scan, then the exact reading of the lines it refused.

The fast scan lets the CSV reader type the columns, in parallel. It may refuse a line that can be
read (another spelling of dates, a decimal point among decimal commas), never read it otherwise;
the exact reading has the last word on every line refused.
"""

import shutil
from array import array
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Final

import duckdb
import numpy as np

from ecluse.data.deliveries.conversions import REASONS, exact
from ecluse.data.deliveries.finding import DeliveredFile
from ecluse.data.deliveries.lines import Lines, look
from ecluse.data.deliveries.opened import Counts
from ecluse.data.deliveries.probing import believable
from ecluse.data.deliveries.projections import columns, good_rows, refused_rows
from ecluse.data.deliveries.quarantine import (
    MOST_REFUSED,
    Positions,
    Quarantine,
    Refused,
    check_count,
    row_numbers,
    too_many,
)
from ecluse.data.deliveries.sampling import Plan, plan
from ecluse.data.deliveries.sieving import Sieve, gather, sieve
from ecluse.data.deliveries.views import Text, drop_view, make_view
from ecluse.domain.errors import LoadFailed

REJECTED: Final = {
    "MISSING COLUMNS": "too-few-columns",
    "TOO MANY COLUMNS": "too-many-columns",
    "UNQUOTED VALUE": "open-quote",
    "INVALID ENCODING": "bad-byte",
    "LINE SIZE OVER MAXIMUM": "line-too-long",
}
MOST_RAGGED: Final = 1 << 23
"""Bytes of rows of a wrong width that the engine may be left to reject: it keeps the text of each,
several times over, outside of its own limit of memory."""
_scans = count()


class TextRows:
    """The rows of one text file, opened for a scan: see `OpenedRows`."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        file: DeliveredFile,
        path: Path,
        *,
        scratch: Path,
        quarantine: Quarantine,
    ) -> None:
        self._connection = connection
        self._file = file
        self._quarantine = quarantine
        self._name = f"scan_{next(_scans)}"
        self._scratch = scratch / self._name
        self._lines, clean, self._refused = _clean(file, path, self._scratch)
        has_quotes = self._lines.has_quotes
        self._text = Text(clean, file.separator, '"' if has_quotes else "")
        self._plan = believable(
            connection,
            file,
            self._text,
            plan(file, clean, has_quotes=has_quotes),
            lines=self._lines,
            scratch=self._scratch,
        )
        make_view(connection, self._text, self._plan, name=self._name)
        self.query = good_rows(self._name, file, self._plan.conversions)
        self.columns = columns(file)
        self.warnings = _warnings(file, self._lines)

    def finish(self, *, rows: int) -> Counts:
        """See `OpenedRows`."""
        numbers = self._refused_numbers(rows)
        second, rows_second, bad = self._read_again(numbers) if len(numbers) else (None, 0, [])
        found = rows + rows_second + len(bad)
        if found != self._lines.rows:
            raise LoadFailed(
                f"{self._file.name}: {self._lines.rows} lines, of which {found} are accounted for; "
                "the file changed while it was read, or its lines cannot be told apart. Nothing "
                "was loaded."
            )
        refused = [*self._refused, *bad]
        check_count(self._file.name, refused)
        count = self._quarantine.add(self._file.name, refused)
        return Counts(self._lines.rows + len(self._refused), count, rows_second, second)

    def close(self) -> None:
        """Forget the reader's notes and what was written in the scratch folder."""
        drop_view(self._connection, self._name)
        if self._again.path.exists():
            drop_view(self._connection, self._again_name)
        shutil.rmtree(self._scratch, ignore_errors=True)

    def _refused_numbers(self, rows: int) -> Positions:
        """Return the numbers of the records that the fast scan did not give, sorted."""
        rejected = self._rejected_numbers()
        if rows + len(rejected) == self._lines.rows:
            return rejected
        # some rows were read and found wrong: ask for their ranks, which costs a second scan
        is_exact = all(item.read_as == "VARCHAR" for item in self._plan.conversions)
        ranks, positions = refused_rows(
            self._connection,
            self._name,
            self._plan.conversions,
            most=MOST_REFUSED + 1 if is_exact else None,
        )
        if is_exact:
            self._check(positions, self._plan)
        skipped = {*self._lines.blanks, *rejected.tolist()}
        return np.sort(np.concatenate([rejected, row_numbers(ranks, skipped=skipped, header=1)]))

    def _rejected_numbers(self) -> Positions:
        found = self._connection.execute(f"SELECT DISTINCT line FROM {self._name}_rejects")  # noqa: S608 — own name
        return np.sort(found.fetchnumpy()["line"].astype(np.int64))

    def _read_again(self, numbers: Positions) -> tuple[str | None, int, list[Refused]]:
        """Read these records exactly: query of good rows, how many, lines refused for good."""
        lines = self._copy_records(numbers)
        formats = self._file.date_formats
        exactly = Plan(
            tuple(
                exact(item.column, delivered=item.column.name, date_formats=formats)
                for item in self._file.columns
            ),
            None,
            ".",
        )
        make_view(self._connection, self._again, exactly, name=self._again_name)
        refused = self._refused_again(exactly, lines)
        accepted = len(lines) - len(refused)
        second = None
        if accepted:
            second = good_rows(self._again_name, self._file, exactly.conversions)
        return second, accepted, refused

    def _refused_again(self, exactly: Plan, lines: Positions) -> list[Refused]:
        ranks, positions = refused_rows(
            self._connection, self._again_name, exactly.conversions, most=MOST_REFUSED + 1
        )
        self._check(positions, exactly)
        rejected = self._rejects_again()
        numbers = row_numbers(ranks, skipped=rejected, header=0)
        columns = [item.column for item in self._file.columns]
        refused = [
            Refused(line, columns[index].name, REASONS[columns[index].type])
            for line, index in zip(lines[numbers - 1].tolist(), positions.tolist(), strict=True)
        ]
        return refused + [Refused(int(lines[row - 1]), *why) for row, why in rejected.items()]

    def _check(self, positions: Positions, exactly: Plan) -> None:
        """Raise LoadFailed when too many rows are refused for good, before each has its line."""
        if len(positions) > MOST_REFUSED:
            worst = exactly.conversions[int(np.bincount(positions).argmax())].column
            raise too_many(self._file.name, column=worst.name, reason=REASONS[worst.type])

    @property
    def _again_name(self) -> str:
        return f"{self._name}_again"

    @property
    def _again(self) -> Text:
        return replace(self._text, path=self._scratch / "again.csv", has_header=False)

    def _copy_records(self, numbers: Positions) -> Positions:
        """Write the records of these numbers apart; return the line where each one starts."""
        lines = array("q")
        self._scratch.mkdir(exist_ok=True)
        with self._again.path.open("wb") as target:
            for record in gather(
                self._text.path,
                numbers,
                marks=self._lines.marks,
                by_lines=not self._lines.quotes_close,
            ):
                target.write(record.content.rstrip(b"\r\n") + b"\n")
                lines.append(record.line)
        return np.array(lines, dtype=np.int64)

    def _rejects_again(self) -> dict[int, tuple[str, str]]:
        """Return the records that are not rows of the table: column where it shows, reason."""
        table = self._connection.table(f"{self._again_name}_rejects")
        found = table.project("line, column_name, error_type").fetchall()
        return {
            line: (column or "", REJECTED.get(kind, "unreadable"))
            for line, column, kind in reversed(found)
        }


def _clean(file: DeliveredFile, path: Path, scratch: Path) -> tuple[Lines, Path, list[Refused]]:
    """Return what the text holds, where it lies clean, and the lines that were left out."""
    seen = look(path, separator=file.separator, width=len(file.columns))
    is_ragged = seen.ragged_bytes > MOST_RAGGED
    if seen.is_clean and seen.quotes_close and not is_ragged:
        return seen, path, []
    scratch.mkdir(exist_ok=True)
    copy = scratch / "clean.csv"
    names = tuple(item.column.name for item in file.columns)
    how = Sieve(file.name, file.separator, seen, names if is_ragged else ())
    refused = sieve(path, copy, how)
    clean = look(copy, separator=file.separator, by_lines=not seen.quotes_close)
    found = replace(clean, encoding=seen.encoding, quotes_close=seen.quotes_close)
    return found, copy, refused


def _warnings(file: DeliveredFile, lines: Lines) -> tuple[str, ...]:
    warnings = []
    if lines.encoding != "utf-8":
        warnings.append(f"{file.name}: not UTF-8, read as {lines.encoding}")
    if not lines.quotes_close:
        warnings.append(
            f"{file.name}: a quote is out of place, so that every line was taken for a row"
        )
    return tuple(warnings)
