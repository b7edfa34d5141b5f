"""Lists of any length that one receiver alone opens: a sealed file, and its key sealed beside.

One line an item, sealed as they come and opened as they are read, so that neither side holds them
all. The content is filled up with empty lines to whole blocks: its size tells little.
"""

import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from ecluse.domain.errors import Malformed
from ecluse.trust import sealing
from ecluse.trust.custody.secrets import KEY_BYTES
from ecluse.trust.sealing import OpeningKey
from ecluse.trust.zone.sealed_files import ID_BYTES, DataKey, SealingFile, open_sealed

BLOCK: Final = 4096


def seal_key(key: DataKey, receiver: X25519PublicKey, *, purpose: str) -> bytes:
    """Return a data key that `receiver` alone opens, for this purpose alone."""
    return sealing.seal(key.key_id.encode() + key.secret, receiver, purpose=purpose)


def open_key(sealed: bytes, receiver: OpeningKey, *, purpose: str) -> DataKey:
    """Return the data key. Raises BadSignature: for another, or altered; Malformed: not a key."""
    opened = receiver.open(sealed, purpose=purpose)
    if len(opened) != ID_BYTES + KEY_BYTES:
        raise Malformed("What was sealed is not the key of a file: have the list sent again.")
    return DataKey(opened[:ID_BYTES].decode("ascii", errors="replace"), opened[ID_BYTES:])


def seal_lines(lines: Iterable[str], key: DataKey, *, name: str) -> Iterator[bytes]:
    """Yield the sealed file of these lines, ASCII without line feeds, piece by piece."""
    made = io.BytesIO()
    sealing_file = SealingFile(made, key, name=name)
    size = 0
    for line in lines:
        sealing_file.write(f"{line}\n".encode("ascii"))
        size += len(line) + 1
        if made.tell():
            yield _taken(made)
    sealing_file.write(b"\n" * (-size % BLOCK))
    sealing_file.finish()
    yield _taken(made)


def open_lines(path: Path, key: DataKey, *, name: str) -> Iterator[str]:
    """Yield the lines of a sealed file in order. Raises BadSignature, Malformed: not ASCII."""
    with open_sealed(path.open("rb"), key, name=name) as content:
        for line in content:
            try:
                item = line.rstrip(b"\n").decode("ascii")
            except UnicodeDecodeError:
                raise Malformed(f"{name} is not a list: have it sent again.") from None
            if item:
                yield item


def _taken(made: io.BytesIO) -> bytes:
    data = made.getvalue()
    made.seek(0)
    made.truncate()
    return data
