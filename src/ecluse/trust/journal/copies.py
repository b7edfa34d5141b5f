"""A copy of a journal elsewhere, in tiles that are written once (C2SP tlog-tiles layout).

    tile/0/x001/234            hashes of 256 leaves       tile/1/004.p/7    the first 7 of a tile
    tile/entries/x001/234      256 entries, each after its length in two bytes
    checkpoint/314159          the checkpoint of that many entries
    cosigned/314159.0a1b…      the same with its witnesses' lines, when it has some

A checkpoint is written after all that it covers, so an interrupted copy goes on where it stopped.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from ecluse.domain.errors import JournalBroken
from ecluse.trust.journal import checkpoints, proofs
from ecluse.trust.journal.hashes import HEIGHT, WIDTH
from ecluse.trust.journal.proofs import Tree
from ecluse.trust.keys import Keyring

CHECKPOINTS: Final = "checkpoint/"
COSIGNED: Final = "cosigned/"
LENGTH_BYTES: Final = 2
MAX_OBJECT_BYTES: Final = WIDTH * (1 << 16)


class Listed(Protocol):
    """An object as a shelf lists it."""

    @property
    def key(self) -> str:
        """Its name."""


class Shelf(Protocol):
    """Where copies are kept: a store of `hosting`, or anything that does as much."""

    def put_if_absent(self, key: str, data: bytes) -> bool:
        """Keep `data` under `key`; False, and nothing changes, when the key is taken."""

    def read(self, key: str, *, start: int = 0, length: int) -> bytes:
        """Return at most `length` bytes from `start`."""

    def list(self, prefix: str = "") -> Iterator[Listed]:
        """Yield the objects whose key begins with `prefix`."""

    def lock(self, key: str, *, until: datetime) -> None:
        """Have the host refuse any deletion before `until`."""


@dataclass(frozen=True, slots=True)
class Original:
    """The journal to copy: its tree, its entries by rank from 0, its last checkpoint."""

    tree: Tree
    lines: Callable[[int, int], Sequence[bytes]]
    note: str
    cosigned: str | None = None


@dataclass(frozen=True, slots=True)
class Copied:
    """What a copy did: entries before and after, objects written."""

    before: int
    after: int
    written: int


def copy(
    original: Original, shelf: Shelf, keyring: Keyring, *, locked_until: datetime | None = None
) -> Copied:
    """Bring the copy up to the last checkpoint; with `locked_until`, no object can be deleted.

    Raises:
        JournalBroken: the copy holds another past, or an object that is not ours.
        Malformed, UnknownKey, BadSignature: the checkpoint of the copy does not hold.
    """
    size, before = checkpoints.read_checkpoint(original.note).size, _copied_size(shelf)
    if before:
        _require_same_past(original, shelf, keyring, size=before)
    written = 0
    if size > before:
        for key, data in objects(original, size=size, since=before):
            written += _put(shelf, key, data, locked_until)
    if original.cosigned is not None:
        data = original.cosigned.encode()
        # Each witness adds a line: another text, another object.
        name = f"{COSIGNED}{size}.{hashlib.sha256(data).hexdigest()[:16]}"
        written += _put(shelf, name, data, locked_until)
    return Copied(before, max(size, before), written)


def objects(original: Original, *, size: int, since: int) -> Iterator[tuple[str, bytes]]:
    """Yield the name and bytes of what a copy of `since` entries lacks, its checkpoint last."""
    level = 0
    while size >> level * HEIGHT:
        for name, start, width in _tiles(size >> level * HEIGHT, since >> level * HEIGHT):
            nodes = (original.tree.node(level * HEIGHT, start + at) for at in range(width))
            yield f"tile/{level}/{name}", b"".join(nodes)
        level += 1
    for name, start, width in _tiles(size, since):
        yield f"tile/entries/{name}", bundle(original.lines(start, start + width))
    yield f"{CHECKPOINTS}{size}", original.note.encode()


def bundle(lines: Sequence[bytes]) -> bytes:
    """Return entries one after the other, each after its length in two bytes, big-endian."""
    return b"".join(len(line).to_bytes(LENGTH_BYTES, "big") + line for line in lines)


def tile_name(index: int, width: int = WIDTH) -> str:
    """Return the name of a tile within its level: three digits a part, `x` before all but one."""
    digits = str(index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    parts = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    name = "/".join([*(f"x{part}" for part in parts[:-1]), parts[-1]])
    return name if width == WIDTH else f"{name}.p/{width}"


def _tiles(count: int, since: int) -> Iterator[tuple[str, int, int]]:
    """Yield name, first hash and width of each tile of `count` hashes that `since` did not fill."""
    for index in range(since >> HEIGHT, -(-count // WIDTH)):
        width = min(WIDTH, count - index * WIDTH)
        yield tile_name(index, width), index * WIDTH, width


def _copied_size(shelf: Shelf) -> int:
    names = (one.key.removeprefix(CHECKPOINTS) for one in shelf.list(CHECKPOINTS))
    return max((int(name) for name in names if name.isascii() and name.isdigit()), default=0)


def _require_same_past(original: Original, shelf: Shelf, keyring: Keyring, *, size: int) -> None:
    data = shelf.read(f"{CHECKPOINTS}{size}", length=checkpoints.MAX_CHARACTERS)
    seen = checkpoints.verify_checkpoint(data.decode(errors="replace"), keyring)
    ours = checkpoints.read_checkpoint(original.note)
    if seen.origin != ours.origin or seen.size != size or size > ours.size:
        raise JournalBroken(
            f"The copy holds {seen.size} entries of {seen.origin}, and this journal is "
            f"{ours.origin} with {ours.size}: one was cut, or the place is another's."
        )
    if proofs.root(original.tree, size) != seen.root:
        raise JournalBroken(
            f"The copy of {seen.origin} and this journal do not begin with the same {size} "
            "entries: keep both, and verify each."
        )


def _put(shelf: Shelf, key: str, data: bytes, until: datetime | None) -> bool:
    is_new = shelf.put_if_absent(key, data)
    if not is_new and shelf.read(key, length=MAX_OBJECT_BYTES) != data:
        raise JournalBroken(
            f"The copy holds another {key} than this journal: keep both, and verify each."
        )
    if until is not None:
        shelf.lock(key, until=until)
    return is_new
