"""A dataset moves between real hosts: the same root everywhere, whatever the host."""

import secrets
from pathlib import Path

from ecluse.hosting.replicas import copying
from ecluse.hosting.replicas.copying import Layout, Way
from ecluse.hosting.replicas.erasure import erase
from ecluse.hosting.replicas.progress import Progress
from ecluse.hosting.replicas.verification import Fault, load
from ecluse.hosting.stores.folders import FolderStore
from ecluse.hosting.stores.s3 import S3Store
from tests.unit.hosting.replicas import KEYRING, copied, dataset, planned, sealed, verified
from tests.unit.hosting.servers import OWNER, Server

FILES = {
    "claims/2023-01.parquet": sealed(6 << 20, 1),
    "claims/2023-02.parquet": sealed(70_000, 2),
    "empty.json": b"",
}


def place(server: Server) -> S3Store:
    return S3Store(server.bucket("moves"), OWNER, prefix=f"{secrets.token_hex(4)}/")


def test_a_dataset_goes_to_a_bucket_and_comes_back_with_the_same_root(
    tmp_path: Path, seaweedfs: Server
) -> None:
    source, bucket = dataset(tmp_path / "old", FILES), place(seaweedfs)
    manifest, back = planned(source, clear=("*.json",)), FolderStore(tmp_path / "back")

    sent = copied(manifest, source, bucket, tmp_path / "one")
    with Progress(tmp_path / "two") as progress:
        copying.copy(manifest, Way(bucket, Layout.CONTENT, back), progress)

    assert (sent.is_sealed, sent.sent_bytes) == (True, (6 << 20) + 70_000)
    assert load(bucket, manifest.root, KEYRING) == load(back, manifest.root, KEYRING) == manifest
    assert verified(manifest, bucket).is_whole
    assert verified(manifest, back).is_whole


def test_a_large_object_killed_on_its_way_to_a_bucket_sends_its_last_part_alone(
    tmp_path: Path, seaweedfs: Server
) -> None:
    source, bucket = dataset(tmp_path / "old", FILES), place(seaweedfs)
    manifest = planned(source, clear=("*.json",))
    large = manifest.items[0]
    begun = bucket.upload(large.key, size=large.size)
    begun.write(FILES[large.path][: (5 << 20) + 1])
    begun.abandon()

    done = copied(manifest, source, bucket, tmp_path / "state")

    assert (done.is_sealed, done.sent_bytes) == (True, (1 << 20) + 70_000)


def test_an_object_replaced_in_a_bucket_is_found_and_the_next_copy_mends_it(
    tmp_path: Path, seaweedfs: Server
) -> None:
    source, bucket = dataset(tmp_path / "old", FILES), place(seaweedfs)
    manifest = planned(source, clear=("*.json",))
    copied(manifest, source, bucket, tmp_path / "state")
    struck = manifest.items[1]
    bucket.delete(struck.key)
    bucket.put_if_absent(struck.key, sealed(70_000, 3))

    found = verified(manifest, bucket).findings
    mended = copied(manifest, source, bucket, tmp_path / "another state")

    assert [(one.path, one.fault) for one in found] == [(struck.path, Fault.ALTERED)]
    assert (mended.is_sealed, mended.sent_bytes) == (True, 70_000)


def test_an_erased_bucket_gives_nothing_back(tmp_path: Path, seaweedfs: Server) -> None:
    source, bucket = dataset(tmp_path / "old", FILES), place(seaweedfs)
    manifest = planned(source, clear=("*.json",))
    copied(manifest, source, bucket, tmp_path / "state")

    done = erase(manifest, bucket)

    assert (done.objects, done.versions) == (4, 4)
    assert list(bucket.list()) == []


def test_a_dataset_moves_from_ceph_to_seaweedfs_with_the_same_root(
    tmp_path: Path, ceph: Server, seaweedfs: Server
) -> None:
    source, former, new = dataset(tmp_path / "old", FILES), place(ceph), place(seaweedfs)
    manifest = planned(source, clear=("*.json",))
    copied(manifest, source, former, tmp_path / "one")

    with Progress(tmp_path / "two") as progress:
        done = copying.copy(manifest, Way(former, Layout.CONTENT, new), progress)

    assert done.is_sealed
    assert load(new, manifest.root, KEYRING) == load(former, manifest.root, KEYRING)
    assert verified(manifest, new).is_whole
