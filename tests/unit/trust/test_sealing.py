"""Messages that one receiver alone opens."""

import stat
from pathlib import Path

import pytest

from ecluse.domain.errors import BadSignature, InvalidInput, NotFound
from ecluse.trust.sealing import create_opening_key, load_opening_key, load_receiver, seal


def test_a_message_is_opened_with_the_files_of_the_pair(tmp_path: Path) -> None:
    create_opening_key(tmp_path, "hub")

    sealed = seal(b"a message", load_receiver(tmp_path / "hub.opening.pub"), purpose="P")

    opened = load_opening_key(tmp_path / "hub.opening.key").open(sealed, purpose="P")
    assert opened == b"a message"
    assert b"a message" not in sealed
    assert stat.S_IMODE((tmp_path / "hub.opening.key").stat().st_mode) == 0o600


@pytest.mark.parametrize("place", [0, 31, 40, -1])
def test_an_altered_message_is_refused(tmp_path: Path, place: int) -> None:
    key = create_opening_key(tmp_path, "hub")
    sealed = bytearray(seal(b"a message of some length", key.public(), purpose="P"))
    sealed[place] ^= 1

    with pytest.raises(BadSignature):
        key.open(bytes(sealed), purpose="P")


@pytest.mark.parametrize("sealed", [b"", b"short"])
def test_what_is_no_message_is_refused(tmp_path: Path, sealed: bytes) -> None:
    with pytest.raises(BadSignature):
        create_opening_key(tmp_path, "hub").open(sealed, purpose="P")


def test_a_message_for_another_purpose_is_refused(tmp_path: Path) -> None:
    key = create_opening_key(tmp_path, "hub")

    with pytest.raises(BadSignature):
        key.open(seal(b"a message", key.public(), purpose="P"), purpose="Q")


def test_a_key_is_never_overwritten_nor_printed(tmp_path: Path) -> None:
    key = create_opening_key(tmp_path, "hub")

    assert repr(key) == "OpeningKey()"
    with pytest.raises(InvalidInput, match="exists"):
        create_opening_key(tmp_path, "hub")


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    create_opening_key(tmp_path, "hub")
    (tmp_path / "hub.opening.key").chmod(0o640)

    with pytest.raises(InvalidInput, match="chmod 600"):
        load_opening_key(tmp_path / "hub.opening.key")


@pytest.mark.parametrize("text", ["", "AAAA", "é" * 43])
def test_a_file_that_is_no_key_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "hub.opening.pub"
    path.write_text(text)

    with pytest.raises(InvalidInput, match="not a key"):
        load_receiver(path)


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"hub\.opening\.pub"):
        load_receiver(tmp_path / "hub.opening.pub")
