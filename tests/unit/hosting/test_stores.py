"""One store, several hosts: the same tests for a folder and for a bucket of a real server."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ecluse.domain.errors import InvalidInput, NotAllowed, NotFound, SetupIncomplete, Unreachable
from ecluse.hosting.stores.addresses import open_store
from ecluse.hosting.stores.azure import AzureStore
from ecluse.hosting.stores.folders import FolderStore
from ecluse.hosting.stores.interface import Store, Stored, checked_key
from ecluse.hosting.stores.s3 import S3Store
from ecluse.hosting.stores.signed_requests import Bucket
from tests.unit.hosting.servers import OWNER, Server

LARGE = bytes(range(256)) * (3 << 13)
"""6 MiB: more than one part of S3."""


@pytest.fixture(params=["folder", "seaweedfs"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    def bucket() -> Store:
        server: Server = request.getfixturevalue("seaweedfs")
        prefix = f"{secrets.token_hex(4)}/"
        return S3Store(server.bucket("stores"), OWNER, prefix=prefix)

    kinds: dict[str, Callable[[], Store]] = {
        "folder": lambda: FolderStore(tmp_path),
        "seaweedfs": bucket,
    }
    return kinds[request.param]()


def test_an_object_is_kept_once_and_never_written_over(store: Store) -> None:
    first = store.put_if_absent("a/b", b"first")
    second = store.put_if_absent("a/b", b"second")

    assert (first, second) == (True, False)
    assert store.read("a/b", length=100) == b"first"


def test_a_range_and_a_tail_give_these_bytes(store: Store) -> None:
    store.put_if_absent("a", b"0123456789")

    assert store.read("a", start=3, length=4) == b"3456"
    assert store.read("a", length=0) == b""
    assert b"".join(store.stream("a", start=8)) == b"89"


def test_a_listing_names_what_begins_so_and_nothing_in_progress(store: Store) -> None:
    store.put_if_absent("b3/aa/1", b"1")
    store.put_if_absent("b3/ab/2", b"22")
    store.put_if_absent("c", b"333")
    store.upload("b3/ab/3", size=len(LARGE)).abandon()

    assert sorted(store.list("b3/a")) == [Stored("b3/aa/1", 1), Stored("b3/ab/2", 2)]
    assert sorted(store.list()) == [Stored("b3/aa/1", 1), Stored("b3/ab/2", 2), Stored("c", 3)]


def test_an_upload_that_stopped_is_resumed_where_it_was(store: Store) -> None:
    begun = store.upload("large", size=len(LARGE))
    begun.write(LARGE[: 5 << 20])
    begun.abandon()

    resumed = store.upload("large", size=len(LARGE))
    kept = resumed.received
    resumed.write(LARGE[kept:])

    assert store.head("large") is None
    assert resumed.finish()
    assert kept == 5 << 20
    assert b"".join(store.stream("large")) == LARGE


def test_an_object_that_is_absent_is_said_to_be(store: Store) -> None:
    assert store.head("absent") is None
    assert store.versions("absent") == ()
    with pytest.raises(NotFound, match="absent"):
        store.read("absent", length=1)
    with pytest.raises(NotFound, match="absent"):
        list(store.stream("absent"))


def test_an_object_is_deleted_with_its_versions(store: Store) -> None:
    store.put_if_absent("a", b"1")

    (version,) = store.versions("a")
    store.delete("a", version_id=version.version_id)
    store.delete("a")

    assert (store.head("a"), store.versions("a")) == (None, ())


def test_a_locked_file_is_not_deleted_and_its_lock_only_grows(tmp_path: Path) -> None:
    store, now = FolderStore(tmp_path), datetime.now(UTC)
    store.put_if_absent("a", b"1")
    store.lock("a", until=now + timedelta(hours=2))

    with pytest.raises(NotAllowed, match="locked until"):
        store.delete("a")
    with pytest.raises(NotAllowed, match="only grows"):
        store.lock("a", until=now + timedelta(hours=1))
    assert store.read("a", length=1) == b"1"


def test_a_bucket_without_object_lock_says_that_it_cannot_lock(seaweedfs: Server) -> None:
    store = S3Store(seaweedfs.bucket("unlocked"), OWNER)
    store.put_if_absent("a", b"1")

    with pytest.raises((NotAllowed, NotFound), match="lock"):
        store.lock("a", until=datetime.now(UTC) + timedelta(hours=1))


@pytest.mark.parametrize("key", ["", "/a", "a/", "a//b", "../a", "a/../b", ".a", "a b", "é", "a%"])
def test_a_key_that_a_server_could_rewrite_is_refused(key: str) -> None:
    with pytest.raises(InvalidInput):
        checked_key(key)


def test_a_link_in_a_folder_is_refused_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"elsewhere")
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "a").symlink_to(tmp_path / "secret")

    with pytest.raises(InvalidInput, match="not a plain file"):
        list(FolderStore(tmp_path / "store").list())
    with pytest.raises(Unreachable):
        FolderStore(tmp_path / "store").read("a", length=1)


def test_an_address_opens_the_store_that_it_names(tmp_path: Path) -> None:
    keys = {"ECLUSE_NEW_HOST_ACCESS_KEY": "name", "ECLUSE_NEW_HOST_SECRET_KEY": "s"}

    folder = open_store(tmp_path.as_uri(), host="usb", environment={})
    bucket = open_store("s3+https://s3.example.eu/b/p", host="new-host", environment=keys)

    assert folder.place == tmp_path.as_uri()
    assert isinstance(bucket, S3Store)
    assert bucket.bucket == Bucket("https://s3.example.eu", "b")
    assert bucket.place == "s3+https://s3.example.eu/b/p/"


@pytest.mark.parametrize(
    "address", ["ftp://x/b", "s3+https://name:secret@x/b", "s3+https://x", "s3+file:///b", "x"]
)
def test_an_address_that_is_no_store_or_holds_a_secret_is_refused(address: str) -> None:
    with pytest.raises(InvalidInput):
        open_store(address, host="new", environment={})


def test_an_identity_that_is_not_in_the_environment_is_asked_for_by_name() -> None:
    with pytest.raises(SetupIncomplete, match="ECLUSE_NEW_ACCESS_KEY"):
        open_store("s3+https://x/b", host="new", environment={})


def test_azure_is_never_written_to() -> None:
    store = AzureStore(endpoint="http://127.0.0.1:9/a", container="c", account="a", key="c2VjcmV0")

    with pytest.raises(NotAllowed, match="never written"):
        store.put_if_absent("a", b"1")
    with pytest.raises(NotAllowed, match="never written"):
        store.delete("a")


def test_a_secret_is_never_shown() -> None:
    assert OWNER.secret_key not in repr(OWNER)
