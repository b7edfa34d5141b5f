"""Key files of the two custodians of pseudonyms."""

import stat
from pathlib import Path

import pytest

from ecluse.domain.errors import BadSignature, InvalidInput, NotFound
from ecluse.trust.pseudonyms.keys import (
    FIRST,
    SECOND,
    FileKey,
    draw_level_key,
    load_level_key,
    store_level_key,
)


def created(path: Path, level: int, passphrase: str | None = None) -> FileKey:
    """Return a new key, kept at `path`."""
    key = draw_level_key(level)
    store_level_key(path, key, passphrase=passphrase)
    return key


def test_a_key_is_read_as_it_was_written_and_only_by_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "first.key"

    key = created(path, FIRST)

    loaded = load_level_key(path, FIRST)
    assert (loaded.key_id, loaded.secret) == (key.key_id, key.secret)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    created(tmp_path / "first.key", FIRST)

    with pytest.raises(InvalidInput, match="exists"):
        created(tmp_path / "first.key", FIRST)


def test_the_key_of_one_level_does_not_serve_for_the_other(tmp_path: Path) -> None:
    created(tmp_path / "first.key", FIRST)

    with pytest.raises(InvalidInput, match="not a pseudonym key of level 2"):
        load_level_key(tmp_path / "first.key", SECOND)


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "first.key"
    created(path, FIRST)
    path.chmod(0o640)

    with pytest.raises(InvalidInput, match="chmod 600"):
        load_level_key(path, FIRST)


def test_a_sealed_key_opens_with_its_passphrase_alone(tmp_path: Path) -> None:
    path = tmp_path / "first.key"
    key = created(path, FIRST, passphrase="four words of mine")

    opened = load_level_key(path, FIRST, passphrase="four words of mine")

    assert opened.secret == key.secret
    assert key.secret.hex() not in path.read_text()
    with pytest.raises(BadSignature, match="does not open"):
        load_level_key(path, FIRST, passphrase="other words")
    with pytest.raises(InvalidInput, match="sealed"):
        load_level_key(path, FIRST)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "[]",
        '{"key_id":"pseudonym-1-0000000000000000","kind":"ecluse-pseudonym-key","level":1}',
        '{"key_id":"x","kind":"ecluse-pseudonym-key","level":1,"secret":"AAAA"}',
        '{"key_id":"x","kind":"ecluse-pseudonym-key","level":1,"secret":7}',
        '{"key_id":"x","kind":"ecluse-pseudonym-key","level":1,"nonce":"AA","salt":"AA","sealed":7}',
    ],
)
def test_a_file_that_is_no_key_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "first.key"
    path.write_text(text)
    path.chmod(0o600)

    with pytest.raises(InvalidInput, match=r"not a pseudonym key|level 1 or 2"):
        load_level_key(path, FIRST, passphrase="any")


def test_a_key_whose_name_was_changed_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "first.key"
    key = created(path, FIRST)
    path.write_text(path.read_text().replace(key.key_id, "pseudonym-1-0000000000000000"))

    with pytest.raises(InvalidInput, match="altered"):
        load_level_key(path, FIRST)


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"first\.key"):
        load_level_key(tmp_path / "first.key", FIRST)


@pytest.mark.parametrize(("level", "size"), [(3, 32), (1, 31)])
def test_a_key_has_level_1_or_2_and_32_bytes(level: int, size: int) -> None:
    with pytest.raises(InvalidInput, match="level 1 or 2"):
        FileKey(level, bytes(size))


def test_what_a_key_derives_for_two_purposes_has_nothing_in_common() -> None:
    key = FileKey(FIRST, bytes(range(32)))

    assert key.derive("a") != key.derive("b")
