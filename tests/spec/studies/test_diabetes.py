"""Diabetes: who is found, who is not, and the cases between."""

from tests.spec.cohorts.engines import Engine
from tests.spec.cohorts.rows import (
    associated,
    dataset,
    day,
    delivery,
    long_illness,
    person,
    stay,
)
from tests.spec.studies.asking import found

METFORMIN, DAPAGLIFLOZIN, BENFLUOREX = "A10BA02", "A10BK01", "A10BX06"


def test_three_dates_of_delivery_in_the_year_make_a_diabetic(engine: Engine) -> None:
    data = dataset(
        *[delivery(1, on, METFORMIN) for on in ("2019-01-01", "2019-06-01", "2019-12-31")],
        *[delivery(2, on, METFORMIN) for on in ("2018-12-31", "2019-06-01", "2019-12-31")],
        *[delivery(3, on, BENFLUOREX) for on in ("2019-01-01", "2019-06-01", "2019-12-31")],
        *[delivery(4, "2019-06-01", METFORMIN) for _ in range(3)],
        persons={key: person("1950-05-01", "female") for key in range(1, 5)},
    )

    told = found(engine, "diabetes", 2019, data)

    assert told.keys() == {1}
    assert told[1]["index_day"] == day("2019-01-01")
    assert (told[1]["age"], told[1]["treated"], told[1]["deliveries"]) == (68, True, 3)


def test_two_dates_are_enough_with_one_large_pack(engine: Engine) -> None:
    data = dataset(
        delivery(1, "2019-01-01", METFORMIN, large=True, event_key=1),
        delivery(1, "2019-04-01", METFORMIN, event_key=2),
        delivery(2, "2019-01-01", METFORMIN, event_key=3),
        delivery(2, "2019-04-01", METFORMIN, event_key=4),
        delivery(2, "2019-04-01", "C10AA05", large=True, event_key=5),
        delivery(3, "2019-01-01", METFORMIN, large=True, event_key=6),
    )

    assert found(engine, "diabetes", 2019, data).keys() == {1}


def test_an_illness_counts_while_it_lasts_and_if_it_exempts(engine: Engine) -> None:
    data = dataset(
        long_illness(1, "2005-01-01", "E11"),
        long_illness(2, "2005-01-01", "E11", ends="2018-12-31"),
        long_illness(3, "2005-01-01", "E11", kind=11),
        long_illness(4, "2019-12-31", "E149", kind=45),
        long_illness(5, "2020-01-01", "E11"),
        persons=range(1, 6),
    )

    told = found(engine, "diabetes", 2019, data)

    assert told.keys() == {1, 4}
    assert told[1]["long_term_illness"] is True
    assert told[1]["treated"] is False


def test_an_illness_that_was_never_ended_ends_with_the_person(engine: Engine) -> None:
    data = dataset(
        *[long_illness(key, "2005-01-01", "E11") for key in (1, 2, 3)],
        persons={
            1: person("1940-01-01", died="2018-12-31"),
            2: person("1940-01-01", died="2019-01-01"),
            3: person("1940-01-01"),
        },
    )

    assert found(engine, "diabetes", 2019, data).keys() == {2, 3}


def test_a_stay_counts_in_its_year_and_the_next(engine: Engine) -> None:
    data = dataset(
        stay(1, "2018-01-01", "E1190"),
        stay(2, "2017-12-31", "E1190"),
        stay(3, "2019-06-01", "J18", related="E10"),
        stay(4, "2019-06-01", "J18", record=4),
        associated(4, "2019-06-01", "E11", record=4),
        persons=range(1, 5),
    )

    assert found(engine, "diabetes", 2019, data).keys() == {1, 3}


def test_a_complication_counts_when_diabetes_is_written_on_the_same_stay(engine: Engine) -> None:
    data = dataset(
        stay(1, "2019-06-01", "H360", record=1),
        associated(1, "2019-06-01", "E113", record=1),
        stay(2, "2019-06-01", "H360", record=2),
        stay(2, "2019-07-01", "J18", record=3),
        associated(2, "2019-07-01", "E113", record=3),
        stay(3, "2019-06-01", "H360", record=4),
    )

    assert found(engine, "diabetes", 2019, data).keys() == {1}


def test_gliflozins_alone_no_longer_make_a_diabetic_from_2022(engine: Engine) -> None:
    dates = ("01-01", "02-01", "03-01")
    data = dataset(
        *[delivery(1, f"2021-{on}", DAPAGLIFLOZIN) for on in dates],
        *[delivery(1, f"2022-{on}", DAPAGLIFLOZIN) for on in dates],
        *[delivery(2, f"2022-{on}", DAPAGLIFLOZIN) for on in dates],
        delivery(2, "2022-02-01", METFORMIN),
    )

    assert found(engine, "diabetes", 2021, data).keys() == {1}
    assert found(engine, "diabetes", 2022, data).keys() == {2}


def test_the_counts_that_tell_the_types_apart_are_dates_of_delivery(engine: Engine) -> None:
    data = dataset(
        *[delivery(1, on, "A10AB05") for on in ("2019-01-01", "2019-02-01", "2019-03-01")],
        delivery(1, "2019-03-01", "A10AE04"),
        *[delivery(2, on, METFORMIN) for on in ("2019-01-01", "2019-02-01", "2019-03-01")],
        delivery(3, "2019-03-01", METFORMIN),
    )

    told = found(engine, "diabetes-types", 2019, data)

    assert told.keys() == {1, 2}
    assert [told[1][name] for name in ("rapid", "slow", "biguanides", "all")] == [3, 1, 0, 3]
    assert [told[2][name] for name in ("rapid", "slow", "biguanides", "all")] == [0, 0, 3, 3]
