"""What a load did, in counts: never a value from a row."""

from dataclasses import dataclass
from pathlib import Path

from ecluse.data.lake import Snapshot


@dataclass(frozen=True, slots=True)
class TableReport:
    """Counts of one table: `rows_read` = `rows_loaded` + `rows_quarantined`.

    `rows_without_person` are loaded but belong to nobody known, so no extraction gives them.
    """

    table: str
    files: int
    rows_read: int
    rows_loaded: int
    rows_quarantined: int
    rows_without_person: int


@dataclass(frozen=True, slots=True)
class LoadReport:
    """The published snapshot and what happened on the way.

    `persons_without_opt_out_id` are persons whom the opt-out register cannot recognise.
    """

    snapshot: Snapshot
    tables: tuple[TableReport, ...]
    warnings: tuple[str, ...]
    persons: int
    persons_without_opt_out_id: int

    @property
    def quarantine_path(self) -> Path:
        """The list of refused lines: file, line, column, reason code."""
        return self.snapshot.quarantine_path

    @property
    def rows_read(self) -> int:
        """Rows of all files."""
        return sum(table.rows_read for table in self.tables)

    @property
    def rows_loaded(self) -> int:
        """Rows that are now in the lake."""
        return sum(table.rows_loaded for table in self.tables)

    @property
    def rows_quarantined(self) -> int:
        """Rows refused, each with a line in the quarantine file."""
        return sum(table.rows_quarantined for table in self.tables)
