"""Variables: what is told of each person of the cohort."""

from decimal import Decimal

import pytest

from ecluse.domain.cohorts import (
    AgeOn,
    AtLeast,
    CodeAt,
    Cohort,
    ColumnAt,
    Count,
    Counted,
    DayIs,
    DaysBetween,
    DepartmentIs,
    End,
    Events,
    EveryEvent,
    ExposedDays,
    Exposure,
    FixedDay,
    IndexDay,
    IsMet,
    SexIs,
    Step,
    Total,
    Value,
    Variable,
)
from tests.spec.cohorts.engines import Engine
from tests.spec.cohorts.rows import (
    PERIOD,
    answers,
    claim,
    dataset,
    day,
    delivery,
    person,
    stay,
)

VISITS = EveryEvent("act_nature")
DATA = dataset(
    claim(1, "2022-01-10", PRS_PAI_MNT=25.0, PRS_ACT_QTE=10, PRE_PRE_DTD=day("2022-01-09")),
    claim(1, "2022-01-10", PRS_PAI_MNT=0.10005, PRS_ACT_QTE=9, PRE_PRE_DTD=day("2022-01-08")),
    claim(1, "2022-02-10", 3313, PRS_PAI_MNT=-1.5, PRE_PRE_DTD=None),
    claim(1, "2022-02-10", 1112, PRS_PAI_MNT=None, DRG_AFF_NAT="b"),
    claim(1, "2022-02-10", 1112, PRS_PAI_MNT=2.5, DRG_AFF_NAT=" a"),
    claim(2, "2022-03-01"),
)


def test_a_total_is_exact_however_large_it_grows(engine: Engine) -> None:
    """Three lines of 90 million million euros, and one of a cent."""
    many = (claim(1, "2022-01-10", PRS_PAI_MNT=90_000_000_000_000.0) for _ in range(3))
    data = dataset(*many, claim(1, "2022-01-11", PRS_PAI_MNT=0.01))

    told = answers(engine, Total(VISITS, "PRS_PAI_MNT"), data)

    assert told[1] == Decimal("270000000000000.0100")


@pytest.mark.parametrize(
    ("value", "first", "second", "third"),
    [
        (Count(VISITS), 2, 1, 0),
        (Count(VISITS, Counted.EVENTS), 5, 1, 0),
        (IsMet(AtLeast(VISITS, 2)), True, False, False),
        # 25 + 0.1000 (half to even) - 1.5 + 0 + 2.5
        (Total(VISITS, "PRS_PAI_MNT"), Decimal("26.1000"), Decimal("0.0000"), None),
        (Total(VISITS, "PRS_ACT_QTE"), Decimal("19.0000"), Decimal("0.0000"), None),
        (CodeAt(VISITS), "1111", "1111", None),
        (CodeAt(VISITS, End.LAST), "1112", "1111", None),
        (ColumnAt(VISITS, "PRS_ACT_QTE"), "9", None, None),  # 9 is less than 10
        (ColumnAt(VISITS, "PRS_PAI_MNT"), "0.1", None, None),
        (ColumnAt(VISITS, "PRS_PAI_MNT", End.LAST), "-1.5", None, None),
        (ColumnAt(VISITS, "PRE_PRE_DTD"), "2022-01-08", None, None),
        (ColumnAt(VISITS, "PRE_PRE_DTD", End.LAST), None, None, None),
        (ColumnAt(VISITS, "DRG_AFF_NAT", End.LAST), "a", None, None),
        (ColumnAt(VISITS, "DRG_AFF_NAT"), None, None, None),
        (DayIs(VISITS.last()), day("2022-02-10"), day("2022-03-01"), None),
        (DaysBetween(VISITS.first(), VISITS.last()), 31, 0, None),
    ],
)
def test_a_variable_tells_one_thing_of_each_person(
    engine: Engine, value: Value, first: object, second: object, third: object
) -> None:
    assert answers(engine, value, DATA) == {1: first, 2: second, 3: third}


def test_a_code_is_given_without_dots_and_only_where_there_is_one(engine: Engine) -> None:
    data = dataset(
        stay(1, "2022-01-01", " I21.0"),
        stay(1, "2022-01-01", None),
        stay(2, "2022-01-01", None),
        stay(2, "2022-02-01", "I21"),
    )
    every = EveryEvent("stay_main_diagnosis")

    assert answers(engine, CodeAt(every), data) == {1: "I210", 2: None, 3: None}
    assert answers(engine, CodeAt(every, End.LAST), data) == {1: "I210", 2: "I21", 3: None}


def test_the_code_of_a_drug_is_its_class_when_that_was_asked(engine: Engine) -> None:
    data = dataset(delivery(1, "2022-01-01", "A10BA02"), delivery(1, "2022-01-01", "A10AB01"))

    assert answers(engine, CodeAt(Events("drug_atc", ("A10",))), data)[1] == "A10AB01"


def test_the_columns_of_a_cohort_are_person_index_day_then_variables(engine: Engine) -> None:
    everything = Cohort(
        steps=(Step("Vus", AtLeast(VISITS)),),
        index=VISITS.first(),
        variables=(
            Variable("age", AgeOn(IndexDay()), "Âge"),
            Variable("sex", SexIs(), "Sexe"),
            Variable("department", DepartmentIs(), "Département"),
            Variable("spent", Total(VISITS, "PRS_PAI_MNT"), "Dépense"),
            Variable(
                "exposed",
                ExposedDays(Exposure(VISITS), IndexDay(), FixedDay(day("2022-03-01"))),
                "Jours",
            ),
        ),
    )
    data = dataset(
        claim(2, "2022-03-01", PRS_PAI_MNT=3.0),
        claim(1, "2022-02-28", PRS_PAI_MNT=2.0),
        persons={1: person("2000-01-01", "male", department="29"), 2: person()},
    )

    rows = engine(everything, data, PERIOD).rows

    assert rows.to_pylist() == [
        {
            "person_key": 1,
            "index_day": day("2022-02-28"),
            "age": 22,
            "sex": "male",
            "department": "29",
            "spent": Decimal("2.0000"),
            "exposed": 2,
        },
        {
            "person_key": 2,
            "index_day": day("2022-03-01"),
            "age": None,
            "sex": None,
            "department": None,
            "spent": Decimal("3.0000"),
            "exposed": 1,
        },
    ]
    assert [str(kind) for kind in rows.schema.types] == [
        "int32",
        "date32[day]",
        "int32",
        "string",
        "string",
        "decimal128(38, 4)",
        "int32",
    ]
