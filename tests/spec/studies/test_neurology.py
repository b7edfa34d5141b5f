"""Dementia, whose drugs are seen until July 2018, and Parkinson's disease."""

import pytest

from tests.spec.cohorts.engines import Engine
from tests.spec.cohorts.rows import (
    associated,
    dataset,
    delivery,
    long_illness,
    person,
    stay,
    ward,
)
from tests.spec.studies.asking import found

OLD = person("1935-01-01", "female")
DONEPEZIL = "N06DA02"


@pytest.mark.parametrize(
    ("dates", "year", "expected"),
    [
        (("2018-01-01", "2018-04-01", "2018-07-31"), 2018, {1}),
        (("2018-01-01", "2018-04-01", "2018-08-01"), 2018, set()),
        (("2017-01-01", "2017-06-01", "2017-12-31"), 2017, {1}),
        (("2019-01-01", "2019-04-01", "2019-06-01"), 2019, set()),
        (("2017-12-31", "2018-04-01", "2018-07-31"), 2018, set()),
    ],
)
def test_drugs_tell_a_dementia_until_they_were_no_longer_reimbursed(
    engine: Engine, dates: tuple[str, ...], year: int, expected: set[int]
) -> None:
    data = dataset(*[delivery(1, on, DONEPEZIL) for on in dates], persons={1: OLD})

    assert found(engine, "dementia", year, data).keys() == expected


def test_an_illness_or_a_stay_tells_a_dementia_in_any_year(engine: Engine) -> None:
    data = dataset(
        long_illness(1, "2015-01-01", "G309"),
        stay(2, "2018-06-01", "J18", related="F001"),
        associated(3, "2019-06-01", "F03"),
        stay(4, "2017-06-01", "G30"),
        long_illness(5, "2015-01-01", "G309"),
        stay(6, "2019-06-01", "G31"),
        persons={
            **dict.fromkeys((1, 2, 3, 4, 6), OLD),
            5: person("1980-01-01"),  # 39 years old on 31 December
        },
    )

    told = found(engine, "dementia", 2019, data)

    assert told.keys() == {1, 2, 3}
    assert "treated" not in told[1]


def test_parkinson_is_written_in_any_position_of_a_stay_or_ward(engine: Engine) -> None:
    data = dataset(
        stay(1, "2019-06-01", "G20"),
        ward(2, "2019-06-01", "J18", related="F023"),
        associated(3, "2019-06-01", "G20"),
        stay(4, "2019-06-01", "G21"),
        stay(5, "2018-06-01", "G20"),
        persons=range(1, 6),
    )

    assert found(engine, "parkinson", 2019, data).keys() == {1, 2, 3}
