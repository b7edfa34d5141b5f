"""Digests of objects: BLAKE3 to verify at the speed of the disk, SHA-256 for those who publish."""

import hashlib
from collections.abc import Iterable, Iterator

from blake3 import blake3

from ecluse.hosting.replicas.manifests import SEGMENT_BYTES, Item


def describe(path: str, pieces: Iterable[bytes]) -> Item:
    """Return the line of a manifest for an object with this content."""
    whole, published, size = blake3(), hashlib.sha256(), 0
    found = []
    for segment in segments(pieces):
        whole.update(segment)
        published.update(segment)
        found.append(blake3(segment).hexdigest())
        size += len(segment)
    return Item(path, size, whole.hexdigest(), published.hexdigest(), tuple(found))


def digest(pieces: Iterable[bytes]) -> tuple[str, int]:
    """Return the BLAKE3 of a content in hexadecimal, and its size in bytes."""
    whole, size = blake3(), 0
    for piece in pieces:
        whole.update(piece)
        size += len(piece)
    return whole.hexdigest(), size


def first_difference(item: Item, pieces: Iterable[bytes]) -> int:
    """Return the first byte of the first 8 MiB that are not those of `item`."""
    for number, segment in enumerate(segments(pieces)):
        if number >= len(item.segments) or blake3(segment).hexdigest() != item.segments[number]:
            return number * SEGMENT_BYTES
    return item.size


def segments(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the pieces as 8 MiB each, the last one shorter."""
    waiting = bytearray()
    for piece in pieces:
        waiting += piece
        while len(waiting) >= SEGMENT_BYTES:
            yield bytes(waiting[:SEGMENT_BYTES])
            del waiting[:SEGMENT_BYTES]
    if waiting:
        yield bytes(waiting)
