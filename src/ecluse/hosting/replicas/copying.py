"""The copy of a manifest's objects to a host: planned, copied, read back, sealed.

Each step can be done twice: an object that is there is not sent again, one that was cut off goes on
from where it stopped, and only what was read back from the target and found right counts.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from threading import Event
from typing import Final

from ecluse.domain.errors import EcluseError, NotFound, SnapshotDamaged
from ecluse.hosting.replicas import digests
from ecluse.hosting.replicas.manifests import Item, Manifest
from ecluse.hosting.replicas.pace import Pace, Window
from ecluse.hosting.replicas.progress import Progress, Step
from ecluse.hosting.stores.interface import CHUNK_BYTES, Source, Store

WORKERS: Final = 4


class Layout(StrEnum):
    """How objects are named at a source: by their path, or by their content as in a replica."""

    PATHS = "paths"
    CONTENT = "content"

    def key(self, item: Item) -> str:
        """Return the name of an object at such a source."""
        return item.path if self is Layout.PATHS else item.key


@dataclass(frozen=True, slots=True)
class Way:
    """From where to where, as fast and at the hours that were agreed."""

    source: Source
    layout: Layout
    target: Store
    pace: Pace = field(default_factory=lambda: Pace(None))
    window: Window | None = None
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    workers: int = WORKERS


@dataclass(frozen=True, slots=True)
class Copied:
    """What one run did; `is_sealed` when everything is at the target and was read back."""

    is_sealed: bool
    verified: int
    objects: int
    size: int
    sent_bytes: int


def copy(
    manifest: Manifest,
    way: Way,
    progress: Progress,
    *,
    on_object: Callable[[Item], object] = lambda _: None,
) -> Copied:
    """Copy what is not yet at the target, read it back, and seal when all of it is right.

    Outside the window nothing begins: run it again within.

    Raises:
        SnapshotDamaged: an object is not at the source as it was planned, or does not come back
            from the target as it was sent, twice.
        Unreachable: one of the hosts does not answer; run it again, nothing is lost.
    """
    stopped = Event()

    def bring(item: Item) -> None:
        if stopped.is_set() or not _is_open(way):
            return
        try:
            _bring(item, way, progress)
        except BaseException:
            stopped.set()
            raise
        on_object(item)

    left = [one for key, one in manifest.objects.items() if progress.step(key) is not Step.VERIFIED]
    with ThreadPoolExecutor(way.workers) as pool:
        list(pool.map(bring, left))
    return _seal(manifest, way, progress)


def _is_open(way: Way) -> bool:
    return way.window is None or way.window.is_open(way.clock())


def _bring(item: Item, way: Way, progress: Progress) -> None:
    if not _is_right(item, way, progress):
        # Not a copy: bytes that nobody vouches for, under a name that says what they must be.
        way.target.delete(item.key)
        progress.reach(item.key, Step.PLANNED)
        if not _is_right(item, way, progress):
            raise SnapshotDamaged(_explain(item, way))
    progress.reach(item.key, Step.VERIFIED)


def _is_right(item: Item, way: Way, progress: Progress) -> bool:
    """Send the object unless it is there, then read it back whole."""
    if progress.step(item.key) is Step.PLANNED and way.target.head(item.key) is None:
        _send(item, way, progress)
    progress.reach(item.key, Step.COPIED)
    try:
        return digests.digest(way.target.stream(item.key)) == (item.blake3, item.size)
    except NotFound:
        return False


def _send(item: Item, way: Way, progress: Progress) -> None:
    upload = way.target.upload(item.key, size=item.size)
    try:
        if upload.received < item.size:
            source = way.source.stream(way.layout.key(item), start=upload.received)
            for piece in _pieces(source):
                way.pace.wait(len(piece))
                progress.send(item.key, len(piece))
                upload.write(piece)
    except (EcluseError, OSError):
        upload.abandon()
        raise
    upload.finish()


def _pieces(stream: Iterator[bytes]) -> Iterator[bytes]:
    """Yield pieces of a chunk at most, so that a limit of speed is even."""
    for piece in stream:
        for start in range(0, len(piece), CHUNK_BYTES):
            yield piece[start : start + CHUNK_BYTES]


def _explain(item: Item, way: Way) -> str:
    found, size = digests.digest(way.source.stream(way.layout.key(item)))
    if (found, size) != (item.blake3, item.size):
        return (
            f"{item.path} at {way.source.place} is no longer what was planned (BLAKE3 {found}, "
            f"{size} bytes instead of {item.blake3}, {item.size}): restore it, or plan again."
        )
    return (
        f"{item.path} does not come back from {way.target.place} as it was sent, twice: "
        "have the host checked before anything else is sent to it."
    )


def _seal(manifest: Manifest, way: Way, progress: Progress) -> Copied:
    verified = sum(progress.step(key) is Step.VERIFIED for key in manifest.objects)
    is_sealed = verified == len(manifest.objects)
    if is_sealed:
        way.target.put_if_absent(manifest.key, manifest.data())
        _check_sealed(manifest, way.target)
    return Copied(is_sealed, verified, len(manifest.objects), manifest.size, progress.sent_bytes)


def _check_sealed(manifest: Manifest, target: Store) -> None:
    if b"".join(target.stream(manifest.key)) != manifest.data():
        raise SnapshotDamaged(
            f"{manifest.key} at {target.place} is not the manifest that was sent: "
            "have the host checked, delete it there, then copy again."
        )
