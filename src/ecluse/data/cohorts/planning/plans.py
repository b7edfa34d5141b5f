"""A plan: all that a part of the cohort asks of the data, done in rounds.

Round 0 knows the facts about persons. Each round takes the measures whose rows and days are known,
one aggregate for each base, and joins them to the row of the person; days that it finds become
columns of the events that hang on them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ecluse.data.cohorts.algebra import Frame, Lakeside, Term
from ecluse.data.cohorts.planning.bases import (
    Base,
    EventBase,
    Gathered,
    Made,
    Part,
    Reads,
    any_holds,
)
from ecluse.data.cohorts.planning.codes import Leaf
from ecluse.data.cohorts.planning.gathering import PERSON, RECORD, Gathering
from ecluse.data.cohorts.planning.measures import Measure, measured


@dataclass(frozen=True, slots=True)
class Asked:
    """A term over the row of a person, known after a round."""

    term: Term
    round: int


@dataclass(frozen=True, slots=True)
class _Anchor:
    """A day of the person, joined to the rows of a base."""

    base: Base
    name: str
    day: Asked

    @property
    def round(self) -> int:
        return max(self.base.round, self.day.round)


@dataclass(frozen=True, slots=True)
class _Mark:
    """Whether the record of a row is one of those that other events belong to."""

    base: Base
    name: str
    others: tuple[Part, ...]

    @property
    def round(self) -> int:
        return max(self.base.round, *(part.round for part in self.others))


class Plan:
    """What is asked, before anything is read; `answered` reads it."""

    def __init__(self, lakeside: Lakeside, reads: Reads) -> None:
        self.lakeside = lakeside
        self.terms = lakeside.terms
        self.reads = reads
        self.answers: dict[object, Any] = {}
        self._gathered: dict[tuple[str, str | None], Gathered] = {}
        self._made: dict[object, Made] = {}
        self._steps: list[Any] = []
        self._asked: list[tuple[int, Base, str, Measure]] = []

    def leaf(self, leaf: Leaf) -> Part:
        """Return the events of a leaf, read with the others of its table."""
        source = self.lakeside.model.source(leaf.source)
        key = (source.table, source.end_column)
        if key not in self._gathered:
            self._gathered[key] = Gathered(Gathering(*key), self.reads)
            self._steps.append(self._gathered[key])
        base = self._gathered[key]
        number = self.reads.number(leaf)
        base.gathering.leaves[leaf] = number
        return Part(base, self.terms.column(f"leaf_{number}"), 0, leaf)

    def made(self, node: object, parts: Sequence[Part], link: Frame | None = None) -> Part:
        """Return the events of parts together, as the events of one base."""
        key = (node, link is None)
        if key not in self._made:
            self._made[key] = Made(parts, self.lakeside, link)
            self._steps.append(self._made[key])
        base = self._made[key]
        return Part(base, self.terms.value(value=True), base.round)

    def anchored(self, base: Base, node: object, day: Asked) -> tuple[Term, int]:
        """Return the day of the person as a column of the base, and when it is known."""
        key = ("anchor", id(base), node)
        if key not in self.answers:
            step = _Anchor(base, f"day_{len(self._steps)}", day)
            self._steps.append(step)
            self.answers[key] = (self.terms.column(step.name), step.round)
        found: tuple[Term, int] = self.answers[key]
        return found

    def marked(self, base: EventBase, node: object, others: tuple[Part, ...]) -> tuple[Term, int]:
        """Return whether the record of a row holds one of `others`, and when it is known."""
        key = ("mark", id(base), node)
        if key not in self.answers:
            base.ask_records()
            for part in others:
                part.base.ask_records()
                part.base.uses += 1
            step = _Mark(base, f"mark_{len(self._steps)}", others)
            self._steps.append(step)
            holds = self.terms.known(self.terms.column(step.name), self.terms.value(value=False))
            self.answers[key] = (holds, step.round)
        found: tuple[Term, int] = self.answers[key]
        return found

    def take_in(self, key: object, base: Base) -> None:
        """Take in a base of another kind under a key of `answers`."""
        self.answers[key] = base
        self._steps.append(base)

    def measure(self, key: object, base: Base, measure: Measure, round_: int) -> Asked:
        """Ask for a measure of a base whose rows are all known after a round; once for each key."""
        if key not in self.answers:
            name = f"m_{len(self._asked)}"
            if not any(base is other and round_ == at for at, other, _, _ in self._asked):
                base.uses += 1
            self._asked.append((round_, base, name, measure))
            self.answers[key] = Asked(self.terms.column(name), round_ + 1)
        found: Asked = self.answers[key]
        return found

    def foresee(self, later: "Plan") -> None:
        """Read for a later plan too the tables whose leaves are all read here, and hold them."""
        for key, base in later._gathered.items():
            mine = self._gathered.get(key)
            if mine is not None and mine.gathering.widen(base.gathering):
                mine.uses += 1

    def answered(self, persons: Frame, last_round: int) -> Frame:
        """Return the rows of persons with every measure, all known after `last_round`."""
        for number in range(last_round):
            for step in self._steps:
                if step.round == number:
                    self._take(step, persons)
            found = self._measured(persons, number)
            persons = found.held() if number + 1 < last_round else found
        return persons

    def _take(self, step: Any, persons: Frame) -> None:
        if isinstance(step, _Anchor):
            days = persons.select({PERSON: self.terms.column(PERSON), step.name: step.day.term})
            step.base.frame = step.base.frame.left(days, (PERSON,))
        elif isinstance(step, _Mark):
            step.base.frame = step.base.frame.left(self._records(step), (PERSON, RECORD))
        else:
            self._open(step)

    def _open(self, base: Base) -> None:
        opened = base.open()
        base.frame = opened.held() if base.uses > 1 else opened
        if isinstance(base, Gathered) and base.frame is not opened:
            self.reads.keep(base.gathering, base.frame)

    def _records(self, step: _Mark) -> Frame:
        """Return the records that the others belong to, once for each person."""
        terms, records = self.terms, []
        for base in {id(part.base): part.base for part in step.others}.values():
            held = any_holds([part for part in step.others if part.base is base])
            has_record = held & ~terms.is_null(terms.column(RECORD))
            key = {PERSON: terms.column(PERSON), RECORD: terms.column(RECORD)}
            records.append(base.frame.where(has_record).select(key))
        found = records[0]
        for more in records[1:]:
            found = found.stacked(more)
        key = {PERSON: terms.column(PERSON), RECORD: terms.column(RECORD)}
        return found.distinct().select({**key, step.name: terms.value(value=True)})

    def _measured(self, persons: Frame, number: int) -> Frame:
        by_base: dict[int, list[tuple[str, Measure]]] = {}
        bases: dict[int, Base] = {}
        for round_, base, name, measure in self._asked:
            if round_ == number:
                bases[id(base)] = base
                by_base.setdefault(id(base), []).append((name, measure))
        for key, asked in by_base.items():
            frame = bases[key].frame
            persons = persons.left(measured(frame, asked, self.terms), (PERSON,))
        return persons
