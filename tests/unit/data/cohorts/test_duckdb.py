from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from ecluse.data.cohorts import Reading, duckdb
from ecluse.data.engines import connect
from ecluse.data.filters import State, Switch, Switches
from ecluse.data.lake import Snapshot
from ecluse.domain.cohorts import (
    AllOf,
    AnyOf,
    AtLeast,
    Cohort,
    Condition,
    Count,
    Events,
    IndexDay,
    Match,
    Not,
    Step,
    Variable,
    cohort_of,
)
from ecluse.domain.errors import InvalidInput, JobFailed, StorageFull
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


def select(snapshot: Snapshot, condition: Condition, reading: Reading = YEAR) -> list[int]:
    with connect(readable=[snapshot.folder]) as connection:
        found = duckdb.run(cohort_of(condition), snapshot, reading, connection=connection)
    keys: list[int] = found.rows["person_key"].to_pylist()
    return keys


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
    cohort = AtLeast(Events("drug_atc", ("A10",)).during(last, last))

    assert select(snapshot, cohort) == [2]


def test_a_window_never_reaches_beyond_the_care_period(snapshot: Snapshot) -> None:
    before = AtLeast(Events("drug_atc", ("A10",)).during(None, date(2021, 12, 31)))

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
    with pytest.raises(InvalidInput, match="horoscope"):
        select(snapshot, AtLeast(Events("horoscope", ("A10",))))


def test_a_source_whose_table_was_not_delivered_is_named(snapshot: Snapshot) -> None:
    with pytest.raises(InvalidInput, match="act_ccam"):
        select(snapshot, AtLeast(Events("act_ccam", ("DEQP003",))))


def test_rows_that_a_filter_leaves_out_are_no_events(tmp_path: Path) -> None:
    kept, surcharge = date(2022, 1, 1), date(2022, 2, 1)
    claims = [
        {"person_key": 1, "event_date": kept, "PRS_NAT_REF": 1111, "CPL_MAJ_TOP": 0},
        {"person_key": 2, "event_date": surcharge, "PRS_NAT_REF": 1111, "CPL_MAJ_TOP": 2},
    ]
    rows = [{**row, "event_key": number, "FLX_DIS_DTD": kept} for number, row in enumerate(claims)]
    snapshot = publish(tmp_path, "snds", {"ER_PRS_F": rows}, PERSONS)
    visits = AtLeast(Events("act_nature", ("1111",)))
    everything = Switches((Switch("surcharges", State.OFF),))

    assert select(snapshot, visits) == [1]
    assert select(snapshot, visits, replace(YEAR, switches=everything)) == [1, 2]


def test_a_table_is_read_once_for_all_that_a_cohort_asks_of_it(snapshot: Snapshot) -> None:
    a10 = Events("drug_atc", ("A10",))
    cohort = Cohort(
        (Step("Deux fois", AtLeast(a10, 2)),),
        index=a10.first(),
        variables=(Variable("later", Count(a10.around(IndexDay(), from_days=1)), "Ensuite"),),
    )
    seen: list[tuple[str, int, int]] = []
    with connect(readable=[snapshot.folder]) as connection:
        found = duckdb.run(
            cohort,
            snapshot,
            YEAR,
            connection=connection,
            on_progress=lambda step, done, total: seen.append((step, done, total)),
        )
        left = connection.execute("SELECT count(*) FROM duckdb_tables()").fetchone()

    assert found.rows.to_pylist() == [
        {"person_key": 1, "index_day": date(2022, 1, 1), "later": 1},
    ]
    assert [step for step, _, _ in seen] == ["steps", "members", "variables", "variables"]
    assert left == (0,)


def test_an_engine_without_memory_says_so_without_a_row(snapshot: Snapshot) -> None:
    with (
        connect(readable=[snapshot.folder], memory_limit="1MB") as connection,
        pytest.raises(StorageFull, match="Too little memory") as raised,
    ):
        duckdb.run(cohort_of(drugs("A10")), snapshot, YEAR, connection=connection)

    assert raised.value.__suppress_context__


def test_an_engine_that_stops_is_told_by_its_kind_alone(tmp_path: Path) -> None:
    """A part that is no Parquet any more: the engine's words name the file and what it read."""
    snapshot = publish(tmp_path, "snds", {"ER_PHA_F": [], "IR_PHA_R": []}, PERSONS)
    parts = [path for path in snapshot.folder.rglob("*.parquet") if "persons" in str(path)]
    list(map(Path.unlink, parts))

    with (
        connect(readable=[snapshot.folder]) as connection,
        pytest.raises(JobFailed, match=r"^The engine stopped \(\w+\) and could not choose") as told,
    ):
        duckdb.run(cohort_of(drugs("A10")), snapshot, YEAR, connection=connection)

    assert str(tmp_path) not in str(told.value)
    assert told.value.__suppress_context__
