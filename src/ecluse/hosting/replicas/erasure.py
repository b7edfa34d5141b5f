"""Erasure at a host: every version of every object of a manifest, then a look at what is left."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ecluse.domain.errors import NotAllowed
from ecluse.hosting.replicas.manifests import Manifest
from ecluse.hosting.stores.interface import Store


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased: objects, and the versions of them that the host kept."""

    objects: int
    versions: int
    kept: int


def erase(
    manifest: Manifest,
    store: Store,
    *,
    kept: Iterable[Manifest] = (),
    on_object: Callable[[str], object] = lambda _: None,
) -> Erased:
    """Erase a version at a host, but for the objects that the `kept` manifests hold too.

    The manifest goes last: until then whoever runs it again finds what is left. Whether it may be
    erased at all is for `register.check_erasable`.

    Raises:
        NotAllowed: an object is locked, or a version stays after it was deleted.
    """
    needed = {key for one in kept for key in (*one.objects, one.key)}
    doomed = [key for key in (*manifest.objects, manifest.key) if key not in needed]
    versions = 0
    for key in doomed:
        versions += _erase_versions(key, store)
        on_object(key)
    return Erased(len(doomed), versions, len(manifest.objects) + 1 - len(doomed))


def _erase_versions(key: str, store: Store) -> int:
    found = store.versions(key)
    for version in found:
        store.delete(key, version_id=version.version_id)
    if store.versions(key) or store.head(key) is not None:
        raise NotAllowed(f"{key} stays at {store.place} after its deletion: ask the host why.")
    return len(found)
