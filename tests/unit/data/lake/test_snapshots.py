import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from ecluse.data.engines import connect
from ecluse.data.lake import Draft, Lake, Snapshot, read, read_persons, verify
from ecluse.data.lake.manifests import NAMES, PERSONS
from ecluse.data.schemas import model
from ecluse.domain.errors import InvalidInput, LoadFailed, NotFound, SnapshotDamaged
from ecluse.trust import canonical
from tests.unit.data.lakes import Row, delivery, publish, seal

MORNING = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)
JUNE, JULY = date(2022, 6, 1), date(2022, 7, 1)
ANNA = [(1, "person-1", "OPT-1")]
DRUGS: list[Row] = [
    delivery(1, date(2022, 5, 2), 3400930000001),
    delivery(1, date(2022, 5, 9), 3400930000002, FLX_DIS_DTD=JULY),
]


def claims(folder: Path, rows: list[Row] = DRUGS, *, now: datetime = MORNING) -> Snapshot:
    return publish(folder, "claims", {"ER_PHA_F": rows}, ANNA, now=now)


def packs(snapshot: Snapshot) -> list[object]:
    with connect(readable=[snapshot.folder]) as connection:
        found = read(connection, snapshot, "ER_PHA_F").select("PHA_PRS_C13").fetchall()
    return sorted(cip for (cip,) in found)


def test_a_published_snapshot_is_the_current_one(tmp_path: Path) -> None:
    published = claims(tmp_path)

    found = Lake(tmp_path).snapshot("claims")

    assert found == published
    assert found.model.name == "snds"
    assert found.person_count == 1
    assert found.table("ER_PHA_F").rows == 2
    assert found.table("ER_PHA_F").columns == (
        "person_key",
        "event_date",
        "PHA_PRS_C13",
        "FLX_DIS_DTD",
    )


def test_each_month_of_claims_is_a_slice_of_its_own(tmp_path: Path) -> None:
    published = claims(tmp_path)

    assert published.table("ER_PHA_F").slices == ("2022-06", "2022-07")
    assert packs(published) == [3400930000001, 3400930000002]


def test_a_part_knows_the_persons_it_goes_from_and_to(tmp_path: Path) -> None:
    rows = [delivery(key, date(2022, 5, 2), 3400930000001) for key in (7, 3, None, 5)]

    (part,) = claims(tmp_path, rows).table("ER_PHA_F").parts

    assert (part.first_key, part.last_key, part.rows) == (3, 7, 4)


def test_a_snapshot_is_named_by_its_instant_and_its_manifest(tmp_path: Path) -> None:
    snapshot = claims(tmp_path)

    manifest = (snapshot.path / "manifest.json").read_bytes()
    assert snapshot.snapshot_id == f"20260105T100000Z-{canonical.digest(manifest)[7:15]}"


def test_an_older_snapshot_stays_readable_by_its_name(tmp_path: Path) -> None:
    older = claims(tmp_path)
    newer = claims(tmp_path, DRUGS[:1], now=MORNING + timedelta(days=1))
    lake = Lake(tmp_path)

    assert lake.snapshots("claims") == (older.snapshot_id, newer.snapshot_id)
    assert packs(lake.snapshot("claims")) == [3400930000001]
    assert packs(lake.snapshot("claims", older.snapshot_id)) == [3400930000001, 3400930000002]


def test_a_part_that_two_snapshots_share_is_kept_once(tmp_path: Path) -> None:
    claims(tmp_path)
    claims(tmp_path, DRUGS[:1], now=MORNING + timedelta(days=1))

    assert len(list((tmp_path / "claims" / "parts" / "ER_PHA_F").iterdir())) == 2


@pytest.mark.parametrize(("hour", "rows"), [(9, None), (10, 2), (14, 2), (33, 2), (34, 1), (99, 1)])
def test_a_dataset_is_read_as_of_an_instant(tmp_path: Path, hour: int, rows: int | None) -> None:
    claims(tmp_path)
    claims(tmp_path, DRUGS[:1], now=MORNING + timedelta(days=1))
    instant = datetime(2026, 1, 5, tzinfo=UTC) + timedelta(hours=hour)

    assert rows_as_of(Lake(tmp_path), instant) == rows


