"""Whom a link joins, told by looking at every record beside every other."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ecluse.data.schemas import Link, Mark

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class _Record:
    """A record that bears a number, on its day, with what another table tells of it."""

    person: object
    number: str
    place: str
    day: date
    marks: Row

    def has(self, marks: Collection[Mark]) -> bool:
        return all(
            (not mark.values or _text(self.marks, mark.column) in mark.values)
            and _text(self.marks, mark.column) not in mark.excluded
            for mark in marks
        )

    def fits(self, other: "_Record", *, days_apart: int) -> bool:
        is_same = (self.number, self.place) == (other.number, other.place)
        return is_same and abs((self.day - other.day).days) <= days_apart


def pairs(tables: Mapping[str, Sequence[Row]], link: Link) -> Iterator[tuple[int, int]]:
    """Yield each person linked with the one linked to them, once for each of their records."""
    records = list(_records(tables, link))
    for own in (record for record in records if record.has(link.own)):
        fitting = {
            record.person
            for record in records
            if record.has(link.other) and record.fits(own, days_apart=link.days_apart)
        }
        if len(fitting) == 1 and isinstance(own.person, int):
            (other,) = fitting
            if isinstance(other, int) and other != own.person:
                yield own.person, other


def _records(tables: Mapping[str, Sequence[Row]], link: Link) -> Iterator[_Record]:
    for row in tables.get(link.table, ()):
        number, day, key = _text(row, link.number), row.get(link.day), row.get("event_key")
        if number in ("", *link.no_number) or not isinstance(day, date) or key is None:
            continue
        for told in tables.get(link.told_by, ()):
            if told.get("event_key") == key:
                yield _Record(row["person_key"], number, _text(row, link.place), day, told)


def _text(row: Row, column: str) -> str:
    value = row.get(column)
    return "" if value is None else str(value).strip(" ")
