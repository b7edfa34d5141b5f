"""Events as parts of bases, days and exposures as terms over the row of a person."""
# ruff: noqa: ARG001 — every node of a kind is asked in the same way

from functools import singledispatch

from ecluse.data.cohorts.algebra import Frame, Term, Terms
from ecluse.data.cohorts.planning.bases import Base, Part, any_holds
from ecluse.data.cohorts.planning.exposures import spans
from ecluse.data.cohorts.planning.gathering import DAY, LAST_DAY, PERSON
from ecluse.data.cohorts.planning.measures import NthDay, OfRows
from ecluse.data.cohorts.planning.plans import Asked, Plan
from ecluse.domain.cohorts import (
    AnyEvents,
    AnyEventSet,
    Around,
    BirthDay,
    Day,
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
    OneOfDays,
    OtherRecord,
    Pick,
    SameRecord,
    Shifted,
)

Parts = tuple[Part, ...]


@singledispatch
def parts_of(node: object, plan: Plan) -> Parts:
    """Return the events that a node asks for, as parts of bases."""
    raise TypeError(f"{type(node).__name__} gives no events.")


@parts_of.register(Events)
@parts_of.register(EveryEvent)
def _(node: Events | EveryEvent, plan: Plan) -> Parts:
    return (plan.leaf(node),)


@parts_of.register
def _(node: During, plan: Plan) -> Parts:
    terms = plan.terms

    def narrowed(part: Part) -> Part:
        for first in (node.on_or_after,) if node.on_or_after else ():
            part = part.and_also(_lasts_until(terms, part, terms.value(first)), 0)
        for last in (node.on_or_before,) if node.on_or_before else ():
            part = part.and_also(terms.column(DAY) <= terms.value(last), 0)
        return part

    return tuple(narrowed(part) for part in parts_of(node.events, plan))


@parts_of.register
def _(node: Around, plan: Plan) -> Parts:
    day = day_of(node.anchor, plan)
    return tuple(_around(part, node, day, plan) for part in parts_of(node.events, plan))


@parts_of.register(SameRecord)
@parts_of.register(OtherRecord)
def _(node: SameRecord | OtherRecord, plan: Plan) -> Parts:
    others = parts_of(node.others, plan)

    def narrowed(part: Part) -> Part:
        holds, round_ = plan.marked(part.base, node.others, others)
        return part.and_also(holds if isinstance(node, SameRecord) else ~holds, round_)

    return tuple(narrowed(part) for part in parts_of(node.events, plan))


@parts_of.register
def _(node: AnyEvents, plan: Plan) -> Parts:
    return tuple(part for each in dict.fromkeys(node.parts) for part in parts_of(each, plan))


@parts_of.register
def _(node: LinkedEvents, plan: Plan) -> Parts:
    return (plan.made(node, parts_of(node.events, plan), plan.lakeside.linked(node.link)),)


def together(node: AnyEventSet, plan: Plan) -> Parts:
    """Return the events of a node as parts of one base."""
    parts = parts_of(node, plan)
    if len({id(part.base) for part in parts}) == 1:
        return parts
    return (plan.made(node, parts),)


def round_of(parts: Parts) -> int:
    """Return the round after which all the events are known."""
    return max(part.round for part in parts)


def _around(part: Part, node: Around, day: Asked, plan: Plan) -> Part:
    terms = plan.terms
    anchor, round_ = plan.anchored(part.base, node.anchor, day)
    holds = ~terms.is_null(anchor)
    if node.from_days is not None:
        holds = holds & _lasts_until(terms, part, anchor, terms.value(node.from_days))
    if node.to_days is not None:
        holds = holds & (terms.days_between(anchor, terms.column(DAY)) <= terms.value(node.to_days))
    return part.and_also(holds, round_)


def _lasts_until(terms: Terms, part: Part, day: Term, days: Term | None = None) -> Term:
    """Return whether an event is not over before a day, or so many days after one."""
    last = terms.column(LAST_DAY if part.base.lasts else DAY)
    is_late = last >= day if days is None else terms.days_between(day, last) >= days
    return terms.is_null(last) | is_late if part.base.lasts else is_late


@singledispatch
def day_of(node: object, plan: Plan) -> Asked:
    """Return the day that a node gives a person."""
    raise TypeError(f"{type(node).__name__} gives no day.")


@day_of.register
def _(node: DayOf, plan: Plan) -> Asked:
    parts = together(node.events, plan)
    measure = NthDay(parts, node.number, node.end is End.LAST)
    return plan.measure(node, parts[0].base, measure, round_of(parts))


@day_of.register
def _(node: FixedDay, plan: Plan) -> Asked:
    return Asked(plan.terms.value(node.day), 0)


@day_of.register
def _(node: BirthDay, plan: Plan) -> Asked:
    return Asked(plan.terms.column("born_on"), 0)


@day_of.register
def _(node: DeathDay, plan: Plan) -> Asked:
    return Asked(plan.terms.column("died_on"), 0)


@day_of.register
def _(node: IndexDay, plan: Plan) -> Asked:
    return Asked(plan.terms.column("index_day"), 0)


@day_of.register
def _(node: Shifted, plan: Plan) -> Asked:
    asked = day_of(node.day, plan)
    return Asked(plan.terms.later(asked.term, plan.terms.value(node.days)), asked.round)


@day_of.register
def _(node: OneOfDays, plan: Plan) -> Asked:
    asked = [day_of(day, plan) for day in node.days]
    days, terms = [item.term for item in asked], plan.terms
    pick = {Pick.EARLIEST: terms.least, Pick.LATEST: terms.greatest}.get(node.pick, terms.known)
    return Asked(days[0] if len(days) == 1 else pick(*days), max(item.round for item in asked))


@day_of.register
def _(node: ExposureDay, plan: Plan) -> Asked:
    if node.end is End.LAST and node.exposure.covered_days is None:
        return Asked(plan.terms.nothing("date"), 0)
    base = spans_of(node.exposure, plan)
    is_first = node.end is End.FIRST
    column = plan.terms.column("begins" if is_first else "ends")
    measure = OfRows(column, "smallest" if is_first else "largest")
    return plan.measure(node, base, measure, base.round)


class Spans(Base):
    """The times under treatment of each person: `begins`, `ends` (NULL: without end)."""

    def __init__(self, exposure: Exposure, parts: Parts, terms: Terms) -> None:
        super().__init__(known_after=round_of(parts))
        self._exposure = exposure
        self._parts = parts
        self._terms = terms

    def open(self) -> Frame:
        """Return the spans, one row each, apart from each other."""
        days = {name: self._terms.column(name) for name in (PERSON, DAY)}
        events = self._parts[0].base.frame.where(any_holds(self._parts))
        return spans(self._exposure, events.select(days).distinct(), self._terms)


def spans_of(exposure: Exposure, plan: Plan) -> Spans:
    """Return the times under treatment, as a base."""
    key = ("spans", exposure)
    if key not in plan.answers:
        parts = together(exposure.events, plan)
        parts[0].base.uses += 1
        plan.take_in(key, Spans(exposure, parts, plan.terms))
    found: Spans = plan.answers[key]
    return found


def anchored_days(base: Base, days: tuple[Day, ...], plan: Plan) -> tuple[list[Term], int]:
    """Return days of the person as columns of a base, and when all are known."""
    found = [plan.anchored(base, day, day_of(day, plan)) for day in days]
    return [term for term, _ in found], max(base.round, *(round_ for _, round_ in found))
