"""The events, days and exposures of one person, each node of the tree in the plainest Python."""

# ruff: noqa: ARG001 - all the answers to one question take the same arguments

from collections.abc import Iterator
from datetime import date, timedelta
from functools import singledispatch

from ecluse.data.cohorts.reference.columns import holds
from ecluse.data.cohorts.reference.dataset import Event, World, meets, plain_code
from ecluse.domain.cohorts import (
    AnyEvents,
    Around,
    BirthDay,
    DayOf,
    DeathDay,
    During,
    End,
    Events,
    EveryEvent,
    Exposure,
    ExposureDay,
    FixedDay,
    IndexDay,
    LinkedEvents,
    Match,
    OneOfDays,
    OtherRecord,
    Pick,
    SameRecord,
    Shifted,
)

Span = tuple[date, date | None]
"""First and last day of a time under treatment, both included; None: it never ends."""


@singledispatch
def events_of(asked: object, person: int, world: World) -> list[Event]:
    """Return the events of a person that a node asks for, in no order."""
    raise TypeError(f"{type(asked).__name__} gives no events.")


@events_of.register
def _(asked: Events, person: int, world: World) -> list[Event]:
    source = world.dataset.model.source(asked.source)
    found = []
    for row in world.rows(person, source.table):
        codes = [
            code
            for code in world.codes(row, source)
            if _is_listed(code, asked.codes, asked.match)
            and not _is_listed(code, asked.but_not, asked.match)
        ]
        if codes and all(holds(row, where, source, world) for where in asked.where):
            found.append(world.event(row, source, min(codes)))
    return [event for event in found if event is not None]


@events_of.register
def _(asked: EveryEvent, person: int, world: World) -> list[Event]:
    source = world.dataset.model.source(asked.source)
    found = [
        world.event(row, source, min(world.codes(row, source), default=None))
        for row in world.rows(person, source.table)
        if all(holds(row, where, source, world) for where in asked.where)
    ]
    return [event for event in found if event is not None]


@events_of.register
def _(asked: During, person: int, world: World) -> list[Event]:
    return [
        event
        for event in events_of(asked.events, person, world)
        if meets(event.day, event.last_day, asked.on_or_after, asked.on_or_before)
    ]


@events_of.register
def _(asked: Around, person: int, world: World) -> list[Event]:
    anchor = day_of(asked.anchor, person, world)
    if anchor is None:
        return []
    first, last = shifted(anchor, asked.from_days), shifted(anchor, asked.to_days)
    return [
        event
        for event in events_of(asked.events, person, world)
        if meets(event.day, event.last_day, first, last)
    ]


@events_of.register
def _(asked: SameRecord, person: int, world: World) -> list[Event]:
    others = {event.record for event in events_of(asked.others, person, world)}
    return [
        event
        for event in events_of(asked.events, person, world)
        if event.record is not None and event.record in others
    ]


@events_of.register
def _(asked: OtherRecord, person: int, world: World) -> list[Event]:
    others = {event.record for event in events_of(asked.others, person, world)}
    return [
        event
        for event in events_of(asked.events, person, world)
        if event.record is None or event.record not in others
    ]


@events_of.register
def _(asked: AnyEvents, person: int, world: World) -> list[Event]:
    parts = dict.fromkeys(asked.parts)
    return [event for part in parts for event in events_of(part, person, world)]


@events_of.register
def _(asked: LinkedEvents, person: int, world: World) -> list[Event]:
    linked = world.linked(person, asked.link)
    return [event for other in linked for event in events_of(asked.events, other, world)]


def _is_listed(code: str, listed: tuple[str, ...], match: Match) -> bool:
    wanted = [plain_code(item) for item in listed]
    if match is Match.EXACT:
        return code in wanted
    return any(code.startswith(item) for item in wanted)


def distinct_days(events: list[Event]) -> list[date]:
    """Return the days on which events begin, each once, in order."""
    return sorted({event.day for event in events})


@singledispatch
def day_of(asked: object, person: int, world: World) -> date | None:
    """Return the day that a node gives a person, None when it gives none."""
    raise TypeError(f"{type(asked).__name__} gives no day.")


@day_of.register
def _(asked: DayOf, person: int, world: World) -> date | None:
    days = distinct_days(events_of(asked.events, person, world))
    if asked.end is End.LAST:
        days.reverse()
    return days[asked.number - 1] if asked.number <= len(days) else None


@day_of.register
def _(asked: FixedDay, person: int, world: World) -> date | None:
    return asked.day


@day_of.register
def _(asked: BirthDay, person: int, world: World) -> date | None:
    return world.facts(person).born_on


@day_of.register
def _(asked: DeathDay, person: int, world: World) -> date | None:
    return world.facts(person).died_on


@day_of.register
def _(asked: IndexDay, person: int, world: World) -> date | None:
    return world.index_days.get(person)


@day_of.register
def _(asked: Shifted, person: int, world: World) -> date | None:
    day = day_of(asked.day, person, world)
    return None if day is None else shifted(day, asked.days)


@day_of.register
def _(asked: OneOfDays, person: int, world: World) -> date | None:
    found = [day_of(day, person, world) for day in asked.days]
    known = [day for day in found if day is not None]
    if not known:
        return None
    if asked.pick is Pick.FIRST_OF_LIST:
        return known[0]
    return min(known) if asked.pick is Pick.EARLIEST else max(known)


@day_of.register
def _(asked: ExposureDay, person: int, world: World) -> date | None:
    spans = spans_of(asked.exposure, person, world)
    if not spans:
        return None
    return spans[0][0] if asked.end is End.FIRST else spans[-1][1]


def shifted(day: date, days: int | None) -> date | None:
    """Return the day so many days later; None without a number, or beyond the calendar."""
    try:
        return None if days is None else day + timedelta(days=days)
    except OverflowError:
        return None


def spans_of(exposure: Exposure, person: int, world: World) -> list[Span]:
    """Return the times under treatment, in order, apart from each other."""
    purchases = distinct_days(events_of(exposure.events, person, world))
    begun = _qualifying(purchases, exposure)
    if begun is None:
        return []
    delay = timedelta(days=exposure.delay_days)
    if exposure.covered_days is None:
        return [(begun + delay, None)]
    covered = timedelta(days=exposure.covered_days - 1)
    days = [day + delay for day in purchases if day >= begun]
    return list(_joined([(day, day + covered) for day in days], exposure.grace_days))


def _qualifying(purchases: list[date], exposure: Exposure) -> date | None:
    """Return the day of the first purchase that has enough others shortly before it."""
    for first, last in zip(purchases, purchases[exposure.purchases - 1 :], strict=False):
        if exposure.within_days is None or (last - first).days <= exposure.within_days:
            return last
    return None


def _joined(spans: list[tuple[date, date]], grace_days: int) -> Iterator[Span]:
    first, last = spans[0]
    for next_first, next_last in spans[1:]:
        if (next_first - last).days - 1 > grace_days:
            yield first, last
            first = next_first
        last = next_last
    yield first, last
