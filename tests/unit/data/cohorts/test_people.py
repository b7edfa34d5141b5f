from datetime import date
from pathlib import Path

from ecluse.data.cohorts import duckdb
from ecluse.data.engines import connect
from ecluse.data.lake import Snapshot
from ecluse.domain.cohorts import AtLeast, Events, LinkedEvents, cohort_of
from tests.unit.data.cohorts.test_duckdb import YEAR
from tests.unit.data.lakes import diagnosis, publish

OLD, NEW = date(2021, 1, 1), date(2022, 1, 1)


def line(person: int, told_on: date | None, sex: int | None, **more: object) -> dict[str, object]:
    told: dict[str, object] = {"BEN_NAI_ANN": 1950, "BEN_NAI_MOI": "06", "BEN_RES_DPT": "075"}
    return {
        "person_key": person,
        "event_date": None,
        "MAX_TRT_DTD": told_on,
        "BEN_SEX_COD": sex,
        "BEN_DCD_DTE": None,
        **told,
        **more,
    }


def people(snapshot: Snapshot) -> list[tuple[object, ...]]:
    with connect(readable=[snapshot.folder]) as connection:
        found: list[tuple[object, ...]] = duckdb.people(connection, snapshot).fetchall()
    return sorted(found, key=str)


def test_the_latest_line_tells_and_the_first_death_counts(tmp_path: Path) -> None:
    rows = [
        line(1, OLD, 1, BEN_DCD_DTE=date(2022, 5, 2)),
        line(1, NEW, 2, BEN_RES_DPT="02A", BEN_DCD_DTE=date(2022, 5, 3)),
        line(2, None, 1, BEN_NAI_MOI="13"),  # no thirteenth month: January
        line(3, NEW, 9, BEN_NAI_ANN=None, BEN_RES_DPT="971"),
        line(3, OLD, 1),  # what an older line says is not taken for what the latest leaves out
    ]
    snapshot = publish(tmp_path, "snds", {"IR_BEN_R": rows}, [(1, "a", None), (2, "b", None)])

    assert people(snapshot) == [
        (1, "female", date(1950, 6, 1), date(2022, 5, 2), "2A"),
        (2, "male", date(1950, 1, 1), None, "75"),
        (3, None, None, None, "971"),
    ]


def test_in_omop_death_is_told_by_a_table_of_its_own(tmp_path: Path) -> None:
    person = {"person_key": 1, "event_date": None, "person_id": 1, "gender_concept_id": 8532}
    born = {"year_of_birth": 1950, "month_of_birth": 2, "day_of_birth": 30}
    death = {"person_key": 1, "event_date": NEW, "person_id": 1, "death_date": NEW}
    tables = {"person": [{**person, **born}], "death": [death]}
    snapshot = publish(tmp_path, "omop", tables, [(1, "1", None)], model_name="omop")

    assert people(snapshot) == [(1, "female", date(1950, 2, 1), NEW, None)]


def test_a_child_has_the_events_of_the_mother_written_on_the_birth(tmp_path: Path) -> None:
    births = [
        {"person_key": 3, "event_date": NEW, "NIR_ANO_MAM": "PSA-OF-1"},
        {"person_key": 4, "event_date": NEW, "NIR_ANO_MAM": "PSA-OF-2"},
        {"person_key": 5, "event_date": NEW, "NIR_ANO_MAM": "PSA-OF-NOBODY"},
        {"person_key": 6, "event_date": NEW, "NIR_ANO_MAM": None},
    ]
    stays = [diagnosis(1, NEW, "O80"), diagnosis(2, NEW, "Z51"), diagnosis(6, NEW, "O80")]
    persons = [(key, str(key), None) for key in range(1, 7)]
    snapshot = publish(tmp_path, "snds", {"T_MCOaaB": stays, "T_MCOaaC": births}, persons)
    mothers = AtLeast(LinkedEvents(Events("stay_main_diagnosis", ("O80",)), "mother"))

    with connect(readable=[snapshot.folder]) as connection:
        found = duckdb.run(cohort_of(mothers), snapshot, YEAR, connection=connection)

    assert found.rows["person_key"].to_pylist() == [3]


def test_stays_delivered_without_the_mother_link_no_one(tmp_path: Path) -> None:
    tables = {
        "T_MCOaaB": [diagnosis(1, NEW, "O80")],
        "T_MCOaaC": [{"person_key": 2, "event_date": NEW, "ETA_NUM": "1"}],
    }
    snapshot = publish(tmp_path, "snds", tables, [(1, "1", None), (2, "2", None)])
    mothers = AtLeast(LinkedEvents(Events("stay_main_diagnosis", ("O80",)), "mother"))

    with connect(readable=[snapshot.folder]) as connection:
        found = duckdb.run(cohort_of(mothers), snapshot, YEAR, connection=connection)

    assert found.rows.num_rows == 0
