"""Packages of a project's own: only those on a list signed for the zone, byte for byte.

The list names each package, its version and the digest of its file (a wheel). It is signed with the
key of the zone's agent, by who reviews packages; files come from an offline folder, a mirror copied
by hand. They are unpacked, never run: no installer, no script.
"""

import hashlib
import json
import re
import shutil
import stat
import tomllib
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

import jwt

from ecluse.data.enclave.limits import GIB
from ecluse.domain.documents import Signer
from ecluse.domain.errors import BadSignature, InvalidInput, NotAllowed, NotFound, Refused
from ecluse.trust import canonical, durable
from ecluse.trust.documents import ALGORITHM
from ecluse.trust.keys import Keyring, SigningKey

MOST_BYTES: Final = 2 * GIB
MOST_FILES: Final = 50_000
DIGEST: Final = re.compile(r"[0-9a-f]{64}")
TYPE: Final = "ecluse-packages"
_JWS: Final = jwt.PyJWS(algorithms=[ALGORITHM])


@dataclass(frozen=True, slots=True)
class Package:
    """A package on the list: its file has exactly this digest (SHA-256, hexadecimal)."""

    name: str
    version: str
    digest: str


def read_list(path: Path) -> tuple[Package, ...]:
    """Return the packages of a TOML file: tables `[[package]]` of name, version, digest.

    Raises:
        InvalidInput: it is not that.
    """
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        found = tuple(Package(**one) for one in told["package"])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError):
        raise InvalidInput(f"{path.name}: tables [[package]] of name, version, digest.") from None
    return _checked(found)


def sign_list(packages: tuple[Package, ...], key: SigningKey) -> str:
    """Return the list as a signed text."""
    content = [[one.name, one.version, one.digest] for one in _checked(packages)]
    header = {"kid": key.key_id, "typ": TYPE}
    return _JWS.encode(canonical.encode(content), key.private, ALGORITHM, headers=header)


def verify_list(text: str, keyring: Keyring) -> tuple[Package, ...]:
    """Return the packages of a signed list. Raises BadSignature, UnknownKey."""
    try:
        header = jwt.get_unverified_header(text)
        key = keyring.find(str(header.get("kid")))
        content = json.loads(_JWS.decode(text, key.verifier(), algorithms=[ALGORITHM]))
    except (jwt.PyJWTError, Refused, ValueError) as error:
        raise BadSignature("The list of packages was altered, or signed by nobody here.") from error
    if key.signer is not Signer.AGENT or header.get("typ") != TYPE:
        raise BadSignature("The list of packages is not signed by the zone: sign it here.")
    return tuple(Package(*one) for one in content)


def install(
    wheels: Path, names: tuple[str, ...], allowed: tuple[Package, ...], target: Path
) -> int:
    """Unpack the packages named, with what was installed before, in `target`; return how many.

    `wheels` is the offline folder. A workspace sees them from its next opening.

    Raises:
        NotFound: a package has no file there.
        NotAllowed: its file is not the one of the list, or it is not on it.
        InvalidInput: a file could do harm.
    """
    chosen = [_find(wheels, name, allowed) for name in names]
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    making = target.with_name(f".making-{target.name}")
    if making.exists():
        shutil.rmtree(making)
    if target.exists():
        shutil.copytree(target, making)
    making.mkdir(mode=0o755, exist_ok=True)
    for path in chosen:
        _unpack(path, making)
    making.chmod(0o755)
    if target.exists():
        shutil.rmtree(target)
    making.rename(target)
    durable.sync_folder(target.parent)
    return len(chosen)


def _find(wheels: Path, name: str, allowed: tuple[Package, ...]) -> Path:
    listed = [one for one in allowed if _plain(one.name) == _plain(name)]
    if not listed:
        raise NotAllowed(f"{name} is not on the list of packages: ask who reviews them.")
    candidates = [
        path
        for path in sorted(wheels.glob("*.whl"))
        if _plain(path.name.split("-")[0]) == _plain(name)
    ]
    if not candidates:
        raise NotFound(f"{name} has no file in the offline folder: copy its wheel there.")
    digests = {one.digest for one in listed}
    for path in candidates:
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() in digests:
                return path
    raise NotAllowed(f"No file of {name} there is the one of the list: its digest differs.")


def _unpack(wheel: Path, target: Path) -> None:
    """Write the members of one wheel, plain files with plain paths. Raises InvalidInput."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            if len(members) > MOST_FILES or sum(one.file_size for one in members) > MOST_BYTES:
                raise InvalidInput(f"{wheel.name} unpacks to more than a package may.")
            for member in members:
                _write(archive, member, target)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError):
        raise InvalidInput(f"{wheel.name} is not a readable wheel: copy it again.") from None


def _write(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    place = _place(member)
    if place is None:
        return
    path = target / place
    for folder in reversed([one for one in path.parents if one.is_relative_to(target)]):
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)
    with archive.open(member) as source, path.open("wb") as copy:
        shutil.copyfileobj(source, copy)
    path.chmod(0o644)


def _place(member: zipfile.ZipInfo) -> PurePosixPath | None:
    """Return where a member goes; None for what is not code: programs, headers, manuals."""
    path, kind = PurePosixPath(member.filename), stat.S_IFMT(member.external_attr >> 16)
    is_plain = kind in (0, stat.S_IFREG) and "\\" not in member.filename
    if path.is_absolute() or ".." in path.parts or not is_plain or not path.parts:
        raise InvalidInput("A member of the wheel is not a plain file in it: it is refused whole.")
    if path.parts[0].endswith(".data"):
        is_code = len(path.parts) > 2 and path.parts[1] in ("purelib", "platlib")  # noqa: PLR2004
        return PurePosixPath(*path.parts[2:]) if is_code else None
    return path


def _checked(packages: tuple[Package, ...]) -> tuple[Package, ...]:
    for one in packages:
        if not all(type(value) is str and value for value in (one.name, one.version)):
            raise InvalidInput("A package of the list has a name and a version.")
        if not DIGEST.fullmatch(one.digest):
            raise InvalidInput(f"{one.name}: its digest is 64 hexadecimal characters (SHA-256).")
    return packages


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
