import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from ecluse.data.lake import Lake, Snapshot, verify
from ecluse.data.lake.erasure import erase_persons
from ecluse.data.lake.retention import drop_snapshots, retire
from ecluse.data.lake.sweeping import GRACE, Sweep, sweep
from ecluse.domain.errors import InvalidInput, LoadFailed, NotFound, SnapshotDamaged
from tests.unit.data.lake.worlds import (
    MORNING,
    TABLES,
    files_under,
    people,
    publish,
    rows,
    texts_under,
)

DAY = timedelta(days=1)
LATER = MORNING + DAY


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path)


@pytest.fixture
def published(lake: Lake) -> Snapshot:
    return publish(lake.path)


def without_stays(lake: Lake) -> Snapshot:
    return publish(lake.path, {"ER_PRS_F": TABLES["ER_PRS_F"]}, now=LATER)


def test_old_slices_leave_for_the_archive(lake: Lake, published: Snapshot) -> None:
    retirement = retire(lake, "claims", before=2006, now=LATER)

    assert retirement.rows == 2
    assert lake.snapshot("claims").table("ER_PRS_F").slices == ("2022-06", "2022-07")
    archived = lake.archive.snapshot("claims-before-2006")
    assert archived == retirement.archive
    assert rows(archived, "ER_PRS_F", "person_key, PRS_NAT_REF") == [(1, 1001), (2, 1002)]
    assert people(archived) == people(published)
    assert verify(archived)


def test_the_archive_is_not_a_dataset_that_can_be_ordered(lake: Lake, published: Snapshot) -> None:
    retire(lake, "claims", before=2006, now=LATER)

    assert lake.datasets() == ("claims",)
    assert lake.archive.datasets() == ("claims-before-2006",)


def test_tables_without_slices_stay_whole(lake: Lake, published: Snapshot) -> None:
    retire(lake, "claims", before=2030, now=LATER)

    left = lake.snapshot("claims")
    assert left.table("IR_PHA_R") == published.table("IR_PHA_R")
    assert (left.table("ER_PRS_F").rows, left.table("ER_PRS_F").columns) == (
        0,
        published.table("ER_PRS_F").columns,
    )


def test_the_snapshot_of_before_can_still_be_read(lake: Lake, published: Snapshot) -> None:
    retire(lake, "claims", before=2006, now=LATER)

    assert len(rows(lake.as_of("claims", MORNING), "ER_PRS_F", "person_key")) == 6


def test_nothing_old_enough_changes_nothing(lake: Lake, published: Snapshot) -> None:
    retirement = retire(lake, "claims", before=2005, now=LATER)

    assert (retirement.snapshot, retirement.archive) == (published, None)
    assert lake.archive.datasets() == ()


def test_a_retirement_killed_after_the_archive_goes_on(lake: Lake, published: Snapshot) -> None:
    retire(lake, "claims", before=2006, now=LATER)
    (published.folder / "current").write_text(published.snapshot_id)

    again = retire(lake, "claims", before=2006, now=LATER + DAY)

    assert again.snapshot.table("ER_PRS_F").rows == 4
    assert len(lake.archive.snapshots("claims-before-2006")) == 1


def test_an_archive_is_never_replaced_by_other_slices(lake: Lake, published: Snapshot) -> None:
    retire(lake, "claims", before=2006, now=LATER)
    publish(lake.path, {"ER_PRS_F": TABLES["ER_PRS_F"][:1]}, now=LATER + DAY)

    with pytest.raises(InvalidInput, match="claims-before-2006 exists"):
        retire(lake, "claims", before=2006, now=LATER + 2 * DAY)

    assert lake.snapshot("claims").table("ER_PRS_F").rows == 1


def test_a_person_is_erased_from_the_archive_as_from_the_lake(
    lake: Lake, published: Snapshot
) -> None:
    retire(lake, "claims", before=2006, now=LATER)

    for one, name in ((lake, "claims"), (lake.archive, "claims-before-2006")):
        erase_persons(one, name, ["IDENTITY-ANNA"], reference="1", now=LATER + DAY)

    assert "ANNA" not in texts_under(lake.path)


