"""Conditions and values, as terms over the row of a person."""
# ruff: noqa: ARG001 — every node of a kind is asked in the same way

from collections.abc import Callable, Sequence
from functools import reduce, singledispatch
from operator import and_, or_

from ecluse.data.cohorts.algebra import Term
from ecluse.data.cohorts.planning.cells import kind_of
from ecluse.data.cohorts.planning.measures import (
    AtEnd,
    DayCount,
    IsThere,
    Measure,
    OfRows,
    RowCount,
    Sum,
)
from ecluse.data.cohorts.planning.plans import Asked, Plan
from ecluse.data.cohorts.planning.sets import (
    Parts,
    anchored_days,
    day_of,
    round_of,
    spans_of,
    together,
)
from ecluse.domain.cohorts import (
    Aged,
    AgeOn,
    AllOf,
    AnyEventSet,
    AnyOf,
    AtLeast,
    CodeAt,
    ColumnAt,
    Condition,
    Count,
    Counted,
    Day,
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
    leaves,
)

MONTHS = 12


@singledispatch
def met(node: object, plan: Plan) -> Asked:
    """Return whether the person meets a condition; never NULL."""
    raise TypeError(f"{type(node).__name__} is no condition.")


@met.register
def _(node: AtLeast, plan: Plan) -> Asked:
    terms = plan.terms
    if node.distinct_dates == 1:
        there = _measured(node.events, IsThere, plan)
        return Asked(terms.known(there.term, terms.value(value=False)), there.round)
    days = _measured(node.events, DayCount, plan)
    enough = days.term >= terms.value(node.distinct_dates)
    return Asked(terms.known(enough, terms.value(value=False)), days.round)


@met.register
def _(node: Known, plan: Plan) -> Asked:
    day = day_of(node.day, plan)
    return Asked(~plan.terms.is_null(day.term), day.round)


@met.register
def _(node: DayWithin, plan: Plan) -> Asked:
    terms, (day, anchor) = plan.terms, (day_of(node.day, plan), day_of(node.anchor, plan))
    apart = terms.days_between(anchor.term, day.term)
    holds = ~terms.is_null(apart)
    if node.from_days is not None:
        holds = holds & (apart >= terms.value(node.from_days))
    if node.to_days is not None:
        holds = holds & (apart <= terms.value(node.to_days))
    return Asked(terms.known(holds, terms.value(value=False)), max(day.round, anchor.round))


@met.register
def _(node: Aged, plan: Plan) -> Asked:
    terms, months = plan.terms, _months_lived(node.on, plan)
    holds = months.term >= terms.value(MONTHS * (node.at_least or 0))
    if node.at_most is not None:
        holds = holds & (months.term < terms.value(MONTHS * (node.at_most + 1)))
    return Asked(terms.known(holds, terms.value(value=False)), months.round)


@met.register
def _(node: HasSex, plan: Plan) -> Asked:
    terms = plan.terms
    holds = terms.column("sex") == terms.value(node.sex.value)
    return Asked(terms.known(holds, terms.value(value=False)), 0)


@met.register
def _(node: LivesIn, plan: Plan) -> Asked:
    terms = plan.terms
    holds = terms.is_in(terms.column("department"), node.departments)
    return Asked(terms.known(holds, terms.value(value=False)), 0)


@met.register
def _(node: ExposedOn, plan: Plan) -> Asked:
    terms, base = plan.terms, spans_of(node.exposure, plan)
    (day,), round_ = anchored_days(base, (node.day,), plan)
    begins, ends = terms.column("begins"), terms.column("ends")
    holds = (begins <= day) & (terms.is_null(ends) | (day <= ends))
    found = plan.measure(node, base, OfRows(holds, "any_of"), round_)
    return Asked(terms.known(found.term, terms.value(value=False)), found.round)


@met.register
def _(node: AllOf, plan: Plan) -> Asked:
    return _combined(node.parts, and_, plan)


@met.register
def _(node: AnyOf, plan: Plan) -> Asked:
    return _combined(node.parts, or_, plan)


@met.register
def _(node: Not, plan: Plan) -> Asked:
    part = met(node.part, plan)
    return Asked(~part.term, part.round)


@singledispatch
def value_of(node: object, plan: Plan) -> Asked:
    """Return what a variable says of the person."""
    raise TypeError(f"{type(node).__name__} is no value.")


