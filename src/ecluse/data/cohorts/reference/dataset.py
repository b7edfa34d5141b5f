"""What the reference engine reads: rows as mappings, in memory, and who the persons are."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from ecluse.data.cohorts.reading import FLOW_DATE, Reading
from ecluse.data.cohorts.reference.links import Row, pairs
from ecluse.data.schemas import EventSource, Model


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What is known of a person; None is unknown. `born_on` is the first of the month of birth."""

    born_on: date | None = None
    died_on: date | None = None
    sex: str | None = None
    department: str | None = None


UNKNOWN = PersonFacts()


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset in memory: its persons, the rows of each table that count, and the model.

    Rows about persons carry `person_key`, `event_date` and, where the table has one, `event_key`;
    a column that a row lacks is empty. `facts` are by person.
    """

    persons: Collection[int]
    tables: Mapping[str, Sequence[Row]]
    model: Model
    facts: Mapping[int, PersonFacts] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Event:
    """One row of a source, dated.

    `last_day` is that of an event that lasts, None when it has not ended. `record` names the stay
    or the claim it belongs to. `code`: the one by which it is found, None when the row has none.
    """

    day: date
    last_day: date | None
    record: tuple[str, object] | None
    code: str | None
    row: Row
    source: EventSource


@dataclass(frozen=True, slots=True)
class World:
    """A dataset as it may be read, with the index days that are ruled so far."""

    dataset: Dataset
    reading: Reading
    index_days: Mapping[int, date] = field(default_factory=dict)

    def facts(self, person: int) -> PersonFacts:
        """Return what is known of a person."""
        return self.dataset.facts.get(person, UNKNOWN)

    def linked(self, person: int, link: str) -> frozenset[int]:
        """Return the persons whom a link joins to this one."""
        found = pairs(self.dataset.tables, self.dataset.model.link(link))
        return frozenset(other for linked, other in found if linked == person)

    def rows(self, person: int, table: str) -> Iterator[Row]:
        """Yield the rows of a person that had arrived by the cut-off; all where there is none."""
        for row in self.dataset.tables.get(table, ()):
            if row["person_key"] == person and self._arrived(row):
                yield row

    def codes(self, row: Row, source: EventSource) -> frozenset[str]:
        """Return the codes of a row: its own, or those that the reference table gives for it."""
        own, reference = row.get(source.code_column), source.reference
        if reference is None:
            return frozenset(_plain([own]))
        lines = self.dataset.tables.get(reference.table, ())
        return frozenset(
            _plain(
                line.get(reference.code_column)
                for line in lines
                if own is not None and line.get(reference.key_column) == own
            )
        )

    def event(self, row: Row, source: EventSource, code: str | None) -> Event | None:
        """Return the row as an event; None when it has no day, or none that may be read."""
        first = row["event_date"]
        if not isinstance(first, date):
            return None
        last: date | None = first
        if source.end_column is not None:
            ended = row.get(source.end_column)
            last = max(first, ended) if isinstance(ended, date) else None
        if not meets(first, last, self.reading.care_from, self.reading.care_to):
            return None
        return Event(first, last, self._record(row, source), code, row, source)

    def _record(self, row: Row, source: EventSource) -> tuple[str, object] | None:
        table, key = self.dataset.model.record_table(source.table), row.get("event_key")
        return None if table is None or key is None else (table, key)

    def _arrived(self, row: Row) -> bool:
        if FLOW_DATE not in row:
            return True
        flow = row[FLOW_DATE]
        return isinstance(flow, date) and flow <= self.reading.flux_until


def meets(
    first: date, last: date | None, on_or_after: date | None, on_or_before: date | None
) -> bool:
    """Whether the days from `first` to `last` meet a period; None has no end."""
    is_before = on_or_after is not None and last is not None and last < on_or_after
    is_after = on_or_before is not None and first > on_or_before
    return not is_before and not is_after


def plain_code(code: object) -> str:
    """Return a code without dots and spaces around: `E11.9` and ` E119` are one."""
    return str(code).strip(" ").replace(".", "")


def _plain(codes: Iterable[object]) -> Iterator[str]:
    for code in codes:
        if code is not None and plain_code(code):
            yield plain_code(code)
