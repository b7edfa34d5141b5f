"""The traps of the registers: persons, long-term illnesses, deaths."""

from datetime import date
from pathlib import Path

from ecluse.data.filters import State, Switches
from tests.unit.data.filters.reading import cleaned, line
from tests.unit.data.lakes import Row


def person(key: int, code: str, **columns: object) -> Row:
    return {"person_key": key, "BEN_NIR_PSA": f"PSA-{key}", "BEN_CDI_NIR": code, **columns}


def illness(person_key: int | None, start: date | None, end: date | None, **more: object) -> Row:
    return {
        "person_key": person_key,
        "event_date": start,
        "MED_MTF_COD": "E11",
        "IMB_ETM_NAT": 41,
        "IMB_ALD_DTD": start,
        "IMB_ALD_DTF": end,
        **more,
    }


def test_fictive_numbers_are_no_persons_and_provisional_ones_are(tmp_path: Path) -> None:
    register = [person(1, "00"), person(2, "01"), person(3, "03"), person(4, "NN")]

    left = cleaned(tmp_path, {"IR_BEN_R": register}, "person_key", of="IR_BEN_R")

    assert left == [(1,), (3,)]


def test_provisional_numbers_are_left_out_when_their_switch_is_on(tmp_path: Path) -> None:
    register = [person(1, "00"), person(3, "03"), person(4, "04")]
    final = Switches().with_state("provisional_persons", State.ON)

    left = cleaned(tmp_path, {"IR_BEN_R": register}, "person_key", of="IR_BEN_R", switches=final)

    assert left == [(1,)]


def test_care_that_can_be_given_to_nobody_is_left_out_with_its_details(tmp_path: Path) -> None:
    # The load gives no person to a fictive number, and one to a number that the register lacks.
    tables = {
        "ER_PRS_F": [line(1, person_key=1), line(2, person_key=None)],
        "ER_BIO_F": [line(1, BIO_PRS_IDE=1104), line(2, BIO_PRS_IDE=1104, person_key=None)],
    }

    acts = cleaned(tmp_path / "acts", tables, "event_key", of="ER_PRS_F")
    tests = cleaned(tmp_path / "tests", tables, "event_key", of="ER_BIO_F")

    assert (acts, tests) == ([(1,)], [(1,)])


def test_care_of_a_person_who_has_a_final_number_too_is_not_provisional(tmp_path: Path) -> None:
    tables = {
        "IR_BEN_R": [person(1, "03"), person(2, "03"), person(2, "00")],
        "ER_PRS_F": [line(1, person_key=1), line(2, person_key=2), line(3, person_key=3)],
    }
    final = Switches().with_state("provisional_persons", State.ON)

    left = cleaned(tmp_path, tables, "event_key", of="ER_PRS_F", switches=final)

    assert left == [(2,), (3,)]


def test_renewals_that_touch_are_one_episode(tmp_path: Path) -> None:
    illnesses = [
        illness(1, date(2010, 1, 1), date(2014, 12, 31)),
        illness(1, date(2015, 1, 1), date(2019, 12, 31)),
        illness(1, date(2019, 6, 1), date(2024, 5, 31)),
    ]

    left = cleaned(
        tmp_path, {"IR_IMB_R": illnesses}, "IMB_ALD_DTD", "IMB_ALD_DTF", "event_date", of="IR_IMB_R"
    )

    assert left == [(date(2010, 1, 1), date(2024, 5, 31), date(2010, 1, 1))]


def test_a_gap_of_two_days_makes_two_episodes(tmp_path: Path) -> None:
    illnesses = [
        illness(1, date(2010, 1, 1), date(2014, 12, 31)),
        illness(1, date(2015, 1, 2), date(2019, 12, 31)),
    ]

    left = cleaned(tmp_path, {"IR_IMB_R": illnesses}, "IMB_ALD_DTD", of="IR_IMB_R")

    assert left == [(date(2010, 1, 1),), (date(2015, 1, 2),)]


def test_an_episode_without_an_end_is_still_open(tmp_path: Path) -> None:
    illnesses = [
        illness(1, date(2010, 1, 1), None),
        illness(1, date(2015, 1, 1), date(2019, 12, 31)),
    ]

    left = cleaned(tmp_path, {"IR_IMB_R": illnesses}, "IMB_ALD_DTD", "IMB_ALD_DTF", of="IR_IMB_R")

    assert left == [(date(2010, 1, 1), None)]


def test_episodes_of_two_persons_two_diseases_or_two_kinds_are_kept_apart(tmp_path: Path) -> None:
    days = date(2010, 1, 1), date(2014, 12, 31)
    illnesses = [
        illness(1, *days),
        illness(2, *days),
        illness(1, *days, MED_MTF_COD="I10"),
        illness(1, *days, IMB_ETM_NAT=43),
        illness(None, *days, BEN_NIR_PSA="ANNA", BEN_RNG_GEM=1),
        illness(None, *days, BEN_NIR_PSA="BRUNO", BEN_RNG_GEM=1),
    ]
    nobody_too = Switches().with_state("fictive_persons", State.OFF)

    left = cleaned(
        tmp_path, {"IR_IMB_R": illnesses}, "person_key", of="IR_IMB_R", switches=nobody_too
    )

    assert len(left) == 6


def test_exemptions_that_are_no_long_term_illness_are_left_out(tmp_path: Path) -> None:
    days = date(2010, 1, 1), None
    illnesses = [
        illness(1, *days, IMB_ETM_NAT=41),
        illness(2, *days, IMB_ETM_NAT=45),
        illness(3, *days, IMB_ETM_NAT=11),
    ]

    left = cleaned(tmp_path, {"IR_IMB_R": illnesses}, "person_key", of="IR_IMB_R")

    assert left == [(1,), (2,)]


def test_deaths_of_unknown_cause_are_deaths_and_are_set_aside_to_compare_causes(
    tmp_path: Path,
) -> None:
    deaths = [
        {"person_key": 1, "event_date": date(2020, 1, 1), "DCD_CIM_COD": "R99"},
        {"person_key": 2, "event_date": date(2020, 1, 1), "DCD_CIM_COD": "I219"},
    ]
    causes = Switches().with_state("unknown_causes", State.ON)

    counted = cleaned(tmp_path / "1", {"KI_CCI_R": deaths}, "person_key", of="KI_CCI_R")
    compared = cleaned(
        tmp_path / "2", {"KI_CCI_R": deaths}, "person_key", of="KI_CCI_R", switches=causes
    )

    assert counted == [(1,), (2,)]
    assert compared == [(2,)]
