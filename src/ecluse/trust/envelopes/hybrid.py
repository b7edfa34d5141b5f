"""Messages that one receiver alone opens, also against whoever keeps them for a quantum computer.

A fresh X25519 exchange and an ML-KEM-768 encapsulation each give a shared secret; HKDF-SHA-256
makes one key from both and from everything that was sent, and AES-256-GCM seals with it. Whoever
breaks one of the two has nothing.

A receiver's key pair is two files: `<name>.hybrid.key`, which its owner alone reads (the X25519 key
and the ML-KEM seed), and `<name>.hybrid.pub`, to give to whoever seals.

Source: RFC 7748, FIPS 203, RFC 5869; ANSSI, "Views on the post-quantum cryptography transition"
(2023 follow-up): hybridation until 2030 at least; the order of the secrets is that of NIST
SP 800-56C revision 2, section 2.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ecluse.domain.errors import BadSignature, InvalidInput, Malformed, NotFound
from ecluse.trust import canonical, durable, keys
from ecluse.trust.custody.core_dumps import forbid_core_dumps
from ecluse.trust.custody.secrets import KEY_BYTES, Secret

PRIVATE: Final = ".hybrid.key"
PUBLIC: Final = ".hybrid.pub"
POINT_BYTES: Final = 32
LATTICE_BYTES: Final = 1184
CIPHERTEXT_BYTES: Final = 1088
SEED_BYTES: Final = 64
SENT_BYTES: Final = POINT_BYTES + CIPHERTEXT_BYTES
PUBLIC_BYTES: Final = POINT_BYTES + LATTICE_BYTES
PRIVATE_BYTES: Final = POINT_BYTES + SEED_BYTES
LABEL: Final = b"ecluse hybrid seal 1"
NONCE: Final = bytes(12)
"""Each key seals one message: the nonce need not change."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """The public halves of a receiver."""

    point: X25519PublicKey
    lattice: MLKEM768PublicKey

    @classmethod
    def parse(cls, raw: bytes) -> "Receiver":
        """Return the receiver of 1216 bytes. Raises InvalidInput."""
        if len(raw) != PUBLIC_BYTES:
            raise InvalidInput(f"The public half of a hybrid key has {PUBLIC_BYTES} bytes.")
        try:
            lattice = MLKEM768PublicKey.from_public_bytes(raw[POINT_BYTES:])
        except ValueError:
            raise InvalidInput("This is no ML-KEM-768 key: ask for its file again.") from None
        return cls(X25519PublicKey.from_public_bytes(raw[:POINT_BYTES]), lattice)

    def raw(self) -> bytes:
        """Return the 1216 bytes: X25519, then ML-KEM-768."""
        return self.point.public_bytes_raw() + self.lattice.public_bytes_raw()

    @property
    def key_id(self) -> str:
        """`hybrid-` and 16 hexadecimal characters of the digest of the bytes."""
        return f"hybrid-{canonical.digest(self.raw()).removeprefix('sha256:')[:16]}"

    def seal(self, message: bytes, *, purpose: str) -> bytes:
        """Return a message that the receiver alone opens, for this purpose alone."""
        once = X25519PrivateKey.generate()
        by_lattice, sent = self.lattice.encapsulate()
        sent = once.public_key().public_bytes_raw() + sent
        try:
            by_point = once.exchange(self.point)
        except ValueError:
            raise InvalidInput("This X25519 key is of low order: refuse its owner.") from None
        key = combine(by_lattice, by_point, sent + self.raw(), purpose=purpose)
        return sent + AESGCM(key).encrypt(NONCE, message, sent)


@dataclass(frozen=True, slots=True)
class HybridKey:
    """The private halves. Never printed, nor copied but into its file."""

    point: X25519PrivateKey = field(repr=False, compare=False)
    lattice: MLKEM768PrivateKey = field(repr=False, compare=False)

    @classmethod
    def draw(cls) -> "HybridKey":
        """Return a new key at random, kept nowhere yet."""
        forbid_core_dumps()
        return cls(X25519PrivateKey.generate(), MLKEM768PrivateKey.generate())

    @classmethod
    def parse(cls, raw: bytes) -> "HybridKey":
        """Return the key of 96 bytes. Raises InvalidInput."""
        if len(raw) != PRIVATE_BYTES:
            raise InvalidInput(f"A hybrid key has {PRIVATE_BYTES} bytes.")
        point, seed = raw[:POINT_BYTES], raw[POINT_BYTES:]
        return cls(
            X25519PrivateKey.from_private_bytes(point), MLKEM768PrivateKey.from_seed_bytes(seed)
        )

    def raw(self) -> Secret:
        """Return the 96 bytes: the X25519 key, then the ML-KEM seed."""
        return Secret(self.point.private_bytes_raw() + self.lattice.private_bytes_raw())

    def receiver(self) -> Receiver:
        """Return the half to give to whoever seals."""
        return Receiver(self.point.public_key(), self.lattice.public_key())

    def open(self, sealed: bytes, *, purpose: str) -> Secret:
        """Return the message. Raises BadSignature: for another, for another purpose, or altered."""
        sent, body = (
            sealed[: POINT_BYTES + CIPHERTEXT_BYTES],
            sealed[POINT_BYTES + CIPHERTEXT_BYTES :],
        )
        try:
            once = X25519PublicKey.from_public_bytes(sent[:POINT_BYTES])
            by_lattice = self.lattice.decapsulate(sent[POINT_BYTES:])
            said = sent + self.receiver().raw()
            key = combine(by_lattice, self.point.exchange(once), said, purpose=purpose)
            return Secret(AESGCM(key).decrypt(NONCE, body, sent))
        except (InvalidTag, ValueError):
            raise BadSignature(
                "This message was sealed for another key or another purpose, or was altered: ask "
                "its sender for it again."
            ) from None


def combine(by_lattice: bytes, by_point: bytes, said: bytes, *, purpose: str) -> Secret:
    """Return the key that both shared secrets make with everything that was sent (HKDF-SHA-256)."""
    info = LABEL + len(purpose.encode()).to_bytes(4, "big") + purpose.encode() + said
    kdf = HKDF(SHA256(), length=KEY_BYTES, salt=None, info=info)
    return Secret(kdf.derive(by_lattice + by_point))


def store_hybrid_key(folder: Path, name: str, key: HybridKey) -> Path:
    """Write both halves in `folder`; return the private file. Raises InvalidInput, StorageFull."""
    path = folder / f"{name}{PRIVATE}"
    if path.exists():
        raise InvalidInput(f"{path} exists: what was sealed for it needs it. Name another.")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    durable.write(path, f"{keys.to_base64url(key.raw())}\n".encode(), mode=keys.PRIVATE_MODE)
    store_receiver(folder, name, key.receiver())
    return path


def store_receiver(folder: Path, name: str, receiver: Receiver) -> Path:
    """Write the public half in `folder`; return its file. Raises StorageFull."""
    path = folder / f"{name}{PUBLIC}"
    durable.write(path, f"{keys.to_base64url(receiver.raw())}\n".encode(), mode=keys.PUBLIC_MODE)
    return path


def load_hybrid_key(path: Path) -> HybridKey:
    """Return the key of a `.hybrid.key` file. Raises NotFound, InvalidInput."""
    forbid_core_dumps()
    if path.is_file() and path.stat().st_mode & 0o077:
        raise InvalidInput(f"{path} can be read by other accounts: run `chmod 600 {path}`.")
    return HybridKey.parse(_read(path))


def load_receiver(path: Path) -> Receiver:
    """Return the public half of a `.hybrid.pub` file. Raises NotFound, InvalidInput."""
    return Receiver.parse(_read(path))


def _read(path: Path) -> bytes:
    try:
        return keys.from_base64url(path.read_text(encoding="ascii").strip())
    except FileNotFoundError:
        raise NotFound(f"{path} is missing: check its name, or restore it.") from None
    except (Malformed, UnicodeDecodeError):
        raise InvalidInput(f"{path} is not a hybrid key: restore it from its copy.") from None
