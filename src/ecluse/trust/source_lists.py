"""Opt-outs for a data holder who leaves people out at source: packed, sealed, opened, applied.

Each identifier is told by its HMAC-SHA-256 under a key drawn for this list alone, which lies in the
sealed file: the holder finds who among its own persons is out, and learns no identifier that it did
not know; the lists of two holders have nothing in common to compare.

    key (32 bytes), then for each basis, in the order of `Basis`: how many (8 bytes), the digests
"""

import hmac
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from ecluse.domain.documents import Basis, ListCommitment
from ecluse.domain.errors import InvalidInput, Malformed
from ecluse.trust import keys, sealing
from ecluse.trust.commitments import DIGEST_BYTES, DigestSet, keyed_digests

PURPOSE: Final = "ecluse opt-outs at source"
KEY_BYTES: Final = 32
COUNT_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class SourceList:
    """What a holder applies: the digests of each basis, under the key of this list."""

    key: bytes = field(repr=False)
    digests: Mapping[Basis, DigestSet]

    def bases_of(self, identifiers: Iterable[str]) -> frozenset[Basis]:
        """Return under which bases a person who has one of these identifiers is out.

        As deliveries know a person: lifelong pseudonym, that of who insures them with the rank and
        without. One match is enough.
        """
        found = [hmac.digest(self.key, one.encode(), "sha256") for one in identifiers]
        return frozenset(
            basis for basis, held in self.digests.items() if any(held.holds(one) for one in found)
        )

    def commitments(self) -> tuple[ListCommitment, ...]:
        """Return what binds the list of each basis."""
        return tuple(
            ListCommitment(basis, held.commitment()) for basis, held in self.digests.items()
        )


def draw_list(identifiers: Mapping[Basis, Iterable[str]]) -> SourceList:
    """Return a list of these identifiers under a new key; every basis is there, empty or not."""
    key = secrets.token_bytes(KEY_BYTES)
    held = {one: DigestSet(keyed_digests(identifiers.get(one, ()), key)) for one in Basis}
    return SourceList(key, held)


def seal_list(made: SourceList, receiver: X25519PublicKey, *, call_number: str) -> bytes:
    """Return a list that the holder called alone opens, for this call alone."""
    parts = [made.key]
    for basis in Basis:
        held = made.digests[basis]
        parts += [len(held).to_bytes(COUNT_BYTES, "big"), held.data]
    return sealing.seal(b"".join(parts), receiver, purpose=f"{PURPOSE} {call_number}")


def open_list(sealed: bytes, key: sealing.OpeningKey, *, call_number: str) -> SourceList:
    """Return the list sealed for a call. Raises BadSignature, Malformed."""
    data = key.open(sealed, purpose=f"{PURPOSE} {call_number}")
    secret, place, held = data[:KEY_BYTES], KEY_BYTES, {}
    for basis in Basis:
        count = int.from_bytes(data[place : place + COUNT_BYTES], "big")
        place += COUNT_BYTES
        held[basis] = DigestSet(data[place : place + count * DIGEST_BYTES])
        place += count * DIGEST_BYTES
    if place != len(data):
        raise Malformed("The list of opt-outs was cut off: download it again.")
    return SourceList(secret, held)


def read_receiver(text: str) -> X25519PublicKey:
    """Return the public half that a holder gave, as in its `.opening.pub`. Raises InvalidInput."""
    try:
        raw = keys.from_base64url(text.strip())
    except Malformed:
        raw = b""
    if len(raw) != keys.PUBLIC_KEY_BYTES:
        raise InvalidInput("This is not the public half of a pair: copy the line of the .pub file.")
    return X25519PublicKey.from_public_bytes(raw)
