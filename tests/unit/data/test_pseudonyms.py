import hashlib
import hmac
import stat
from pathlib import Path

import pytest

from ecluse.data.pseudonyms import Label, PseudonymKey, create_key, load_key
from ecluse.domain.errors import InvalidInput, NotFound

KEY = PseudonymKey(bytes(range(32)))


def hmac_sha256(key: bytes, text: str) -> bytes:
    """HMAC-SHA-256 written out from its definition (RFC 2104), without the library's own."""
    padded = key.ljust(64, b"\0")
    inner = hashlib.sha256(bytes(b ^ 0x36 for b in padded) + text.encode()).digest()
    return hashlib.sha256(bytes(b ^ 0x5C for b in padded) + inner).digest()


def test_a_pseudonym_is_the_hmac_of_the_value_under_the_keys_derived_in_a_row() -> None:
    project = hmac_sha256(KEY.secret, "FR-2026-0001")
    label = hmac_sha256(project, "person")

    pseudonyms = KEY.project("FR-2026-0001").of(Label.PERSON, ["IDENTITY-OF-1", "é"])

    assert pseudonyms == [
        hmac_sha256(label, "IDENTITY-OF-1").hex(),
        hmac_sha256(label, "é").hex(),
    ]


def test_the_algorithm_is_the_one_of_rfc_4231() -> None:
    """Test case 2 of RFC 4231 for HMAC-SHA-256."""
    digest = hmac.digest(b"Jefe", b"what do ya want for nothing?", "sha256").hex()

    assert digest == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert hmac_sha256(b"Jefe", "what do ya want for nothing?").hex() == digest


def test_pseudonyms_come_in_the_order_of_the_values() -> None:
    project = KEY.project("P")

    both = project.of(Label.LINK, ["a", "b", "a"])

    assert both[0] == both[2] != both[1]


@pytest.mark.parametrize("label", [Label.LINK, Label.PROFESSIONAL, Label.FACILITY])
def test_one_value_has_another_pseudonym_under_another_label(label: Label) -> None:
    project = KEY.project("P")

    assert project.of(label, ["7"]) != project.of(Label.PERSON, ["7"])


def test_one_person_has_another_pseudonym_in_another_project() -> None:
    assert KEY.project("P1").of(Label.PERSON, ["7"]) != KEY.project("P2").of(Label.PERSON, ["7"])


def test_a_key_is_never_printed() -> None:
    shown = f"{KEY!r} {KEY.project('P')!r}"

    assert KEY.secret.hex() not in shown
    assert repr(KEY.secret) not in shown


def test_a_key_is_read_as_it_was_written_and_only_by_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "pseudonyms.key"

    key = create_key(path)

    assert load_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "pseudonyms.key"
    create_key(path)

    with pytest.raises(InvalidInput, match="exists already"):
        create_key(path)


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "pseudonyms.key"
    create_key(path)
    path.chmod(0o644)

    with pytest.raises(InvalidInput, match="chmod 600"):
        load_key(path)


@pytest.mark.parametrize("text", ["", "abc", "00" * 31, "zz" * 32])
def test_a_file_that_is_no_key_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "pseudonyms.key"
    path.write_text(text)
    path.chmod(0o600)

    with pytest.raises(InvalidInput, match="not a key"):
        load_key(path)


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"pseudonyms\.key"):
        load_key(tmp_path / "pseudonyms.key")
