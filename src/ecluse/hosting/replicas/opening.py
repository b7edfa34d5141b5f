"""A sealed replica read again by who has its data key: whole, or the part that is asked for.

Every byte is proved by the signed manifest before it is opened, so that an object of a former
version, sealed with the same key, is refused as well.
"""

from collections.abc import Callable, Container, Iterator
from pathlib import Path

from blake3 import blake3

from ecluse.domain.errors import InvalidInput, SnapshotDamaged
from ecluse.hosting.replicas.manifests import SEGMENT_BYTES, Item, Manifest
from ecluse.hosting.stores.interface import Store
from ecluse.trust import durable
from ecluse.trust.envelopes.chunks import SealedObject
from ecluse.trust.zone.sealed_files import DataKey


class ProvedObject:
    """An object at a host, of which nothing is given that its manifest does not prove."""

    def __init__(self, store: Store, item: Item) -> None:
        self._store, self._item = store, item
        self._known: tuple[int, bytes] = (-1, b"")

    def get(self, start: int, length: int) -> bytes:
        """Return at most `length` bytes from `start`. Raises SnapshotDamaged, NotFound."""
        end = min(start + length, self._item.size)
        found, place = [], start
        while place < end:
            number, skipped = divmod(place, SEGMENT_BYTES)
            found.append(self._segment(number)[skipped : skipped + end - place])
            place += len(found[-1])
        return b"".join(found)

    def _segment(self, number: int) -> bytes:
        if self._known[0] != number:
            self._known = number, self._read(number)
        return self._known[1]

    def _read(self, number: int) -> bytes:
        item, start = self._item, number * SEGMENT_BYTES
        data = self._store.read(item.key, start=start, length=SEGMENT_BYTES)
        is_right = blake3(data).hexdigest() == item.segments[number]
        if not is_right or len(data) != min(SEGMENT_BYTES, item.size - start):
            raise SnapshotDamaged(
                f"{item.path} at {self._store.place} is not what was signed, from byte {start}: "
                "read it from another host, and verify this one."
            )
        return data


def open_object(
    manifest: Manifest, path: str, store: Store, key: DataKey
) -> Callable[[int, int | None], Iterator[bytes]]:
    """Return what reads the content of an object from a place, so many bytes or to the end.

    Raises:
        InvalidInput: the version has no such path.
        SnapshotDamaged, BadSignature: the host gives something else.
    """
    found = [item for item in manifest.items if item.path == path]
    if not found:
        raise InvalidInput(f"Version {manifest.header.number} has no object {path[:80]!r}.")
    proved = ProvedObject(store, found[0])
    sealed = SealedObject.at(proved.get, sealed_bytes=found[0].size, path=path)
    return lambda start, length: sealed.read(key, start=start, length=length)


def restore(
    manifest: Manifest,
    store: Store,
    key: DataKey | None,
    folder: Path,
    *,
    only: Container[str] | None = None,
    on_object: Callable[[Item], object] = lambda _: None,
) -> int:
    """Write the content of objects of a version under `folder`, by path; return the bytes.

    All objects, or those whose path is in `only`. With `key` they are opened; without one, they are
    written as they left, for a version that was not sealed on its way. What is there already is
    written again. Raises SnapshotDamaged, BadSignature, StorageFull.
    """
    written = 0
    for item in manifest.items:
        if only is not None and item.path not in only:
            continue
        path = folder / item.path
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with durable.replacing(path) as file:
            for piece in _content(manifest, item, store, key):
                written += file.write(piece)
        on_object(item)
    return written


def _content(manifest: Manifest, item: Item, store: Store, key: DataKey | None) -> Iterator[bytes]:
    if key is not None:
        return open_object(manifest, item.path, store, key)(0, None)
    proved = ProvedObject(store, item)
    return (proved.get(at, SEGMENT_BYTES) for at in range(0, item.size, SEGMENT_BYTES))
