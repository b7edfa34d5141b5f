"""Conditions on who the person is: age, sex, place. What is unknown is not met."""

import pytest

from ecluse.domain.cohorts import (
    Aged,
    AgeOn,
    Condition,
    DeathDay,
    DepartmentIs,
    FixedDay,
    HasSex,
    LivesIn,
    Not,
    Sex,
    SexIs,
)
from tests.spec.cohorts.engines import Engine
from tests.spec.cohorts.rows import answers, chosen, dataset, day, person

DATA = dataset(
    persons={
        1: person("2000-06-01", "female", department="75"),
        2: person("1940-01-01", "male", department="2A", died="2022-05-31"),
        3: person(),
    }
)


def aged(at_least: int | None, at_most: int | None, on: str) -> Aged:
    return Aged(FixedDay(day(on)), at_least, at_most)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (aged(22, None, "2022-05-31"), {2}),
        (aged(22, None, "2022-06-01"), {1, 2}),
        (aged(22, 22, "2022-06-01"), {1}),
        (aged(None, 21, "2022-05-31"), {1}),
        (aged(23, 81, "2022-06-01"), set()),
        (aged(82, 82, "2022-01-01"), {2}),
        (aged(0, None, "2000-05-31"), {2}),  # 1 was not born yet
        (aged(0, 0, "2000-06-01"), {1}),
        (Aged(DeathDay(), 82, None), {2}),
        (HasSex(Sex.FEMALE), {1}),
        (HasSex(Sex.MALE), {2}),
        (Not(HasSex(Sex.MALE)), {1, 3}),
        (LivesIn(("75", "971")), {1}),
        (LivesIn(("2A",)), {2}),
        (Not(LivesIn(("75", "2A"))), {3}),
    ],
)
def test_a_person_is_chosen_by_what_the_register_says(
    engine: Engine, condition: Condition, expected: set[int]
) -> None:
    assert chosen(engine, condition, DATA) == expected


def test_age_is_given_in_completed_years(engine: Engine) -> None:
    assert answers(engine, AgeOn(FixedDay(day("2022-05-31"))), DATA) == {1: 21, 2: 82, 3: None}
    assert answers(engine, AgeOn(FixedDay(day("1999-12-31"))), DATA) == {1: None, 2: 59, 3: None}
    assert answers(engine, AgeOn(DeathDay()), DATA) == {1: None, 2: 82, 3: None}


def test_sex_and_department_are_given_where_they_are_known(engine: Engine) -> None:
    assert answers(engine, SexIs(), DATA) == {1: "female", 2: "male", 3: None}
    assert answers(engine, DepartmentIs(), DATA) == {1: "75", 2: "2A", 3: None}
