"""Copies that are sealed on their way out: what hosts get, and what is read again from them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ecluse.domain.errors import BadSignature, InvalidInput, SnapshotDamaged
from ecluse.hosting.replicas import copying, planning
from ecluse.hosting.replicas.copying import Copied, Layout, Way
from ecluse.hosting.replicas.manifests import Manifest
from ecluse.hosting.replicas.opening import open_object, restore
from ecluse.hosting.replicas.progress import Progress
from ecluse.hosting.replicas.sealing import SealedSource
from ecluse.hosting.stores.folders import FolderStore
from ecluse.hosting.stores.interface import Store
from ecluse.trust.zone.sealed_files import DataKey
from tests.unit.hosting.replicas import KEY, NOW, dataset, path_of, verified

DATA_KEY = DataKey("0123456789abcdef", bytes(range(32)))
MEBIBYTE = 1 << 20
ROWS = {"claims/1": b"clear rows " * 1000, "claims/2": b"", "births": bytes(range(250)) * 80_000}
"""The last one takes 20 MB: three segments of 8 MiB once sealed."""


def sealed_plan(source: Store, former: Manifest | None = None) -> Manifest:
    header = planning.next_header("claims", former, now=NOW, data_key=DATA_KEY.key_id)
    return planning.plan(SealedSource(source, DATA_KEY), header=header, key=KEY)


def sealed_copy(manifest: Manifest, source: Store, target: Store, state: Path) -> Copied:
    leaving = SealedSource(source, DATA_KEY, planned=manifest)
    with Progress(state) as progress:
        return copying.copy(manifest, Way(leaving, Layout.PATHS, target), progress)


@pytest.fixture
def moved(tmp_path: Path) -> tuple[Manifest, FolderStore]:
    source, target = dataset(tmp_path / "old", ROWS), FolderStore(tmp_path / "new")
    manifest = sealed_plan(source)
    assert sealed_copy(manifest, source, target, tmp_path / "state").is_sealed
    return manifest, target


def test_what_was_sealed_on_its_way_is_whole_at_the_host_and_is_read_again(
    tmp_path: Path, moved: tuple[Manifest, FolderStore]
) -> None:
    manifest, target = moved

    written = restore(manifest, target, DATA_KEY, tmp_path / "back")

    assert verified(manifest, target).is_whole
    assert {path: (tmp_path / "back" / path).read_bytes() for path in ROWS} == ROWS
    assert written == sum(map(len, ROWS.values()))


def test_the_host_has_no_clear_byte(moved: tuple[Manifest, FolderStore]) -> None:
    _, target = moved
    files = [path.read_bytes() for path in target.folder.rglob("*") if path.is_file()]

    assert len(files) == 4
    assert sum(b"clear rows" in data for data in files) == 0
    assert sum(bytes(range(100)) in data for data in files) == 0


def test_a_plan_made_twice_is_the_same_so_that_nothing_is_sent_again(
    tmp_path: Path, moved: tuple[Manifest, FolderStore]
) -> None:
    first, target = moved
    source = FolderStore(tmp_path / "old")
    (tmp_path / "old" / "claims" / "1").write_bytes(b"other rows")
    second = sealed_plan(source, former=first)

    again = sealed_copy(second, source, target, tmp_path / "state-2")

    changed = set(second.objects) - set(first.objects)
    assert [second.objects[key].path for key in changed] == ["claims/1"]
    assert again.sent_bytes == sum(second.objects[key].size for key in changed)


class Cut:
    """A source whose stream of one object dies after so many bytes."""

    def __init__(self, source: Store, after: int) -> None:
        self._source, self._after, self.place = source, after, source.place
        self.list = source.list

    def stream(self, key: str, *, start: int = 0) -> Iterator[bytes]:
        for piece in self._source.stream(key, start=start):
            self._after -= len(piece)
            if self._after < 0:
                raise SnapshotDamaged("The source went away.")
            yield piece


def test_a_copy_that_was_cut_off_goes_on_from_there_with_the_same_bytes(tmp_path: Path) -> None:
    rows = {"births": ROWS["births"]}
    source, target = dataset(tmp_path / "old", rows), FolderStore(tmp_path / "new")
    manifest = sealed_plan(source)
    size = len(rows["births"])
    with pytest.raises(SnapshotDamaged, match="went away"):
        sealed_copy(manifest, Cut(source, size + 12 * MEBIBYTE), target, tmp_path / "state")  # type: ignore[arg-type]

    ended = sealed_copy(manifest, source, target, tmp_path / "state")

    assert ended.is_sealed
    assert ended.sent_bytes == manifest.size
    assert b"".join(open_object(manifest, "births", target, DATA_KEY)(0, None)) == rows["births"]


@pytest.mark.parametrize("place", [0, 9 * MEBIBYTE, 20_000_000 - 1])
def test_a_source_that_changed_since_the_plan_sends_no_byte_of_what_changed(
    tmp_path: Path, place: int
) -> None:
    source, target = dataset(tmp_path / "old", ROWS), FolderStore(tmp_path / "new")
    manifest = sealed_plan(source)
    altered = bytearray(ROWS["births"])
    altered[place] ^= 1
    (tmp_path / "old" / "births").write_bytes(altered)

    with pytest.raises(SnapshotDamaged, match=r"births at .* no longer what was planned"):
        sealed_copy(manifest, source, target, tmp_path / "state")
    (item,) = [one for one in manifest.items if one.path == "births"]
    parts = target.folder / ".parts"
    assert target.head(item.key) is None
    assert sum(path.stat().st_size for path in parts.glob("*births*")) == 0


class Changing:
    """A source that gives other bytes each time that it is read."""

    place = "file:///changing"

    def __init__(self) -> None:
        self.reads = 0

    def stream(self, key: str, *, start: int = 0) -> Iterator[bytes]:
        self.reads += 1
        yield b"%04d" % self.reads


def test_an_object_that_changes_while_it_is_planned_is_refused() -> None:
    with pytest.raises(SnapshotDamaged, match="changed while it was read"):
        list(SealedSource(Changing(), DATA_KEY).stream("a"))  # type: ignore[arg-type]


def test_a_part_is_read_and_proved_without_the_rest(
    moved: tuple[Manifest, FolderStore], tmp_path: Path
) -> None:
    manifest, target = moved
    path = path_of(manifest, target, "births")
    data = bytearray(path.read_bytes())
    data[17 * MEBIBYTE] ^= 1
    path.write_bytes(data)

    read = open_object(manifest, "births", target, DATA_KEY)

    assert b"".join(read(9 * MEBIBYTE, 500)) == ROWS["births"][9 * MEBIBYTE :][:500]
    with pytest.raises(SnapshotDamaged, match=f"from byte {16 * MEBIBYTE}"):
        list(read(17 * MEBIBYTE, 500))


def test_an_object_of_a_former_version_is_refused_though_the_key_opens_it(
    moved: tuple[Manifest, FolderStore], tmp_path: Path
) -> None:
    first, target = moved
    source = FolderStore(tmp_path / "old")
    (tmp_path / "old" / "claims" / "1").write_bytes(b"other rows " * 1000)
    second = sealed_plan(source, former=first)
    sealed_copy(second, source, target, tmp_path / "state-2")
    path_of(second, target, "claims/1").write_bytes(path_of(first, target, "claims/1").read_bytes())

    with pytest.raises(SnapshotDamaged, match="claims/1"):
        restore(second, target, DATA_KEY, tmp_path / "back")


def test_another_key_restores_nothing(moved: tuple[Manifest, FolderStore], tmp_path: Path) -> None:
    manifest, target = moved

    with pytest.raises(BadSignature):
        restore(manifest, target, DataKey(DATA_KEY.key_id, bytes(32)), tmp_path / "back")
    with pytest.raises(InvalidInput, match="no object"):
        open_object(manifest, "nothing", target, DATA_KEY)
