"""The data user's code, unpacked from a ZIP that may have been made to harm.

Members are named in messages by their position, never by their name: a name is the author's text.
"""

import os
import re
import shutil
import stat
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ecluse.data.enclave.limits import MIB
from ecluse.domain.errors import InvalidInput

_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}", re.ASCII)
_ARCHIVE_SUFFIXES = {
    *(".7z", ".bz2", ".egg", ".gz", ".jar", ".rar", ".tar", ".tgz", ".whl", ".xz", ".zip", ".zst"),
}
_ARCHIVE_MAGIC = (
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"BZh",
    b"7z\xbc\xaf",
    b"\xfd7zXZ",
    b"Rar!",
    b"(\xb5/\xfd",
)
_ENCRYPTED = 0x1
_DEPTH = 8
_BLOCK_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class BundleLimits:
    """How large a bundle of code may be, packed and unpacked."""

    packed_bytes: int = 20 * MIB
    unpacked_bytes: int = 64 * MIB
    members: int = 1000
    ratio: int = 100


def unpack(bundle: Path, target: Path, limits: BundleLimits = BundleLimits()) -> tuple[str, ...]:
    """Unpack `bundle` into the new folder `target`; return the names of its files, sorted.

    Raises:
        InvalidInput: a member could do harm; its position and the reason are in the message.
            Nothing is left in `target`.
    """
    size = bundle.stat().st_size
    if size > limits.packed_bytes:
        raise InvalidInput(f"The bundle has {size} bytes: at most {limits.packed_bytes}.")
    target.mkdir(mode=0o755)
    target.chmod(0o755)
    try:
        return _unpack(bundle, target, limits)
    except BaseException:
        shutil.rmtree(target)
        raise


def _unpack(bundle: Path, target: Path, limits: BundleLimits) -> tuple[str, ...]:
    try:
        with zipfile.ZipFile(bundle) as archive:
            members = archive.infolist()
            if len(members) > limits.members:
                raise InvalidInput(
                    f"The bundle has {len(members)} members: at most {limits.members}."
                )
            return _members(archive, members, target, limits)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise InvalidInput(
            f"The bundle is not a readable ZIP ({type(error).__name__}): make it again."
        ) from None


def _members(
    archive: zipfile.ZipFile,
    members: list[zipfile.ZipInfo],
    target: Path,
    limits: BundleLimits,
) -> tuple[str, ...]:
    names: list[str] = []
    total = 0
    for position, member in enumerate(members, start=1):
        try:
            name = _safe_name(member, names)
            if member.is_dir():
                _make_folders(target, name)
                continue
            _make_folders(target, str(PurePosixPath(name).parent))
            names.append(name)
            total += _extract(archive, member, target / name, limits, total)
        except _Harmful as reason:
            raise InvalidInput(f"Member {position} of the bundle: {reason}.") from None
        except (FileExistsError, NotADirectoryError):
            raise InvalidInput(
                f"Member {position} of the bundle: it is a file for one member and a folder for "
                "another."
            ) from None
    return tuple(sorted(names))


class _Harmful(Exception):
    """This member is refused, for the reason given."""


def _safe_name(member: zipfile.ZipInfo, names: list[str]) -> str:
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise _Harmful("it is a link or a device, not a file")
    if member.flag_bits & _ENCRYPTED:
        raise _Harmful("it is encrypted")
    parts = member.filename.rstrip("/").split("/")
    if len(parts) > _DEPTH:
        raise _Harmful(f"more than {_DEPTH} folders deep")
    if not all(_PART.fullmatch(part) for part in parts):
        raise _Harmful(
            "each part of its path must be 1 to 64 of A-Z a-z 0-9 _ . - and begin with a letter, "
            "a digit or _ (no absolute path, no parent folder)"
        )
    name = "/".join(parts)
    if name.casefold() in {other.casefold() for other in names}:
        raise _Harmful("another member has the same name")
    if PurePosixPath(name).suffix.lower() in _ARCHIVE_SUFFIXES:
        raise _Harmful("an archive in an archive: put its files in the bundle instead")
    return name


def _make_folders(target: Path, name: str) -> None:
    """Make each folder of `name` readable by the job's uid, whatever this process's umask."""
    path = target
    for part in PurePosixPath(name).parts:
        path /= part
        path.mkdir(exist_ok=True)
        path.chmod(0o755)


def _extract(
    archive: zipfile.ZipFile,
    member: zipfile.ZipInfo,
    path: Path,
    limits: BundleLimits,
    total: int,
) -> int:
    """Write one member and return its true size, whatever its header announces."""
    allowed = min(
        limits.unpacked_bytes - total,
        max(MIB, member.compress_size * limits.ratio),
    )
    size = 0
    with archive.open(member) as source, os.fdopen(_create(path), "wb") as copy:
        while block := source.read(_BLOCK_BYTES):
            if not size and block.startswith(_ARCHIVE_MAGIC):
                raise _Harmful("an archive in an archive: put its files in the bundle instead")
            size += len(block)
            if size > allowed:
                raise _Harmful(f"it unpacks to more than {allowed} bytes")
            copy.write(block)
    return size


def _create(path: Path) -> int:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
    os.fchmod(descriptor, 0o644)
    return descriptor