@value_of.register
def _(node: IsMet, plan: Plan) -> Asked:
    return met(node.condition, plan)


@value_of.register
def _(node: DayIs, plan: Plan) -> Asked:
    return day_of(node.day, plan)


@value_of.register
def _(node: Count, plan: Plan) -> Asked:
    found = _measured(node.events, RowCount if node.of is Counted.EVENTS else DayCount, plan)
    return Asked(plan.terms.known(found.term, plan.terms.value(0)), found.round)


@value_of.register
def _(node: Total, plan: Plan) -> Asked:
    parts = together(node.events, plan)
    measure = Sum(parts, _cells(parts, node.column))
    found = plan.measure(node, parts[0].base, measure, round_of(parts))
    return Asked(plan.terms.amount(found.term), found.round)


@value_of.register
def _(node: CodeAt, plan: Plan) -> Asked:
    parts = together(node.events, plan)
    codes = tuple(part.base.code(part.leaf) for part in parts)
    measure = AtEnd(parts, codes, node.end is End.LAST)
    return plan.measure(node, parts[0].base, measure, round_of(parts))


@value_of.register
def _(node: ColumnAt, plan: Plan) -> Asked:
    parts = together(node.events, plan)
    measure = AtEnd(parts, _cells(parts, node.column), node.end is End.LAST)
    found = plan.measure(node, parts[0].base, measure, round_of(parts))
    kind, terms = _kind(node, plan), plan.terms
    if kind == "date":
        return Asked(terms.typed(found.term, "text"), found.round)
    return found if kind == "text" else Asked(terms.shown(found.term), found.round)


@value_of.register
def _(node: AgeOn, plan: Plan) -> Asked:
    months = _months_lived(node.day, plan)
    return Asked(plan.terms.whole_years(months.term), months.round)


@value_of.register
def _(node: SexIs, plan: Plan) -> Asked:
    return Asked(plan.terms.column("sex"), 0)


@value_of.register
def _(node: DepartmentIs, plan: Plan) -> Asked:
    return Asked(plan.terms.column("department"), 0)


@value_of.register
def _(node: DaysBetween, plan: Plan) -> Asked:
    first, last = day_of(node.first, plan), day_of(node.last, plan)
    days = plan.terms.days_between(first.term, last.term)
    return Asked(days, max(first.round, last.round))


@value_of.register
def _(node: ExposedDays, plan: Plan) -> Asked:
    terms, base = plan.terms, spans_of(node.exposure, plan)
    (first, last), round_ = anchored_days(base, (node.first, node.last), plan)
    begins = terms.greatest(terms.column("begins"), first)
    ends = terms.least(terms.column("ends"), last)
    days = terms.days_between(begins, ends) + terms.value(1)
    shared = terms.choose(days > terms.value(0), days, terms.value(0))
    are_known = ~terms.is_null(first) & ~terms.is_null(last)
    counted = terms.choose(are_known, shared, terms.value(0))
    found = plan.measure(node, base, OfRows(counted, "total"), round_)
    return Asked(terms.known(found.term, terms.value(0)), found.round)


def _measured(events: AnyEventSet, measure: Callable[[Parts], Measure], plan: Plan) -> Asked:
    parts = together(events, plan)
    key = (measure, events)
    return plan.measure(key, parts[0].base, measure(parts), round_of(parts))


def _combined(
    conditions: Sequence[Condition], combine: Callable[[Term, Term], Term], plan: Plan
) -> Asked:
    asked = [met(part, plan) for part in conditions]
    term = reduce(combine, (item.term for item in asked))
    return Asked(term, max(item.round for item in asked))


def _months_lived(day: Day, plan: Plan) -> Asked:
    """Return the calendar months from that of birth; NULL before birth, or if one is unknown."""
    terms, on = plan.terms, day_of(day, plan)
    born_on = terms.column("born_on")
    months = terms.months_between(born_on, on.term)
    return Asked(terms.choose(on.term >= born_on, months), on.round)


def _cells(parts: Parts, column: str) -> tuple[str, ...]:
    return tuple(part.base.cell(column) for part in parts)


def _kind(node: ColumnAt, plan: Plan) -> str:
    leaf = next(iter(leaves(node)))
    model = plan.lakeside.model
    return kind_of(model.table(model.source(leaf.source).table).column(node.column))
