"""The files of a project's workspace: sealed at rest, in memory while a session uses them.

    index         sealed: what files there are, under which names their content is sealed
    <32 hex>      sealed: the content of one file, under a name that tells nothing

Sealing again writes what changed under new names, then the index, then removes what no index names:
a machine that stops at any point leaves the files of the last index, whole. Sealed with one key per
project, kept wrapped by the key of the zone: without it nobody reads them, copies included.
"""

import json
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from ecluse.domain.errors import BadSignature
from ecluse.trust import durable
from ecluse.trust.zone.sealed_files import CHUNK_BYTES, DataKey, SealingFile, open_sealed

INDEX: Final = "index"
NAME_BYTES: Final = 16
FILE_MODE: Final = 0o600
FOLDER_MODE: Final = 0o700
MAX_PATH_CHARACTERS: Final = 1000
MAX_DEPTH: Final = 32
_OPEN: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK

Owner = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Kept:
    """One file of a home as it was sealed: its sealed name, its size and when it changed."""

    name: str
    size: int
    changed_ns: int


Index = dict[str, Kept]


@dataclass(frozen=True, slots=True)
class Sealed:
    """What one sealing did: files of the home, those written anew, and entries left out."""

    files: int
    written: int
    left_out: int


def read_index(folder: Path, key: DataKey) -> Index:
    """Return what is sealed in `folder`, nothing where it is empty. Raises BadSignature."""
    try:
        source = (folder / INDEX).open("rb")
    except FileNotFoundError:
        return {}
    with source, open_sealed(source, key, name=INDEX) as content:
        told = json.loads(content.read())
    return {path: Kept(*values) for path, values in told.items()}


def read(folder: Path, kept: Kept, key: DataKey) -> bytes:
    """Return the content of one file. Raises BadSignature, FileNotFoundError."""
    source = (folder / kept.name).open("rb")
    with source, open_sealed(source, key, name=kept.name) as content:
        return content.read()


def restore(folder: Path, target: Path, key: DataKey, *, owner: Owner) -> Index:
    """Put the files sealed in `folder` in the empty folder `target`, as `owner`'s.

    Raises:
        BadSignature: a file is missing, or is not what was sealed with this key.
        OSError: the machine has not this memory.
    """
    index = read_index(folder, key)
    for path, kept in sorted(index.items()):
        place = target / path
        _make_folders(target, place.parent, owner)
        _open_one(folder / kept.name, place, key)
        os.utime(place, ns=(kept.changed_ns, kept.changed_ns))
        os.chown(place, *owner)
    return index


def seal(home: Path, folder: Path, key: DataKey, *, known: Index) -> tuple[Index, Sealed]:
    """Seal what changed in `home` since `known`; return the new index and what was done.

    `home` is hostile: only the bytes of regular files are read, by descriptor, links never
    followed. A file that changes while it is read is sealed again the next time.

    Raises:
        StorageFull: no space is left; what was sealed before is still whole.
    """
    folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    index: Index = {}
    left_out = written = 0
    for path, descriptor in _files(home):
        if descriptor is None:
            left_out += 1
            continue
        with os.fdopen(descriptor, "rb") as source:
            kept, is_new = _keep(source, folder, key, known=known.get(path))
        index[path] = kept
        written += is_new
    if index != known or not (folder / INDEX).exists():
        _write_index(index, folder, key)
    _sweep(folder, index)
    return index, Sealed(len(index), written, left_out)


def _files(home: Path) -> Iterator[tuple[str, int | None]]:
    """Yield each file's path in the home and an open descriptor of it, None if it is left out."""
    waiting = [("", os.open(home, _OPEN | os.O_DIRECTORY))]
    while waiting:
        path, folder = waiting.pop()
        try:
            for name in sorted(os.listdir(folder)):  # noqa: PTH208 - by descriptor
                inside = f"{path}{name}"
                descriptor = _opened(name, folder) if _is_plain(inside) else None
                if descriptor is not None and stat.S_ISDIR(os.fstat(descriptor).st_mode):
                    waiting.append((f"{inside}/", descriptor))
                else:
                    yield inside, descriptor
        finally:
            os.close(folder)


def _is_plain(path: str) -> bool:
    return path.isprintable() and len(path) <= MAX_PATH_CHARACTERS and path.count("/") <= MAX_DEPTH


def _opened(name: str, folder: int) -> int | None:
    """Return a descriptor of a folder, or of a regular file that has one name; else None."""
    try:
        descriptor = os.open(name, _OPEN, dir_fd=folder)
    except OSError:
        return None
    status = os.fstat(descriptor)
    if stat.S_ISDIR(status.st_mode) or (stat.S_ISREG(status.st_mode) and status.st_nlink == 1):
        return descriptor
    os.close(descriptor)
    return None


def _keep(source: BinaryIO, folder: Path, key: DataKey, *, known: Kept | None) -> tuple[Kept, bool]:
    """Return what a file is sealed as, and whether that had to be written."""
    status = os.fstat(source.fileno())
    if known is not None and (known.size, known.changed_ns) == (status.st_size, status.st_mtime_ns):
        return known, False
    name = secrets.token_hex(NAME_BYTES)
    with durable.replacing(folder / name) as target:
        sealing = SealingFile(target, key, name=name)
        # No more than it had at first: a file that grows without end must end.
        left = status.st_size
        while left > 0 and (block := source.read(min(left, CHUNK_BYTES))):
            sealing.write(block)
            left -= len(block)
        sealing.finish()
    return Kept(name, status.st_size - left, status.st_mtime_ns), True


def _write_index(index: Index, folder: Path, key: DataKey) -> None:
    told = {path: [one.name, one.size, one.changed_ns] for path, one in index.items()}
    with durable.replacing(folder / INDEX) as target:
        sealing = SealingFile(target, key, name=INDEX)
        sealing.write(json.dumps(told).encode())
        sealing.finish()


def _sweep(folder: Path, index: Index) -> None:
    """Remove what no index names any more, and what an interruption left half-written."""
    named = {INDEX, *(kept.name for kept in index.values())}
    for path in folder.iterdir():
        if path.name not in named:
            path.unlink()


def _make_folders(top: Path, folder: Path, owner: Owner) -> None:
    missing = [one for one in (folder, *folder.parents) if one.is_relative_to(top) and one != top]
    for one in reversed(missing):
        if not one.exists():
            one.mkdir(mode=FOLDER_MODE)
            os.chown(one, *owner)


def _open_one(sealed: Path, place: Path, key: DataKey) -> None:
    try:
        source = sealed.open("rb")
    except FileNotFoundError:
        raise BadSignature(
            "A file of the workspace is missing from its sealed folder: restore its copy."
        ) from None
    with (
        source,
        open_sealed(source, key, name=sealed.name) as content,
        place.open("xb") as target,
    ):
        os.fchmod(target.fileno(), FILE_MODE)
        shutil.copyfileobj(content, target, CHUNK_BYTES)
