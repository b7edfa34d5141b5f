"""The events of one table, read in one scan: who, when, and which leaves of the cohort they are."""

from dataclasses import dataclass, field
from functools import reduce
from operator import and_, or_

import pyarrow as pa

from ecluse.data.cohorts.algebra import Frame, Lakeside, Term
from ecluse.data.cohorts.planning.cells import KINDS, cell, is_whole, meets
from ecluse.data.cohorts.planning.codes import STORED, Leaf, exact_numbers, taken
from ecluse.data.cohorts.reading import Reading
from ecluse.data.schemas import EventSource
from ecluse.domain.cohorts import Events
from ecluse.domain.errors import NotFound

PERSON = "person_key"
DAY = "day"
LAST_DAY = "last_day"
RECORD = "record_key"


@dataclass
class Gathering:
    """What is read of one table: leaves by number, and the columns wanted beside them.

    Rows have `person_key`, `day`, where events last `last_day` (NULL: not ended), where asked
    `record_key`, `x_…` for each column, and for each leaf `leaf_…` (whether the row is one of its
    events) and `code_…` (the code by which it is).
    """

    table: str
    end_column: str | None
    leaves: dict[Leaf, int] = field(default_factory=dict)
    coded: set[Leaf] = field(default_factory=set)
    columns: set[str] = field(default_factory=set)
    has_records: bool = False

    def covers(self, other: "Gathering") -> bool:
        """Whether rows read for this one answer the other."""
        return (
            other.leaves.keys() <= self.leaves.keys()
            and other.coded <= self.coded
            and other.columns <= self.columns
            and self.has_records >= other.has_records
        )

    def widen(self, other: "Gathering") -> bool:
        """Read what the other asks too, if its leaves are read here anyway; tell whether."""
        if not other.leaves.keys() <= self.leaves.keys():
            return False
        self.coded |= other.coded
        self.columns |= other.columns
        self.has_records |= other.has_records
        return True

    def read(self, lakeside: Lakeside, reading: Reading, among: Frame | None) -> Frame:
        """Return the rows. Raises NotFound when the snapshot lacks the table."""
        if not lakeside.has(self.table):
            names = ", ".join(sorted({leaf.source for leaf in self.leaves}))
            raise NotFound(
                f"The snapshot has no table {self.table}, where {names} is found: load it, or "
                "leave this source out of the cohort."
            )
        return _Scan(self, lakeside, lakeside.rows(self.table, among)).rows(reading)


