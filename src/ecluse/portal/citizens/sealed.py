"""Short texts sealed with the third party's key, each for one place: no other key opens them."""

import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ecluse.domain.errors import BadSignature
from ecluse.trust import keys
from ecluse.trust.pseudonyms.national_numbers import NationalKey

NONCE_BYTES: Final = 12
PADDED: Final = 120
"""Characters that every text is padded to, so that its length tells nothing."""


def seal(text: str, place: str, key: NationalKey) -> str:
    """Return `text` sealed for `place`: the account or the receipt that it belongs to."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    data = text.ljust(PADDED).encode()
    return keys.to_base64url(nonce + _cipher(key).encrypt(nonce, data, place.encode()))


def unseal(sealed: str, place: str, key: NationalKey) -> str:
    """Return what was sealed for that place. Raises BadSignature: altered, or moved."""
    data = keys.from_base64url(sealed)
    try:
        told = _cipher(key).decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], place.encode())
    except InvalidTag:
        raise BadSignature(
            "A text kept for a citizen was altered, or kept under another key of the third party."
        ) from None
    return told.decode().rstrip()


def _cipher(key: NationalKey) -> AESGCM:
    return AESGCM(key.derive("texts kept for citizens"))
