"""Holders and their keys: replaced without a byte of data, and destroyed for good."""

import shutil
from pathlib import Path

import pytest

from ecluse.domain.errors import BadSignature, InvalidInput, NotFound, StorageFull
from ecluse.trust.custody.security_modules import (
    Token,
    TokenSecret,
    create_secret,
    destroy_secret,
)
from ecluse.trust.envelopes.headers import Header, HeaderFolder, unwrap
from ecluse.trust.envelopes.holders import STORAGE, KeyHolder
from ecluse.trust.envelopes.rotation import rotate
from tests.unit.trust.envelopes import drawn, header_folder, new_holder, read, sealed
from tests.unit.trust.tokens_here import new_token


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> Token:
    return new_token(tmp_path_factory)


def test_after_a_rotation_every_data_key_is_under_new_keys_and_data_are_as_they_were(
    tmp_path: Path,
) -> None:
    hub, headers = new_holder(tmp_path), header_folder(tmp_path)
    keys, before = [drawn(tmp_path, hub) for _ in range(3)], hub.in_use()
    data = [sealed(b"rows", key) for key in keys]

    done = rotate(hub, headers)

    opened = [unwrap(headers.load(key.key_id), hub) for key in keys]
    assert [read(*pair) for pair in zip(data, opened, strict=True)] == [b"rows"] * 3
    assert (done.headers, done.destroyed) == (3, 2)
    assert {hub.in_use().root, *hub.in_use().purposes}.isdisjoint({before.root, *before.purposes})
    assert hub.roots() == (hub.in_use().root,)
    assert hub.purpose_keys() == hub.in_use().purposes


def test_a_rotation_leaves_the_wraps_of_other_holders(tmp_path: Path) -> None:
    hub, old = new_holder(tmp_path), new_holder(tmp_path, "old")
    mine, headers = drawn(tmp_path, hub), header_folder(tmp_path)
    theirs = drawn(tmp_path, old, "births")
    before = headers.load(theirs.key_id)

    done = rotate(hub, headers)

    assert (done.headers, headers.load(theirs.key_id)) == (1, before)
    assert unwrap(headers.load(mine.key_id), hub).secret == mine.secret


def test_a_backup_from_before_is_unreadable_once_its_root_is_destroyed(tmp_path: Path) -> None:
    """All but the roots is backed up, then everything but the roots is put back."""
    hub = new_holder(tmp_path)
    key, headers = drawn(tmp_path, hub), header_folder(tmp_path)
    backup, data = tmp_path / "backup", sealed(b"rows", key)
    shutil.copytree(tmp_path / "data-keys", backup / "data-keys")
    shutil.copytree(tmp_path / "holders", backup / "holders", ignore=lambda *_: {"roots"})
    assert read(data, unwrap(headers.load(key.key_id), hub)) == b"rows"

    headers.destroy(key.key_id)
    rotate(hub, headers)
    shutil.copytree(backup, tmp_path, dirs_exist_ok=True)

    found = headers.load(key.key_id)
    assert read(data, key) == b"rows"
    with pytest.raises(NotFound, match="this generation was destroyed"):
        unwrap(found, hub)


def test_a_purpose_key_of_before_does_not_open_under_the_root_of_today(tmp_path: Path) -> None:
    hub = new_holder(tmp_path)
    key, headers = drawn(tmp_path, hub), header_folder(tmp_path)
    old = hub.in_use().purposes[0]
    kept = hub.folder / "purposes" / f"{old}.json"
    backup = kept.read_text()
    rotate(hub, headers)

    root = hub.in_use().root
    kept.write_text(backup.replace(backup.split('"root":"')[1][:21], root))

    with pytest.raises(BadSignature):
        hub.find(old)
    assert unwrap(headers.load(key.key_id), hub).secret == key.secret


def test_keys_that_end_are_no_more_in_any_file(tmp_path: Path) -> None:
    hub = new_holder(tmp_path)

    ended = hub.end()

    assert ended == 2
    assert [path for path in hub.folder.rglob("*") if path.is_file()] == []
    assert not hub.exists()


def test_a_holder_has_its_first_keys_once(tmp_path: Path) -> None:
    hub = new_holder(tmp_path)

    with pytest.raises(InvalidInput, match="replace them"):
        hub.create()
    with pytest.raises(InvalidInput, match="names no holder"):
        KeyHolder("../hub", tmp_path)


def test_a_root_that_others_read_is_refused(tmp_path: Path) -> None:
    hub = new_holder(tmp_path)
    (hub.folder / "roots" / f"{hub.in_use().root}.key").chmod(0o644)

    with pytest.raises(InvalidInput, match="chmod 600"):
        hub.current(STORAGE)


def test_a_full_disk_in_the_middle_leaves_every_data_key_readable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub, headers = new_holder(tmp_path), header_folder(tmp_path)
    keys = [drawn(tmp_path, hub) for _ in range(3)]
    written: list[str] = []

    def write_once(header: Header) -> None:
        written.append(header.key_id)
        raise StorageFull("No space is left.")

    with monkeypatch.context() as full:
        full.setattr(HeaderFolder, "write", lambda _, header: write_once(header))
        with pytest.raises(StorageFull):
            rotate(hub, headers)

    assert written
    assert [unwrap(headers.load(key.key_id), hub).secret for key in keys] == [
        key.secret for key in keys
    ]
    assert rotate(hub, headers).headers == 3


def test_a_root_in_a_token_never_leaves_it_and_is_destroyed_there(
    token: Token, tmp_path: Path
) -> None:
    hub = new_holder(tmp_path, token=token)
    key, headers = drawn(tmp_path, hub), header_folder(tmp_path)
    before = hub.root(hub.in_use().root)

    rotate(hub, headers)

    files = b"".join(path.read_bytes() for path in hub.folder.rglob("*") if path.is_file())
    assert unwrap(headers.load(key.key_id), hub).secret == key.secret
    assert {path.suffix for path in (hub.folder / "roots").iterdir()} == {".token"}
    assert key.secret not in files
    with pytest.raises(NotFound, match="no key"):
        before.derive("any")


def test_a_holder_moves_from_a_file_to_a_token_by_a_rotation(token: Token, tmp_path: Path) -> None:
    in_file = new_holder(tmp_path)
    key, headers = drawn(tmp_path, in_file), header_folder(tmp_path)
    in_token = KeyHolder("hub", in_file.folder, token)

    rotate(in_token, headers)

    assert unwrap(headers.load(key.key_id), in_token).secret == key.secret
    assert [path.suffix for path in (in_file.folder / "roots").iterdir()] == [".token"]
    with pytest.raises(InvalidInput, match="say which module"):
        unwrap(headers.load(key.key_id), KeyHolder("hub", in_file.folder))


def test_a_secret_destroyed_twice_in_a_token_is_as_good(token: Token) -> None:
    create_secret(token, "root", "ends")
    destroy_secret(token, "root", "ends")
    destroy_secret(token, "root", "ends")

    with pytest.raises(NotFound):
        TokenSecret(token, "root", "ends").derive("any")
