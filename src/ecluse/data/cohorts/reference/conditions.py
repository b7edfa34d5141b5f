"""Whether one person meets a condition, and what a variable says of them."""

# ruff: noqa: ARG001 - all the answers to one question take the same arguments

from datetime import date
from decimal import Decimal
from functools import singledispatch

from ecluse.data.cohorts.reference.columns import as_text, cell, exact
from ecluse.data.cohorts.reference.dataset import Event, World
from ecluse.data.cohorts.reference.events import (
    Span,
    day_of,
    distinct_days,
    events_of,
    shifted,
    spans_of,
)
from ecluse.domain.cohorts import (
    Aged,
    AgeOn,
    AllOf,
    AnyOf,
    AtLeast,
    CodeAt,
    ColumnAt,
    Count,
    Counted,
    DayIs,
    DaysBetween,
    DayWithin,
    DepartmentIs,
    End,
    ExposedDays,
    ExposedOn,
    HasSex,
    IsMet,
    Known,
    LivesIn,
    Not,
    SexIs,
    Total,
)

Answer = bool | int | str | date | Decimal | None


@singledispatch
def is_met(condition: object, person: int, world: World) -> bool:
    """Whether a person meets a condition; what is unknown is not met."""
    raise TypeError(f"{type(condition).__name__} is no condition.")


@is_met.register
def _(condition: AtLeast, person: int, world: World) -> bool:
    days = distinct_days(events_of(condition.events, person, world))
    return len(days) >= condition.distinct_dates


@is_met.register
def _(condition: Known, person: int, world: World) -> bool:
    return day_of(condition.day, person, world) is not None


@is_met.register
def _(condition: DayWithin, person: int, world: World) -> bool:
    day = day_of(condition.day, person, world)
    anchor = day_of(condition.anchor, person, world)
    if day is None or anchor is None:
        return False
    first = shifted(anchor, condition.from_days) or day
    last = shifted(anchor, condition.to_days) or day
    return first <= day <= last


@is_met.register
def _(condition: Aged, person: int, world: World) -> bool:
    age = _age(person, day_of(condition.on, person, world), world)
    if age is None:
        return False
    is_old_enough = condition.at_least is None or age >= condition.at_least
    return is_old_enough and (condition.at_most is None or age <= condition.at_most)


@is_met.register
def _(condition: HasSex, person: int, world: World) -> bool:
    return world.facts(person).sex == condition.sex.value


@is_met.register
def _(condition: LivesIn, person: int, world: World) -> bool:
    return world.facts(person).department in condition.departments


@is_met.register
def _(condition: ExposedOn, person: int, world: World) -> bool:
    day = day_of(condition.day, person, world)
    spans = spans_of(condition.exposure, person, world)
    return day is not None and any(_days_in(span, day, day) for span in spans)


@is_met.register
def _(condition: AllOf, person: int, world: World) -> bool:
    return all(is_met(part, person, world) for part in condition.parts)


@is_met.register
def _(condition: AnyOf, person: int, world: World) -> bool:
    return any(is_met(part, person, world) for part in condition.parts)


@is_met.register
def _(condition: Not, person: int, world: World) -> bool:
    return not is_met(condition.part, person, world)


@singledispatch
def value_of(value: object, person: int, world: World) -> Answer:
    """Return what a variable says of a person; None when it says nothing."""
    raise TypeError(f"{type(value).__name__} is no value.")


@value_of.register
def _(value: IsMet, person: int, world: World) -> Answer:
    return is_met(value.condition, person, world)


@value_of.register
def _(value: DayIs, person: int, world: World) -> Answer:
    return day_of(value.day, person, world)


@value_of.register
def _(value: Count, person: int, world: World) -> Answer:
    events = events_of(value.events, person, world)
    return len(events if value.of is Counted.EVENTS else distinct_days(events))


@value_of.register
def _(value: Total, person: int, world: World) -> Answer:
    events = events_of(value.events, person, world)
    amounts = [exact(cell(event.row, value.column, event.source, world)) for event in events]
    return sum(amounts, Decimal("0.0000")) if amounts else None


@value_of.register
def _(value: CodeAt, person: int, world: World) -> Answer:
    events = _at_the_end(events_of(value.events, person, world), value.end)
    return min((event.code for event in events if event.code is not None), default=None)


@value_of.register
def _(value: ColumnAt, person: int, world: World) -> Answer:
    events = _at_the_end(events_of(value.events, person, world), value.end)
    found = [cell(event.row, value.column, event.source, world) for event in events]
    present = [item for item in found if item is not None]
    return as_text(min(present)) if present else None


@value_of.register
def _(value: AgeOn, person: int, world: World) -> Answer:
    return _age(person, day_of(value.day, person, world), world)


@value_of.register
def _(value: SexIs, person: int, world: World) -> Answer:
    return world.facts(person).sex


@value_of.register
def _(value: DepartmentIs, person: int, world: World) -> Answer:
    return world.facts(person).department


@value_of.register
def _(value: DaysBetween, person: int, world: World) -> Answer:
    first, last = day_of(value.first, person, world), day_of(value.last, person, world)
    return None if first is None or last is None else (last - first).days


@value_of.register
def _(value: ExposedDays, person: int, world: World) -> Answer:
    first, last = day_of(value.first, person, world), day_of(value.last, person, world)
    if first is None or last is None:
        return 0
    return sum(_days_in(span, first, last) for span in spans_of(value.exposure, person, world))


def _age(person: int, day: date | None, world: World) -> int | None:
    """Return the completed years on a day; None before birth, or when one is unknown."""
    born_on = world.facts(person).born_on
    if born_on is None or day is None or day < born_on:
        return None
    had_birthday = (day.month, day.day) >= (born_on.month, born_on.day)
    return day.year - born_on.year - (0 if had_birthday else 1)


def _days_in(span: Span, first: date, last: date) -> int:
    """Return how many days of a span are from `first` to `last`, both included."""
    begins, ends = span
    until = last if ends is None else min(last, ends)
    return max(0, (until - max(first, begins)).days + 1)


def _at_the_end(events: list[Event], end: End) -> list[Event]:
    days = distinct_days(events)
    if not days:
        return []
    wanted = days[0] if end is End.FIRST else days[-1]
    return [event for event in events if event.day == wanted]