class _Scan:
    """One reading of a gathering."""

    def __init__(self, asked: Gathering, lakeside: Lakeside, rows: Frame) -> None:
        self._asked = asked
        self._lakeside = lakeside
        self._terms = lakeside.terms
        self._rows = rows
        self._schema = lakeside.model.table(asked.table)
        self._sources: dict[str, dict[Leaf, int]] = {}
        for leaf, number in asked.leaves.items():
            if isinstance(leaf, Events) or leaf in asked.coded:
                self._sources.setdefault(leaf.source, {})[leaf] = number

    def rows(self, reading: Reading) -> Frame:
        """Return the rows that a leaf takes, in the care period."""
        terms = self._terms
        found = self._rows.select(self._read()).where(self._is_in_time(reading))
        takes_others = len(self._sources) > 1 or any(
            not isinstance(leaf, Events) for leaf in self._asked.leaves
        )
        for number, (name, leaves) in enumerate(self._sources.items()):
            codes = self._taken(self._lakeside.model.source(name), leaves, key=f"stored_{number}")
            on = (f"stored_{number}",)
            found = found.left(codes, on) if takes_others else found.inner(codes, on)
        flags = [terms.column(f"leaf_{number}") for number in self._asked.leaves.values()]
        return found.select(self._marked(found)).where(reduce(or_, flags))

    def _read(self) -> dict[str, Term]:
        terms, asked = self._terms, self._asked
        day = self._column("event_date", "date")
        read = {PERSON: self._column(PERSON, "integer"), DAY: day}
        if asked.end_column is not None:
            end = self._column(asked.end_column, "date")
            ended = terms.choose(terms.is_null(end), end, terms.greatest(day, end))
            read[LAST_DAY] = ended
        if asked.has_records:
            read[RECORD] = self._column("event_key", None)
        for column in sorted(asked.columns):
            read[f"x_{column}"] = cell(terms, self._schema.column(column), self._column(column))
        for number, name in enumerate(self._sources):
            source = self._lakeside.model.source(name)
            read[f"stored_{number}"] = self._column(source.code_column)
        for leaf, number in asked.leaves.items():
            if leaf.where:
                read[f"where_{number}"] = self._where(leaf)
        return read

    def _column(self, name: str, kind: str | None = None) -> Term:
        """Return a column, NULL when the table was delivered without it."""
        known = self._schema.column(name)
        stored = known.name if known else name
        if stored not in self._rows.columns:
            return self._terms.nothing(kind or (KINDS[known.type] if known else "wide"))
        return self._terms.column(stored)

    def _where(self, leaf: Leaf) -> Term:
        terms = self._terms
        return reduce(
            and_,
            (
                meets(terms, self._schema.column(item.column), item, self._column(item.column))
                for item in leaf.where
            ),
        )

    def _is_in_time(self, reading: Reading) -> Term:
        terms = self._terms
        day = terms.column(DAY)
        begins = day <= terms.value(reading.care_to)
        first = terms.value(reading.care_from)
        is_someone = ~terms.is_null(terms.column(PERSON))
        if self._asked.end_column is None:
            return is_someone & begins & (day >= first)
        last = terms.column(LAST_DAY)
        return is_someone & begins & (terms.is_null(last) | (last >= first))

    def _taken(self, source: EventSource, leaves: dict[Leaf, int], *, key: str) -> Frame:
        found = taken(self._pairs(source, leaves), leaves)
        names = [key if name == STORED else name for name in found.column_names]
        return self._lakeside.known(found.rename_columns(names))

    def _pairs(self, source: EventSource, leaves: dict[Leaf, int]) -> pa.Table:
        """Return each stored value with the codes that it means."""
        terms, reference = self._terms, source.reference
        if reference is None:
            numbers = exact_numbers(leaves)
            if numbers is not None and is_whole(self._schema.column(source.code_column)):
                return numbers
            stored = code = source.code_column
            lines = self._lakeside.written(self._asked.table, code)
        else:
            stored, code = reference.key_column, reference.code_column
            lines = self._lakeside.raw(reference.table)
        if not {stored, code} <= set(lines.columns):
            return pa.table({STORED: pa.array([], pa.int64()), "code": pa.array([], pa.string())})
        pairs = lines.select(
            {STORED: terms.column(stored), "code": terms.plain(terms.column(code))}
        ).distinct()
        is_known = ~terms.is_null(terms.column("code")) & ~terms.is_null(terms.column(STORED))
        return pairs.where(is_known).table()

    def _marked(self, found: Frame) -> dict[str, Term]:
        """Return the columns of the gathering: which leaves each row is an event of."""
        terms = self._terms
        plain = [PERSON, DAY, LAST_DAY, RECORD, *(f"x_{name}" for name in self._asked.columns)]
        marked = {name: terms.column(name) for name in plain if name in found.columns}
        for leaf, number in self._asked.leaves.items():
            is_coded = isinstance(leaf, Events)
            takes = terms.column(f"leaf_{number}") if is_coded else terms.value(value=True)
            if leaf.where:
                takes = takes & terms.column(f"where_{number}")
            marked[f"leaf_{number}"] = terms.known(takes, terms.value(value=False))
            if leaf in self._asked.coded:
                marked[f"code_{number}"] = terms.column(f"code_{number}")
        return marked
