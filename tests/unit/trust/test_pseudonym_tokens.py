"""Keys in a security module: SoftHSM stands for the module of a hub."""

import hashlib
import hmac
import subprocess
from pathlib import Path

import pytest

from ecluse.data.pseudonyms import Label, PseudonymKeys
from ecluse.domain.errors import InvalidInput, NotFound, SetupIncomplete
from ecluse.trust.pseudonym_keys import FIRST, SECOND, FileKey

pkcs11 = pytest.importorskip("pkcs11", reason="needs the package python-pkcs11 (extra hsm)")
from ecluse.trust.pseudonym_tokens import (  # noqa: E402 - it needs that package too
    Token,
    create_token_key,
    open_token_key,
)

LIBRARY = Path("/usr/lib/softhsm/libsofthsm2.so")
PIN = "1234"


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> Token:
    if not LIBRARY.exists():
        pytest.skip("needs SoftHSM: apt-get install softhsm2")
    folder = tmp_path_factory.mktemp("softhsm")
    settings = folder / "softhsm2.conf"
    settings.write_text(f"directories.tokendir = {folder}\nobjectstore.backend = file\n")
    patch = pytest.MonkeyPatch()
    # The library reads it once in the life of the process.
    patch.setenv("SOFTHSM2_CONF", str(settings))
    label = folder.name
    subprocess.run(
        [
            "softhsm2-util",
            "--init-token",
            "--free",
            "--label",
            label,
            "--pin",
            PIN,
            "--so-pin",
            PIN,
        ],
        check=True,
        capture_output=True,
    )
    return Token(LIBRARY, label)


def test_a_key_made_in_the_token_is_found_again_by_its_name(token: Token) -> None:
    key_id = create_token_key(token, FIRST, "found again", pin=PIN)

    with open_token_key(token, FIRST, "found again", pin=PIN) as key:
        assert (key.key_id, key.level) == (key_id, FIRST)


def bring_in(token: Token, level: int, name: str, secret: bytes) -> None:
    """Put a known key in the token, which Écluse never does, so that the answer is known."""
    template = {
        pkcs11.Attribute.CLASS: pkcs11.ObjectClass.SECRET_KEY,
        pkcs11.Attribute.KEY_TYPE: pkcs11.KeyType.GENERIC_SECRET,
        pkcs11.Attribute.LABEL: name,
        pkcs11.Attribute.ID: bytes([level]),
        pkcs11.Attribute.VALUE: secret,
        pkcs11.Attribute.SIGN: True,
        pkcs11.Attribute.TOKEN: True,
    }
    found = pkcs11.lib(str(LIBRARY)).get_token(token_label=token.label)
    with found.open(user_pin=PIN, rw=True) as session:
        session.create_object(template)


def test_what_a_token_derives_is_hmac_sha256_under_its_key(token: Token) -> None:
    secret = bytes(range(32))
    bring_in(token, SECOND, "brought", secret)

    with open_token_key(token, SECOND, "brought", pin=PIN) as key:
        derived = key.derive("a purpose")

    assert derived == hmac.new(secret, b"a purpose", hashlib.sha256).digest()


def test_pseudonyms_are_the_same_whether_a_key_is_in_a_token_or_in_a_file(token: Token) -> None:
    first, secret = FileKey(FIRST, b"1" * 32), b"2" * 32
    bring_in(token, SECOND, "as a file", secret)
    by_files = PseudonymKeys(first, FileKey(SECOND, secret))

    with open_token_key(token, SECOND, "as a file", pin=PIN) as key:
        by_token = PseudonymKeys(first, key)
        made = by_token.project("P").of(Label.PERSON, ["a", "b"])

    assert made == by_files.project("P").of(Label.PERSON, ["a", "b"])
    assert by_token.key_ids == by_files.key_ids


def test_a_key_cannot_leave_the_token(token: Token) -> None:
    create_token_key(token, FIRST, "stays", pin=PIN)

    with open_token_key(token, FIRST, "stays", pin=PIN) as key:
        assert key.handle[pkcs11.Attribute.NEVER_EXTRACTABLE] is True
        with pytest.raises(pkcs11.AttributeSensitive):
            key.handle[pkcs11.Attribute.VALUE]


def test_a_key_s_name_is_given_once(token: Token) -> None:
    create_token_key(token, FIRST, "once", pin=PIN)

    with pytest.raises(InvalidInput, match="otherwise"):
        create_token_key(token, FIRST, "once", pin=PIN)


def test_the_key_of_one_level_does_not_serve_for_the_other(token: Token) -> None:
    create_token_key(token, FIRST, "level one", pin=PIN)

    with (
        pytest.raises(NotFound, match="level 2"),
        open_token_key(token, SECOND, "level one", pin=PIN),
    ):
        pass


def test_a_wrong_pin_is_said_in_words(token: Token) -> None:
    with pytest.raises(InvalidInput, match="PIN"), open_token_key(token, FIRST, "any", pin="9999"):
        pass


def test_an_unknown_token_is_named(token: Token) -> None:
    with (
        pytest.raises(NotFound, match="nowhere"),
        open_token_key(Token(LIBRARY, "nowhere"), FIRST, "any", pin=PIN),
    ):
        pass


def test_a_file_that_is_no_module_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(SetupIncomplete, match="not a PKCS#11 library"),
        open_token_key(Token(tmp_path / "none.so", "any"), FIRST, "any", pin=PIN),
    ):
        pass
