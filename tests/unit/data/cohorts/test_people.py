from datetime import date
from pathlib import Path

from ecluse.data.cohorts import duckdb
from ecluse.data.engines import connect
from ecluse.data.lake import Snapshot
from ecluse.domain.cohorts import AtLeast, Events, LinkedEvents, cohort_of
from tests.unit.data.cohorts.test_duckdb import YEAR
from tests.unit.data.lakes import Row, publish

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


def birth_stays(number: str, *, child: int, mother: int) -> dict[str, list[Row]]:
    """The stays of a child and the mother: T_MCOaaC has the number, T_MCOaaB who is who."""
    own = [
        {"person_key": person, "event_date": NEW, "event_key": 10 * child + person}
        for person in (child, mother)
    ]
    told: list[Row] = [
        {"AGE_JOU": 0, "ENT_MOD": "N", "COD_SEX": "2", "AGE_ANN": 0, "DGN_PAL": "Z380"},
        {"AGE_JOU": None, "ENT_MOD": "8", "COD_SEX": "2", "AGE_ANN": 30, "DGN_PAL": "O80"},
    ]
    named = {"NIR_ANO_MAM": number, "ETA_NUM": "990000001", "EXE_SOI_DTD": NEW}
    return {
        "T_MCOaaC": [{**row, **named} for row in own],
        "T_MCOaaB": [{**row, **more} for row, more in zip(own, told, strict=True)],
    }


def with_delivered_mother(folder: Path, tables: dict[str, list[Row]]) -> list[int]:
    persons = [(key, str(key), None) for key in (1, 2)]
    snapshot = publish(folder, "snds", tables, persons)
    mothers = AtLeast(LinkedEvents(Events("stay_main_diagnosis", ("O80",)), "mother"))
    with connect(readable=[snapshot.folder]) as connection:
        found = duckdb.run(cohort_of(mothers), snapshot, YEAR, connection=connection)
    keys: list[int] = found.rows["person_key"].to_pylist()
    return keys


def test_a_child_has_the_events_of_the_mother_whose_stay_shares_the_number(tmp_path: Path) -> None:
    assert with_delivered_mother(tmp_path, birth_stays("1F" * 16, child=2, mother=1)) == [2]


def test_a_stay_that_does_not_count_links_no_one(tmp_path: Path) -> None:
    stays = birth_stays("1F" * 16, child=2, mother=1)
    stays["T_MCOaaC"] = [{**row, "NIR_RET": "1"} for row in stays["T_MCOaaC"]]

    assert with_delivered_mother(tmp_path, stays) == []


def test_stays_delivered_without_the_number_link_no_one(tmp_path: Path) -> None:
    stays = birth_stays("1F" * 16, child=2, mother=1)
    stays["T_MCOaaC"] = [
        {name: value for name, value in row.items() if name != "NIR_ANO_MAM"}
        for row in stays["T_MCOaaC"]
    ]

    assert with_delivered_mother(tmp_path, stays) == []
