"""Each node of a cohort in words.

What holds several parts puts them between square brackets, so that no reader has to guess which
words go together.
"""

from collections.abc import Iterator
from functools import singledispatch
from typing import Final

from ecluse.domain.cohorts.conditions import (
    Aged,
    AllOf,
    AnyOf,
    AtLeast,
    DayWithin,
    ExposedOn,
    HasSex,
    Known,
    LivesIn,
    Not,
)
from ecluse.domain.cohorts.events import (
    AnyEvents,
    AnyEventSet,
    Around,
    BirthDay,
    Day,
    DayOf,
    DeathDay,
    During,
    Events,
    EveryEvent,
    Exposure,
    ExposureDay,
    FixedDay,
    IndexDay,
    LinkedEvents,
    OneOfDays,
    OtherRecord,
    SameRecord,
    Shifted,
)
from ecluse.domain.cohorts.studies import (
    AgeOn,
    CodeAt,
    ColumnAt,
    Count,
    Counted,
    DayIs,
    DaysBetween,
    DepartmentIs,
    ExposedDays,
    IsMet,
    SexIs,
    Total,
)
from ecluse.domain.cohorts.values import End, Where
from ecluse.domain.cohorts.words import Reader

CODES_SHOWN: Final = 12


@singledispatch
def said(node: object, reader: Reader) -> str:  # noqa: ARG001 - what each node is given
    """Return one node in words."""
    raise TypeError(f"{type(node).__name__} has no words.")


@said.register
def _(node: Events, reader: Reader) -> str:
    phrase = reader.say(node.match.value, codes=_listed(node.codes, reader))
    but_not = reader.say("but_not", codes=_listed(node.but_not, reader)) if node.but_not else ""
    return _source(node, phrase, but_not, reader)


@said.register
def _(node: EveryEvent, reader: Reader) -> str:
    return _source(node, reader.say("every"), "", reader)


@said.register
def _(node: During, reader: Reader) -> str:
    first, last = node.on_or_after, node.on_or_before
    phrase = "between" if first and last else "after" if first else "before"
    return reader.say(
        phrase,
        events=_grouped(node.events, reader),
        first=first and reader.day(first),
        last=last and reader.day(last),
    )


@said.register
def _(node: Around, reader: Reader) -> str:
    span = _span(node.anchor, node.from_days, node.to_days, reader)
    return reader.say("around", events=_grouped(node.events, reader), span=span)


@said.register
def _(node: SameRecord, reader: Reader) -> str:
    events, others = _grouped(node.events, reader), _grouped(node.others, reader)
    return reader.say("same_record", events=events, others=others)


@said.register
def _(node: OtherRecord, reader: Reader) -> str:
    events, others = _grouped(node.events, reader), _grouped(node.others, reader)
    return reader.say("other_record", events=events, others=others)


@said.register
def _(node: AnyEvents, reader: Reader) -> str:
    parts = [_grouped(part, reader) for part in dict.fromkeys(node.parts)]
    return parts[0] if len(parts) == 1 else f"[{reader.say('or').join(parts)}]"


@said.register
def _(node: LinkedEvents, reader: Reader) -> str:
    return reader.say("linked", events=_grouped(node.events, reader), link=node.link)


@said.register
def _(node: DayOf, reader: Reader) -> str:
    phrase = node.end.value if node.number == 1 else f"nth_{node.end.value}"
    return reader.say(phrase, events=_grouped(node.events, reader), number=node.number)


@said.register
def _(node: FixedDay, reader: Reader) -> str:
    return reader.say("fixed", day=reader.day(node.day))


@said.register
def _(node: BirthDay | DeathDay | IndexDay, reader: Reader) -> str:
    return reader.say({BirthDay: "birth", DeathDay: "death", IndexDay: "index"}[type(node)])


@said.register
def _(node: Shifted, reader: Reader) -> str:
    phrase = "earlier" if node.days < 0 else "later"
    return reader.say(phrase, number=abs(node.days), day=said(node.day, reader))


@said.register
def _(node: OneOfDays, reader: Reader) -> str:
    return reader.say(
        node.pick.value, days=reader.say("then").join(said(day, reader) for day in node.days)
    )


@said.register
def _(node: ExposureDay, reader: Reader) -> str:
    phrase = "starts" if node.end is End.FIRST else "ends"
    return reader.say(phrase, exposure=said(node.exposure, reader))


@said.register
def _(node: Exposure, reader: Reader) -> str:
    terms = ", ".join(_terms(node, reader))
    return reader.say("exposure", events=_grouped(node.events, reader), terms=terms)


def _terms(exposure: Exposure, reader: Reader) -> Iterator[str]:
    several = exposure.purchases > 1
    begun = reader.say("purchases" if several else "first_purchase", purchases=exposure.purchases)
    is_soon = several and exposure.within_days is not None
    yield begun + (reader.say("within", days=exposure.within_days) if is_soon else "")
    if exposure.delay_days:
        yield reader.say("delay", days=exposure.delay_days)
    if exposure.covered_days is None:
        yield reader.say("endless")
    else:
        yield reader.say("covered", days=exposure.covered_days)
    if exposure.grace_days:
        yield reader.say("grace", days=exposure.grace_days)


