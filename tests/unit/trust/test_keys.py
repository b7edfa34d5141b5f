import json
import stat
from pathlib import Path

import pytest

from ecluse.domain.documents import Signer
from ecluse.domain.errors import InvalidInput, Malformed, NotFound, UnknownKey
from ecluse.trust import keys
from ecluse.trust.keys import Keyring, PublicKey
from tests.unit.trust.build import AGENT, DAY, KEYRING, NOW, PORTAL, START


def test_a_created_key_is_loaded_again(tmp_path: Path) -> None:
    created = keys.create_key(tmp_path, Signer.PORTAL, now=NOW)
    loaded = keys.load_signing_key(tmp_path, Signer.PORTAL)

    assert loaded.public() == created.public()
    assert loaded.sign(b"data") == created.sign(b"data")


def test_a_private_key_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    key = keys.create_key(tmp_path / "keys", Signer.PORTAL, now=NOW)
    path = tmp_path / "keys" / f"{key.key_id}.key"

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert path.read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----")


def test_a_private_key_that_others_may_read_is_refused_with_the_mending(tmp_path: Path) -> None:
    key = keys.create_key(tmp_path, Signer.PORTAL, now=NOW)
    path = tmp_path / f"{key.key_id}.key"
    path.chmod(0o640)

    with pytest.raises(InvalidInput, match=f"mode 0640.*chmod 600 {path}"):
        keys.load_signing_key(tmp_path, Signer.PORTAL)


def test_a_public_key_file_is_one_line_of_json(tmp_path: Path) -> None:
    key = keys.create_key(tmp_path, Signer.REGISTER, now=NOW)
    text = (tmp_path / f"{key.key_id}.pub").read_text()

    assert text.count("\n") == 1
    assert json.loads(text)["signer"] == "register"
    assert PublicKey.parse(text.encode()) == key.public()


def test_the_newest_key_in_use_signs(tmp_path: Path) -> None:
    keys.create_key(tmp_path, Signer.PORTAL, now=START)
    newer = keys.create_key(tmp_path, Signer.PORTAL, now=NOW)
    retired = keys.create_key(tmp_path, Signer.PORTAL, now=NOW + DAY)
    keys.retire(tmp_path, retired.key_id, at=NOW + 2 * DAY)

    assert keys.load_signing_key(tmp_path, Signer.PORTAL).key_id == newer.key_id


def test_other_files_beside_the_keys_are_left_alone(tmp_path: Path) -> None:
    key = keys.create_key(tmp_path, Signer.AGENT, now=NOW)
    (tmp_path / "pseudonyms.key").write_bytes(b"not a signing key")
    (tmp_path / "agent.pub").write_bytes(b"not a public key")

    assert keys.load_signing_key(tmp_path, Signer.AGENT).key_id == key.key_id


def test_a_signer_without_key_is_told_how_to_make_one(tmp_path: Path) -> None:
    keys.create_key(tmp_path, Signer.PORTAL, now=NOW)

    with pytest.raises(NotFound, match="ecluse keys create register"):
        keys.load_signing_key(tmp_path, Signer.REGISTER)


def test_a_missing_private_half_is_reported(tmp_path: Path) -> None:
    key = keys.create_key(tmp_path, Signer.PORTAL, now=NOW)
    (tmp_path / f"{key.key_id}.key").unlink()

    with pytest.raises(NotFound, match="is missing"):
        keys.load_signing_key(tmp_path, Signer.PORTAL)


def test_halves_of_two_keys_are_not_a_key(tmp_path: Path) -> None:
    first = keys.create_key(tmp_path, Signer.PORTAL, now=START)
    second = keys.create_key(tmp_path, Signer.PORTAL, now=NOW)
    (tmp_path / f"{first.key_id}.key").replace(tmp_path / f"{second.key_id}.key")

    with pytest.raises(InvalidInput, match="not one pair"):
        keys.load_signing_key(tmp_path, Signer.PORTAL)


def test_a_file_that_is_no_key_is_refused(tmp_path: Path) -> None:
    key = keys.create_key(tmp_path, Signer.PORTAL, now=NOW)
    (tmp_path / f"{key.key_id}.key").write_bytes(b"garbage")

    with pytest.raises(InvalidInput, match="not a PEM private key"):
        keys.load_signing_key(tmp_path, Signer.PORTAL)


def test_a_private_key_is_never_printed() -> None:
    assert "private" not in repr(PORTAL)


def test_a_keyring_is_saved_and_loaded(tmp_path: Path) -> None:
    keyring = KEYRING.retired(PORTAL.key_id, NOW).revoked(AGENT.key_id, NOW)
    keyring.save(tmp_path / "keyring.json")

    assert Keyring.load(tmp_path / "keyring.json") == keyring


def test_a_missing_keyring_believes_nobody(tmp_path: Path) -> None:
    assert Keyring.load(tmp_path / "keyring.json") == Keyring()


def test_an_altered_keyring_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keyring.json"
    KEYRING.save(path)
    path.write_bytes(path.read_bytes().replace(b'"signer":"agent"', b'"signer":"portal"'))

    with pytest.raises(Malformed, match="does not bear the name derived"):
        Keyring.load(path)


def test_a_revoked_key_is_not_found() -> None:
    with pytest.raises(UnknownKey, match="was revoked on 2026-01-05"):
        KEYRING.revoked(PORTAL.key_id, NOW).find(PORTAL.key_id)


def test_an_absent_key_is_not_found() -> None:
    with pytest.raises(UnknownKey, match="not in this keyring"):
        Keyring().find(PORTAL.key_id)


def test_the_keys_of_a_signer_come_oldest_first() -> None:
    newer = keys.draw_key(Signer.PORTAL, now=NOW)

    assert [key.key_id for key in KEYRING.with_key(newer.public()).of(Signer.PORTAL)] == [
        PORTAL.key_id,
        newer.key_id,
    ]


@pytest.mark.parametrize("text", ["AA==", "A", "AB", "A+/A", "A A", "é"])
def test_base64_in_another_spelling_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        keys.from_base64url(text)


def test_a_key_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        PublicKey("portal-0", Signer.PORTAL, "AAAA", NOW)
