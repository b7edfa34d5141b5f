"""Objects altered at a host as a thief, a fault or a careless hand would, and what is found."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ecluse.hosting.drills.world import REPLAYED, World
from ecluse.hosting.replicas.manifests import Item
from ecluse.hosting.replicas.verification import Fault, verify
from ecluse.hosting.stores.interface import Store

WAYS: Final = (Fault.ALTERED, Fault.CUT, Fault.SWAPPED, Fault.MISSING)


@dataclass(frozen=True, slots=True)
class Struck:
    """How many objects were altered, and how many of them were named with the right fault."""

    struck: int
    found: int


def strike(world: World, store: Store, *, count: int, seed: random.Random) -> Struck:
    """Alter `count` objects at a host, a round of different ones at a time, and verify each round.

    A round counts nothing found when anything else is named beside: a false alarm is a fault. The
    last round is left as it is, to be mended.
    """
    store.put_if_absent(world.small.key, world.small.data())
    items = {item.path: item for item in world.small.items}
    others = (world.former, world.manifest)
    right = {path: _read(store, items[path]) for path in world.struck}
    former = {item.path: item for item in world.former.items}
    old = _read(store, former[world.struck[REPLAYED]])
    struck = found = 0
    while struck < count:
        if struck:
            _restore(store, items, right)
        chosen = seed.sample(world.struck, min(count - struck, len(world.struck)))
        expected = {}
        for path in chosen:
            expected[path], data = _spoil(path, right, old, seed)
            _put(store, items[path], data)
        told = verify(world.small, store, keyring=world.keyring, former=others)
        named = {finding.path: finding.fault for finding in told.findings}
        struck += len(chosen)
        if named.keys() <= expected.keys():
            found += sum(named.get(path) is fault for path, fault in expected.items())
    return Struck(struck, found)


def _spoil(
    path: str, right: Mapping[str, bytes], old: bytes, seed: random.Random
) -> tuple[Fault, bytes | None]:
    data, way = right[path], seed.choice(WAYS)
    if path.endswith(f"/{REPLAYED:04}"):
        return Fault.REPLAYED, old
    if way is Fault.CUT:
        return way, data[: seed.randrange(len(data))]
    if way is Fault.SWAPPED:
        return way, right[seed.choice([other for other in right if other != path])]
    if way is Fault.MISSING:
        return way, None
    flipped = bytearray(data)
    flipped[seed.randrange(len(data))] ^= 1 << seed.randrange(8)
    return way, bytes(flipped)


def _restore(store: Store, items: Mapping[str, Item], right: Mapping[str, bytes]) -> None:
    for path, data in right.items():
        _put(store, items[path], data)


def _put(store: Store, item: Item, data: bytes | None) -> None:
    store.delete(item.key)
    if data is not None:
        store.put_if_absent(item.key, data)


def _read(store: Store, item: Item) -> bytes:
    return b"".join(store.stream(item.key))
