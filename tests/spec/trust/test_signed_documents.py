"""What crosses a gate is a signed document, and a signed document proves itself to anybody."""

from datetime import timedelta
from pathlib import Path

import pytest

from ecluse.domain.documents import Signer
from ecluse.domain.errors import BadSignature, Expired, UnknownKey, WrongSigner
from ecluse.trust import documents, keys
from ecluse.trust.keys import Keyring, PublicKey
from ecluse.trust.rotation import accept_rotation, rotate
from tests.unit.trust.build import AGENT, DAY, KEYRING, NOW, PORTAL, permit_document


def test_a_permit_is_verified_offline_with_the_public_key_alone(tmp_path: Path) -> None:
    key = keys.create_key(tmp_path, Signer.PORTAL, now=NOW)
    permit = documents.sign(permit_document(), key)
    handed_over = (tmp_path / f"{key.key_id}.pub").read_bytes()

    verified = documents.verify(permit, Keyring([PublicKey.parse(handed_over)]), now=NOW)

    assert verified.document.body.permit_number == "FR-2026-0001"


def test_a_permit_changed_by_one_letter_is_refused() -> None:
    permit = documents.sign(permit_document(), PORTAL)

    with pytest.raises(BadSignature):
        documents.verify(permit.replace(b"FR-2026-0001", b"FR-2026-0002"), KEYRING, now=NOW)


def test_the_agent_of_the_secure_zone_cannot_grant_itself_a_permit() -> None:
    permit = documents.sign(permit_document(), AGENT)

    with pytest.raises(WrongSigner):
        documents.verify(permit, KEYRING, now=NOW)


def test_a_permit_is_not_obeyed_after_its_last_instant() -> None:
    permit = documents.sign(permit_document(expires_at=NOW + DAY), PORTAL)

    with pytest.raises(Expired):
        documents.verify(permit, KEYRING, now=NOW + DAY)


def test_a_key_is_replaced_without_carrying_anything_by_hand(tmp_path: Path) -> None:
    old = keys.create_key(tmp_path, Signer.PORTAL, now=NOW)
    granted_before = documents.sign(permit_document(), old)
    new, rotation = rotate(tmp_path, Signer.PORTAL, now=NOW + DAY)
    granted_after = documents.sign(permit_document(issued_at=NOW + DAY), new)
    keyring = Keyring([old.public()])
    keyring = accept_rotation(
        keyring, documents.verify(rotation, keyring, now=NOW + DAY), NOW + DAY
    )

    assert documents.verify(granted_before, keyring, now=NOW + DAY).key_id == old.key_id
    assert documents.verify(granted_after, keyring, now=NOW + DAY).key_id == new.key_id


def test_a_replaced_key_grants_nothing_more(tmp_path: Path) -> None:
    old = keys.create_key(tmp_path, Signer.PORTAL, now=NOW)
    _, rotation = rotate(tmp_path, Signer.PORTAL, now=NOW + DAY)
    keyring = Keyring([old.public()])
    keyring = accept_rotation(
        keyring, documents.verify(rotation, keyring, now=NOW + DAY), NOW + DAY
    )
    late = documents.sign(permit_document(issued_at=NOW + DAY + timedelta(seconds=1)), old)

    with pytest.raises(Expired):
        documents.verify(late, keyring, now=NOW + 2 * DAY)


def test_a_stolen_key_is_revoked_with_everything_it_signed() -> None:
    permit = documents.sign(permit_document(), PORTAL)

    with pytest.raises(UnknownKey):
        documents.verify(permit, KEYRING.revoked(PORTAL.key_id, NOW), now=NOW)
