"""A hub's data keys and their holders, and objects sealed with them."""

from datetime import UTC, datetime
from pathlib import Path

from ecluse.domain.documents import Signer
from ecluse.trust.custody.security_modules import Token
from ecluse.trust.envelopes.chunks import SealedObject, frame_of, seal
from ecluse.trust.envelopes.headers import HeaderFolder, draw_header, wrap_for
from ecluse.trust.envelopes.holders import STORAGE, KeyHolder
from ecluse.trust.keys import Keyring, draw_key
from ecluse.trust.zone.sealed_files import DataKey, draw_data_key

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEY = draw_key(Signer.AGENT, now=NOW)
KEYRING = Keyring([KEY.public()])
LEAST = 16
"""Chunks of 64 KiB."""
WIDE = 1 << LEAST


def header_folder(folder: Path) -> HeaderFolder:
    return HeaderFolder(folder / "data-keys", KEY, KEYRING)


def new_holder(folder: Path, name: str = "hub", token: Token | None = None) -> KeyHolder:
    holder = KeyHolder(name, folder / "holders" / name, token)
    holder.create()
    return holder


def drawn(folder: Path, holder: KeyHolder, subject: str = "claims") -> DataKey:
    """Return a new data key, held by `holder`."""
    key = draw_data_key()
    wrap = wrap_for(holder, key, subject, STORAGE)
    header_folder(folder).add(draw_header(key, subject, STORAGE, wrap))
    return key


def sealed(content: bytes, key: DataKey, path: str = "a/b", content_digest: bytes = b"1") -> bytes:
    frame = frame_of(key, path, content_digest, chunk_bits=LEAST)
    return b"".join(seal([content], frame, key, path=path))


def opened(data: bytes, path: str = "a/b") -> SealedObject:
    return SealedObject.at(
        lambda start, length: data[start : start + length], sealed_bytes=len(data), path=path
    )


def read(data: bytes, key: DataKey, path: str = "a/b") -> bytes:
    return b"".join(opened(data, path).read(key))
