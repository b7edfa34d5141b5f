"""Attacks on replicas: what a host, or who takes its disks, can alter, hide or read."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from ecluse.domain.errors import BadSignature, NotFound
from ecluse.hosting.replicas.manifests import Manifest
from ecluse.hosting.replicas.verification import Fault, load
from ecluse.hosting.stores.folders import FolderStore
from ecluse.trust.zone.sealed_files import SealingFile, draw_data_key
from tests.unit.hosting.replicas import KEYRING, copied, dataset, path_of, planned, sealed, verified

FLIPS = 300
CANARIES = 1000


@pytest.fixture
def replica(tmp_path: Path) -> tuple[Manifest, FolderStore]:
    files = {f"claims/{number}": sealed(2000 + number, number) for number in range(8)}
    source, target = dataset(tmp_path / "old", files), FolderStore(tmp_path / "new")
    manifest = planned(source)
    copied(manifest, source, target, tmp_path / "state")
    return manifest, target


def flip(data: bytes, draw: random.Random) -> bytes:
    altered = bytearray(data)
    altered[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    return bytes(altered)


def cut(data: bytes, draw: random.Random) -> bytes:
    return data[: draw.randrange(len(data))]


def lengthen(data: bytes, draw: random.Random) -> bytes:
    return data + draw.randbytes(draw.randrange(1, 100))


def blank(data: bytes, draw: random.Random) -> bytes:
    start = draw.randrange(16, len(data))
    return data[:start] + bytes(len(data) - start)


@pytest.mark.parametrize("seed", range(FLIPS // 4))
@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        (flip, Fault.ALTERED),
        (cut, Fault.CUT),
        (lengthen, Fault.ALTERED),
        (blank, Fault.ALTERED),
    ],
)
def test_a_host_that_alters_an_object_is_found_and_the_object_named(
    replica: tuple[Manifest, FolderStore],
    damage: Callable[[bytes, random.Random], bytes],
    fault: Fault,
    seed: int,
) -> None:
    manifest, target = replica
    draw = random.Random(seed)  # noqa: S311 — where to strike, not a secret
    path = f"claims/{draw.randrange(8)}"
    file = path_of(manifest, target, path)
    file.write_bytes(damage(file.read_bytes(), draw))

    (found,) = verified(manifest, target).findings

    assert (found.path, found.fault) == (path, fault)
    assert found.detail.startswith("from byte 0: BLAKE3 ")


def test_a_flip_beyond_8_mebibytes_is_placed_in_its_segment(tmp_path: Path) -> None:
    source = dataset(tmp_path / "old", {"a": sealed(20 << 20, 1)})
    target, manifest = FolderStore(tmp_path / "new"), planned(source)
    copied(manifest, source, target, tmp_path / "state")
    file = path_of(manifest, target, "a")
    data = bytearray(file.read_bytes())
    data[17 << 20] ^= 1
    file.write_bytes(data)

    (found,) = verified(manifest, target).findings

    assert found.detail.startswith(f"from byte {16 << 20}: ")


def test_two_objects_swapped_are_both_named_with_what_they_hold(
    replica: tuple[Manifest, FolderStore],
) -> None:
    manifest, target = replica
    one, two = path_of(manifest, target, "claims/1"), path_of(manifest, target, "claims/2")
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)

    found = verified(manifest, target).findings

    assert [(f.path, f.fault) for f in found] == [
        ("claims/1", Fault.SWAPPED),
        ("claims/2", Fault.SWAPPED),
    ]
    assert found[0].detail.endswith("the content of claims/2")


def test_an_object_of_a_former_version_played_again_is_named_so(tmp_path: Path) -> None:
    source = dataset(tmp_path / "old", {"a": sealed(100, 1)})
    target, first = FolderStore(tmp_path / "new"), planned(source)
    copied(first, source, target, tmp_path / "one")
    (tmp_path / "old" / "a").write_bytes(sealed(100, 2))
    second = planned(source, former=first)
    copied(second, source, target, tmp_path / "two")
    path_of(second, target, "a").write_bytes(sealed(100, 1))

    (found,) = verified(second, target, former=[first]).findings

    assert (found.path, found.fault) == ("a", Fault.REPLAYED)


def test_a_former_manifest_in_the_place_of_the_last_is_refused(tmp_path: Path) -> None:
    source = dataset(tmp_path / "old", {"a": sealed(100, 1)})
    target, first = FolderStore(tmp_path / "new"), planned(source)
    copied(first, source, target, tmp_path / "one")
    second = planned(source, former=first)
    copied(second, source, target, tmp_path / "two")
    (target.folder / second.key).write_bytes((target.folder / first.key).read_bytes())

    with pytest.raises(BadSignature, match="version 1 in the place of another"):
        load(target, second.root, KEYRING)
    assert [one.fault for one in verified(second, target, former=[first]).findings] == [
        Fault.ALTERED
    ]


def test_an_object_hidden_and_one_added_are_both_named(
    replica: tuple[Manifest, FolderStore],
) -> None:
    manifest, target = replica
    path_of(manifest, target, "claims/3").unlink()
    target.put_if_absent("b3/zz/planted", b"planted")

    found = verified(manifest, target).findings

    assert [(one.path, one.fault, one.key) for one in found if one.fault is Fault.UNKNOWN] == [
        ("(unknown)", Fault.UNKNOWN, "b3/zz/planted")
    ]
    assert [one.path for one in found if one.fault is Fault.MISSING] == ["claims/3"]


def test_a_replica_whose_manifest_is_hidden_is_not_whole(
    replica: tuple[Manifest, FolderStore],
) -> None:
    manifest, target = replica
    target.delete(manifest.key)

    assert [one.fault for one in verified(manifest, target).findings] == [Fault.MISSING]
    with pytest.raises(NotFound):
        load(target, manifest.root, KEYRING)


def test_who_takes_the_disks_of_both_hosts_reads_none_of_a_thousand_canaries(
    tmp_path: Path,
) -> None:
    key, canaries = draw_data_key(), [b"CANARY%020d" % (n * n) for n in range(CANARIES)]
    (tmp_path / "old").mkdir()
    with (tmp_path / "old" / "part").open("wb") as file:
        sealing = SealingFile(file, key, name="part")
        sealing.write(b"\n".join(canaries))
        sealing.finish()
    source, target = FolderStore(tmp_path / "old"), FolderStore(tmp_path / "new")
    manifest = planned(source)
    copied(manifest, source, target, tmp_path / "state")

    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    taken = b"\n".join(path.read_bytes() for path in files)
    assert len(files) == 4
    assert sum(canary in taken for canary in canaries) == 0
    assert bytes(key.secret) not in taken
