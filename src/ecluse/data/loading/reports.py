"""What a load did, in counts: never a value from a row."""

from dataclasses import asdict, dataclass
from pathlib import Path

from ecluse.data.lake import Snapshot
from ecluse.data.loading.persons import PersonCounts
from ecluse.domain.codec import JSON


@dataclass(frozen=True, slots=True)
class TableReport:
    """Counts of one table delivered: `rows_read` = `rows_loaded` + `rows_quarantined`.

    `rows_without_person` are loaded but belong to nobody known, so no extraction gives them.
    `slices`: those that the delivery holds; `slices_replaced`: those of them that were there
    before. `slices_stamped_again`: carried over, with persons or dates that this load changed.
    `keys_forgotten`: event keys that two events shared, left empty.
    """

    table: str
    files: int
    rows_read: int
    rows_loaded: int
    rows_quarantined: int
    rows_without_person: int
    slices: tuple[str, ...] = ()
    slices_replaced: tuple[str, ...] = ()
    slices_stamped_again: tuple[str, ...] = ()
    keys_forgotten: int = 0


@dataclass(frozen=True, slots=True)
class Work:
    """How the load was done: engine, steps taken from a try that was killed, time."""

    engine: str
    steps_resumed: int
    milliseconds: int


@dataclass(frozen=True, slots=True)
class LoadReport:
    """The published snapshot and what happened on the way.

    `persons_without_opt_out_id` are persons whom the opt-out register cannot recognise.
    """

    snapshot: Snapshot
    tables: tuple[TableReport, ...]
    warnings: tuple[str, ...]
    people: PersonCounts
    work: Work

    @property
    def quarantine_path(self) -> Path:
        """The list of refused lines: file, line, column, reason code."""
        return self.snapshot.quarantine_path

    @property
    def persons(self) -> int:
        """Persons of the dataset."""
        return self.people.count

    @property
    def persons_without_opt_out_id(self) -> int:
        """Persons whom the opt-out register cannot recognise."""
        return self.people.without_opt_out_id

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


def report_json(
    tables: tuple[TableReport, ...], warnings: tuple[str, ...], people: PersonCounts, work: Work
) -> JSON:
    """Return what the snapshot keeps of the report."""
    return {
        "tables": [
            {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(table).items()}
            for table in tables
        ],
        "warnings": list(warnings),
        "persons": asdict(people),
        "work": asdict(work),
    }
