from dataclasses import replace
from datetime import timedelta

import pytest

from ecluse.domain.documents import Revocation, Signer
from ecluse.domain.errors import (
    BadSignature,
    Expired,
    Malformed,
    NotYetValid,
    UnknownKey,
    WrongSigner,
)
from ecluse.trust import canonical, documents, keys
from ecluse.trust.keys import Keyring, SigningKey
from tests.unit.trust.build import AGENT, DAY, KEYRING, NOW, PORTAL, REGISTER, permit_document


def test_a_signed_document_is_verified_whole() -> None:
    document = permit_document()
    data = documents.sign(document, PORTAL)
    verified = documents.verify(data, KEYRING, now=NOW)

    assert verified.document == document
    assert verified.digest == canonical.digest(data)
    assert verified.key_id == PORTAL.key_id
    assert verified.data == data


def test_the_signature_is_a_detached_jws_with_the_published_header() -> None:
    envelope = canonical.decode(documents.sign(permit_document(), PORTAL))
    header, payload, signature = envelope["signature"].split(".")

    assert keys.from_base64url(header).decode() == (
        '{"alg":"EdDSA","b64":false,"crit":["b64"],'
        f'"kid":"{PORTAL.key_id}","typ":"ecluse-document"}}'
    )
    assert payload == ""
    assert len(keys.from_base64url(signature)) == 64


def test_the_signature_is_checked_with_ed25519_alone() -> None:
    envelope = canonical.decode(documents.sign(permit_document(), PORTAL))
    header, _, signature = envelope["signature"].split(".")
    signed = header.encode() + b"." + canonical.encode(envelope["document"])

    # RFC 7797 section 3: the signing input is the header, a dot, and the bytes themselves.
    PORTAL.public().verifier().verify(keys.from_base64url(signature), signed)
    assert PORTAL.sign(signed) == keys.from_base64url(signature)


def test_two_documents_of_one_body_have_two_identifiers() -> None:
    assert permit_document().id != permit_document().id


def test_instants_are_kept_to_the_millisecond() -> None:
    document = documents.new_document(
        permit_document().body,
        issuer=Signer.PORTAL,
        audience=("agent:zone-1",),
        now=NOW + timedelta(microseconds=1999),
        expires_at=NOW + timedelta(days=1, microseconds=1999),
    )

    assert document.issued_at == NOW + timedelta(milliseconds=1)
    assert document.expires_at == NOW + timedelta(days=1, milliseconds=1)


def test_an_instant_without_zone_is_refused() -> None:
    with pytest.raises(Malformed, match="no time zone"):
        documents.new_document(
            permit_document().body, issuer=Signer.PORTAL, audience=(), now=NOW.replace(tzinfo=None)
        )


def test_an_unknown_key_verifies_nothing() -> None:
    data = documents.sign(permit_document(), PORTAL)

    with pytest.raises(UnknownKey):
        documents.verify(data, Keyring([AGENT.public()]), now=NOW)


def test_a_revoked_key_verifies_nothing_not_even_its_past() -> None:
    data = documents.sign(permit_document(), PORTAL)

    with pytest.raises(UnknownKey, match="revoked"):
        documents.verify(data, KEYRING.revoked(PORTAL.key_id, NOW + DAY), now=NOW + 2 * DAY)


def test_a_retired_key_still_verifies_what_it_signed_before() -> None:
    data = documents.sign(permit_document(), PORTAL)
    verified = documents.verify(data, KEYRING.retired(PORTAL.key_id, NOW + DAY), now=NOW + 2 * DAY)

    assert verified.key_id == PORTAL.key_id


def test_a_retired_key_verifies_nothing_issued_after() -> None:
    data = documents.sign(permit_document(), PORTAL)
    just_before = NOW - timedelta(milliseconds=1)

    with pytest.raises(Expired, match="retired"):
        documents.verify(data, KEYRING.retired(PORTAL.key_id, just_before), now=NOW)


def test_a_key_verifies_nothing_issued_before_it_began() -> None:
    young = keys.draw_key(Signer.PORTAL, now=NOW + DAY)
    data = documents.sign(permit_document(), young)

    with pytest.raises(NotYetValid, match="older than its key"):
        documents.verify(data, Keyring([young.public()]), now=NOW + DAY)


def test_a_clock_five_minutes_ahead_is_tolerated() -> None:
    data = documents.sign(permit_document(), PORTAL)
    verified = documents.verify(data, KEYRING, now=NOW - timedelta(minutes=5))

    assert verified.document.issued_at == NOW


def test_a_document_from_further_in_the_future_is_refused() -> None:
    data = documents.sign(permit_document(), PORTAL)

    with pytest.raises(NotYetValid, match="compare the clocks"):
        documents.verify(data, KEYRING, now=NOW - timedelta(minutes=5, milliseconds=1))


def test_a_document_is_obeyed_until_the_instant_it_expires() -> None:
    data = documents.sign(permit_document(expires_at=NOW + DAY), PORTAL)
    verified = documents.verify(data, KEYRING, now=NOW + DAY - timedelta(milliseconds=1))

    assert verified.document.expires_at == NOW + DAY


def test_an_expired_document_is_refused() -> None:
    data = documents.sign(permit_document(expires_at=NOW + DAY), PORTAL)

    with pytest.raises(Expired, match="expired on 2026-01-06"):
        documents.verify(data, KEYRING, now=NOW + DAY)


@pytest.mark.parametrize("key", [REGISTER, AGENT], ids=lambda key: key.signer.value)
def test_a_signer_cannot_sign_in_the_name_of_the_portal(key: SigningKey) -> None:
    data = documents.sign(permit_document(), key)

    with pytest.raises(WrongSigner):
        documents.verify(data, KEYRING, now=NOW)


@pytest.mark.parametrize("key", [REGISTER, AGENT], ids=lambda key: key.signer.value)
def test_a_signer_cannot_sign_a_kind_that_is_not_its_own(key: SigningKey) -> None:
    data = documents.sign(replace(permit_document(), issuer=key.signer), key)

    with pytest.raises(WrongSigner, match="may not sign a Permit"):
        documents.verify(data, KEYRING, now=NOW)


def test_a_false_signature_is_reported_before_the_right_to_sign() -> None:
    envelope = canonical.decode(documents.sign(permit_document(), AGENT))
    envelope["document"]["id"] = "22222222-2222-4222-8222-222222222222"

    with pytest.raises(BadSignature):
        documents.verify(canonical.encode(envelope), KEYRING, now=NOW)


def test_a_file_over_16_mib_is_refused_unread() -> None:
    with pytest.raises(Malformed, match="16777217 bytes"):
        documents.verify(b" " * (16 * 1024 * 1024 + 1), KEYRING, now=NOW)


def test_a_document_over_16_mib_is_not_signed() -> None:
    body = Revocation("FR-2026-0001", NOW, "x" * 16 * 1024 * 1024)
    document = documents.new_document(body, issuer=Signer.PORTAL, audience=(), now=NOW)

    with pytest.raises(Malformed, match="send less"):
        documents.sign(document, PORTAL)
