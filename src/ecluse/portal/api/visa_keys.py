"""The key that signs visas: RSA, because every verifier of GA4GH visas reads RS256.

It lies beside the other private keys of the site, drawn the first time that it is needed.
"""

import hashlib
import os
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from jwt.algorithms import RSAAlgorithm

from ecluse.domain.errors import Malformed
from ecluse.portal.audit import identity
from ecluse.trust import durable

ALGORITHM: Final = "RS256"
BITS: Final = 2048
EXPONENT: Final = 65537
FILE_NAME: Final = "visa-rs256.pem"


@dataclass(frozen=True, slots=True)
class VisaKey:
    """A private key, with the name by which its visas call it."""

    key_id: str
    private: rsa.RSAPrivateKey = field(repr=False, compare=False)

    def public_jwk(self) -> dict[str, Any]:
        """The public half, as RFC 7517 writes it."""
        told = RSAAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        kept = {name: told[name] for name in ("kty", "n", "e")}
        return {**kept, "kid": self.key_id, "alg": ALGORITHM, "use": "sig"}


def visa_key() -> VisaKey:
    """Return the key of this site, drawn if there is none. Raises Malformed, StorageFull."""
    path = identity.key_folder() / FILE_NAME
    if not path.exists():
        _draw(path)
    return _load(path, path.stat().st_mtime_ns)


def _draw(path: Path) -> None:
    """Draw a key; of two processes that draw at once, the first one's stays."""
    private = rsa.generate_private_key(public_exponent=EXPONENT, key_size=BITS)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.parent.mkdir(parents=True, exist_ok=True)
    mine = path.with_name(f".{path.name}.{os.getpid()}")
    durable.write(mine, pem)
    try:
        os.link(mine, path)
    except FileExistsError:
        pass
    finally:
        mine.unlink()


@cache
def _load(path: Path, _changed_at: int) -> VisaKey:
    private = load_pem_private_key(path.read_bytes(), None)
    if not isinstance(private, rsa.RSAPrivateKey):
        raise Malformed(f"{path.name} holds no RSA key: restore it from its copy.")
    public = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return VisaKey(f"visa-{hashlib.sha256(public).hexdigest()[:16]}", private)
