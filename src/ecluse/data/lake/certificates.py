"""The certificate of an erasure: what was erased, what was read again to prove that it is gone.

Canonical JSON, signed when a key is given. It names no person: whoever asked knows the list, which
`reference` ties to it.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature

from ecluse.data.lake.snapshots import Lake
from ecluse.domain import codec
from ecluse.domain.errors import BadSignature, Malformed
from ecluse.trust import canonical, durable, keys
from ecluse.trust.keys import Keyring, SigningKey

FOLDER: Final = ".certificates"


class Erased(StrEnum):
    """What an erasure was of."""

    PERSONS = "persons"
    SNAPSHOT = "snapshot"
    DATASET = "dataset"


@dataclass(frozen=True, slots=True)
class ErasedTable:
    """One table: rows erased, rows of others where a name was blanked, rows left.

    `checksum_expected` and `checksum_written` are order-free, over the rows to keep of the parts
    written again: equal, they show that nothing else changed.
    """

    table: str
    rows_before: int
    rows_erased: int
    rows_blanked: int
    rows_after: int
    parts_written_again: int
    checksum_expected: str
    checksum_written: str


@dataclass(frozen=True, slots=True)
class DeletionCertificate:
    """What an erasure did. `rows_found_after` is what reading everything again found: 0.

    `names_shared` are pseudonyms that also name somebody who stays, as twins have. `deleted` are
    the digests of the files that are no more.
    """

    erased: Erased
    dataset: str
    reference: str
    erased_at: datetime
    persons_asked: int
    persons_erased: int
    names_shared: int
    snapshot_before: str
    snapshot_after: str | None
    tables: tuple[ErasedTable, ...]
    snapshots_dropped: tuple[str, ...]
    deleted: tuple[str, ...]
    bytes_deleted: int
    parts_read_again: int
    rows_read_again: int
    rows_found_after: int
    engine: str


@dataclass(frozen=True, slots=True)
class _Signed:
    certificate: DeletionCertificate
    key_id: str | None
    signature: str | None


def sign(certificate: DeletionCertificate, key: SigningKey | None) -> bytes:
    """Return the certificate as canonical JSON, signed (Ed25519) when there is a key."""
    if key is None:
        return canonical.encode(codec.encode(_Signed(certificate, None, None)))
    signature = keys.to_base64url(key.sign(canonical.encode(codec.encode(certificate))))
    return canonical.encode(codec.encode(_Signed(certificate, key.key_id, signature)))


def check(data: bytes, keyring: Keyring) -> DeletionCertificate:
    """Return the certificate if a believed key signed exactly this.

    Raises:
        Malformed: not a certificate, or not signed.
        UnknownKey: the key is not in the keyring, or was revoked.
        BadSignature: altered, or signed by another key.
    """
    signed: _Signed = codec.decode(canonical.decode(data), _Signed, at="certificate")
    if signed.key_id is None or signed.signature is None:
        raise Malformed("This certificate is not signed: nobody vouches for it.")
    content = canonical.encode(codec.encode(signed.certificate))
    try:
        keyring.find(signed.key_id).verifier().verify(
            keys.from_base64url(signed.signature), content
        )
    except InvalidSignature:
        raise BadSignature(
            f"This certificate is not what {signed.key_id} signed: ask for the original."
        ) from None
    return signed.certificate


def keep(lake: Lake, certificate: DeletionCertificate, key: SigningKey | None) -> Path:
    """Write the certificate in the lake and return its file. Raises StorageFull."""
    data = sign(certificate, key)
    stamp = f"{certificate.erased_at:%Y%m%dT%H%M%SZ}"
    digits = canonical.digest(data).partition(":")[2][:8]
    path = lake.path / FOLDER / f"{certificate.dataset}-{stamp}-{digits}.json"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    durable.write(path, data)
    return path
