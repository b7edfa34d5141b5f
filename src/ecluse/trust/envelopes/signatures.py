"""Small files signed as they are: one line of canonical JSON, with who signed it.

For a header of a data key, a contribution to a ceremony, its transcript: what is kept, and never
crosses a gate as a document does.
"""

from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ecluse.domain import codec
from ecluse.domain.errors import BadSignature, Malformed
from ecluse.trust import canonical, keys
from ecluse.trust.keys import Keyring, SigningKey


@dataclass(frozen=True, slots=True)
class Signed:
    """A content, the name of the key that signed it, and the signature in base64url."""

    content: str
    key_id: str
    signature: str

    def line(self) -> bytes:
        """Return the bytes of the file."""
        return canonical.encode(codec.encode(self)) + b"\n"

    @classmethod
    def parse(cls, data: bytes) -> "Signed":
        """Return what a file says, its signature unchecked. Raises Malformed."""
        signed: Signed = codec.decode(canonical.decode(data.rstrip(b"\n")), cls, at="signed")
        return signed

    def read(self, type_: type[Any], public: Ed25519PublicKey, *, purpose: str) -> Any:
        """Return the content that `public` signed for this purpose. Raises BadSignature."""
        try:
            public.verify(keys.from_base64url(self.signature), message(self.content, purpose))
        except (InvalidSignature, Malformed):
            raise BadSignature(
                f"What {self.key_id[:60]} signed as a {purpose} was altered, or is another thing: "
                "restore it from its copy."
            ) from None
        return codec.decode(canonical.decode(self.content.encode()), type_, at=purpose)


def sign(content: object, key: SigningKey, *, purpose: str) -> Signed:
    """Return a dataclass signed for one purpose."""
    text = canonical.encode(codec.encode(content)).decode()
    return Signed(text, key.key_id, keys.to_base64url(key.sign(message(text, purpose))))


def read(data: bytes, type_: type[Any], keyring: Keyring, *, purpose: str) -> Any:
    """Return the content that a believed key signed for this purpose.

    Raises:
        Malformed: it is not such a file.
        UnknownKey, BadSignature: nobody believed signed it, or it was altered.
    """
    signed = Signed.parse(data)
    return signed.read(type_, keyring.find(signed.key_id).verifier(), purpose=purpose)


def message(content: str, purpose: str) -> bytes:
    """Return the bytes that are signed: the purpose, then the content."""
    return f"ecluse {purpose}\n{content}".encode()
