"""A journal's file of entries, read by rank: its tree from the hashes beside, its lines by slices.

For whoever makes proofs or copies while the owner writes. Where the hashes are missing or behind,
they are made again in memory from the entries.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from ecluse.domain.errors import NotFound
from ecluse.trust.journal import checkpoints, exports, proofs, tree
from ecluse.trust.journal.appended import Appended
from ecluse.trust.journal.hashes import HashFiles, hashes_path
from ecluse.trust.journal.proofs import LeafTree, Tree


@dataclass(frozen=True, slots=True)
class Reading:
    """What counts of a journal: its last checkpoint, its tree, its lines from rank to rank."""

    note: str
    tree: Tree
    lines: Callable[[int, int], Sequence[bytes]]


@contextmanager
def reading(path: Path) -> Iterator[Reading]:
    """Give the journal whose file of entries is `path`.

    Raises:
        NotFound: it has no checkpoint yet.
    """
    note = last_note(path)
    seen = checkpoints.read_checkpoint(note)
    hashes = HashFiles(hashes_path(path))
    try:
        if hashes.size >= seen.size and proofs.root(hashes, seen.size) == seen.root:
            with path.open("rb") as file:
                yield Reading(note, hashes, _slices(file.fileno(), hashes))
        else:
            yield in_memory(list(islice(exports.read(path).lines, seen.size)), note)
    finally:
        hashes.close()


def in_memory(lines: Sequence[bytes], note: str) -> Reading:
    """Return the reading of lines that are all at hand."""
    leaves = LeafTree([tree.leaf_hash(line) for line in lines])
    return Reading(note, leaves, lambda start, end: lines[start:end])


def last_note(path: Path) -> str:
    """Return the last checkpoint of a file of entries. Raises NotFound."""
    try:
        with exports.checkpoints_path(path).open("rb") as file:
            notes = Appended(file)
            notes.size = notes.whole_lines()
            last = notes.last_line()
    except FileNotFoundError:
        last = None
    if last is None:
        raise NotFound(f"{path} has no checkpoint yet: nothing in it can be proved.")
    return exports.read_note(last)


def _slices(descriptor: int, hashes: HashFiles) -> Callable[[int, int], Sequence[bytes]]:
    def lines(start: int, end: int) -> Sequence[bytes]:
        first = hashes.end(start)
        return os.pread(descriptor, hashes.end(end) - first, first).split(b"\n")[:-1]

    return lines
