"""Exposures: the days under a treatment that purchases make."""

from datetime import date

import pytest

from ecluse.domain.cohorts import (
    DayIs,
    Events,
    ExposedDays,
    ExposedOn,
    Exposure,
    FixedDay,
    IndexDay,
    Not,
)
from tests.spec.cohorts.engines import Engine
from tests.spec.cohorts.rows import answers, chosen, dataset, day, delivery

GLITAZONES = Events("drug_atc", ("A10BG",))
DATA = dataset(
    delivery(1, "2022-01-01", "A10BG03"),
    delivery(1, "2022-01-01", "A10BG03"),
    delivery(1, "2022-03-02", "A10BG03"),  # 60 days later
    delivery(1, "2022-04-01", "A10BG03"),  # 30 days later
    delivery(2, "2022-01-01", "A10BG03"),
)


def lasts(exposure: Exposure, engine: Engine) -> tuple[object, object]:
    """The first and the last day of the exposure of person 1."""
    begins = answers(engine, DayIs(exposure.starts()), DATA)[1]
    return begins, answers(engine, DayIs(exposure.ends()), DATA)[1]


@pytest.mark.parametrize(
    ("exposure", "begins", "ends"),
    [
        (Exposure(GLITAZONES), "2022-01-01", None),
        (Exposure(GLITAZONES, delay_days=10), "2022-01-11", None),
        (Exposure(GLITAZONES, purchases=2), "2022-03-02", None),
        (Exposure(GLITAZONES, purchases=2, within_days=60), "2022-03-02", None),
        (Exposure(GLITAZONES, purchases=2, within_days=59), "2022-04-01", None),
        (Exposure(GLITAZONES, purchases=3, within_days=90), "2022-04-01", None),
        (Exposure(GLITAZONES, purchases=3, within_days=89), None, None),
        (Exposure(GLITAZONES, purchases=4), None, None),
        (Exposure(GLITAZONES, covered_days=30), "2022-01-01", "2022-04-30"),
        (Exposure(GLITAZONES, covered_days=30, delay_days=5), "2022-01-06", "2022-05-05"),
        (Exposure(GLITAZONES, purchases=2, covered_days=1), "2022-03-02", "2022-04-01"),
    ],
)
def test_an_exposure_begins_with_enough_purchases_and_ends_with_the_last(
    engine: Engine, exposure: Exposure, begins: str | None, ends: str | None
) -> None:
    expected = (begins and day(begins), ends and day(ends))

    assert lasts(exposure, engine) == expected


@pytest.mark.parametrize(
    ("exposure", "days"),
    [
        # 1 to 30 January, then 2 March to 30 April without a gap: 30 + 60
        (Exposure(GLITAZONES, covered_days=30), 90),
        # the gap from 31 January to 1 March is 30 days
        (Exposure(GLITAZONES, covered_days=30, grace_days=29), 90),
        (Exposure(GLITAZONES, covered_days=30, grace_days=30), 120),
        (Exposure(GLITAZONES, covered_days=31), 31 + 30 + 31),  # spans meet, none is counted twice
        (Exposure(GLITAZONES, purchases=2, covered_days=10), 20),
        (Exposure(GLITAZONES, covered_days=70), 90 + 70),
        (Exposure(GLITAZONES, delay_days=30), 365 - 30),
        (Exposure(GLITAZONES, purchases=4), 0),
    ],
)
def test_days_of_exposure_are_counted_once(engine: Engine, exposure: Exposure, days: int) -> None:
    year = FixedDay(date(2022, 1, 1)), FixedDay(date(2022, 12, 31))

    assert answers(engine, ExposedDays(exposure, *year), DATA)[1] == days


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        ("2022-01-15", "2022-01-15", 1),
        ("2022-01-30", "2022-03-02", 2),
        ("2022-02-01", "2022-02-28", 0),
        ("2022-03-02", "2022-01-30", 0),
        ("2021-01-01", "2022-01-01", 1),
        ("2022-04-30", "2023-01-01", 1),
    ],
)
def test_both_ends_of_the_time_looked_at_are_included(
    engine: Engine, first: str, last: str, days: int
) -> None:
    month = Exposure(GLITAZONES, covered_days=30)
    asked = ExposedDays(month, FixedDay(day(first)), FixedDay(day(last)))

    assert answers(engine, asked, DATA)[1] == days


def test_nobody_is_exposed_between_days_that_are_unknown(engine: Engine) -> None:
    never = GLITAZONES.first(9)

    asked = ExposedDays(Exposure(GLITAZONES), FixedDay(date(2022, 1, 1)), never)

    assert answers(engine, asked, DATA) == {1: 0, 2: 0, 3: 0}


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("2021-12-31", set()),
        ("2022-01-01", {1, 2}),
        ("2022-01-30", {1, 2}),
        ("2022-01-31", set()),
        ("2022-03-02", {1}),
    ],
)
def test_a_person_is_exposed_on_the_days_that_purchases_cover(
    engine: Engine, on: str, expected: set[int]
) -> None:
    exposed = ExposedOn(Exposure(GLITAZONES, covered_days=30), FixedDay(day(on)))

    assert chosen(engine, exposed, DATA) == expected
    assert chosen(engine, Not(exposed), DATA) == {1, 2, 3} - expected


def test_an_exposure_without_end_goes_on_after_the_last_care(engine: Engine) -> None:
    exposed = ExposedOn(Exposure(GLITAZONES), FixedDay(date(2099, 1, 1)))

    assert chosen(engine, exposed, DATA) == {1, 2}


def test_nobody_is_exposed_on_an_unknown_day(engine: Engine) -> None:
    assert chosen(engine, ExposedOn(Exposure(GLITAZONES), GLITAZONES.first(9)), DATA) == set()


def test_purchases_may_be_those_after_the_index_day(engine: Engine) -> None:
    after = Exposure(GLITAZONES.around(IndexDay(), from_days=1))

    assert answers(engine, DayIs(after.starts()), DATA, index=GLITAZONES.first()) == {
        1: day("2022-03-02"),
        2: None,
    }
