from datetime import date
from pathlib import Path

import pytest

from ecluse.data.cohorts import Reading, duckdb
from ecluse.data.engines import connect
from ecluse.data.lake import Snapshot
from ecluse.domain.cohorts import AllOf, AnyOf, AtLeast, Cohort, Events, Match, Not
from ecluse.domain.errors import NotFound
from tests.unit.data.lakes import delivery, diagnosis, drug, publish

INSULIN, METFORMIN, BENFLUOREX = 3400930000001, 3400930000002, 3400930000003
LATE = date(2024, 1, 1)
YEAR = Reading(date(2022, 1, 1), date(2022, 12, 31), date(2023, 6, 1))

TABLES = {
    "ER_PHA_F": [
        delivery(1, date(2022, 1, 1), METFORMIN),
        delivery(1, date(2022, 1, 1), METFORMIN),  # twice a day counts once
        delivery(1, date(2022, 2, 1), INSULIN),
        delivery(2, date(2021, 12, 31), METFORMIN),  # the day before the year
        delivery(2, date(2022, 12, 31), METFORMIN),  # its last day
        delivery(3, date(2022, 3, 1), METFORMIN, FLX_DIS_DTD=LATE),
        delivery(3, None, METFORMIN),  # a claim without date of care
        delivery(None, date(2022, 3, 1), METFORMIN),  # a claim of nobody
        delivery(4, date(2022, 3, 1), None),
    ],
    "IR_PHA_R": [
        drug(METFORMIN, "A10BA02"),
        drug(INSULIN, "A10AB01"),
        drug(BENFLUOREX, "A10BX06"),
    ],
    "T_MCOaaB": [
        diagnosis(1, date(2022, 5, 1), "E119"),
        diagnosis(4, date(2022, 5, 1), "E1190"),
        diagnosis(5, date(2022, 5, 1), "I21"),
    ],
}
PERSONS = [(key, f"person-{key}", None) for key in range(1, 7)]


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    return publish(tmp_path, "snds-synthetic", TABLES, PERSONS)


def select(snapshot: Snapshot, cohort: Cohort, reading: Reading = YEAR) -> list[int]:
    with connect(readable=[snapshot.folder]) as connection:
        keys = duckdb.select(cohort, snapshot, reading, connection=connection)
    found: list[int] = keys.tolist()
    return found


def drugs(*codes: str, dates: int = 1) -> AtLeast:
    return AtLeast(Events("drug_atc", codes), dates)


def stays(*codes: str, match: Match = Match.PREFIX) -> AtLeast:
    return AtLeast(Events("stay_main_diagnosis", codes, match))


def test_a_count_takes_the_persons_with_a_matching_event(snapshot: Snapshot) -> None:
    assert select(snapshot, drugs("A10")) == [1, 2]


def test_events_of_one_day_count_once(snapshot: Snapshot) -> None:
    assert select(snapshot, drugs("A10", dates=2)) == [1]
    assert select(snapshot, drugs("A10BA02", dates=2)) == []


def test_a_prefix_takes_the_longer_codes_and_an_exact_code_does_not(snapshot: Snapshot) -> None:
    assert select(snapshot, stays("E11")) == [1, 4]
    assert select(snapshot, stays("E119", match=Match.EXACT)) == [1]


def test_dots_in_a_code_change_nothing(snapshot: Snapshot) -> None:
    assert select(snapshot, stays("E11.9")) == [1, 4]


def test_the_window_of_a_count_includes_both_ends(snapshot: Snapshot) -> None:
    last = date(2022, 12, 31)
    cohort = AtLeast(Events("drug_atc", ("A10",)), 1, on_or_after=last, on_or_before=last)

    assert select(snapshot, cohort) == [2]


def test_a_window_never_reaches_beyond_the_care_period(snapshot: Snapshot) -> None:
    before = AtLeast(Events("drug_atc", ("A10",)), 1, on_or_before=date(2021, 12, 31))

    assert select(snapshot, before) == []


def test_a_claim_that_arrived_after_the_cut_off_does_not_count(snapshot: Snapshot) -> None:
    late = Reading(YEAR.care_from, YEAR.care_to, LATE)

    assert select(snapshot, drugs("A10"), late) == [1, 2, 3]


def test_all_of_takes_those_in_every_part(snapshot: Snapshot) -> None:
    assert select(snapshot, AllOf((drugs("A10"), stays("E11")))) == [1]


def test_any_of_takes_those_in_one_part(snapshot: Snapshot) -> None:
    assert select(snapshot, AnyOf((drugs("A10"), stays("E11")))) == [1, 2, 4]


def test_not_is_relative_to_the_persons_of_the_dataset(snapshot: Snapshot) -> None:
    assert select(snapshot, Not(drugs("A10"))) == [3, 4, 5, 6]


def test_a_code_that_nobody_has_selects_nobody(snapshot: Snapshot) -> None:
    assert select(snapshot, drugs("Z99")) == []


def test_a_source_that_the_model_lacks_is_named(snapshot: Snapshot) -> None:
    with pytest.raises(NotFound, match="horoscope"):
        select(snapshot, AtLeast(Events("horoscope", ("A10",))))


def test_a_source_whose_table_was_not_delivered_is_named(snapshot: Snapshot) -> None:
    with pytest.raises(NotFound, match="act_ccam"):
        select(snapshot, AtLeast(Events("act_ccam", ("DEQP003",))))
