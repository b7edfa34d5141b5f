"""A signer's next key, named by its present one, so that nobody has to carry it by hand."""

from datetime import datetime
from pathlib import Path
from typing import Final

from ecluse.domain.documents import AGENT, CHECKING_SITE, PUBLIC_SITE, KeyRotation, Signer
from ecluse.domain.errors import Expired, Malformed, WrongSigner
from ecluse.trust import documents, durable, keys
from ecluse.trust.documents import Verified
from ecluse.trust.keys import Keyring, PublicKey, SigningKey

AUDIENCE: Final = (AGENT, CHECKING_SITE, PUBLIC_SITE)


def rotate(folder: Path, signer: Signer, *, now: datetime) -> tuple[SigningKey, bytes]:
    """Return the next key of `signer`, and the document of its present key that names it.

    The document also stays in `folder` as `<new key id>.rotation`, for whoever missed it.

    Raises:
        NotFound: there is no key to rotate from.
        StorageFull: no space is left; what was in use still is.
    """
    old = keys.load_signing_key(folder, signer)
    new = keys.draw_key(signer, now=now)
    body = KeyRotation(
        signer=signer,
        new_key_id=new.key_id,
        new_public_key=new.public().public,
        valid_from=new.valid_from,
        retires_key_id=old.key_id,
    )
    document = documents.new_document(body, issuer=signer, audience=AUDIENCE, now=now)
    data = documents.sign(document, old)
    # Written before the key itself: after a crash no key is in use that its owner cannot announce.
    durable.write(folder / f"{new.key_id}.rotation", data, mode=keys.PUBLIC_MODE)
    keys.store_key(folder, new)
    keys.retire(folder, old.key_id, at=now)
    return new, data


def accept_rotation(keyring: Keyring, verified: Verified, now: datetime) -> Keyring:
    """Return the keyring after a signer named its next key with its present one.

    A rotation already accepted changes nothing.

    Raises:
        Malformed: not a key rotation, or the new key does not bear its own name.
        WrongSigner: the rotation speaks of another signer, or of a key that did not sign it.
        Expired: signed by a key already retired: whoever still holds it may not name its heir.
    """
    body = read_rotation(verified)
    if body.signer != verified.document.issuer or body.retires_key_id != verified.key_id:
        raise WrongSigner(f"Key {verified.key_id} may only name its own successor.")
    old, new = keyring.find(verified.key_id), _successor(body)
    if old.valid_until == body.valid_from and keyring.keys.get(new.key_id) == new:
        return keyring
    if new.key_id in keyring.keys or (old.valid_until is not None and old.valid_until <= now):
        raise Expired(
            f"Key {old.key_id} was already retired, or names a key already known: ask "
            f"{body.signer.value} for its present key by another way."
        )
    return keyring.retired(old.key_id, body.valid_from).with_key(new)


def read_rotation(verified: Verified) -> KeyRotation:
    """Return what a rotation says. Raises Malformed for a document of another kind."""
    body = verified.document.body
    if not isinstance(body, KeyRotation):
        raise Malformed(f"A {verified.document.kind} does not rotate a key.")
    return body


def _successor(body: KeyRotation) -> PublicKey:
    try:
        return PublicKey(body.new_key_id, body.signer, body.new_public_key, body.valid_from)
    except ValueError as error:
        raise Malformed(f"The new key cannot be used: {error}") from error
