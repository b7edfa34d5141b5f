"""Controls: who may stand beside a case, and from which day they are followed."""

from ecluse.domain.cohorts import (
    AtLeast,
    Cohort,
    DayIs,
    DaysBetween,
    Events,
    IndexDay,
    Matching,
    Not,
    Step,
    Variable,
)
from tests.spec.cohorts.engines import Engine
from tests.spec.cohorts.rows import PERIOD, dataset, day, delivery, matched, person, stay

STROKES = Events("stay_main_diagnosis", ("I6",))
STROKE = AtLeast(STROKES)
NO_STROKE = Not(STROKE)


def test_a_control_is_of_the_sex_and_the_year_of_birth_of_the_case(engine: Engine) -> None:
    data = dataset(
        stay(1, "2022-05-01", "I63"),
        persons={
            1: person("1950-03-01", "female"),
            2: person("1950-12-01", "female"),
            3: person("1950-03-01", "male"),
            4: person("1951-01-01", "female"),
            5: person(None, "female"),
            6: person("1950-03-01"),
        },
    )

    assert matched(engine, STROKE, STROKES.first(), Matching(NO_STROKE, 5), data) == {1: {2}}


def test_a_control_meets_the_condition_on_controls(engine: Engine) -> None:
    data = dataset(
        stay(1, "2022-05-01", "I63"),
        delivery(2, "2022-01-01", "B01AC06"),
        persons={key: person("1950-01-01", "female") for key in (1, 2, 3)},
    )
    treated = AtLeast(Events("drug_atc", ("B01",)))

    assert matched(engine, STROKE, STROKES.first(), Matching(treated, 5), data) == {1: {2}}
    assert matched(engine, STROKE, STROKES.first(), Matching(Not(treated), 5), data) == {1: {3}}


def test_years_of_birth_may_be_some_years_apart_and_sex_may_not_matter(engine: Engine) -> None:
    data = dataset(
        stay(1, "2022-05-01", "I63"),
        persons={
            1: person("1950-01-01", "female"),
            2: person("1948-01-01", "female"),
            3: person("1952-12-01", "male"),
            4: person("1947-12-01", "female"),
            5: person("1953-01-01", "female"),
        },
    )
    rule = Matching(NO_STROKE, 5, birth_years_apart=2, same_sex=False)

    assert matched(engine, STROKE, STROKES.first(), rule, data) == {1: {2, 3}}


def test_a_control_may_have_to_live_in_the_same_department(engine: Engine) -> None:
    data = dataset(
        stay(1, "2022-05-01", "I63"),
        persons={
            1: person("1950-01-01", "female", department="75"),
            2: person("1950-01-01", "female", department="75"),
            3: person("1950-01-01", "female", department="92"),
            4: person("1950-01-01", "female"),
        },
    )
    rule = Matching(NO_STROKE, 5, same_department=True)

    assert matched(engine, STROKE, STROKES.first(), rule, data) == {1: {2}}


def test_a_control_is_alive_on_the_index_day_of_its_case(engine: Engine) -> None:
    data = dataset(
        stay(1, "2022-05-01", "I63"),
        persons={
            1: person("1950-01-01", "female", died="2022-05-01"),
            2: person("1950-01-01", "female", died="2022-05-01"),
            3: person("1950-01-01", "female", died="2022-05-02"),
        },
    )

    assert matched(engine, STROKE, STROKES.first(), Matching(NO_STROKE, 5), data) == {1: {3}}


def test_a_control_is_born_by_the_index_day_of_its_case(engine: Engine) -> None:
    data = dataset(
        stay(1, "2022-05-01", "P22"),
        persons={
            1: person("2022-01-01", "female"),
            2: person("2022-05-01", "female"),
            3: person("2022-06-01", "female"),
        },
    )
    ill = Events("stay_main_diagnosis", ("P22",))

    assert matched(engine, AtLeast(ill), ill.first(), Matching(NO_STROKE, 5), data) == {1: {2}}


def test_a_case_is_never_a_control_even_of_another_case(engine: Engine) -> None:
    data = dataset(
        stay(1, "2022-05-01", "I63"),
        delivery(2, "2022-01-01", "B01AC06"),
        delivery(1, "2022-01-01", "B01AC06"),
        persons={1: person("1950-01-01", "female"), 2: person("1950-01-01", "female")},
    )
    treated = AtLeast(Events("drug_atc", ("B01",)))

    assert matched(engine, STROKE, STROKES.first(), Matching(treated, 5), data) == {1: {2}}


def test_a_control_is_drawn_once_and_each_case_is_served_before_any_is_served_twice(
    engine: Engine,
) -> None:
    data = dataset(
        stay(1, "2022-05-01", "I63"),
        stay(2, "2022-06-01", "I63"),
        persons={key: person("1950-01-01", "female") for key in range(1, 6)},
    )

    sets = matched(engine, STROKE, STROKES.first(), Matching(NO_STROKE, 2), data)

    assert sets[1] | sets[2] == {3, 4, 5}
    assert sorted([len(sets[1]), len(sets[2])]) == [1, 2]


def test_a_case_without_controls_stays_in_the_cohort(engine: Engine) -> None:
    data = dataset(stay(1, "2022-05-01", "I63"), persons={1: person(), 2: person("1950-01-01")})

    assert matched(engine, STROKE, STROKES.first(), Matching(NO_STROKE), data) == {1: set()}


def test_controls_are_sought_among_all_persons_and_take_the_index_day_of_their_case(
    engine: Engine,
) -> None:
    data = dataset(
        stay(3, "2022-05-01", "I63"),
        delivery(1, "2022-05-11", "B01AC06"),
        persons={1: person("1950-01-01", "female"), 3: person("1950-02-01", "female")},
    )
    first_drug = Events("drug_atc", ("B01",)).around(IndexDay(), from_days=0).first()
    cohort = Cohort(
        (Step("Premier AVC", STROKE),),
        STROKES.first(),
        (
            Variable("drug", DayIs(first_drug), "Premier antiagrégant"),
            Variable("wait", DaysBetween(IndexDay(), first_drug), "Attente"),
        ),
        Matching(NO_STROKE),
    )

    found = engine(cohort, data, PERIOD)

    assert found.attrition[-1] == ("index-day", 1)
    assert found.rows.to_pylist() == [
        {
            "person_key": 1,
            "index_day": day("2022-05-01"),
            "set_number": 1,
            "is_case": False,
            "drug": day("2022-05-11"),
            "wait": 10,
        },
        {
            "person_key": 3,
            "index_day": day("2022-05-01"),
            "set_number": 1,
            "is_case": True,
            "drug": None,
            "wait": None,
        },
    ]
