"""A source that is sealed on its way out: what reaches a host, and its manifest, are ciphertext.

The plan reads each object twice, its digest first: object keys come from it. The copy makes the
same bytes again, and lets 8 MiB go only once they are those that were planned: what changed at the
source meanwhile is never sealed under a key that has served for something else.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from blake3 import blake3

from ecluse.domain.errors import SnapshotDamaged
from ecluse.hosting.replicas.digests import segments
from ecluse.hosting.replicas.manifests import SEGMENT_BYTES, Item, Manifest
from ecluse.hosting.stores.interface import Source, Stored
from ecluse.trust.envelopes.chunks import USUAL_BITS, Frame, frame_of, seal
from ecluse.trust.zone.sealed_files import DataKey

NOTHING_PLANNED: Final[Mapping[str, Item]] = {}


class SealedSource:
    """The objects of a source as they are once sealed with `key`.

    With the manifest that was planned from it, gives those bytes or none. Raises SnapshotDamaged:
    an object changed while it was read, or since it was planned.
    """

    def __init__(
        self,
        source: Source,
        key: DataKey,
        *,
        planned: Manifest | None = None,
        chunk_bits: int = USUAL_BITS,
    ) -> None:
        self._source, self._key, self._bits = source, key, chunk_bits
        self._planned = NOTHING_PLANNED
        if planned is not None:
            self._planned = {item.path: item for item in planned.items}

    @property
    def place(self) -> str:
        """The address of the source."""
        return self._source.place

    def list(self, prefix: str = "") -> Iterator[Stored]:
        """Yield the objects, with the sizes that they will have."""
        sizes = Frame(self._key.key_id, bytes(32), self._bits)
        for stored in self._source.list(prefix):
            yield Stored(stored.key, sizes.sealed_size(stored.size))

    def stream(self, key: str, *, start: int = 0) -> Iterator[bytes]:
        """Yield the sealed bytes from `start` to the end. Raises NotFound, SnapshotDamaged."""
        content = self._digest(key)
        frame = frame_of(self._key, key, content, chunk_bits=self._bits)
        if not self._planned:
            return self._sealed(key, frame, content)
        return self._as_planned(key, frame, start=start)

    def _digest(self, key: str) -> bytes:
        whole = blake3()
        for piece in self._source.stream(key):
            whole.update(piece)
        return whole.digest()

    def _sealed(self, key: str, frame: Frame, content: bytes) -> Iterator[bytes]:
        whole = blake3()

        def counted() -> Iterator[bytes]:
            for piece in self._source.stream(key):
                whole.update(piece)
                yield piece

        yield from seal(counted(), frame, self._key, path=key)
        if whole.digest() != content:
            raise SnapshotDamaged(
                f"{key} changed while it was read: let nothing write, plan again."
            )

    def _as_planned(self, key: str, frame: Frame, *, start: int) -> Iterator[bytes]:
        item, number = self._planned[key], start // SEGMENT_BYTES
        skipped = start - number * SEGMENT_BYTES
        for segment in segments(self._from(key, frame, number * SEGMENT_BYTES)):
            right = item.segments[number : number + 1]
            if (blake3(segment).hexdigest(),) != right:
                raise SnapshotDamaged(
                    f"{key} at {self.place} is no longer what was planned, from byte "
                    f"{number * SEGMENT_BYTES} once sealed: restore it, or plan again."
                )
            yield segment[skipped:]
            number, skipped = number + 1, 0

    def _from(self, key: str, frame: Frame, start: int) -> Iterator[bytes]:
        """Yield the sealed bytes from `start`, made from the chunk that it falls in."""
        wide = frame.chunk_start(1) - frame.chunk_start(0)
        first = max(0, start - frame.chunk_start(0)) // wide
        skipped = start - (frame.chunk_start(first) if first else 0)
        content = self._source.stream(key, start=first * frame.chunk_bytes)
        for piece in seal(content, frame, self._key, path=key, first=first):
            yield piece[skipped:]
            skipped = max(0, skipped - len(piece))
