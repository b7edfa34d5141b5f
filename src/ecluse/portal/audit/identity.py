"""Who this site is for the other sides: its name, the keys it signs with, the keys it believes."""

import hashlib
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from ecluse.domain.documents import Signer
from ecluse.trust.keys import Keyring, SigningKey, load_retired_keys, load_signing_key

ROOMS = {"public": "portal", "checking": "checking"}
SIGNERS = {"public": Signer.PORTAL, "checking": Signer.CHECKING_ROOM}


def site() -> str:
    """Return which of the two sites this is: `public` or `checking`."""
    return str(settings.ECLUSE_SITE)


def audience() -> str:
    """Return the name under which documents are addressed to this site."""
    return f"site:{site()}"


def signer() -> Signer:
    """Return who signs the documents and checkpoints of this site."""
    return SIGNERS[site()]


def room() -> Path:
    """Return the folder of keys, keyring and files of this site."""
    return Path(settings.ECLUSE_HOME) / ROOMS[site()]


def key_folder() -> Path:
    """Return the folder of the private keys of this site."""
    return room() / "keys"


def signing_key(owner: Signer | None = None) -> SigningKey:
    """Return the present key of this site, or of another signer kept here. Raises NotFound."""
    return load_signing_key(key_folder(), owner or signer())


def seal_keys() -> tuple[bytes, ...]:
    """Return the secrets under which this site seals its drafts, the present one first.

    They are derived from its signing keys, so that they are never in the database. Raises NotFound.
    """
    folder = key_folder()
    # A key that comes, goes or retires changes the folder; reading them costs more than an entry.
    changed_at = folder.stat().st_mtime_ns if folder.exists() else 0
    return _seal_keys(folder, signer(), changed_at)


@lru_cache(maxsize=4)
def _seal_keys(folder: Path, owner: Signer, changed_at: int) -> tuple[bytes, ...]:  # noqa: ARG001 — part of the key
    present, retired = load_signing_key(folder, owner), load_retired_keys(folder, owner)
    secrets = (key.private.private_bytes_raw() for key in (present, *retired))
    return tuple(hashlib.sha256(b"ecluse draft of the journal\n" + one).digest() for one in secrets)


def keyring() -> Keyring:
    """Return the public keys that this site believes."""
    return Keyring.load(keyring_path())


def keyring_path() -> Path:
    """Return the file of the public keys that this site believes."""
    return room() / "keyring.json"


def origin() -> str:
    """Return the name of the journal of this site, the same for ever."""
    return f"{settings.ECLUSE_ORIGIN}/{site()}"
