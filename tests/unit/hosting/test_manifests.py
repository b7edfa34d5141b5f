"""Manifests: one root for everything a version holds; any other byte is refused."""

import hashlib
from pathlib import Path

import pytest
from blake3 import blake3

from ecluse.domain.errors import BadSignature, Malformed, NotAllowed, UnknownKey
from ecluse.hosting.replicas import manifests
from ecluse.trust.journal import tree
from ecluse.trust.keys import Keyring
from tests.unit.hosting.replicas import KEYRING, dataset, planned, sealed

SMALL = sealed(100, 1)
LARGE = sealed((8 << 20) + 5, 2)


def test_a_manifest_names_each_object_by_both_digests_in_the_order_of_paths(tmp_path: Path) -> None:
    source = dataset(tmp_path, {"b/large": LARGE, "a/small": SMALL})

    manifest = planned(source)

    small, large = manifest.items
    assert (small.path, small.size, large.path) == ("a/small", 100, "b/large")
    assert small.sha256 == hashlib.sha256(SMALL).hexdigest()
    assert small.key == f"b3/{blake3(SMALL).hexdigest()[:2]}/{blake3(SMALL).hexdigest()}"
    assert large.segments == (
        blake3(LARGE[: 8 << 20]).hexdigest(),
        blake3(LARGE[8 << 20 :]).hexdigest(),
    )


def test_the_root_is_that_of_the_tree_of_its_three_lines(tmp_path: Path) -> None:
    manifest = planned(dataset(tmp_path, {"a": SMALL, "b": sealed(70, 3)}))

    header, first, second = map(tree.leaf_hash, manifest.lines)
    by_hand = tree.node_hash(tree.node_hash(header, first), second).hex()
    assert manifest.root == by_hand


def test_a_manifest_read_again_is_the_same(tmp_path: Path) -> None:
    manifest = planned(dataset(tmp_path, {"a": SMALL}))

    assert manifests.parse(manifest.data(), KEYRING) == manifest


@pytest.mark.parametrize("place", range(0, 900, 9))
def test_a_manifest_with_one_bit_flipped_is_refused(tmp_path: Path, place: int) -> None:
    data = bytearray(planned(dataset(tmp_path, {"a": SMALL, "b": sealed(60, 4)})).data())
    data[place % len(data)] ^= 1

    with pytest.raises((BadSignature, Malformed, UnknownKey)):
        manifests.parse(bytes(data), KEYRING)


def test_a_manifest_of_a_key_that_is_not_believed_is_refused(tmp_path: Path) -> None:
    data = planned(dataset(tmp_path, {"a": SMALL})).data()

    with pytest.raises(UnknownKey):
        manifests.parse(data, Keyring())


def test_what_is_in_clear_is_not_planned_unless_it_is_named(tmp_path: Path) -> None:
    source = dataset(tmp_path, {"a.parquet": b"PAR1 in clear", "b": SMALL, "m.json": b"{}"})

    with pytest.raises(NotAllowed, match=r"a\.parquet is not sealed"):
        planned(source, clear=("*.json",))
    (tmp_path / "a.parquet").unlink()
    assert [item.path for item in planned(source, clear=("*.json",)).items] == ["b", "m.json"]


def test_the_next_version_names_the_root_of_the_former(tmp_path: Path) -> None:
    source = dataset(tmp_path, {"a": SMALL})
    first = planned(source)

    second = planned(source, former=first)

    assert (second.header.number, second.header.former_root) == (2, first.root)
