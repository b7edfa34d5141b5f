"""Verification of a replica: every object read whole, every difference found and named.

Sizes, dates and the host's own checksums prove nothing and are not asked for.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ecluse.domain.errors import BadSignature, NotFound, Refused
from ecluse.hosting.replicas import digests, manifests
from ecluse.hosting.replicas.manifests import FOLDER, OBJECTS, Item, Manifest
from ecluse.hosting.stores.interface import Store
from ecluse.trust.keys import Keyring

WORKERS: Final = 4


class Fault(StrEnum):
    """What is wrong with an object at a host."""

    MISSING = "missing"
    CUT = "cut"
    ALTERED = "altered"
    SWAPPED = "swapped"
    """It holds another object of the same manifest."""
    REPLAYED = "replayed"
    """It holds an object of a former version."""
    UNKNOWN = "unknown"
    """No manifest at this host names it."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One fault, with the object's path and what was found in its place."""

    path: str
    fault: Fault
    key: str
    detail: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What was read at a host: how many objects and bytes, and every fault, by path."""

    objects: int
    size: int
    findings: tuple[Finding, ...]

    @property
    def is_whole(self) -> bool:
        """Whether the replica is exactly what was signed."""
        return not self.findings


def verify(
    manifest: Manifest,
    store: Store,
    *,
    keyring: Keyring,
    former: Iterable[Manifest] = (),
    on_object: Callable[[Item], object] = lambda _: None,
) -> Verification:
    """Return what `store` holds of `manifest`, and every fault.

    `former` are the versions known from elsewhere: their objects are named when they are played
    again, and are not said to be unknown.

    Raises:
        Unreachable: the host does not answer.
    """
    former = tuple(former)
    known = _Known(dict(_digests(manifest)), dict(_digests(*former)))

    def check(item: Item) -> Finding | None:
        found = _check(item, store, known)
        on_object(item)
        return found

    with ThreadPoolExecutor(WORKERS) as pool:
        found = [one for one in pool.map(check, manifest.objects.values()) if one]
    found += [*_check_manifest(manifest, store, keyring), *_unknown(manifest, store, former)]
    return Verification(len(manifest.objects), manifest.size, tuple(sorted(found)))


def load(store: Store, root: str, keyring: Keyring) -> Manifest:
    """Return the manifest with this root from a store.

    Raises:
        NotFound: it is not there.
        BadSignature: the store gives another manifest under this name.
        Malformed, UnknownKey: it is not a manifest that a believed key signed.
    """
    found = manifests.parse(b"".join(store.stream(f"{FOLDER}{root}")), keyring)
    if found.root != root:
        raise BadSignature(
            f"{store.place} gives the manifest of version {found.header.number} in the place of "
            f"another: its root is {found.root}, not {root}."
        )
    return found


def _check(item: Item, store: Store, known: "_Known") -> Finding | None:
    try:
        found, size = digests.digest(store.stream(item.key))
    except NotFound:
        return Finding(item.path, Fault.MISSING, item.key, "nothing is there")
    if (found, size) == (item.blake3, item.size):
        return None
    place = digests.first_difference(item, store.stream(item.key))
    detail = (
        f"from byte {place}: BLAKE3 {found} ({size} bytes) instead of {item.blake3} ({item.size})"
    )
    if path := known.path(found):
        detail += f", the content of {path}"
    return Finding(item.path, _name(item, found, size, known), item.key, detail)


def _name(item: Item, found: str, size: int, known: "_Known") -> Fault:
    if found in known.now:
        return Fault.SWAPPED
    if found in known.before:
        return Fault.REPLAYED
    return Fault.CUT if size < item.size else Fault.ALTERED


@dataclass(frozen=True, slots=True)
class _Known:
    """The path of each digest, in this version and in former ones."""

    now: dict[str, str]
    before: dict[str, str]

    def path(self, digest: str) -> str | None:
        return self.now.get(digest) or self.before.get(digest)


def _digests(*versions: Manifest) -> Iterator[tuple[str, str]]:
    return ((item.blake3, item.path) for one in versions for item in one.items)


def _check_manifest(manifest: Manifest, store: Store, keyring: Keyring) -> Iterator[Finding]:
    path = "(manifest)"
    try:
        load(store, manifest.root, keyring)
    except NotFound:
        yield Finding(path, Fault.MISSING, manifest.key, "the copy was never sealed here")
    except Refused as error:
        yield Finding(path, Fault.ALTERED, manifest.key, str(error))


def _unknown(manifest: Manifest, store: Store, former: Iterable[Manifest]) -> Iterator[Finding]:
    known = {key for one in (*former, manifest) for key in (*one.objects, one.key)}
    for prefix in (OBJECTS, FOLDER):
        for stored in store.list(prefix):
            if stored.key not in known:
                detail = f"{stored.size} bytes that no known manifest names"
                yield Finding("(unknown)", Fault.UNKNOWN, stored.key, detail)
