"""What reading a file gives: its good rows, then the counts of all its rows."""

from dataclasses import dataclass
from typing import Protocol

from ecluse.data.schemas import Column


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the rows of a file.

    `rows_read`: records that should be rows, counted apart from the engine's parser. `second`: the
    query of the rows that the fast reading refused and the exact one accepts, with the columns of
    the first query; None when there are none. `rows_second`: how many.
    Always: rows of the first query + `rows_second` + `rows_quarantined` = `rows_read`.
    """

    rows_read: int
    rows_quarantined: int
    rows_second: int
    second: str | None


class OpenedRows(Protocol):
    """The good rows of one file as a query, and afterwards what its scan left out.

    `query`: typed columns, named and ordered as `columns`; each run of it scans the file again.
    `warnings`: what the load report must say of the file, such as its encoding.
    """

    query: str
    columns: tuple[Column, ...]
    warnings: tuple[str, ...]

    def finish(self, *, rows: int) -> Counts:
        """Quarantine what cannot be read; call once, after a scan that gave `rows` rows.

        Raises:
            LoadFailed: the counts do not add up to the last line.
        """
