from datetime import timedelta
from pathlib import Path

import pytest

from ecluse.domain.documents import KeyRotation, Signer
from ecluse.domain.errors import Expired, Malformed, NotFound, WrongSigner
from ecluse.trust import documents, keys
from ecluse.trust.documents import Verified
from ecluse.trust.keys import Keyring, SigningKey
from ecluse.trust.rotation import accept_rotation, rotate
from tests.unit.trust.build import AGENT, DAY, KEYRING, NOW, PORTAL, permit_document


def rotation(
    new: SigningKey, *, old: SigningKey = PORTAL, retires: str | None = None, now=NOW
) -> Verified:
    """The rotation that `old` signs for `new`, verified."""
    body = KeyRotation(new.signer, new.key_id, new.public().public, now, retires or old.key_id)
    document = documents.new_document(body, issuer=old.signer, audience=(), now=now)
    return documents.verify(documents.sign(document, old), KEYRING, now=now)


def test_a_rotated_key_is_accepted_and_the_old_one_retired(tmp_path: Path) -> None:
    old = keys.create_key(tmp_path, Signer.PORTAL, now=NOW)
    new, data = rotate(tmp_path, Signer.PORTAL, now=NOW + DAY)
    keyring = Keyring([old.public()])
    verified = documents.verify(data, keyring, now=NOW + DAY)
    after = accept_rotation(keyring, verified, NOW + DAY)

    assert after.find(new.key_id) == new.public()
    assert after.find(old.key_id).valid_until == NOW + DAY
    assert keys.load_signing_key(tmp_path, Signer.PORTAL).key_id == new.key_id


def test_the_rotation_stays_beside_the_key_and_verifies_for_ever(tmp_path: Path) -> None:
    old = keys.create_key(tmp_path, Signer.PORTAL, now=NOW)
    new, data = rotate(tmp_path, Signer.PORTAL, now=NOW + DAY)
    keyring = Keyring([old.public()])
    verified = documents.verify(data, keyring, now=NOW + DAY)
    after = accept_rotation(keyring, verified, NOW + DAY)
    kept = (tmp_path / f"{new.key_id}.rotation").read_bytes()

    assert kept == data
    assert documents.verify(kept, after, now=NOW + 30 * DAY).document == verified.document


def test_a_rotation_accepted_twice_changes_nothing() -> None:
    verified = rotation(keys.draw_key(Signer.PORTAL, now=NOW))
    once = accept_rotation(KEYRING, verified, NOW)

    assert accept_rotation(once, verified, NOW + DAY) == once


def test_keys_rotate_again_and_again(tmp_path: Path) -> None:
    first = keys.create_key(tmp_path, Signer.AGENT, now=NOW)
    keyring = Keyring([first.public()])
    _, data = rotate(tmp_path, Signer.AGENT, now=NOW + DAY)
    keyring = accept_rotation(keyring, documents.verify(data, keyring, now=NOW + DAY), NOW + DAY)
    last, data = rotate(tmp_path, Signer.AGENT, now=NOW + 2 * DAY)
    keyring = accept_rotation(
        keyring, documents.verify(data, keyring, now=NOW + 2 * DAY), NOW + 2 * DAY
    )

    assert [key.valid_until for key in keyring.of(Signer.AGENT)] == [NOW + DAY, NOW + 2 * DAY, None]
    assert keys.load_signing_key(tmp_path, Signer.AGENT).key_id == last.key_id


def test_without_a_key_there_is_nothing_to_rotate(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        rotate(tmp_path, Signer.PORTAL, now=NOW)


def test_a_key_cannot_retire_a_key_that_did_not_sign() -> None:
    verified = rotation(keys.draw_key(Signer.PORTAL, now=NOW), retires=AGENT.key_id)

    with pytest.raises(WrongSigner):
        accept_rotation(KEYRING, verified, NOW)


def test_a_signer_cannot_name_the_key_of_another() -> None:
    verified = rotation(keys.draw_key(Signer.REGISTER, now=NOW))

    with pytest.raises(WrongSigner):
        accept_rotation(KEYRING, verified, NOW)


def test_a_stolen_retired_key_cannot_name_an_heir_by_dating_back() -> None:
    retired = KEYRING.retired(PORTAL.key_id, NOW + DAY)
    verified = rotation(keys.draw_key(Signer.PORTAL, now=NOW))

    with pytest.raises(Expired, match="already retired"):
        accept_rotation(retired, verified, NOW + timedelta(days=30))


def test_a_revoked_key_is_not_brought_back_by_a_rotation() -> None:
    stolen = keys.draw_key(Signer.PORTAL, now=NOW)
    keyring = KEYRING.with_key(stolen.public()).revoked(stolen.key_id, NOW)

    with pytest.raises(Expired, match="already known"):
        accept_rotation(keyring, rotation(stolen), NOW)


def test_a_new_key_must_bear_its_own_name() -> None:
    new = keys.draw_key(Signer.PORTAL, now=NOW)
    body = KeyRotation(Signer.PORTAL, "portal-chosen", new.public().public, NOW, PORTAL.key_id)
    document = documents.new_document(body, issuer=Signer.PORTAL, audience=(), now=NOW)
    verified = documents.verify(documents.sign(document, PORTAL), KEYRING, now=NOW)

    with pytest.raises(Malformed, match="new key"):
        accept_rotation(KEYRING, verified, NOW)


def test_only_a_rotation_rotates() -> None:
    verified = documents.verify(documents.sign(permit_document(), PORTAL), KEYRING, now=NOW)

    with pytest.raises(Malformed, match="does not rotate"):
        accept_rotation(KEYRING, verified, NOW)
