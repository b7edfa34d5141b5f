"""What a drill works on: objects made for it, full of canaries, sealed on their way to a host.

A canary is a mark that stands in clear in a file before it is sealed. Whoever reads one at a host
reads what only the holders of keys should.
"""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from ecluse.domain.documents import Signer
from ecluse.hosting.replicas import manifests, planning
from ecluse.hosting.replicas.manifests import Manifest
from ecluse.hosting.replicas.sealing import SealedSource
from ecluse.hosting.stores.folders import FolderStore
from ecluse.hosting.stores.interface import Store
from ecluse.trust.keys import Keyring, SigningKey, draw_key
from ecluse.trust.zone.sealed_files import DataKey, draw_data_key

DATASET: Final = "drill"
LARGE_BYTES: Final = 16 << 20
SMALL_BYTES: Final = 4 << 10
SMALL: Final = 200
"""Small objects, which are struck one by one."""
REPLAYED: Final = 0
"""The small object that a second version changes, so that the first can be played again."""
CANARY: Final = b"CANARY-%06d-%s"


@dataclass(frozen=True, slots=True)
class Plan:
    """How large a drill is; `seed` draws everything but keys."""

    size: int
    kills: int
    corruptions: int
    canaries: int
    seed: int


@dataclass(frozen=True, slots=True)
class World:
    """The folder of a drill, its keys, its two versions and the canaries in them."""

    folder: Path
    signing: SigningKey
    sealing: DataKey
    canaries: tuple[bytes, ...]
    former: Manifest
    manifest: Manifest
    small: Manifest
    """The small objects of `manifest` alone: read again at every round of strikes."""

    @property
    def keyring(self) -> Keyring:
        """Who is believed in this drill."""
        return Keyring([self.signing.public()])

    @property
    def struck(self) -> tuple[str, ...]:
        """The paths of the small objects, which are altered."""
        return tuple(f"small/{number:04}" for number in range(SMALL))

    def source(self, version: Manifest) -> SealedSource:
        """Return the sealed objects of a version, as they leave for the first host."""
        folder = FolderStore(self.folder / f"clear-{version.header.number}")
        return SealedSource(folder, self.sealing, planned=version)


def draw(folder: Path, plan: Plan, *, now: datetime) -> World:
    """Make the objects of a drill in a folder, and the signed manifests of two versions."""
    seed = random.Random(plan.seed)  # noqa: S311 — what to write, not a secret
    canaries = tuple(CANARY % (n, seed.randbytes(8).hex().encode()) for n in range(plan.canaries))
    signing, sealing = draw_key(Signer.AGENT, now=now), draw_data_key()
    first, second = folder / "clear-1", folder / "clear-2"
    for name, content in _files(plan, canaries, seed):
        for version in (first, second):
            (version / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        (first / name).write_bytes(content)
        (second / name).hardlink_to(first / name)
    replayed = second / f"small/{REPLAYED:04}"
    replayed.unlink()
    replayed.write_bytes(seed.randbytes(SMALL_BYTES))
    former = _planned(first, sealing, signing, None, now)
    manifest = _planned(second, sealing, signing, former, now)
    small = [item for item in manifest.items if item.path.startswith("small/")]
    header = replace(manifest.header, dataset=f"{DATASET}-small", number=1, former_root=None)
    alone = manifests.sign(header, small, signing)
    return World(folder, signing, sealing, canaries, former, manifest, alone)


def count_read(canaries: Iterable[bytes], pieces: Iterator[bytes]) -> set[bytes]:
    """Return the canaries that stand in these bytes, across pieces too."""
    wanted, found, kept = set(canaries), set[bytes](), b""
    for piece in pieces:
        seen = kept + piece
        if b"CANARY-" in seen:
            found |= {one for one in wanted - found if one in seen}
        kept = seen[-64:]
    return found


def everything(store: Store) -> Iterator[bytes]:
    """Yield every byte that a host gives, one object after the other."""
    for stored in store.list():
        yield from store.stream(stored.key)
        yield bytes(64)


def _files(
    plan: Plan, canaries: tuple[bytes, ...], seed: random.Random
) -> Iterator[tuple[str, bytes]]:
    """Yield the path and content of each file; the canaries go to all but the replayed one."""
    large = max(1, plan.size // LARGE_BYTES)
    names = [f"large/{number:05}" for number in range(large)]
    names += [f"small/{number:04}" for number in range(SMALL) if number != REPLAYED]
    hidden: dict[str, list[bytes]] = {name: [] for name in names}
    for canary in canaries:
        hidden[seed.choice(names)].append(canary)
    for name in (*names, f"small/{REPLAYED:04}"):
        size = LARGE_BYTES if name.startswith("large") else SMALL_BYTES
        marks = b"\n".join(hidden.get(name, ()))
        yield name, marks + seed.randbytes(max(0, size - len(marks)))


def _planned(
    folder: Path, sealing: DataKey, signing: SigningKey, former: Manifest | None, now: datetime
) -> Manifest:
    header = planning.next_header(DATASET, former, now=now, data_key=sealing.key_id)
    return planning.plan(SealedSource(FolderStore(folder), sealing), header=header, key=signing)
