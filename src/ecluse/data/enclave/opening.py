"""A sealed extract, opened for one job in a memory file system that ends with it.

It is mounted in the namespace of the stage alone: no other process of the machine sees it, and the
kernel takes its pages back when the last process of the job is gone, however that came. Nothing in
clear reaches a disk: the file system is kept out of the swap, where the kernel lets us ask for it.
"""

import os
import shutil
from pathlib import Path
from typing import Final

from ecluse.data.enclave import kernel
from ecluse.data.enclave.limits import MIB
from ecluse.trust.zone.sealed_files import CHUNK_BYTES, DataKey, open_sealed, plain_size

FILE_MODE: Final = 0o444
FOLDER_MODE: Final = 0o555
"""The job is a stranger, here as on a disk."""


def opened_bytes(folder: Path) -> int:
    """Return how much memory the files of a sealed folder take when they are opened."""
    page = os.sysconf("SC_PAGE_SIZE")
    sizes = (plain_size(path.stat().st_size) for path in folder.iterdir())
    return sum(-(-size // page) * page for size in sizes)


def open_in_memory(folder: Path, place: Path, key: DataKey) -> Path:
    """Open every file of `folder` in a new memory file system at `place`, and return it.

    Raises:
        BadSignature: a file is not what was sealed with this key.
        OSError: the machine has not this memory.
    """
    names = sorted(path.name for path in folder.iterdir())
    owner = (os.getuid(), os.getgid())
    place.mkdir()
    size = opened_bytes(folder) + MIB
    kernel.mount_tmpfs(place, size=size, files=len(names) + 1, owner=owner, mode=0o700)
    for name in names:
        open_file(folder / name, place / name, key)
    place.chmod(FOLDER_MODE)
    return place


def open_file(sealed: Path, plain: Path, key: DataKey) -> None:
    """Write what `sealed` holds at the new path `plain`, to be read alone. Raises BadSignature."""
    with (
        sealed.open("rb") as source,
        open_sealed(source, key, name=sealed.name) as content,
        plain.open("xb") as target,
    ):
        shutil.copyfileobj(content, target, CHUNK_BYTES)
    plain.chmod(FILE_MODE)
