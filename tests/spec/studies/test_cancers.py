"""Any cancer, the day of a breast cancer, bladder cancer under pioglitazone."""

from tests.spec.cohorts.engines import Engine
from tests.spec.cohorts.rows import (
    associated,
    city_act,
    dataset,
    day,
    delivery,
    home_stay,
    long_illness,
    outpatient_act,
    person,
    stay,
    stay_act,
)
from tests.spec.studies.asking import found


def test_a_cancer_of_the_last_two_years_is_a_history(engine: Engine) -> None:
    data = dataset(
        stay(1, "2018-01-01", "C509"),
        stay(2, "2019-06-01", "Z511", related="D051"),
        stay(3, "2017-12-31", "C509"),
        stay(4, "2019-06-01", "D37"),
        long_illness(5, "2010-01-01", "C34", ends="2018-01-01"),
        long_illness(6, "2010-01-01", "C34", ends="2017-12-31"),
        associated(7, "2019-06-01", "C34"),
        persons=range(1, 8),
    )

    assert found(engine, "cancer-history", 2019, data).keys() == {1, 2, 5}


SURGERY = "QEFA001"


def breast_surgery(key: int, on: str) -> list[tuple[str, object]]:
    return [stay(key, on, "C504", record=key), stay_act(key, on, SURGERY, record=key)]


def test_a_breast_cancer_is_dated_by_the_best_examination(engine: Engine) -> None:
    data = dataset(
        *breast_surgery(1, "2019-06-30"),
        outpatient_act(1, "2019-05-02", "QEHJ001"),  # biopsy
        city_act(1, "2019-04-20", "QEQK001"),  # mammography
        *breast_surgery(2, "2019-06-30"),
        city_act(2, "2019-06-10", "QEHJ002"),  # cytology
        *breast_surgery(3, "2019-06-30"),
        city_act(3, "2019-06-20", "QEQM001"),  # ultrasound, within the month
        city_act(3, "2018-01-20", "QEQM001"),
        *breast_surgery(4, "2019-06-30"),
        outpatient_act(4, "2018-06-29", "QEHJ001"),  # a biopsy over a year before
        persons={key: person("1960-01-01", "female") for key in range(1, 5)},
    )

    told = found(engine, "breast-cancer", 2019, data)

    assert {key: row["index_day"] for key, row in told.items()} == {
        1: day("2019-05-02"),
        2: day("2019-06-10"),
        3: day("2019-06-20"),
        4: day("2019-06-30"),
    }
    assert told[1]["treated_on"] == told[1]["surgery"] == day("2019-06-30")


def test_a_breast_cancer_is_of_a_woman_treated_first_that_year(engine: Engine) -> None:
    data = dataset(
        *breast_surgery(1, "2019-06-30"),
        *breast_surgery(2, "2019-06-30"),
        stay(3, "2019-06-30", "C504"),
        *breast_surgery(4, "2019-06-30"),
        delivery(4, "2017-01-01", "L02BA01"),
        stay(5, "2019-06-30", "K80", record=5),
        stay_act(5, "2019-06-30", SURGERY, record=5),
        persons={
            1: person("1960-01-01", "female"),
            2: person("1960-01-01", "male"),
            3: person("1960-01-01", "female"),  # not treated
            4: person("1960-01-01", "female"),  # treated before
            5: person("1960-01-01", "female"),  # for another disease
        },
    )

    assert found(engine, "breast-cancer", 2019, data).keys() == {1}


def test_treatments_and_nodes_of_a_breast_cancer_are_told(engine: Engine) -> None:
    data = dataset(
        *breast_surgery(1, "2019-03-01"),
        associated(1, "2019-03-01", "C773", record=1),
        stay(1, "2019-05-01", "Z511", related="C504", record=2),
        city_act(1, "2019-08-01", "ZZNL053"),
        delivery(1, "2019-10-01", "L02BG03"),
        persons={1: person("1960-01-01", "female")},
    )

    told = found(engine, "breast-cancer", 2019, data)[1]

    assert told["nodes"] is True
    assert told["chemotherapy"] == day("2019-05-01")
    assert told["radiotherapy"] == day("2019-08-01")
    assert told["endocrine"] == day("2019-10-01")
    assert told["targeted"] is None


PIOGLITAZONE, METFORMIN = "A10BG03", "A10BA02"
OLD = person("1940-06-01", "male")


def test_diabetics_are_followed_half_a_year_after_their_first_purchase(engine: Engine) -> None:
    data = dataset(
        delivery(1, "2006-01-01", METFORMIN),
        delivery(2, "2007-06-01", METFORMIN),  # enters late
        delivery(3, "2006-01-01", METFORMIN),  # is 39 years old
        delivery(4, "2006-01-01", METFORMIN),
        stay(4, "2006-05-01", "C679"),  # before the follow-up
        delivery(5, "2006-01-01", METFORMIN),
        delivery(6, "2006-01-01", METFORMIN),  # dies before the follow-up
        stay(5, "2008-05-01", "C679"),
        persons={
            1: OLD,
            2: OLD,
            3: person("1967-02-01"),
            4: OLD,
            5: OLD,
            6: person("1940-06-01", died="2006-03-01"),
        },
    )

    told = found(engine, "bladder-cancer-pioglitazone", 2006, data)

    assert told.keys() == {1, 5}
    assert told[1]["index_day"] == day("2006-07-03")
    assert (told[1]["broad"], told[5]["broad"]) == (None, day("2008-05-01"))


def test_two_purchases_within_half_a_year_expose_three_months_later(engine: Engine) -> None:
    data = dataset(
        *[delivery(key, "2006-01-01", METFORMIN) for key in (1, 2, 3)],
        delivery(1, "2007-01-01", PIOGLITAZONE),
        delivery(1, "2007-07-03", PIOGLITAZONE),  # 183 days later
        delivery(2, "2007-01-01", PIOGLITAZONE),
        delivery(2, "2007-07-04", PIOGLITAZONE),
        persons=dict.fromkeys((1, 2, 3), OLD),
    )

    told = found(engine, "bladder-cancer-pioglitazone", 2006, data)

    assert told[1]["exposed_from"] == day("2007-10-02")
    assert told[2]["exposed_from"] is told[3]["exposed_from"] is None


def test_a_bladder_cancer_is_broad_narrow_or_naive(engine: Engine) -> None:
    data = dataset(
        *[delivery(key, "2006-01-01", METFORMIN) for key in range(1, 7)],
        stay(1, "2008-01-01", "C679", record=1),
        stay_act(1, "2008-01-01", "JDFA001", record=1),
        home_stay(2, "2008-01-01", "C67"),
        stay(3, "2008-01-01", "C780", record=3),
        associated(3, "2008-01-01", "C67", record=3),
        associated(4, "2008-01-01", "C67", record=4),
        stay(5, "2008-01-01", "C679", record=5),
        city_act(5, "2008-04-01", "YYYY045"),  # 91 days later
        stay(6, "2008-01-01", "C679", record=6),
        city_act(6, "2008-04-02", "YYYY045"),
        persons=dict.fromkeys(range(1, 7), OLD),
    )

    told = found(engine, "bladder-cancer-pioglitazone", 2006, data)

    assert {key for key, row in told.items() if row["broad"]} == {1, 2, 3, 5, 6}
    assert {key for key, row in told.items() if row["narrow"]} == {1, 5}
    assert {key for key, row in told.items() if row["naive"]} == {1, 3, 4, 5, 6}
