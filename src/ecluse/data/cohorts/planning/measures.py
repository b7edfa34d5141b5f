"""What is asked of the events of one base about each person, all in one or two aggregates.

A measure that needs the days apart (how many, the third, the code of the first) is summed up by
day, then by person; when none does, the rows are summed up by person at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Protocol

from ecluse.data.cohorts.algebra import Frame, Term, Terms
from ecluse.data.cohorts.planning.bases import Part, any_holds
from ecluse.data.cohorts.planning.gathering import DAY, PERSON


class Measure(Protocol):
    """One number, day or text for each person who has rows."""

    @property
    def needs_days(self) -> bool:
        """Whether the days must be told apart."""

    def gathered(self, terms: Terms, name: str) -> dict[str, Term]:
        """Return aggregates of rows: of one day, or of all when days are not needed."""

    def settled(self, terms: Any, name: str) -> Term:
        """Return the aggregate of what `gathered` gave for each day."""


@dataclass(frozen=True, slots=True)
class IsThere:
    """Whether the person has an event."""

    parts: tuple[Part, ...]
    needs_days = False

    def gathered(self, terms: Terms, name: str) -> dict[str, Term]:
        """Whether one row is an event."""
        return {name: terms.any_of(any_holds(self.parts))}

    def settled(self, terms: Any, name: str) -> Term:
        """Whether one day has an event."""
        return terms.any_of(terms.column(name))


@dataclass(frozen=True, slots=True)
class DayCount:
    """On how many days events begin."""

    parts: tuple[Part, ...]
    needs_days = True

    def gathered(self, terms: Terms, name: str) -> dict[str, Term]:
        """Whether the day has an event."""
        return {name: terms.any_of(any_holds(self.parts))}

    def settled(self, terms: Any, name: str) -> Term:
        """The number of days that have one."""
        return terms.total(_one_if(terms, terms.column(name)))


@dataclass(frozen=True, slots=True)
class NthDay:
    """The number-th of the days on which events begin."""

    parts: tuple[Part, ...]
    number: int
    is_last: bool

    @property
    def needs_days(self) -> bool:
        """Only beyond the first or the last."""
        return self.number > 1

    def gathered(self, terms: Terms, name: str) -> dict[str, Term]:
        """The day when it has an event; of several, the first or the last."""
        return {name: self._end(terms, terms.choose(any_holds(self.parts), terms.column(DAY)))}

    def settled(self, terms: Any, name: str) -> Term:
        """The day asked for."""
        if self.needs_days:
            return terms.nth(terms.column(name), self.number, is_last=self.is_last)
        return self._end(terms, terms.column(name))

    def _end(self, terms: Any, day: Term) -> Term:
        return terms.largest(day) if self.is_last else terms.smallest(day)


@dataclass(frozen=True, slots=True)
class RowCount:
    """How many events there are; one that two parts have counts twice."""

    parts: tuple[Part, ...]
    needs_days = False

    def gathered(self, terms: Terms, name: str) -> dict[str, Term]:
        """The events of rows."""
        counts = (_one_if(terms, part.holds) for part in self.parts)
        return {name: terms.total(reduce(lambda sum_, more: sum_ + more, counts))}

    def settled(self, terms: Any, name: str) -> Term:
        """The events of all days."""
        return terms.total(terms.column(name))


@dataclass(frozen=True, slots=True)
class Sum:
    """The sum of a column, in ten-thousandths; nothing without any event."""

    parts: tuple[Part, ...]
    columns: tuple[str, ...]
    needs_days = False

    def gathered(self, terms: Terms, name: str) -> dict[str, Term]:
        """The sum over rows, 0 for those that are no events, and whether one is."""
        nothing = terms.value(0)
        amounts = (
            terms.choose(part.holds, terms.known(terms.column(column), nothing), nothing)
            for part, column in zip(self.parts, self.columns, strict=True)
        )
        added = reduce(lambda sum_, more: sum_ + more, amounts)
        there = terms.any_of(any_holds(self.parts))
        return {name: terms.total(added), f"{name}_there": there}

    def settled(self, terms: Any, name: str) -> Term:
        """The sum of all days."""
        there = terms.any_of(terms.column(f"{name}_there"))
        return terms.choose(there, terms.total(terms.column(name)))


@dataclass(frozen=True, slots=True)
class AtEnd:
    """The smallest value of a column on the first or last day of events, if one is known."""

    parts: tuple[Part, ...]
    columns: tuple[str, ...]
    is_last: bool
    needs_days = True

    def gathered(self, terms: Terms, name: str) -> dict[str, Term]:
        """The smallest value of the day, and the day when it has an event."""
        values = [
            terms.choose(part.holds, terms.column(column))
            for part, column in zip(self.parts, self.columns, strict=True)
        ]
        value = values[0] if len(values) == 1 else terms.least(*values)
        there = terms.choose(any_holds(self.parts), terms.column(DAY))
        return {name: terms.smallest(value), f"{name}_day": terms.smallest(there)}

    def settled(self, terms: Any, name: str) -> Term:
        """The value of the first or last day."""
        day = terms.column(f"{name}_day")
        return terms.beside(terms.column(name), day, is_last=self.is_last)


@dataclass(frozen=True, slots=True)
class OfRows:
    """An aggregate of rows that have no days: the spans of an exposure."""

    term: Term
    kind: str
    needs_days = False

    def gathered(self, terms: Terms, name: str) -> dict[str, Term]:
        """The aggregate."""
        return {name: getattr(terms, self.kind)(self.term)}

    def settled(self, terms: Any, name: str) -> Term:
        """The same."""
        return getattr(terms, self.kind)(terms.column(name))


class _Alone:
    """Terms in which the aggregate of one row is the row."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms

    def __getattr__(self, name: str) -> Any:
        return getattr(self._terms, name)

    def _same(self, term: Term) -> Term:
        return term

    any_of = total = smallest = largest = _same


def measured(frame: Frame, measures: Sequence[tuple[str, Measure]], terms: Terms) -> Frame:
    """Return one row for each person with rows: `person_key`, then each measure by its name."""
    gathered: dict[str, Term] = {}
    for name, measure in measures:
        gathered.update(measure.gathered(terms, name))
    if not any(measure.needs_days for _, measure in measures):
        alone = _Alone(terms)
        settled = {name: measure.settled(alone, name) for name, measure in measures}
        return frame.grouped((PERSON,), gathered).select({PERSON: terms.column(PERSON), **settled})
    settled = {name: measure.settled(terms, name) for name, measure in measures}
    return frame.grouped((PERSON, DAY), gathered).grouped((PERSON,), settled)


def _one_if(terms: Terms, condition: Term) -> Term:
    return terms.choose(condition, terms.value(1), terms.value(0))
