"""Custodians of pseudonyms: two persons whose signatures together allow what neither may alone.

Each has a key pair of their own (Ed25519): `<name>.custodian.key`, for its owner alone, and
`<name>.custodian.pub`, one line of JSON. The zone keeps the public halves of both, one a level.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ecluse.domain import codec
from ecluse.domain.errors import BadSignature, InvalidInput, Malformed, NotAllowed, NotFound
from ecluse.trust import canonical, durable, keys
from ecluse.trust.pseudonyms.keys import FIRST, LEVELS, SECOND

PRIVATE: Final = ".custodian.key"
PUBLIC: Final = ".custodian.pub"


@dataclass(frozen=True, slots=True)
class Custodian:
    """Who keeps the key of one level, and the raw public key (base64url) of their signature."""

    name: str
    level: int
    public: str

    def line(self) -> bytes:
        """Return the content of the `.pub` file."""
        return canonical.encode(codec.encode(self)) + b"\n"


@dataclass(frozen=True, slots=True)
class Approval:
    """A custodian's signature (base64url) over the digest of what they allow."""

    custodian: str
    level: int
    digest: str
    signature: str

    def line(self) -> bytes:
        """Return the content of the file that carries an approval."""
        return canonical.encode(codec.encode(self)) + b"\n"


def create_custodian(folder: Path, name: str, level: int) -> Custodian:
    """Return a new custodian, whose key pair is written in `folder`.

    Raises:
        InvalidInput: the level is not 1 or 2, or the key exists.
        StorageFull: no space is left.
    """
    path = folder / f"{name}{PRIVATE}"
    if level not in LEVELS or path.exists():
        raise InvalidInput(f"{path} exists, or level {level} is not 1 or 2.")
    private = Ed25519PrivateKey.generate()
    custodian = Custodian(name, level, keys.to_base64url(private.public_key().public_bytes_raw()))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    secret = keys.to_base64url(private.private_bytes_raw())
    durable.write(path, f"{secret}\n".encode(), mode=keys.PRIVATE_MODE)
    durable.write(folder / f"{name}{PUBLIC}", custodian.line(), mode=keys.PUBLIC_MODE)
    return custodian


def load_custodian(path: Path) -> Custodian:
    """Return the custodian of a `.custodian.pub` file. Raises NotFound, Malformed."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise NotFound(f"{path} is missing: ask the custodian for it.") from None
    content = canonical.decode(data.rstrip(b"\n"))
    custodian: Custodian = codec.decode(content, Custodian, at="custodian")
    return custodian


def load_approval(path: Path) -> Approval:
    """Return the approval of a file. Raises NotFound, Malformed."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise NotFound(f"{path} is missing: ask the custodian for it.") from None
    approval: Approval = codec.decode(canonical.decode(data.rstrip(b"\n")), Approval, at="approval")
    return approval


def approve(folder: Path, name: str, digest: str, *, purpose: str) -> Approval:
    """Return the approval of custodian `name`, whose key pair is in `folder`.

    Raises:
        NotFound, InvalidInput: the key is missing, or other accounts can read it.
    """
    custodian = load_custodian(folder / f"{name}{PUBLIC}")
    path = folder / f"{name}{PRIVATE}"
    if not path.is_file():
        raise NotFound(f"{path} is missing: restore it from its copy.")
    if path.stat().st_mode & 0o077:
        raise InvalidInput(f"{path} can be read by other accounts: run `chmod 600 {path}`.")
    try:
        secret = keys.from_base64url(path.read_text(encoding="ascii").strip())
        private = Ed25519PrivateKey.from_private_bytes(secret)
    except (Malformed, ValueError):
        raise InvalidInput(f"{path} is not a custodian's key: restore it from its copy.") from None
    signature = private.sign(_signed(custodian.name, custodian.level, digest, purpose))
    return Approval(custodian.name, custodian.level, digest, keys.to_base64url(signature))


def check_approvals(
    approvals: tuple[Approval, ...],
    custodians: tuple[Custodian, ...],
    digest: str,
    *,
    purpose: str,
) -> None:
    """Check that the custodians of both levels, two persons, approved `digest`.

    Raises:
        NotAllowed: one is missing, or one person holds both levels.
        BadSignature: an approval is of other content, or another key made it.
    """
    by_level = {approval.level: approval for approval in approvals}
    trusted = {custodian.level: custodian for custodian in custodians}
    for level in (FIRST, SECOND):
        if level not in by_level or level not in trusted:
            raise NotAllowed(f"The custodian of level {level} has not approved: both must.")
        _check(by_level[level], trusted[level], digest, purpose)
    if len({trusted[level].name for level in LEVELS}) < len(LEVELS) or len(
        {trusted[level].public for level in LEVELS}
    ) < len(LEVELS):
        raise NotAllowed("One person holds both levels: two custodians must take part.")


def _check(approval: Approval, custodian: Custodian, digest: str, purpose: str) -> None:
    signed = _signed(custodian.name, custodian.level, digest, purpose)
    try:
        public = Ed25519PublicKey.from_public_bytes(keys.from_base64url(custodian.public))
        public.verify(keys.from_base64url(approval.signature), signed)
    except (InvalidSignature, ValueError, Malformed):
        raise BadSignature(
            f"The approval of level {custodian.level} is not {custodian.name}'s of this request: "
            "have it approved as it is now."
        ) from None


def _signed(name: str, level: int, digest: str, purpose: str) -> bytes:
    return canonical.encode({"by": name, "digest": digest, "level": level, "purpose": purpose})
