"""The slow engine, beside what the manual of cohorts says of it: other models, other columns."""

from datetime import date, datetime

import pytest

from ecluse.data.cohorts import Reading, reference
from ecluse.data.schemas import model
from ecluse.domain.cohorts import (
    AtLeast,
    Cohort,
    ColumnAt,
    Comparison,
    Count,
    Counted,
    Events,
    EveryEvent,
    Match,
    Step,
    Variable,
    Where,
)

ALWAYS = Reading(date(2000, 1, 1), date(2030, 12, 31), date(2031, 1, 1))
VISITS = [
    {
        "person_key": person,
        "event_date": date(2022, 1, person),
        "visit_concept_id": 9201,
        "admitted_from_concept_id": 8844 + person,
        "visit_start_datetime": datetime(2022, 1, person, 23, 59),  # noqa: DTZ001 - as the lake has it
    }
    for person in (1, 2)
]
OMOP = reference.Dataset((1, 2), {"visit_occurrence": VISITS}, model("omop"))


def chosen(where: Where) -> list[object]:
    cohort = Cohort((Step("Venues", AtLeast(EveryEvent("visit_concept", (where,)))),))
    return list(reference.run(cohort, OMOP, ALWAYS).rows["person_key"].to_pylist())


@pytest.mark.parametrize("column", ["admitted_from_concept_id", "admitting_source_concept_id"])
def test_a_column_is_found_by_its_name_or_its_former_name(column: str) -> None:
    assert chosen(Where(column, Comparison.IS_IN, ("8846",))) == [2]


def test_an_instant_is_compared_and_given_as_its_day() -> None:
    until = Where("visit_start_datetime", Comparison.AT_MOST, ("2022-01-01",))
    value = ColumnAt(EveryEvent("visit_concept"), "visit_start_datetime")
    cohort = Cohort(
        (Step("Venues", AtLeast(EveryEvent("visit_concept"))),),
        variables=(Variable("seen", value, "Vu le"),),
    )

    assert chosen(until) == [1]
    assert reference.run(cohort, OMOP, ALWAYS).rows["seen"].to_pylist() == [
        "2022-01-01",
        "2022-01-02",
    ]


def test_concepts_are_numbers_matched_as_codes() -> None:
    whole = Events("visit_concept", ("9201",), Match.EXACT)
    cohort = Cohort(
        (Step("Venues", AtLeast(whole)),),
        variables=(Variable("visits", Count(whole, Counted.EVENTS), "Venues"),),
    )

    rows = reference.run(cohort, OMOP, ALWAYS).rows

    assert rows["visits"].to_pylist() == [1, 1]


@pytest.mark.parametrize("part", ["events_of", "day_of"])
def test_what_is_no_node_is_refused(part: str) -> None:
    from ecluse.data.cohorts.reference import events  # noqa: PLC0415 - one question at a time

    with pytest.raises(TypeError, match="str"):
        getattr(events, part)("A10", 1, None)
