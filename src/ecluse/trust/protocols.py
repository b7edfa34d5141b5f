"""The protocol of an evaluation as bytes: one spelling, one digest."""

from pathlib import Path
from typing import Final

from ecluse.domain.errors import InvalidInput, Malformed, NotFound
from ecluse.domain.evaluations import protocols
from ecluse.domain.evaluations.protocols import Protocol
from ecluse.trust import canonical

MAX_BYTES: Final = 1024 * 1024


def encode(protocol: Protocol) -> bytes:
    """Return the canonical bytes of a protocol: what is registered, locked, checked."""
    return canonical.encode(protocols.to_json(protocol))


def digest(protocol: Protocol) -> str:
    """Return the digest of the canonical bytes."""
    return canonical.digest(encode(protocol))


def decode(data: bytes) -> Protocol:
    """Return the protocol whose canonical spelling `data` is.

    Raises:
        Malformed: not canonical, not of the published shape, or over 1 MiB.
        InvalidInput: a protocol that contradicts itself.
    """
    if len(data) > MAX_BYTES:
        raise Malformed(f"{len(data)} bytes is more than the {MAX_BYTES} of a protocol.")
    return protocols.from_json(canonical.decode(data))


def read(path: Path) -> tuple[Protocol, str]:
    """Return the protocol of a file, and the digest of its bytes. Raises NotFound; see `decode`."""
    if not path.is_file():
        raise NotFound(f"No protocol is at {path}: give the file that was registered.")
    data = path.read_bytes()
    return decode(data), canonical.digest(data)


def check_same(protocol: Protocol, expected: str) -> None:
    """Pass if a protocol has the digest expected. Raises InvalidInput."""
    found = digest(protocol)
    if found != expected:
        raise InvalidInput(f"This protocol is {found}, not {expected}: give the one registered.")
