"""A delivery becomes a snapshot that anyone can prove, or nothing changes."""

from pathlib import Path

import pytest

from ecluse.data.lake import Lake, verify
from ecluse.data.loading import load_delivery
from ecluse.domain.errors import LoadFailed, SnapshotDamaged
from tests.unit.data.loading.deliveries import ACTS, NOW, PACKS, REGISTER, persons, rows, write


def test_a_delivery_of_claims_becomes_a_snapshot(tmp_path: Path) -> None:
    delivery = write(
        tmp_path / "delivery",
        {"IR_BEN_R.csv": REGISTER, "ER_PRS_F.csv": ACTS, "ER_PHA_F.csv": PACKS},
    )
    lake = Lake(tmp_path / "lake")

    report = load_delivery(delivery, lake=lake, dataset="claims", model="snds", now=NOW)

    snapshot = lake.snapshot("claims")
    verify(snapshot)
    assert snapshot == report.snapshot
    assert list(snapshot.tables) == ["ER_PHA_F", "ER_PRS_F", "IR_BEN_R"]
    assert (report.rows_read, report.rows_loaded, report.rows_quarantined) == (5, 5, 0)


def test_a_person_keeps_one_key_in_every_table(tmp_path: Path) -> None:
    delivery = write(
        tmp_path / "delivery",
        {"IR_BEN_R.csv": REGISTER, "ER_PRS_F.csv": ACTS, "ER_PHA_F.csv": PACKS},
    )

    report = load_delivery(
        delivery, lake=Lake(tmp_path / "lake"), dataset="claims", model="snds", now=NOW
    )

    ((bruno, identity, _),) = [row for row in persons(report.snapshot) if row[1] == "N-BRUNO"]
    assert identity == "N-BRUNO"
    assert rows(report.snapshot, "ER_PHA_F", "person_key") == [(bruno,)]
    assert (bruno, "BRUNO") in rows(report.snapshot, "ER_PRS_F", "person_key", "BEN_NIR_PSA")


def test_a_refused_delivery_leaves_the_former_snapshot(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    good = write(tmp_path / "good", {"IR_BEN_R.csv": REGISTER})
    former = load_delivery(good, lake=lake, dataset="claims", model="snds", now=NOW).snapshot
    bad = write(tmp_path / "bad", {"IR_BEN_R.csv": "BEN_NIR_PSA;OTHER\nANNA;1\n"})

    with pytest.raises(LoadFailed):
        load_delivery(bad, lake=lake, dataset="claims", model="snds", now=NOW)

    assert lake.snapshot("claims") == former
    verify(lake.snapshot("claims"))


def test_a_file_changed_after_publication_is_found(tmp_path: Path) -> None:
    delivery = write(tmp_path / "delivery", {"IR_BEN_R.csv": REGISTER})
    lake = Lake(tmp_path / "lake")
    snapshot = load_delivery(delivery, lake=lake, dataset="claims", model="snds", now=NOW).snapshot
    (persons_file,) = snapshot.paths(snapshot.persons)
    persons_file.write_bytes(persons_file.read_bytes() + b"one more")

    with pytest.raises(SnapshotDamaged, match=r"\.parquet was changed"):
        verify(lake.snapshot("claims"))
