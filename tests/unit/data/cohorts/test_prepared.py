"""A dataset prepared for a cluster: the rows that count, opened, in files that are known."""

from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ecluse.data.cohorts.prepared import MANIFEST, Prepared, prepare
from ecluse.data.filters import DEFAULTS, State
from ecluse.data.lake import Lake
from ecluse.data.lake.rekeying import change_key
from ecluse.domain.errors import InvalidInput, NotFound, SnapshotDamaged
from ecluse.trust.zone.lake_keys import draw_lake_key
from tests.unit.data.lakes import LOADED_AT, publish

DAY = date(2022, 1, 1)
PERSONS = [(2, "ID-2", None), (1, "ID-1", None)]


def claim(person: int, number: int, surcharge: int = 0) -> dict[str, object]:
    return {
        "person_key": person,
        "event_date": DAY,
        "event_key": number,
        "FLX_DIS_DTD": DAY,
        "PRS_NAT_REF": 1111,
        "CPL_MAJ_TOP": surcharge,
    }


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    rows = [claim(2, 1), claim(1, 2), claim(1, 3, surcharge=2)]
    register = [{"person_key": key, "event_date": None, "BEN_SEX_COD": 1} for key in (1, 2)]
    publish(tmp_path / "lake", "snds", {"ER_PRS_F": rows, "IR_BEN_R": register}, PERSONS)
    return Lake(tmp_path / "lake")


def keys(prepared: Prepared, table: str) -> list[int]:
    found: list[int] = pq.read_table(prepared.rows(table)[0])["event_key"].to_pylist()
    return found


def test_it_holds_the_rows_that_count_sorted_by_person(lake: Lake, tmp_path: Path) -> None:
    prepared = prepare(lake.snapshot("snds"), tmp_path / "made", switches=DEFAULTS)

    assert keys(prepared, "ER_PRS_F") == [2, 1]
    assert Prepared.open(tmp_path / "made") == prepared
    assert prepared.switches == DEFAULTS


def test_a_filter_that_is_off_leaves_its_rows(lake: Lake, tmp_path: Path) -> None:
    off = DEFAULTS.with_state("surcharges", State.OFF)

    prepared = prepare(lake.snapshot("snds"), tmp_path / "made", switches=off)

    assert sorted(keys(prepared, "ER_PRS_F")) == [1, 2, 3]


def test_the_register_is_there_as_it_was_loaded(lake: Lake, tmp_path: Path) -> None:
    prepared = prepare(lake.snapshot("snds"), tmp_path / "made", switches=DEFAULTS)

    assert prepared.raw("IR_BEN_R") != prepared.rows("IR_BEN_R")
    assert pq.read_table(prepared.rows("persons")[0]).column_names == ["person_key"]
    assert b"ID-1" not in b"".join(path.read_bytes() for path in prepared.folder.rglob("*.parquet"))


def test_an_encrypted_snapshot_is_opened(lake: Lake, tmp_path: Path) -> None:
    key = draw_lake_key()
    change_key(lake, "snds", to=key, now=LOADED_AT)
    snapshot = Lake(lake.path, key=key).snapshot("snds")

    prepared = prepare(snapshot, tmp_path / "made", switches=DEFAULTS)

    assert snapshot.encryption == key.key_id
    assert keys(prepared, "ER_PRS_F") == [2, 1]


def test_an_encrypted_snapshot_without_its_key_prepares_nothing(lake: Lake, tmp_path: Path) -> None:
    change_key(lake, "snds", to=draw_lake_key(), now=LOADED_AT)

    with pytest.raises(NotFound, match="encrypted"):
        prepare(Lake(lake.path).snapshot("snds"), tmp_path / "made", switches=DEFAULTS)

    assert [path.name for path in tmp_path.iterdir()] == ["lake"]


def test_a_folder_that_exists_is_not_written_over(lake: Lake, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="another folder"):
        prepare(lake.snapshot("snds"), tmp_path, switches=DEFAULTS)


def test_a_filter_that_does_not_exist_prepares_nothing(lake: Lake, tmp_path: Path) -> None:
    unknown = DEFAULTS.with_state("horoscope", State.ON)

    with pytest.raises(InvalidInput, match="horoscope"):
        prepare(lake.snapshot("snds"), tmp_path / "made", switches=unknown)

    assert not (tmp_path / "made").exists()


def test_a_file_that_was_changed_is_said(lake: Lake, tmp_path: Path) -> None:
    prepared = prepare(lake.snapshot("snds"), tmp_path / "made", switches=DEFAULTS)
    prepared.verify()
    path = prepared.rows("ER_PRS_F")[0]
    path.write_bytes(path.read_bytes() + b"!")

    with pytest.raises(SnapshotDamaged, match="ER_PRS_F"):
        prepared.verify()


@pytest.mark.parametrize("text", ["", "{}", '{"dataset":1}'])
def test_a_folder_that_was_not_prepared_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / MANIFEST).write_text(text)

    with pytest.raises(InvalidInput, match="was changed"):
        Prepared.open(tmp_path)


def test_a_table_that_it_lacks_is_named(lake: Lake, tmp_path: Path) -> None:
    prepared = prepare(lake.snapshot("snds"), tmp_path / "made", switches=DEFAULTS)

    assert not prepared.has("ER_PHA_F")
    with pytest.raises(NotFound, match="ER_PHA_F"):
        prepared.rows("ER_PHA_F")
