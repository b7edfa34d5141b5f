import json
from datetime import date
from pathlib import Path

import pytest

from ecluse.data.lake import Lake, Snapshot, verify
from ecluse.domain.errors import NotFound, SnapshotDamaged
from ecluse.trust import canonical
from tests.unit.data.lakes import delivery, diagnosis, publish

CIP = 3400930000001
TABLES = {
    "ER_PHA_F": [delivery(1, date(2022, 5, 2), CIP), delivery(2, date(2022, 5, 3), CIP)],
    "T_MCOaaB": [diagnosis(1, date(2022, 5, 1), "E119")],
}
PERSONS = [(1, "person-1", None), (2, "person-2", None)]


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    return publish(tmp_path / "lake", "claims", TABLES, PERSONS)


def file_of(snapshot: Snapshot, table: str) -> Path:
    return snapshot.paths(snapshot.table(table))[0]


def flip(path: Path, position: int) -> None:
    data = bytearray(path.read_bytes())
    data[position] ^= 1
    path.write_bytes(data)


def test_an_intact_snapshot_verifies(snapshot: Snapshot) -> None:
    assert verify(snapshot).size == sum(part.size for part in snapshot.every_part())


def test_reading_a_snapshot_changes_nothing(snapshot: Snapshot) -> None:
    verify(snapshot)

    assert Lake(snapshot.folder.parent).snapshot("claims") == snapshot


@pytest.mark.parametrize("position", [0, 10, -1])
def test_one_changed_bit_is_found(snapshot: Snapshot, position: int) -> None:
    flip(file_of(snapshot, "ER_PHA_F"), position)

    with pytest.raises(SnapshotDamaged, match=r"2022-06-\w{16}\.parquet was changed"):
        verify(snapshot)


@pytest.mark.parametrize("name", ["report.json", "quarantine.csv"])
def test_a_changed_report_or_quarantine_is_found(snapshot: Snapshot, name: str) -> None:
    (snapshot.path / name).write_bytes(b"{}\n")

    with pytest.raises(SnapshotDamaged, match=f"{name} was changed"):
        verify(snapshot)


def test_a_changed_person_table_is_found_whichever_tables_are_asked(snapshot: Snapshot) -> None:
    flip(snapshot.paths(snapshot.persons)[0], 12)

    with pytest.raises(SnapshotDamaged, match="was changed"):
        verify(snapshot, tables=["T_MCOaaB"])


def test_a_table_that_is_not_asked_is_not_read(snapshot: Snapshot) -> None:
    flip(file_of(snapshot, "ER_PHA_F"), 12)

    assert verify(snapshot, tables=["T_MCOaaB"]).files == 3 + 3


def test_a_table_that_is_absent_is_not_taken_for_intact(snapshot: Snapshot) -> None:
    with pytest.raises(NotFound, match="ER_CAM_F"):
        verify(snapshot, tables=["ER_CAM_F"])


def test_missing_added_and_changed_files_are_all_named(snapshot: Snapshot) -> None:
    file_of(snapshot, "ER_PHA_F").unlink()
    flip(file_of(snapshot, "T_MCOaaB"), 12)
    (snapshot.path / "extra.parquet").write_text("")

    with pytest.raises(SnapshotDamaged) as raised:
        verify(snapshot)

    assert "2022-06-" in str(raised.value)
    assert "is missing" in str(raised.value)
    assert "extra.parquet was added" in str(raised.value)
    assert "all-" in str(raised.value)
    assert "was changed" in str(raised.value)


def test_a_part_that_is_a_symbolic_link_is_refused(snapshot: Snapshot, tmp_path: Path) -> None:
    part = file_of(snapshot, "ER_PHA_F")
    part.rename(tmp_path / "elsewhere.parquet")
    part.symlink_to(tmp_path / "elsewhere.parquet")

    with pytest.raises(SnapshotDamaged, match="symbolic link"):
        verify(snapshot)


@pytest.mark.parametrize("folder", ["parts", "parts/ER_PHA_F"])
def test_a_folder_of_parts_that_is_a_symbolic_link_is_refused(
    snapshot: Snapshot, tmp_path: Path, folder: str
) -> None:
    (snapshot.folder / folder).rename(tmp_path / "elsewhere")
    (snapshot.folder / folder).symlink_to(tmp_path / "elsewhere")

    with pytest.raises(SnapshotDamaged, match=f"{folder} is a symbolic link"):
        verify(snapshot)


def test_a_manifest_changed_since_it_was_opened_is_found(snapshot: Snapshot) -> None:
    path = snapshot.path / "manifest.json"
    path.write_bytes(canonical.encode({**json.loads(path.read_text()), "former": None, "x": 1}))

    with pytest.raises(SnapshotDamaged, match="changed after publication"):
        verify(snapshot)


def test_progress_goes_to_the_last_part(snapshot: Snapshot) -> None:
    told: list[tuple[int, int]] = []

    verify(snapshot, on_progress=lambda _step, done, total: told.append((done, total)))

    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