def rows_as_of(lake: Lake, instant: datetime) -> int | None:
    try:
        return lake.as_of("claims", instant).table("ER_PHA_F").rows
    except NotFound:
        return None


def test_two_snapshots_of_one_second_keep_their_order(tmp_path: Path) -> None:
    first = claims(tmp_path)
    second = claims(tmp_path, DRUGS[:1])

    assert second.published_at == first.published_at + timedelta(seconds=1)
    assert Lake(tmp_path).snapshots("claims") == (first.snapshot_id, second.snapshot_id)


def test_a_clock_that_went_back_does_not_reorder_snapshots(tmp_path: Path) -> None:
    first = claims(tmp_path)
    second = claims(tmp_path, DRUGS[:1], now=MORNING - timedelta(days=400))

    assert Lake(tmp_path).snapshots("claims") == (first.snapshot_id, second.snapshot_id)


def test_only_the_published_files_stay_in_the_folder(tmp_path: Path) -> None:
    snapshot = claims(tmp_path)

    assert {file.name for file in snapshot.path.iterdir()} == {
        "manifest.json",
        "model.json",
        "quarantine.csv",
        "report.json",
    }
    assert {file.name for file in snapshot.folder.iterdir()} == {
        ".lock",
        "current",
        "parts",
        snapshot.snapshot_id,
    }


def test_a_part_that_the_draft_does_not_name_is_not_published(tmp_path: Path) -> None:
    with Lake(tmp_path).staging("claims") as staging:
        key = pa.table({"person_key": pa.array([1], pa.int32())})
        kept, forgotten = seal(staging, key, PERSONS), seal(staging, key.slice(1), PERSONS)
        quarantine = staging.writing("quarantine.csv")
        quarantine.write_text("")
        names = [seal(staging, key, NAMES)]
        draft = Draft(model("snds"), {}, [kept], names, quarantine, report={})
        published = Lake(tmp_path).publish(staging, draft, now=MORNING)

    assert (published.folder / kept.file).is_file()
    assert not (published.folder / forgotten.file).exists()


def test_columns_that_a_part_lacks_are_null_there(tmp_path: Path) -> None:
    with Lake(tmp_path).staging("claims") as staging:
        old = pa.table({"person_key": [1], "PRS_NAT_REF": [3313]})
        new = pa.table({"person_key": [1], "PRS_NAT_REF": [3313], "PRS_PDS_QCP": [9]})
        persons = [seal(staging, pa.table({"person_key": [1]}), PERSONS)]
        quarantine = staging.writing("quarantine.csv")
        quarantine.write_text("")
        parts = [
            seal(staging, old, "ER_PRS_F", slice_name="2012-01"),
            seal(staging, new, "ER_PRS_F", slice_name="2023-01"),
        ]
        names = [seal(staging, pa.table({"person_key": [1]}), NAMES)]
        draft = Draft(model("snds"), {"ER_PRS_F": parts}, persons, names, quarantine, report={})
        published = Lake(tmp_path).publish(staging, draft, now=MORNING)

    with connect(readable=[published.folder]) as connection:
        rows = read(connection, published, "ER_PRS_F").fetchall()
    assert sorted(rows, key=str) == [(1, 3313, 9), (1, 3313, None)]
    assert not published.table("ER_PRS_F").uniform
    assert published.persons.uniform


def test_persons_are_read_by_their_own_door(tmp_path: Path) -> None:
    snapshot = claims(tmp_path)

    with connect(readable=[snapshot.folder]) as connection:
        assert read_persons(connection, snapshot).fetchall() == ANNA


def test_a_table_that_is_absent_is_named_with_those_that_exist(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"no table ER_CAM_F: use one of ER_PHA_F"):
        claims(tmp_path).table("ER_CAM_F")


def test_a_block_that_fails_leaves_no_staging_and_the_former_snapshot(tmp_path: Path) -> None:
    former, lake = claims(tmp_path), Lake(tmp_path)

    with pytest.raises(ZeroDivisionError), lake.staging("claims"):
        raise ZeroDivisionError

    assert lake.snapshot("claims") == former
    assert not list((tmp_path / "claims").glob(".staging-*"))


