"""Rows of events that measures are taken of; a set of events is a condition on such rows.

Some rows are read from a table; others are made from them: those of several tables together, those
of the persons whom a link joins. What hangs on a day of the person is joined as one more column, so
the rows of a base never change.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from ecluse.data.cohorts.algebra import Frame, Lakeside, Term
from ecluse.data.cohorts.planning.codes import Leaf
from ecluse.data.cohorts.planning.gathering import DAY, LAST_DAY, PERSON, RECORD, Gathering
from ecluse.data.cohorts.reading import Reading


class Base(ABC):
    """Rows with `person_key` and `day`, known after a round of measures.

    `lasts`: whether they have a `last_day` too. `uses`: how many times the rows are read.
    """

    def __init__(self, *, known_after: int = 0, lasts: bool = False) -> None:
        self.round = known_after
        self.lasts = lasts
        self.uses = 0
        self._frame: Frame | None = None

    @property
    def frame(self) -> Frame:
        """The rows, with the days and marks joined so far."""
        if self._frame is None:
            raise RuntimeError("rows asked before their round: a defect of the plan")
        return self._frame

    @frame.setter
    def frame(self, frame: Frame) -> None:
        self._frame = frame

    @abstractmethod
    def open(self) -> Frame:
        """Return the rows, none of what hangs on days of the person joined yet."""


class EventBase(Base):
    """Rows of events, with what is asked about them."""

    @abstractmethod
    def code(self, leaf: Leaf | None) -> str:
        """Ask for the code of the events of a leaf; return its column."""

    @abstractmethod
    def cell(self, column: str) -> str:
        """Ask for a column of the table; return its column here."""

    @abstractmethod
    def ask_records(self) -> None:
        """Ask for the record that each row belongs to."""


@dataclass(frozen=True, slots=True)
class Part:
    """The events of a base of which a condition is true.

    `leaf` is where they are read, None in rows that were made; `round`: after which the condition
    is known.
    """

    base: EventBase
    holds: Term
    round: int
    leaf: Leaf | None = None

    def and_also(self, condition: Term, round_: int) -> "Part":
        """Return the events of which another condition is true too."""
        return Part(self.base, self.holds & condition, max(self.round, round_), self.leaf)


class Gathered(EventBase):
    """The rows of one table in which a leaf of the cohort is found."""

    def __init__(self, gathering: Gathering, reads: "Reads") -> None:
        super().__init__(lasts=gathering.end_column is not None)
        self.gathering = gathering
        self._reads = reads

    def open(self) -> Frame:
        """Return the rows, from an earlier reading where one has them all."""
        return self._reads.of(self.gathering)

    def code(self, leaf: Leaf | None) -> str:
        """Ask for the code of the events of a leaf; return its column."""
        if leaf is None:
            raise RuntimeError("a code asked of no leaf: a defect of the plan")
        self.gathering.coded.add(leaf)
        return f"code_{self.gathering.leaves[leaf]}"

    def cell(self, column: str) -> str:
        """Ask for a column of the table; return its column here."""
        self.gathering.columns.add(column)
        return f"x_{column}"

    def ask_records(self) -> None:
        """Ask for the record that each row belongs to."""
        self.gathering.has_records = True


class Made(EventBase):
    """The events of several parts, one row for each part that has it, under the same columns.

    With a link, they are those of the persons linked, given to each person whom the link joins.
    """

    def __init__(self, parts: Sequence[Part], lakeside: Lakeside, link: Frame | None) -> None:
        super().__init__(
            known_after=max(part.round for part in parts),
            lasts=any(part.base.lasts for part in parts),
        )
        self.parts = parts
        self._lakeside = lakeside
        self._link = link
        self._columns: dict[str, tuple[str, ...]] = {}
        self._has_records = False
        for base in {id(part.base): part.base for part in parts}.values():
            base.uses += 1

    def open(self) -> Frame:
        """Return the rows of all parts, of the persons to whom they are given."""
        frames = [self._rows(number, part) for number, part in enumerate(self.parts)]
        stacked = reduce(lambda done, more: done.stacked(more), frames)
        if self._link is None:
            return stacked
        terms = self._lakeside.terms
        given = stacked.inner(self._link, (PERSON,))
        mine = {name: terms.column(name) for name in stacked.columns}
        return given.select({**mine, PERSON: terms.column("linked_to")})

    def code(self, leaf: Leaf | None) -> str:  # noqa: ARG002 - the rows were made of several
        """Ask for the code of the events; return its column."""
        self._columns["code"] = tuple(part.base.code(part.leaf) for part in self.parts)
        return "code"

    def cell(self, column: str) -> str:
        """Ask for a column of the tables; return its column here."""
        name = f"x_{column}"
        self._columns[name] = tuple(part.base.cell(column) for part in self.parts)
        return name

    def ask_records(self) -> None:
        """Ask for the record that each row belongs to."""
        self._has_records = True
        for part in self.parts:
            part.base.ask_records()

    def _rows(self, number: int, part: Part) -> Frame:
        terms, frame = self._lakeside.terms, part.base.frame
        chosen = {PERSON: terms.column(PERSON), DAY: terms.column(DAY)}
        if self.lasts:
            chosen[LAST_DAY] = terms.column(LAST_DAY if part.base.lasts else DAY)
        if self._has_records:
            chosen[RECORD] = terms.column(RECORD)
        for name, columns in self._columns.items():
            chosen[name] = terms.column(columns[number])
        return frame.where(part.holds).select(chosen)


class Reads:
    """The tables read in one run: none is read again for rows that are at hand."""

    def __init__(self, lakeside: Lakeside, reading: Reading) -> None:
        self._lakeside = lakeside
        self._reading = reading
        self._held: list[tuple[Gathering, Frame]] = []
        self.numbers: dict[Leaf, int] = {}
        self.among: Frame | None = None

    def number(self, leaf: Leaf) -> int:
        """Return the number of a leaf, the same in all of the run."""
        return self.numbers.setdefault(leaf, len(self.numbers))

    def of(self, gathering: Gathering) -> Frame:
        """Return the rows of a gathering, of the persons `among` whom one asks."""
        for held, frame in self._held:
            same = (held.table, held.end_column) == (gathering.table, gathering.end_column)
            if same and held.covers(gathering):
                return frame
        return gathering.read(self._lakeside, self._reading, self.among)

    def keep(self, gathering: Gathering, frame: Frame) -> None:
        """Remember rows that are held, those of everyone."""
        if self.among is None:
            self._held.append((gathering, frame))


def any_holds(parts: Sequence[Part]) -> Term:
    """Return whether a row is an event of one of the parts, all of one base."""
    return reduce(or_, (part.holds for part in parts))
