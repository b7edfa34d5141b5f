"""From what a preparer chose in a form to a cohort and a tabulation plan. Values in, values out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from ecluse.domain.cohorts import (
    AllOf,
    AnyEventSet,
    AtLeast,
    Cohort,
    Condition,
    During,
    Events,
    Match,
    Not,
    cohort_of,
)
from ecluse.domain.errors import InvalidInput
from ecluse.domain.tabulation import (
    ControlledRounding,
    Measure,
    MeasureKind,
    Protection,
    Source,
    Suppression,
    TableOrder,
    TabulationPlan,
    Variable,
    Years,
)
from ecluse.domain.tabulation.usual import AGE, REGION, REGISTERS, SEX, YEAR, age, region, sex

CRITERIA: Final = 2
TABLES: Final = 3
LABEL: Final = "Critères de la population"
PROTECTIONS: Final[dict[str, Protection]] = {
    "suppression": Suppression(),
    "suppression-5": Suppression(5),
    "suppression-10": Suppression(10),
    "rounding-10": ControlledRounding(10),
}


@dataclass(frozen=True, slots=True)
class Criterion:
    """Persons with events of these codes, on so many dates, within a period; or without."""

    source: str
    codes: tuple[str, ...]
    match: Match
    distinct_dates: int
    period: tuple[date | None, date | None]
    excludes: bool


@dataclass(frozen=True, slots=True)
class TableAsked:
    """A table: by which variables, of which table of events; persons alone unless `has_events`."""

    title: str
    by: tuple[str, ...]
    events_of: str
    has_events: bool


@dataclass(frozen=True, slots=True)
class PlanAsked:
    """What a plan is made of."""

    title: str
    tables: tuple[TableAsked, ...]
    age_on: date
    age_starts: tuple[int, ...]
    care_from: date
    care_to: date
    protection: str


def cohort(criteria: Sequence[Criterion]) -> Cohort | None:
    """Return who meets every criterion; None, everybody, without any. Raises ValueError."""
    conditions = tuple(_condition(one) for one in criteria)
    if not conditions:
        return None
    whole = conditions[0] if len(conditions) == 1 else AllOf(conditions)
    return cohort_of(whole, label=LABEL)


def _condition(one: Criterion) -> Condition:
    events: AnyEventSet = Events(one.source, one.codes, match=one.match)
    first, last = one.period
    if first or last:
        events = During(events, first, last)
    met = AtLeast(events, one.distinct_dates)
    return Not(met) if one.excludes else met


def plan(what: PlanAsked, model: str) -> TabulationPlan:
    """Return the plan of a request about a dataset of this model. Raises InvalidInput.

    Its number and the words for its population are given later, by the request.
    """
    used = dict.fromkeys(name for table in what.tables for name in table.by)
    return TabulationPlan(
        number="",
        title=what.title,
        population="",
        variables=tuple(_variable(name, what, model) for name in used),
        tables=tuple(_table(number, one, what) for number, one in enumerate(what.tables, 1)),
        protection=PROTECTIONS[what.protection],
    )


def _variable(name: str, what: PlanAsked, model: str) -> Variable:
    if name == YEAR:
        return Years(YEAR, "Année", what.care_from.year, what.care_to.year)
    register = REGISTERS.get(model)
    if register is None:
        raise InvalidInput(f"The model {model} has no usual variable: write a plan.")
    found: Variable | None = None
    if name == SEX:
        found = sex(register)
    elif name == AGE:
        found = age(register, on=what.age_on, starts=what.age_starts)
    elif name == REGION:
        found = region(register)
    if found is None:
        raise InvalidInput(f"The model {model} does not tell {name}: write a plan.")
    return found


def _table(number: int, one: TableAsked, what: PlanAsked) -> TableOrder:
    source = Source(one.events_of, what.care_from, what.care_to) if one.events_of else None
    kinds = [MeasureKind.PERSONS, *([MeasureKind.EVENTS] if one.has_events else [])]
    measures = tuple(Measure(kind) for kind in kinds)
    return TableOrder(f"tableau_{number}", one.title, one.by, measures, source)
