"""Files that are whole or absent, also after a power failure."""

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from ecluse.domain.errors import StorageFull

NO_SPACE: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@contextmanager
def replacing(path: Path, *, mode: int = 0o600) -> Iterator[BinaryIO]:
    """Give a file to write; it takes the place of `path` at once when the block ends well.

    When the block raises, what was at `path` before is untouched and nothing else stays.

    Raises:
        StorageFull: no space is left.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
    try:
        with part.open("xb") as file:
            os.fchmod(file.fileno(), mode)
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
        sync_folder(path.parent)
    except OSError as error:
        if error.errno in NO_SPACE:
            raise StorageFull(
                f"No space is left for {path.name}: free some, then retry; nothing was lost."
            ) from error
        raise
    finally:
        part.unlink(missing_ok=True)


def write(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Put `data` at `path` so that every reader finds the old bytes or the new, never a mix.

    Raises:
        StorageFull: no space is left; the old bytes are still there.
    """
    with replacing(path, mode=mode) as file:
        file.write(data)


def sync_folder(folder: Path) -> None:
    """Make the names of the files in `folder` survive a power failure."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
