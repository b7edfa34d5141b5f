"""Days: one for each person, or none."""

import pytest

from ecluse.domain.cohorts import (
    BirthDay,
    Day,
    DayIs,
    DaysBetween,
    DayWithin,
    DeathDay,
    Events,
    EveryEvent,
    FixedDay,
    IndexDay,
    Known,
    Not,
    OneOfDays,
    Pick,
)
from tests.spec.cohorts.engines import Engine
from tests.spec.cohorts.rows import answers, chosen, dataset, day, person, stay

STROKES = Events("stay_main_diagnosis", ("I6",))
DATA = dataset(
    stay(1, "2022-05-01", "I63"),
    stay(1, "2022-02-01", "I63"),
    stay(1, "2022-05-01", "I64"),
    stay(1, "2022-03-01", "I61"),
    stay(2, "2022-06-15", "I63"),
    persons={
        1: person("1950-04-01", died="2022-07-01"),
        2: person("1960-01-01"),
        3: person(died="2021-01-01"),
    },
)


@pytest.mark.parametrize(
    ("asked", "first", "second", "third"),
    [
        (STROKES.first(), "2022-02-01", "2022-06-15", None),
        (STROKES.first(2), "2022-03-01", None, None),
        (STROKES.first(3), "2022-05-01", None, None),  # two stays on 1 May are one date
        (STROKES.first(4), None, None, None),
        (STROKES.last(), "2022-05-01", "2022-06-15", None),
        (STROKES.last(3), "2022-02-01", None, None),
        (FixedDay(day("2022-12-31")), "2022-12-31", "2022-12-31", "2022-12-31"),
        (BirthDay(), "1950-04-01", "1960-01-01", None),
        (DeathDay(), "2022-07-01", None, "2021-01-01"),
        (DeathDay().plus(-1), "2022-06-30", None, "2020-12-31"),
        (STROKES.first().plus(28), "2022-03-01", "2022-07-13", None),
    ],
)
def test_a_rule_gives_one_day_or_none(
    engine: Engine, asked: Day, first: str | None, second: str | None, third: str | None
) -> None:
    expected = [text and day(text) for text in (first, second, third)]

    assert list(answers(engine, DayIs(asked), DATA).values()) == expected


@pytest.mark.parametrize(
    ("pick", "first", "second", "third"),
    [
        (Pick.EARLIEST, "2022-05-01", "2022-06-15", "2021-01-01"),
        (Pick.LATEST, "2022-07-01", "2022-06-15", "2021-01-01"),
        (Pick.FIRST_OF_LIST, "2022-07-01", "2022-06-15", "2021-01-01"),
    ],
)
def test_of_several_days_one_that_is_known_is_taken(
    engine: Engine, pick: Pick, first: str, second: str, third: str
) -> None:
    asked = OneOfDays(pick, (DeathDay(), STROKES.last()))

    assert answers(engine, DayIs(asked), DATA) == {1: day(first), 2: day(second), 3: day(third)}


def test_the_order_of_a_list_counts_not_that_of_its_days(engine: Engine) -> None:
    asked = OneOfDays(Pick.FIRST_OF_LIST, (STROKES.last(), DeathDay()))

    assert answers(engine, DayIs(asked), DATA) == {
        1: day("2022-05-01"),
        2: day("2022-06-15"),
        3: day("2021-01-01"),
    }


def test_of_days_that_nobody_knows_none_is_taken(engine: Engine) -> None:
    asked = OneOfDays(Pick.EARLIEST, (STROKES.last(9), STROKES.first(9)))

    assert chosen(engine, Known(asked), DATA) == set()


def test_a_day_is_known_or_not(engine: Engine) -> None:
    assert chosen(engine, Known(DeathDay()), DATA) == {1, 3}
    assert chosen(engine, Not(Known(DeathDay())), DATA) == {2}


@pytest.mark.parametrize(
    ("from_days", "to_days", "expected"),
    [(0, 150, {1}), (0, 149, set()), (150, None, {1}), (151, None, set()), (None, 150, {1})],
)
def test_a_day_is_compared_with_another(
    engine: Engine, from_days: int | None, to_days: int | None, expected: set[int]
) -> None:
    """The first stroke was on 1 February 2022, death on 1 July: 150 days later."""
    after_stroke = DayWithin(DeathDay(), STROKES.first(), from_days, to_days)

    assert chosen(engine, after_stroke, DATA) == expected


def test_a_comparison_with_an_unknown_day_does_not_hold_and_its_contrary_does(
    engine: Engine,
) -> None:
    soon = DayWithin(DeathDay(), STROKES.first(), 0, 365)

    assert chosen(engine, soon, DATA) == {1}
    assert chosen(engine, Not(soon), DATA) == {2, 3}


def test_the_number_of_days_between_two_days_may_be_negative(engine: Engine) -> None:
    assert answers(engine, DaysBetween(DeathDay(), STROKES.first()), DATA) == {
        1: -150,
        2: None,
        3: None,
    }


def test_the_index_day_is_that_of_the_cohort(engine: Engine) -> None:
    since = DaysBetween(IndexDay(), DeathDay())

    assert answers(engine, since, DATA, index=STROKES.last()) == {1: 61, 2: None}


def test_events_around_the_index_day_are_those_of_each_person(engine: Engine) -> None:
    earlier = EveryEvent("stay_main_diagnosis").around(IndexDay(), to_days=-1).last()

    assert answers(engine, DayIs(earlier), DATA, index=STROKES.last()) == {
        1: day("2022-03-01"),
        2: None,
    }
