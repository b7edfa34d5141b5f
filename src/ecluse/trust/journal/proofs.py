"""Proofs over a tree of which only a few subtrees are read (RFC 6962 sections 2.1.1 and 2.1.2).

A tree gives the root of any complete subtree: `height` 0 are the leaves, and subtree number `index`
of a height covers the leaves from `index << height`. A proof reads O(log n) of them.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

from ecluse.trust.journal.tree import EMPTY_ROOT, node_hash


class Tree(Protocol):
    """`size` leaves, and the root of each complete subtree among them."""

    @property
    def size(self) -> int:
        """How many leaves there are."""

    def node(self, height: int, index: int) -> bytes:
        """Return the root of the complete subtree `index` of 2^`height` leaves."""


class LeafTree:
    """The tree of leaf hashes held in memory."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self.leaves = leaves

    @property
    def size(self) -> int:
        """How many leaves there are."""
        return len(self.leaves)

    def node(self, height: int, index: int) -> bytes:
        """Return the root of a complete subtree."""
        return fold(self.leaves[index << height : (index + 1) << height])


def fold(hashes: Sequence[bytes]) -> bytes:
    """Return the root over the hashes of a complete subtree: their number is a power of two."""
    level = list(hashes)
    while len(level) > 1:
        level = [node_hash(*level[at : at + 2]) for at in range(0, len(level), 2)]
    return level[0]


def frontier_nodes(tree: Tree, size: int) -> list[bytes]:
    """Return the roots of the complete subtrees of the first `size` leaves, largest first."""
    return [tree.node(height, index) for height, index in _complete(0, size)]


def root(tree: Tree, size: int | None = None) -> bytes:
    """Return the root of the first `size` leaves, or of all."""
    wanted = tree.size if size is None else size
    return _range_root(tree, 0, wanted) if wanted else EMPTY_ROOT


def inclusion_proof(tree: Tree, index: int, *, size: int | None = None) -> list[bytes]:
    """Return the hashes that lead from leaf `index` to the root of `size` leaves, nearest first.

    Raises:
        ValueError: there is no such leaf.
    """
    end = tree.size if size is None else size
    if not 0 <= index < end <= tree.size:
        raise ValueError(f"Leaf {index} is not among {end} leaves.")
    start, path = 0, []
    while end - start > 1:
        split = start + _split(end - start)
        if index < split:
            path.append(_range_root(tree, split, end))
            end = split
        else:
            path.append(_range_root(tree, start, split))
            start = split
    return path[::-1]


def consistency_proof(tree: Tree, first: int, *, size: int | None = None) -> list[bytes]:
    """Return the hashes that prove that the first `first` of `size` leaves are unchanged.

    Raises:
        ValueError: `first` is not between 1 and the number of leaves.
    """
    end = tree.size if size is None else size
    if not 0 < first <= end <= tree.size:
        raise ValueError(f"{first} is not between 1 and {end} leaves.")
    start, path = 0, []
    while first != end:
        split = start + _split(end - start)
        if first <= split:
            path.append(_range_root(tree, split, end))
            end = split
        else:
            path.append(_range_root(tree, start, split))
            start = split
    # The old root itself needs no proof: whoever asks has it.
    own = [] if start == 0 else [_range_root(tree, start, end)]
    return [*own, *reversed(path)]


def _range_root(tree: Tree, start: int, end: int) -> bytes:
    """Return the root of the leaves from `start` to `end`, a subtree of RFC 6962."""
    nodes = [tree.node(height, index) for height, index in _complete(start, end)]
    value = nodes.pop()
    while nodes:
        value = node_hash(nodes.pop(), value)
    return value


def _complete(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the complete subtrees, largest first, of a range whose start each of them divides."""
    while start < end:
        height = (end - start).bit_length() - 1
        yield height, start >> height
        start += 1 << height


def _split(size: int) -> int:
    """Return the largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)
