"""Fractures, births, vasculitis, long-term illnesses."""

from tests.spec.cohorts.engines import Engine
from tests.spec.cohorts.rows import (
    associated,
    city_act,
    claim,
    dataset,
    day,
    delivery,
    long_illness,
    outpatient_act,
    person,
    stay,
    stay_act,
    ward,
)
from tests.spec.studies.asking import found

OLD = person("1940-01-01", "female")


def test_a_fracture_is_a_stay_or_an_act_at_65_and_more(engine: Engine) -> None:
    data = dataset(
        stay(1, "2019-03-01", "S7200"),
        city_act(2, "2019-03-01", "MDEP001"),
        outpatient_act(3, "2019-03-01", "NAEP002"),
        stay(4, "2019-03-01", "S72"),
        stay(5, "2019-03-01", "S70"),
        persons={
            1: OLD,
            2: OLD,
            3: OLD,
            4: person("1954-04-01"),  # 64 years old
            5: OLD,
        },
    )

    told = found(engine, "fall-fractures", 2019, data)

    assert told.keys() == {1, 2, 3}
    assert [told[key]["in_hospital"] for key in (1, 2, 3)] == [True, False, False]
    assert (told[1]["diagnosis"], told[2]["act"]) == ("S7200", "MDEP001")


def test_a_stay_to_take_out_a_nail_is_no_new_fracture(engine: Engine) -> None:
    data = dataset(
        stay(1, "2019-03-01", "S72", record=1),
        stay_act(1, "2019-03-01", "NBGA007", record=1),
        stay(2, "2019-03-01", "S72", record=2),
        stay_act(2, "2019-03-01", "NBGA007", record=2),
        stay(2, "2019-02-01", "S72", record=3),
        persons={1: OLD, 2: OLD},
    )

    told = found(engine, "fall-fractures", 2019, data)

    assert told.keys() == {2}
    assert told[2]["index_day"] == day("2019-02-01")


def test_a_pack_treats_for_a_month_or_for_three(engine: Engine) -> None:
    data = dataset(
        *[stay(key, "2019-06-30", "S72", record=key) for key in range(1, 5)],
        delivery(1, "2019-06-01", "N06AB03", event_key=11),  # covers to 30 June
        delivery(2, "2019-05-31", "N06AB03", event_key=12),  # covers to 29 June
        delivery(3, "2019-04-02", "N06AB03", large=True, event_key=13),  # covers to 30 June
        delivery(4, "2019-05-15", "N06AB03", event_key=14),  # to 13 June
        delivery(4, "2019-07-01", "N06AB03", event_key=15),  # a gap of 17 days
        persons=dict.fromkeys(range(1, 5), OLD),
    )

    told = found(engine, "fall-fractures", 2019, data)

    assert [told[key]["antidepressants"] for key in (1, 2, 3, 4)] == [True, False, True, False]
    assert told[1]["hypnotics"] is False


def newborn(key: int, on: str, **more: object) -> tuple[str, object]:
    told = {"GRG_GHM": "15M05A", "AGE_JOU": 0, "ENT_MOD": "8", "POI_NAI": 3200, "AGE_GES": 39}
    return stay(key, on, str(more.pop("main", "Z380")), record=key, **{**told, **more})


def test_a_live_birth_is_a_viable_newborn_who_came_from_home(engine: Engine) -> None:
    data = dataset(
        newborn(1, "2019-03-01"),
        newborn(2, "2019-03-01", POI_NAI=480, AGE_GES=21),
        newborn(3, "2019-03-01", POI_NAI=480, AGE_GES=22),
        newborn(4, "2019-03-01", POI_NAI=500, AGE_GES=None),
        newborn(5, "2019-03-01", main="P95"),
        newborn(6, "2019-03-01", ENT_MOD="7"),
        newborn(7, "2019-03-01", AGE_JOU=3),
        newborn(8, "2019-03-01", GRG_GHM="14Z13A"),
        newborn(9, "2019-03-01", ENT_MOD="N"),
        persons=range(1, 10),
    )

    told = found(engine, "births", 2019, data)

    assert told.keys() == {1, 3, 4, 9}
    assert (told[1]["weight"], told[1]["weeks"]) == ("3200", "39")


def test_a_child_is_joined_to_the_delivery_of_the_mother(engine: Engine) -> None:
    data = dataset(
        newborn(1, "2019-03-02"),
        newborn(2, "2019-03-02"),
        newborn(3, "2019-03-02"),
        stay(11, "2019-03-01", "O80", record=11),
        stay_act(11, "2019-03-01", "JQGD010", record=11),
        associated(11, "2019-03-01", "Z370", record=11),
        delivery(11, "2018-12-01", "N02BE01"),
        delivery(11, "2018-01-01", "N02BE01"),
        stay(12, "2019-02-28", "O80", record=12),
        stay_act(12, "2019-02-28", "JQGD010", record=12),
        associated(12, "2019-02-28", "Z370", record=12),
        persons={key: person() for key in (1, 2, 3, 11, 12)},
        mothers={1: 11, 2: 12},
    )

    told = found(engine, "births", 2019, data)

    assert [told[key]["has_mother"] for key in (1, 2, 3)] == [True, False, False]
    assert told[1]["delivered_on"] == day("2019-03-01")
    assert [told[key]["drugs"] for key in (1, 2, 3)] == [1, 0, 0]


def test_an_act_of_delivery_without_an_outcome_is_no_delivery(engine: Engine) -> None:
    data = dataset(
        newborn(1, "2019-03-02"),
        stay(11, "2019-03-02", "O80", record=11),
        stay_act(11, "2019-03-02", "JQGD010", record=11),
        newborn(2, "2019-03-02"),
        stay(12, "2019-03-02", "Z3900", record=12),
        associated(12, "2019-03-02", "Z370", record=12),
        persons={key: person() for key in (1, 2, 11, 12)},
        mothers={1: 11, 2: 12},
    )

    told = found(engine, "births", 2019, data)

    assert [told[key]["has_mother"] for key in (1, 2)] == [False, True]


def test_a_vasculitis_is_written_in_any_position(engine: Engine) -> None:
    data = dataset(
        stay(1, "2020-06-01", "M313"),
        associated(2, "2020-06-01", "M3130"),
        ward(3, "2020-06-01", "J18", related="M352"),
        stay(4, "2020-06-01", "M310"),
        stay(5, "2019-06-01", "M313"),
        persons=range(1, 6),
    )

    told = found(engine, "vasculitis", 2020, data)

    assert told.keys() == {1, 2, 3}
    assert told[2]["diagnosis"] == "M3130"


def test_long_term_illnesses_are_counted_in_three_ways(engine: Engine) -> None:
    data = dataset(
        long_illness(1, "2010-01-01", "E11"),
        claim(1, "2019-03-01", EXO_MTF=43),
        long_illness(2, "2010-01-01", "C50", ends="2019-06-30"),
        claim(2, "2019-03-01", EXO_MTF=11),
        long_illness(3, "2010-01-01", "C50", ends="2018-12-31"),
        long_illness(4, "2010-01-01", "C50", kind=12),
        persons=range(1, 5),
    )

    told = found(engine, "long-term-illness", 2019, data)

    assert told.keys() == {1, 2}
    assert [told[key]["current"] for key in (1, 2)] == [True, False]
    assert [told[key]["exempted"] for key in (1, 2)] == [True, False]
    assert told[2]["illness"] == "C50"