def test_snapshots_of_before_a_day_are_dropped_but_the_current_one(lake: Lake) -> None:
    old, kept = publish(lake.path), without_stays(lake)

    assert drop_snapshots(lake, "claims", before=LATER + DAY) == (old.snapshot_id,)
    assert lake.snapshots("claims") == (kept.snapshot_id,)
    assert drop_snapshots(lake, "claims", before=LATER + DAY) == ()


def test_a_sweep_leaves_what_a_snapshot_names(lake: Lake, published: Snapshot) -> None:
    swept = sweep(lake, "claims", now=LATER, grace=timedelta(0))

    assert swept == Sweep(0, 0, 0)
    assert verify(published)


def test_parts_that_no_snapshot_names_wait_a_day_before_they_are_deleted(lake: Lake) -> None:
    old, kept = publish(lake.path), without_stays(lake)
    drop_snapshots(lake, "claims", before=LATER)
    gone = {part for part in old.every_part() if part not in kept.every_part()}

    first = sweep(lake, "claims", now=LATER)
    soon = sweep(lake, "claims", now=LATER + GRACE - timedelta(minutes=1))
    at_last = sweep(lake, "claims", now=LATER + GRACE)

    assert (first.deleted, first.waiting) == (0, len(gone))
    assert (soon.deleted, soon.waiting) == (0, len(gone))
    assert at_last == Sweep(len(gone), sum(part.size for part in gone), 0)
    assert files_under(kept.folder) == sorted(str(part.file) for part in kept.every_part())
    assert verify(kept)


def test_a_part_that_a_load_names_again_begins_its_delay_anew(lake: Lake) -> None:
    publish(lake.path)
    without_stays(lake)
    drop_snapshots(lake, "claims", before=LATER)
    sweep(lake, "claims", now=LATER)
    publish(lake.path, now=LATER + DAY)

    swept = sweep(lake, "claims", now=LATER + 2 * DAY)

    assert (swept.deleted, swept.waiting) == (0, 0)
    assert verify(lake.snapshot("claims"))


def test_what_killed_loads_and_killed_drops_left_is_swept(lake: Lake, published: Snapshot) -> None:
    for name in (".staging-load-1", ".dropped-20250101T000000Z-0a1b2c3d"):
        (published.folder / name).mkdir()
        (published.folder / name / "half.csv").write_text("half")
    (published.folder / "parts" / "ER_PRS_F" / "2022-06-moved-by-a-killed-publication").touch()

    swept = sweep(lake, "claims", now=LATER, grace=timedelta(0))

    assert (swept.deleted, swept.size) == (3, 8)
    assert not list(published.folder.glob(".staging*"))
    assert verify(published)


@pytest.mark.parametrize("link", ["parts", "parts/ER_PRS_F"])
def test_a_sweep_does_not_follow_a_link_out_of_the_lake(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, link: str
) -> None:
    published = publish(tmp_path)
    outside = tmp_path_factory.mktemp("outside")
    shutil.move(published.folder / link, outside / "moved")
    (published.folder / link).symlink_to(outside / "moved")
    (outside / "moved" / "precious").mkdir()

    sweep(Lake(tmp_path), "claims", now=LATER, grace=timedelta(0))

    assert (outside / "moved" / "precious").is_dir()


def test_a_sweep_never_runs_under_a_load(lake: Lake, published: Snapshot) -> None:
    with lake.staging("claims"), pytest.raises(LoadFailed):
        sweep(lake, "claims", now=LATER)


def test_nothing_is_swept_when_a_manifest_cannot_be_read(lake: Lake) -> None:
    old, _ = publish(lake.path), without_stays(lake)
    (old.path / "manifest.json").write_text("{}")

    with pytest.raises(SnapshotDamaged):
        sweep(lake, "claims", now=LATER, grace=timedelta(0))

    assert (old.folder / old.table("IR_PHA_R").parts[0].file).exists()


def test_a_dataset_that_does_not_exist_gets_no_folder(lake: Lake) -> None:
    with pytest.raises(NotFound):
        sweep(lake, "claims", now=LATER)
    with pytest.raises(NotFound):
        retire(lake, "claims", before=2006, now=LATER)

    assert list(lake.path.iterdir()) == []