def test_a_load_of_the_same_name_goes_on_where_a_killed_one_stopped(tmp_path: Path) -> None:
    left = tmp_path / "claims" / ".staging-delivery-7"
    left.mkdir(parents=True)
    (left / "progress").write_text("half")

    with Lake(tmp_path).staging("claims", load="delivery-7") as staging:
        found = (staging.path / "progress").read_text()

    assert found == "half"


def test_a_load_of_another_name_removes_what_a_killed_one_left(tmp_path: Path) -> None:
    left = tmp_path / "claims" / ".staging-delivery-7"
    left.mkdir(parents=True)

    with Lake(tmp_path).staging("claims", load="delivery-8"):
        assert not left.exists()


def test_two_loads_of_one_dataset_cannot_run_together(tmp_path: Path) -> None:
    lake = Lake(tmp_path)

    with (
        lake.staging("claims"),
        pytest.raises(LoadFailed, match="Another load of claims"),
        lake.staging("claims"),
    ):
        pass


def test_a_snapshot_folder_that_is_a_symbolic_link_is_refused(tmp_path: Path) -> None:
    snapshot = claims(tmp_path / "lake")
    snapshot.path.rename(tmp_path / "moved")
    snapshot.path.symlink_to(tmp_path / "moved")

    with pytest.raises(SnapshotDamaged, match="symbolic link"):
        Lake(tmp_path / "lake").snapshot("claims")


@pytest.mark.parametrize("member", ["persons", "former", "act", "encryption"])
def test_a_manifest_rewritten_after_publication_is_refused(tmp_path: Path, member: str) -> None:
    snapshot = claims(tmp_path)
    path = snapshot.path / "manifest.json"
    fields = json.loads(path.read_text())
    fields[member] = {
        "persons": {**fields["persons"], "columns": []},
        "former": "20250105T100000Z-0a1b2c3d",
        "act": "erasure",
        "encryption": "lake-0123456789abcdef",
    }[member]
    path.write_bytes(canonical.encode(fields))

    with pytest.raises(SnapshotDamaged, match="changed after publication"):
        Lake(tmp_path).snapshot("claims")


@pytest.mark.parametrize("slice_name", ["../../etc", "2022-6", "x", "2022-06/..", "2022-06\n"])
def test_a_manifest_cannot_name_a_file_outside_its_dataset(tmp_path: Path, slice_name: str) -> None:
    snapshot = claims(tmp_path)
    path = snapshot.path / "manifest.json"
    fields = json.loads(path.read_text())
    fields["tables"][0]["parts"][0]["slice"] = slice_name
    path.write_bytes(canonical.encode(fields))

    with pytest.raises(SnapshotDamaged, match="cannot be read"):
        Lake(tmp_path).snapshot("claims")


def test_a_model_rewritten_after_publication_is_refused(tmp_path: Path) -> None:
    path = claims(tmp_path).path / "model.json"
    path.write_bytes(path.read_bytes().replace(b'"person"', b'"code"', 1))

    with pytest.raises(SnapshotDamaged, match="model"):
        Lake(tmp_path).snapshot("claims")


@pytest.mark.parametrize("name", ["../../etc", "latest", "20260105T100000Z-../../x", ""])
def test_a_snapshot_name_is_checked_before_it_becomes_a_path(tmp_path: Path, name: str) -> None:
    claims(tmp_path)

    with pytest.raises(InvalidInput):
        Lake(tmp_path).snapshot("claims", name)


@pytest.mark.parametrize("name", ["..", "Claims", "a/b", "", "-x", ".archive"])
def test_a_dataset_name_is_checked_before_it_becomes_a_path(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInput):
        Lake(tmp_path).snapshot(name)


def test_a_dataset_that_was_never_loaded_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no dataset claims"):
        Lake(tmp_path).snapshot("claims")


def test_an_empty_lake_has_no_dataset(tmp_path: Path) -> None:
    assert Lake(tmp_path / "absent").datasets() == ()


def test_snapshot_folders_are_private(tmp_path: Path) -> None:
    snapshot = claims(tmp_path / "lake")

    assert snapshot.path.stat().st_mode & 0o077 == 0
    assert snapshot.folder.stat().st_mode & 0o077 == 0


def test_the_snapshot_given_by_a_load_is_the_one_read_back_and_verifies(tmp_path: Path) -> None:
    verification = verify(claims(tmp_path))

    # Two months of drugs, persons, names; model, report, quarantine.
    assert verification.files == 4 + 3
