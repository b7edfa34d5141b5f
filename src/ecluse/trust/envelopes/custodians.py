"""Custodians of a ceremony: each signs what they bring, and alone opens the share they keep.

<name>.custodian           what the others know of them: one line of JSON
<name>.signing.key         their Ed25519 key, for its owner alone
<name>.hybrid.key, .pub    the pair that opens what is sealed for them
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ecluse.domain import codec
from ecluse.domain.errors import InvalidInput, Malformed, NotFound
from ecluse.trust import canonical, durable, keys
from ecluse.trust.envelopes.hybrid import (
    PRIVATE,
    HybridKey,
    Receiver,
    load_hybrid_key,
    store_hybrid_key,
)
from ecluse.trust.envelopes.signatures import Signed, message

PUBLIC: Final = ".custodian"
SIGNING: Final = ".signing.key"
NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,39}")


@dataclass(frozen=True, slots=True)
class Custodian:
    """A person, the body they answer to, and the public halves of their keys (base64url)."""

    name: str
    organisation: str
    signing: str
    sealing: str

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name) or not self.organisation.strip():
            raise InvalidInput("A custodian has a name in small letters and an organisation.")

    @classmethod
    def load(cls, path: Path) -> "Custodian":
        """Return the custodian of a file. Raises NotFound, Malformed, InvalidInput."""
        try:
            content = canonical.decode(path.read_bytes().rstrip(b"\n"))
        except FileNotFoundError:
            raise NotFound(f"{path} is missing: ask the custodian for it.") from None
        custodian: Custodian = codec.decode(content, cls, at="custodian")
        custodian.receiver()
        return custodian

    def line(self) -> bytes:
        """Return the bytes of the file."""
        return canonical.encode(codec.encode(self)) + b"\n"

    def verifier(self) -> Ed25519PublicKey:
        """Return what checks their signature."""
        return Ed25519PublicKey.from_public_bytes(keys.from_base64url(self.signing))

    def receiver(self) -> Receiver:
        """Return what seals for them."""
        return Receiver.parse(keys.from_base64url(self.sealing))


@dataclass(frozen=True, slots=True)
class CustodianKeys:
    """The keys of a custodian, on their own medium."""

    custodian: Custodian
    signing: Ed25519PrivateKey = field(repr=False, compare=False)
    opening: HybridKey = field(repr=False, compare=False)

    def sign(self, content: object, *, purpose: str) -> Signed:
        """Return a dataclass signed for one purpose."""
        text = canonical.encode(codec.encode(content)).decode()
        signature = self.signing.sign(message(text, purpose))
        return Signed(text, self.custodian.name, keys.to_base64url(signature))


def create_custodian(folder: Path, name: str, organisation: str) -> Custodian:
    """Return a new custodian, whose keys are written in `folder`. Raises InvalidInput."""
    signing, opening = Ed25519PrivateKey.generate(), HybridKey.draw()
    made = Custodian(
        name,
        organisation.strip(),
        keys.to_base64url(signing.public_key().public_bytes_raw()),
        keys.to_base64url(opening.receiver().raw()),
    )
    store_hybrid_key(folder, name, opening)
    secret = keys.to_base64url(signing.private_bytes_raw())
    durable.write(folder / f"{name}{SIGNING}", f"{secret}\n".encode(), mode=keys.PRIVATE_MODE)
    durable.write(folder / f"{name}{PUBLIC}", made.line(), mode=keys.PUBLIC_MODE)
    return made


def load_custodian_keys(folder: Path, name: str) -> CustodianKeys:
    """Return the keys of a custodian. Raises NotFound, InvalidInput."""
    path = folder / f"{name}{SIGNING}"
    opening = load_hybrid_key(folder / f"{name}{PRIVATE}")
    if not path.is_file() or path.stat().st_mode & 0o077:
        raise InvalidInput(f"{path} is missing, or read by other accounts: run `chmod 600`.")
    try:
        secret = keys.from_base64url(path.read_text(encoding="ascii").strip())
        signing = Ed25519PrivateKey.from_private_bytes(secret)
    except (Malformed, ValueError):
        raise InvalidInput(f"{path} is not a signing key: restore it from its copy.") from None
    return CustodianKeys(Custodian.load(folder / f"{name}{PUBLIC}"), signing, opening)
