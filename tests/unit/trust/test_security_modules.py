"""Keys in a security module: SoftHSM stands for the module of a hub."""

import hashlib
import hmac
import os
from pathlib import Path

import pytest

from ecluse.data.pseudonyms import Label, PseudonymKeys
from ecluse.domain.errors import BadSignature, InvalidInput, NotFound, SetupIncomplete
from ecluse.trust.custody.pins import Pin
from ecluse.trust.custody.security_modules import USES, Token, TokenSecret, create_secret
from ecluse.trust.pseudonyms.keys import FIRST, SECOND, FileKey, name_level_key
from ecluse.trust.pseudonyms.versions import KeyFolder, TokenKey
from ecluse.trust.zone.custody import ZoneCustody
from ecluse.trust.zone.extract_keys import ExtractKeys
from ecluse.trust.zone.keys import FileZoneKey
from tests.unit.trust.tokens_here import LIBRARY, PIN, new_token

pkcs11 = pytest.importorskip("pkcs11", reason="needs the package python-pkcs11 (extra hsm)")


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> Token:
    return new_token(tmp_path_factory)


def bring_in(token: Token, use: str, name: str, secret: bytes) -> TokenSecret:
    """Put a known key in the token, which Écluse never does, so that the answer is known."""
    template = {
        pkcs11.Attribute.CLASS: pkcs11.ObjectClass.SECRET_KEY,
        pkcs11.Attribute.KEY_TYPE: pkcs11.KeyType.GENERIC_SECRET,
        pkcs11.Attribute.LABEL: name,
        pkcs11.Attribute.ID: USES[use],
        pkcs11.Attribute.VALUE: secret,
        pkcs11.Attribute.SIGN: True,
        pkcs11.Attribute.TOKEN: True,
    }
    with opened(token) as session:
        session.create_object(template)
    return TokenSecret(token, use, name)


def opened(token: Token) -> "pkcs11.Session":
    found = pkcs11.lib(str(LIBRARY)).get_token(token_label=token.label)
    return found.open(user_pin=PIN, rw=True)


def test_what_a_token_derives_is_hmac_sha256_under_its_key(token: Token) -> None:
    secret = bytes(range(32))

    derived = bring_in(token, "second", "brought", secret).derive("a purpose")

    assert derived == hmac.new(secret, b"a purpose", hashlib.sha256).digest()


def test_pseudonyms_are_the_same_whether_a_key_is_in_a_token_or_in_a_file(token: Token) -> None:
    first, secret = FileKey(FIRST, b"1" * 32), b"2" * 32
    by_files = PseudonymKeys(first, FileKey(SECOND, secret))
    brought = bring_in(token, "second", "as a file", secret)
    by_token = PseudonymKeys(first, TokenKey(SECOND, by_files.second.key_id, brought))

    made = by_token.project("P").of(Label.PERSON, ["a", "b"])

    assert made == by_files.project("P").of(Label.PERSON, ["a", "b"])
    assert name_level_key(SECOND, brought.derive("ecluse pseudonym key id")) == (
        by_files.second.key_id
    )


def test_a_key_cannot_leave_the_token(token: Token) -> None:
    create_secret(token, "first", "stays")

    with opened(token) as session:
        key = session.get_key(label="stays")
        assert key[pkcs11.Attribute.NEVER_EXTRACTABLE] is True
        with pytest.raises(pkcs11.AttributeSensitive):
            key[pkcs11.Attribute.VALUE]


def test_a_key_s_name_is_given_once(token: Token) -> None:
    create_secret(token, "first", "once")

    with pytest.raises(InvalidInput, match="otherwise"):
        create_secret(token, "first", "once")


def test_the_key_of_one_use_does_not_serve_for_another(token: Token) -> None:
    create_secret(token, "first", "level one")

    with pytest.raises(NotFound, match="second"):
        TokenSecret(token, "second", "level one").derive("any")


def test_a_custodian_s_versions_are_made_and_found_in_the_token(
    token: Token, tmp_path: Path
) -> None:
    folder = KeyFolder(tmp_path, FIRST, token=token)

    older, newer = folder.create(), folder.rotate()

    assert folder.current_id() == newer.key_id
    assert folder.find(older.key_id).derive("any") == older.derive("any")
    assert older.derive("any") != newer.derive("any")
    assert {path.suffix for path in tmp_path.iterdir()} == {"", ".token"}


def test_versions_in_files_stay_of_use_once_new_ones_are_in_a_token(
    token: Token, tmp_path: Path
) -> None:
    in_file = KeyFolder(tmp_path, SECOND).create()
    folder = KeyFolder(tmp_path, SECOND, token=token)

    folder.rotate()

    assert folder.find(in_file.key_id).derive("any") == in_file.derive("any")


def test_a_version_in_a_token_that_is_not_set_is_said(token: Token, tmp_path: Path) -> None:
    made = KeyFolder(tmp_path, SECOND, token=token).create()

    with pytest.raises(InvalidInput, match=r"tokens\.second"):
        KeyFolder(tmp_path, SECOND).find(made.key_id)


def test_the_key_of_an_extract_opens_with_the_zone_s_token_alone(
    token: Token, tmp_path: Path
) -> None:
    custody = ZoneCustody(tmp_path / "keys", token)
    drawn = ExtractKeys(tmp_path / "extracts", custody.create()).draw("P")

    again = ExtractKeys(tmp_path / "extracts", custody.load()).find("P", drawn.key_id)
    assert again.secret == drawn.secret
    with pytest.raises(BadSignature):
        ExtractKeys(tmp_path / "extracts", FileZoneKey(bytes(32))).find("P", drawn.key_id)


def test_a_zone_s_key_moves_from_a_file_to_a_token(token: Token, tmp_path: Path) -> None:
    in_file, custody = ZoneCustody(tmp_path), ZoneCustody(tmp_path, token)
    drawn = ExtractKeys(tmp_path / "extracts", in_file.create()).draw("P")

    key, count = custody.replace(ExtractKeys(tmp_path / "extracts", in_file.load()))

    found = ExtractKeys(tmp_path / "extracts", custody.load()).find("P", drawn.key_id)
    assert (found.secret, count) == (drawn.secret, 1)
    assert custody.load().key_id == key.key_id
    assert not (tmp_path / "zone.key").exists()


def test_a_wrong_pin_is_said_in_words(
    token: Token, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "pin").write_text("9999")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))

    with pytest.raises(InvalidInput, match="PIN"):
        TokenSecret(token, "first", "any").derive("any")


def test_a_pin_comes_by_a_descriptor_once_for_the_life_of_the_program(token: Token) -> None:
    reader, writer = os.pipe()
    os.write(writer, f"{PIN}\n".encode())
    os.close(writer)
    by_descriptor = Token(token.library, token.label, Pin(f"descriptor:{reader}"))

    made = create_secret(by_descriptor, "first", "by a descriptor")

    assert made.derive("any") == made.derive("any")


def test_an_unknown_token_is_named(token: Token) -> None:
    nowhere = Token(LIBRARY, "nowhere", token.pin)

    with pytest.raises(NotFound, match="nowhere"):
        TokenSecret(nowhere, "first", "any").derive("any")


def test_a_file_that_is_no_module_is_named(token: Token, tmp_path: Path) -> None:
    absent = Token(tmp_path / "none.so", "any", token.pin)

    with pytest.raises(SetupIncomplete, match="not a PKCS#11 library"):
        TokenSecret(absent, "first", "any").derive("any")
