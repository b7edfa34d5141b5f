"""Tables that one party gives another: sealed for the receiver, deleted by it after use."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from ecluse.domain.errors import InvalidInput, NotFound
from ecluse.trust import durable
from ecluse.trust.sealing import OpeningKey, seal

BLOCK: Final = 1 << 20


class Message(StrEnum):
    """What a message is for: it opens for nothing else."""

    NUMBERS = "ecluse link numbers, holder to third party"
    DATA = "ecluse link data, holder to hub"
    NAMES = "ecluse link names, third party to hub"


def send(table: pa.Table, path: Path, receiver: X25519PublicKey, kind: Message) -> None:
    """Write a table at `path` for `receiver` alone. Raises InvalidInput, StorageFull."""
    if path.exists():
        raise InvalidInput(f"{path} exists: name another file for this message.")
    buffer = pa.BufferOutputStream()
    pq.write_table(table, buffer, compression="zstd")
    durable.write(path, seal(buffer.getvalue().to_pybytes(), receiver, purpose=kind.value))


def receive(path: Path, key: OpeningKey, kind: Message) -> pa.Table:
    """Return the table of a message. Raises NotFound, BadSignature."""
    try:
        sealed = path.read_bytes()
    except FileNotFoundError:
        raise NotFound(f"{path} does not exist: check its name.") from None
    return pq.read_table(pa.BufferReader(key.open(sealed, purpose=kind.value)))


def destroy(path: Path) -> None:
    """Overwrite a file and remove it.

    A disk may keep what was overwritten (flash memory, copies of the file system): a sealed message
    is safe all the same, since no one reads it without the receiver's key. A plain file is not:
    keep it on an encrypted disk.
    """
    with path.open("r+b") as file:
        left = file.seek(0, os.SEEK_END)
        file.seek(0)
        while left:
            left -= file.write(os.urandom(min(left, BLOCK)))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
    durable.sync_folder(path.parent)