@said.register
def _(node: AtLeast, reader: Reader) -> str:
    phrase = "once" if node.distinct_dates == 1 else "dates"
    return reader.say(phrase, count=node.distinct_dates, events=said(node.events, reader))


@said.register
def _(node: Known, reader: Reader) -> str:
    return reader.say("known", day=said(node.day, reader))


@said.register
def _(node: DayWithin, reader: Reader) -> str:
    span = _span(node.anchor, node.from_days, node.to_days, reader)
    return reader.say("within_days", day=said(node.day, reader), span=span)


@said.register
def _(node: Aged, reader: Reader) -> str:
    both = node.at_least is not None and node.at_most is not None
    phrase = "ages" if both else "ages_to" if node.at_least is None else "ages_from"
    ages = reader.say(phrase, first=node.at_least, last=node.at_most)
    return reader.say("aged", ages=ages, day=said(node.on, reader))


@said.register
def _(node: HasSex, reader: Reader) -> str:
    return reader.say(node.sex.value)


@said.register
def _(node: LivesIn, reader: Reader) -> str:
    return reader.say("lives", departments=", ".join(node.departments))


@said.register
def _(node: ExposedOn, reader: Reader) -> str:
    return reader.say("exposed", exposure=said(node.exposure, reader), day=said(node.day, reader))


@said.register
def _(node: AllOf | AnyOf, reader: Reader) -> str:
    parts = reader.say("then").join(
        f"({number}) {_apart(part, reader)}" for number, part in enumerate(node.parts, 1)
    )
    return reader.say("all" if isinstance(node, AllOf) else "any", parts=parts)


@said.register
def _(node: Not, reader: Reader) -> str:
    return reader.say("not", part=said(node.part, reader))


@said.register
def _(node: IsMet, reader: Reader) -> str:
    return reader.say("is_met", condition=said(node.condition, reader))


@said.register
def _(node: DayIs, reader: Reader) -> str:
    return said(node.day, reader)


@said.register
def _(node: Count, reader: Reader) -> str:
    phrase = "count_dates" if node.of is Counted.DATES else "count_events"
    return reader.say(phrase, events=said(node.events, reader))


@said.register
def _(node: Total, reader: Reader) -> str:
    return reader.say("total", column=node.column, events=said(node.events, reader))


@said.register
def _(node: CodeAt, reader: Reader) -> str:
    return reader.say(f"code_{node.end.value}", events=said(node.events, reader))


@said.register
def _(node: ColumnAt, reader: Reader) -> str:
    events = said(node.events, reader)
    return reader.say(f"column_{node.end.value}", column=node.column, events=events)


@said.register
def _(node: AgeOn, reader: Reader) -> str:
    return reader.say("age", day=said(node.day, reader))


@said.register
def _(node: SexIs | DepartmentIs, reader: Reader) -> str:
    return reader.say("sex" if isinstance(node, SexIs) else "department")


@said.register
def _(node: DaysBetween, reader: Reader) -> str:
    return reader.say("days_between", first=said(node.first, reader), last=said(node.last, reader))


@said.register
def _(node: ExposedDays, reader: Reader) -> str:
    first, last = said(node.first, reader), said(node.last, reader)
    return reader.say("exposed_days", exposure=said(node.exposure, reader), first=first, last=last)


def _source(leaf: Events | EveryEvent, codes: str, but_not: str, reader: Reader) -> str:
    where = "".join(_where(where, reader) for where in leaf.where)
    title = reader.titles.get(leaf.source, leaf.source)
    return reader.say("source", title=title, codes=codes, but_not=but_not, where=where)


def _where(where: Where, reader: Reader) -> str:
    values = _listed(where.values, reader) if where.values else ""
    return reader.say(where.comparison.value, column=where.column, values=values)


def _listed(codes: tuple[str, ...], reader: Reader) -> str:
    if len(codes) > CODES_SHOWN:
        shown = ", ".join(codes[:CODES_SHOWN])
        return reader.say("more", shown=shown, count=len(codes) - CODES_SHOWN)
    return reader.say("or").join(part for part in (", ".join(codes[:-1]), codes[-1]) if part)


def _span(anchor: Day, first: int | None, last: int | None, reader: Reader) -> str:
    phrase = "both" if None not in {first, last} else "before" if first is None else "after"
    bounds = {name: _offset(days) for name, days in (("first", first), ("last", last))}
    return reader.say(f"around_{phrase}", **bounds, day=said(anchor, reader))


def _offset(days: int | None) -> str:
    """Return the days after a day as they are written after its letter: J, J+30, J−30."""
    if not days:
        return ""
    return f"+{days}" if days > 0 else f"−{-days}"


def _grouped(events: AnyEventSet, reader: Reader) -> str:
    """Return events between brackets, but for those of one source or already between them."""
    text = said(events, reader)
    return text if isinstance(events, Events | EveryEvent | AnyEvents) else f"[{text}]"


def _apart(part: object, reader: Reader) -> str:
    """Return a condition between brackets where it has parts of its own."""
    text = said(part, reader)
    return f"[{text}]" if isinstance(part, AllOf | AnyOf) else text
