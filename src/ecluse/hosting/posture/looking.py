"""Look at an installation: addresses, files, packages, keys. Reads only, and writes nothing."""

import socket
import ssl
import stat
import warnings
from collections.abc import Iterator
from datetime import UTC, date, datetime
from importlib import metadata
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx

from ecluse.domain.errors import Unreachable
from ecluse.hosting.posture.seen import File, Handshake, Key, Package, Page
from ecluse.trust import keys as key_files

SECONDS: Final = 10
SECRET_NAMES: Final = ("*.key", "*.pem", "config.json", "*.secret", "*secret-key")
LICENCE: Final = "License :: "


def page(url: str, *, roots: Path | None = None) -> Page:
    """Return what a visitor gets at `url`, redirections not followed. Raises Unreachable."""
    # Whether the certificate is believed is for `handshake` to tell.
    context = _context(roots) if roots else _unverified()
    try:
        answer = httpx.get(url, verify=context, timeout=SECONDS, trust_env=False)
    except httpx.HTTPError as error:
        raise Unreachable(f"{url} does not answer ({type(error).__name__}): start it.") from None
    headers = tuple((name.lower(), value) for name, value in answer.headers.multi_items())
    return Page(url, answer.status_code, headers)


def handshake(url: str, *, roots: Path | None = None) -> Handshake:
    """Return how an https address speaks TLS. Raises Unreachable.

    `roots` is a file of authorities to believe in place of the machine's own.
    """
    parts = urlsplit(url)
    where = (parts.hostname or "", parts.port or 443)
    version, cipher = _greet(where, _unverified())
    refusal, ends_on = _verify(where, _context(roots))
    return Handshake(url, version, cipher, _accepts_old(where), refusal, ends_on)


def files(home: Path) -> tuple[File, ...]:
    """Return the folders of an installation to the third level, and every file of secrets."""
    found = sorted({*_folders(home), *_secrets(home)})
    return tuple(
        File(str(path.relative_to(home)), stat.S_IMODE(path.stat().st_mode), path.is_file())
        for path in found
    )


def packages() -> tuple[Package, ...]:
    """Return every package that this program may import, by name."""
    found = {one.metadata["Name"]: one for one in metadata.distributions()}
    return tuple(
        Package(name, found[name].version or "", _licence(found[name])) for name in sorted(found)
    )


def keys(folder: Path) -> tuple[Key, ...]:
    """Return the keys of a folder that sign now."""
    found = key_files.public_keys(folder)
    signing = (one for one in found if one.valid_until is None and one.revoked_at is None)
    return tuple(Key(one.key_id, one.signer.value, one.valid_from) for one in signing)


def _greet(where: tuple[str, int], context: ssl.SSLContext) -> tuple[str, str]:
    try:
        with (
            socket.create_connection(where, SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=where[0]) as spoken,
        ):
            return spoken.version() or "", (spoken.cipher() or ("",))[0]
    except OSError as error:
        raise Unreachable(
            f"{where[0]}:{where[1]} does not speak TLS ({type(error).__name__}): start it."
        ) from None


def _verify(where: tuple[str, int], context: ssl.SSLContext) -> tuple[str, date | None]:
    try:
        with (
            socket.create_connection(where, SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=where[0]) as spoken,
        ):
            told = (spoken.getpeercert() or {}).get("notAfter", "")
    except ssl.SSLCertVerificationError as error:
        return error.verify_message, None
    return "", datetime.fromtimestamp(ssl.cert_time_to_seconds(str(told)), UTC).date()


def _accepts_old(where: tuple[str, int]) -> bool:
    context = _unverified()
    context.set_ciphers("DEFAULT@SECLEVEL=0")  # or this machine itself would not offer TLS 1.1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that it is old is what is looked for
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    try:
        _greet(where, context)
    except Unreachable:
        return False
    return True


def _context(roots: Path | None) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(roots) if roots else None)


def _unverified() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _folders(home: Path) -> Iterator[Path]:
    for pattern in ("*", "*/*", "*/*/*"):
        yield from (path for path in home.glob(pattern) if path.is_dir() and not path.is_symlink())


def _secrets(home: Path) -> Iterator[Path]:
    for pattern in SECRET_NAMES:
        for depth in ("", "*/", "*/*/", "*/*/*/"):
            yield from (path for path in home.glob(depth + pattern) if path.is_file())


def _licence(package: metadata.Distribution) -> str:
    told = package.metadata
    classified = [one for one in told.get_all("Classifier") or () if one.startswith(LICENCE)]
    written = [*(told.get_all("License-Expression") or ()), *(told.get_all("License") or ())]
    named = next((text.partition("\n")[0] for text in written if text), "")
    return named or " ".join(one.rpartition(" :: ")[2] for one in classified)
