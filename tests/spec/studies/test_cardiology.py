"""Stroke, acute coronary syndrome, heart failure, treated hypertension."""

from tests.spec.cohorts.engines import Engine
from tests.spec.cohorts.rows import associated, dataset, day, delivery, person, stay, ward
from tests.spec.studies.asking import found


def test_a_stroke_is_an_adult_in_hospital_followed_from_the_first_stay(engine: Engine) -> None:
    data = dataset(
        stay(1, "2019-06-15", "I639"),
        stay(1, "2019-07-15", "J18"),
        stay(1, "2019-03-02", "I610"),
        stay(2, "2019-06-15", "J18", related="I639"),
        stay(3, "2019-06-15", "I64"),
        stay(4, "2018-12-31", "I64"),
        stay(5, "2019-06-15", "I67"),
        persons={
            1: person("1940-01-01", "male", died="2019-04-01"),
            2: person("1940-01-01"),
            3: person("2001-07-01"),  # 17 years old
            4: person("1940-01-01"),
            5: person("1940-01-01"),
        },
    )

    told = found(engine, "stroke", 2019, data)

    assert told.keys() == {1}
    assert told[1]["index_day"] == day("2019-03-02")
    assert told[1]["diagnosis"] == "I610"
    assert (told[1]["dead_30"], told[1]["dead_365"], told[1]["back_30"]) == (True, True, False)


def test_death_and_return_are_counted_from_the_index_day(engine: Engine) -> None:
    data = dataset(
        stay(1, "2019-03-01", "I63"),
        stay(1, "2019-03-31", "J18"),
        stay(2, "2019-03-01", "I63"),
        stay(2, "2019-04-01", "J18"),
        stay(3, "2019-03-01", "I63"),
        persons={
            1: person("1940-01-01", died="2019-04-01"),  # 31 days later
            2: person("1940-01-01", died="2020-03-01"),  # 366 days later
            3: person("1940-01-01"),
        },
    )

    told = found(engine, "stroke", 2019, data)

    assert [told[key]["dead_30"] for key in (1, 2, 3)] == [False, False, False]
    assert [told[key]["dead_365"] for key in (1, 2, 3)] == [True, False, False]
    assert [told[key]["back_30"] for key in (1, 2, 3)] == [True, False, False]


def test_a_coronary_syndrome_is_seen_in_a_ward(engine: Engine) -> None:
    data = dataset(
        ward(1, "2019-03-01", "I2100"),
        ward(2, "2019-03-01", "I2108"),
        stay(3, "2019-03-01", "I2100"),
        ward(4, "2019-03-01", "I25"),
        persons=range(1, 5),
    )

    told = found(engine, "acute-coronary-syndrome", 2019, data)

    assert told.keys() == {1, 2}
    assert [told[key]["initial_care"] for key in (1, 2)] == [True, False]


def test_heart_failure_is_named_or_complicates_a_disease_of_the_stay(engine: Engine) -> None:
    data = dataset(
        stay(1, "2019-03-01", "I500"),
        stay(2, "2019-03-01", "I110", related="I501", record=2),
        stay(3, "2019-03-01", "J81", record=3),
        associated(3, "2019-03-01", "I509", record=3),
        stay(4, "2019-03-01", "I110", record=4),
        stay(5, "2019-03-01", "J18", related="I50", record=5),
        associated(6, "2019-03-01", "I50", record=6),
        persons=range(1, 7),
    )

    assert found(engine, "heart-failure", 2019, data).keys() == {1, 2, 3}


def test_hypertension_is_treated_by_three_dates_of_listed_drugs(engine: Engine) -> None:
    dates = ("2019-01-01", "2019-02-01", "2019-03-01")
    data = dataset(
        *[delivery(1, on, "C09AA05") for on in dates],
        *[delivery(2, on, "C07AA07") for on in dates],  # sotalol is for the rhythm
        *[delivery(3, on, "C09AA05") for on in dates[:2]],
        delivery(4, dates[0], "C08CA01"),
        delivery(4, dates[1], "C10BX03"),
        delivery(4, dates[2], "C03AA03"),
        persons=range(1, 5),
    )

    told = found(engine, "treated-hypertension", 2019, data)

    assert told.keys() == {1, 4}
    assert told[4]["deliveries"] == 3
