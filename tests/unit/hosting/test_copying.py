"""Copies: nothing sent twice, nothing believed before it was read back."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ecluse.domain.errors import NotAllowed, SnapshotDamaged, Unreachable
from ecluse.hosting.replicas import copying
from ecluse.hosting.replicas.copying import Copied, Layout, Way
from ecluse.hosting.replicas.pace import Pace, Window
from ecluse.hosting.replicas.progress import Progress, Step
from ecluse.hosting.stores.folders import FolderStore
from tests.unit.hosting.replicas import copied, dataset, path_of, planned, sealed, verified

MEBIBYTE = 1 << 20
FILES = {"a": sealed(3 * MEBIBYTE, 1), "b": sealed(50, 2), "same": sealed(50, 2)}


def test_a_copy_sends_each_content_once_and_is_sealed(tmp_path: Path) -> None:
    source, target = dataset(tmp_path / "old", FILES), FolderStore(tmp_path / "new")
    manifest = planned(source)

    done = copied(manifest, source, target, tmp_path / "state")

    size = 3 * MEBIBYTE + 50
    assert done == Copied(is_sealed=True, verified=2, objects=2, size=size, sent_bytes=size)
    assert verified(manifest, target).is_whole


def test_a_copy_made_again_sends_nothing(tmp_path: Path) -> None:
    source, target = dataset(tmp_path / "old", FILES), FolderStore(tmp_path / "new")
    manifest = planned(source)
    copied(manifest, source, target, tmp_path / "state")

    again = copied(manifest, source, target, tmp_path / "another state")

    assert (again.is_sealed, again.sent_bytes) == (True, 0)


def test_a_copy_from_a_replica_reads_objects_by_their_content(tmp_path: Path) -> None:
    source, first = dataset(tmp_path / "old", FILES), FolderStore(tmp_path / "first")
    manifest, second = planned(source), FolderStore(tmp_path / "second")
    copied(manifest, source, first, tmp_path / "one")

    with Progress(tmp_path / "two") as progress:
        copying.copy(manifest, Way(first, Layout.CONTENT, second), progress)

    assert verified(manifest, second).is_whole


def test_an_object_cut_off_on_its_way_goes_on_from_there(tmp_path: Path) -> None:
    source, target = dataset(tmp_path / "old", FILES), FolderStore(tmp_path / "new")
    manifest = planned(source)
    begun = target.upload(manifest.items[0].key, size=3 * MEBIBYTE)
    begun.write(FILES["a"][: 2 * MEBIBYTE])
    begun.abandon()

    done = copied(manifest, source, target, tmp_path / "state")

    assert (done.is_sealed, done.sent_bytes) == (True, MEBIBYTE + 50)


def test_wrong_bytes_left_by_an_interrupted_upload_are_sent_again(tmp_path: Path) -> None:
    source, target = dataset(tmp_path / "old", FILES), FolderStore(tmp_path / "new")
    manifest = planned(source)
    begun = target.upload(manifest.items[0].key, size=3 * MEBIBYTE)
    begun.write(bytes(2 * MEBIBYTE))
    begun.abandon()

    done = copied(manifest, source, target, tmp_path / "state")

    assert (done.is_sealed, done.sent_bytes) == (True, MEBIBYTE + 3 * MEBIBYTE + 50)


def test_an_object_that_changed_at_the_source_is_never_sealed(tmp_path: Path) -> None:
    source, target = dataset(tmp_path / "old", FILES), FolderStore(tmp_path / "new")
    manifest = planned(source)
    (tmp_path / "old" / "a").write_bytes(sealed(3 * MEBIBYTE, 9))

    with pytest.raises(SnapshotDamaged, match=r"^a at .* is no longer what was planned"):
        copied(manifest, source, target, tmp_path / "state")
    assert target.head(manifest.key) is None


def test_an_object_already_there_with_other_bytes_is_replaced(tmp_path: Path) -> None:
    source, target = dataset(tmp_path / "old", FILES), FolderStore(tmp_path / "new")
    manifest = planned(source)
    target.put_if_absent(manifest.items[0].key, b"squatter")

    done = copied(manifest, source, target, tmp_path / "state")

    assert done.is_sealed
    assert path_of(manifest, target, "a").read_bytes() == FILES["a"]


def test_nothing_begins_outside_the_window_and_nothing_is_sealed(tmp_path: Path) -> None:
    source, target = dataset(tmp_path / "old", FILES), FolderStore(tmp_path / "new")
    manifest = planned(source)
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    way = Way(source, Layout.PATHS, target, window=Window.parse("22:00-06:00"), clock=lambda: noon)

    with Progress(tmp_path / "state") as progress:
        by_day = copying.copy(manifest, way, progress)
        night = replace(way, clock=lambda: noon.replace(hour=23))
        by_night = copying.copy(manifest, night, progress)

    assert (by_day.is_sealed, by_day.sent_bytes) == (False, 0)
    assert by_night.is_sealed


def test_four_threads_together_keep_to_the_speed_that_was_agreed() -> None:
    slept: list[float] = []
    pace = Pace(1000, clock=lambda: 0.0, sleep=slept.append)

    list(map(pace.wait, [500] * 4))

    assert slept == [0.5, 1.0, 1.5]


def test_two_copies_of_one_version_to_one_host_do_not_run_together(tmp_path: Path) -> None:
    with Progress(tmp_path / "state"), pytest.raises(NotAllowed, match="Another"):
        Progress(tmp_path / "state")


def test_a_torn_last_line_of_the_progress_is_forgotten(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("verified b3/aa/a 0\nsent b3/bb/b 7\nverified b3/bb/b", "ascii")

    with Progress(tmp_path / "state") as progress:
        progress.reach("b3/cc/c", Step.COPIED)

    with Progress(tmp_path / "state") as again:
        steps = [again.step(f"b3/{name * 2}/{name}") for name in "abc"]
        assert (steps, again.sent_bytes) == ([Step.VERIFIED, Step.PLANNED, Step.COPIED], 7)


def test_a_folder_that_is_gone_is_said_to_be_unreachable(tmp_path: Path) -> None:
    source = dataset(tmp_path / "old", FILES)
    manifest, target = planned(source), FolderStore(tmp_path / "new")
    (tmp_path / "new").rename(tmp_path / "away")

    with pytest.raises(Unreachable):
        copied(manifest, source, target, tmp_path / "state")
