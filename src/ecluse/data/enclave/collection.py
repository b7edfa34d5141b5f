"""What is taken from a folder that an analysis wrote: plain files with plain names, as bytes.

The folder is hostile: links to the machine's files, pipes that block the reader, names that forge
a log line, files that change between the check and the copy. Only the bytes of regular files are
taken; owners, modes, dates and attributes stay behind.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO, cast

from ecluse.data.enclave.limits import Limits
from ecluse.trust.zone.sealed_files import DataKey, SealingFile

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", re.ASCII)
_BLOCK_BYTES = 1 << 20
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


@dataclass(frozen=True, slots=True)
class TakenFile:
    """A file taken, by content: `OutputFile` without its module, slow to load in the stage."""

    name: str
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class RefusedEntry:
    """An entry left behind: its position in the sorted folder, its name when harmless, why."""

    position: int
    name: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Collection:
    """The files taken, and the entries refused."""

    files: tuple[TakenFile, ...]
    refused: tuple[RefusedEntry, ...]


class _Unsafe(Exception):
    """This entry is left behind, for the reason given."""


def collect(folder: Path, blobs: Path, limits: Limits) -> Collection:
    """Copy the safe files of `folder` into `blobs`, each named by the digest of its content.

    An OSError is ours (disk full), never the job's: it is not counted as a refused file.
    """
    blobs.mkdir(mode=0o700, parents=True, exist_ok=True)
    return _take_all(folder, blobs, limits, naming=lambda file: file.digest.removeprefix("sha256:"))


def export(folder: Path, target: Path, limits: Limits, *, key: DataKey | None = None) -> Collection:
    """Copy the safe files of `folder` into the new folder `target`, under their own names.

    With `key`, what reaches `target` is sealed; sizes and digests stay those of the content.
    """
    target.mkdir(mode=0o700)
    return _take_all(folder, target, limits, naming=lambda file: file.name, key=key)


def _take_all(
    folder: Path,
    target: Path,
    limits: Limits,
    *,
    naming: Callable[[TakenFile], str],
    key: DataKey | None = None,
) -> Collection:
    files: list[TakenFile] = []
    refused: list[RefusedEntry] = []
    source = os.open(folder, _OPEN | os.O_DIRECTORY)
    try:
        for position, name in enumerate(_names(source, limits), start=1):
            budget = limits.output_bytes - sum(file.size for file in files)
            partial = target / f".partial-{position}"
            try:
                _check_name(name, files, limits)
                file = _copy(source, name, partial, budget=budget, key=key)
            except _Unsafe as reason:
                partial.unlink(missing_ok=True)
                refused.append(RefusedEntry(position, _harmless(name), str(reason)))
            else:
                partial.replace(target / naming(file))
                files.append(file)
    finally:
        os.close(source)
    return Collection(tuple(files), tuple(refused))


def _names(source: int, limits: Limits) -> list[str]:
    """List the folder, at most one entry beyond what may be taken: the excess is refused."""
    with os.scandir(source) as entries:
        return sorted(entry.name for entry in islice(entries, limits.output_files + 1))


def _check_name(name: str, files: list[TakenFile], limits: Limits) -> None:
    if len(files) >= limits.output_files:
        raise _Unsafe(f"more than {limits.output_files} files")
    if _NAME.fullmatch(name) is None:
        raise _Unsafe("name: use 1 to 64 of A-Z a-z 0-9 _ . - and begin with a letter or a digit")
    if name.casefold() in {file.name.casefold() for file in files}:
        raise _Unsafe("name: differs from another only by capitals")


def _copy(source: int, name: str, target: Path, *, budget: int, key: DataKey | None) -> TakenFile:
    """Copy one regular file that nobody else names and nobody changes meanwhile."""
    try:
        _check_kind(os.stat(name, dir_fd=source, follow_symlinks=False), budget)
        descriptor = os.open(name, _OPEN, dir_fd=source)
    except OSError as error:
        raise _Unsafe(f"unreadable: {error.strerror}") from None
    try:
        before = os.fstat(descriptor)
        _check_kind(before, budget)
        with _writing(target, name, key) as copy:
            digest = _copy_bytes(descriptor, copy, before.st_size)
        if _witness(os.fstat(descriptor)) != _witness(before):
            raise _Unsafe("changed while it was being copied")
    finally:
        os.close(descriptor)
    return TakenFile(name, before.st_size, f"sha256:{digest}")


def _check_kind(status: os.stat_result, budget: int) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise _Unsafe(f"not a plain file: {_kind(status.st_mode)}")
    if status.st_nlink != 1:
        raise _Unsafe(f"has {status.st_nlink} names (hard links)")
    if status.st_size > budget:
        raise _Unsafe(f"{status.st_size} bytes: more than the {budget} left of the quota")


def _kind(mode: int) -> str:
    tests = {
        "folder": stat.S_ISDIR,
        "symbolic link": stat.S_ISLNK,
        "pipe": stat.S_ISFIFO,
        "socket": stat.S_ISSOCK,
    }
    return next((kind for kind, test in tests.items() if test(mode)), "device")


@contextmanager
def _writing(target: Path, name: str, key: DataKey | None) -> Iterator[BinaryIO]:
    """Give the file to write, in clear or sealed; it is on the disk when the block ends."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(target, flags, 0o600), "wb") as copy:
        if key is None:
            yield copy
        else:
            sealing = SealingFile(copy, key, name=name)
            yield cast(BinaryIO, sealing)
            sealing.finish()
        copy.flush()
        os.fsync(copy.fileno())


def _copy_bytes(descriptor: int, copy: BinaryIO, size: int) -> str:
    """Copy exactly `size` bytes and return their digest."""
    content = hashlib.sha256()
    left = size
    while left and (block := os.read(descriptor, min(left, _BLOCK_BYTES))):
        content.update(block)
        copy.write(block)
        left -= len(block)
    if left:
        raise _Unsafe("shorter than announced")
    return content.hexdigest()


def _witness(status: os.stat_result) -> tuple[int, int, int, int]:
    return (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def _harmless(name: str) -> str | None:
    return name if _NAME.fullmatch(name) else None
