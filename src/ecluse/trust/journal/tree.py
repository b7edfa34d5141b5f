"""The Merkle tree of RFC 6962: one root commits to every entry and to their order.

Leaves are numbered from 0 here; entry number n of a journal is leaf n-1.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final

EMPTY_ROOT: Final = hashlib.sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """Return the 32-byte hash of one entry (RFC 6962 section 2.1: prefix 00)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the 32-byte hash of two subtrees (RFC 6962 section 2.1: prefix 01)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The few hashes needed to add a leaf to a tree and to know its root.

    `nodes` are the roots of the complete subtrees, largest first: one per binary digit 1 of `size`.
    """

    def __init__(self, size: int = 0, nodes: Sequence[bytes] = ()) -> None:
        if len(nodes) != size.bit_count():
            raise ValueError(f"A tree of {size} leaves has {size.bit_count()} complete subtrees.")
        self.size = size
        self.nodes = list(nodes)

    def append(self, leaf: bytes) -> None:
        """Add the hash of one leaf at the end."""
        node = leaf
        for _ in range(_trailing_ones(self.size)):
            node = node_hash(self.nodes.pop(), node)
        self.nodes.append(node)
        self.size += 1

    def root(self) -> bytes:
        """Return the root of the tree so far."""
        if not self.nodes:
            return EMPTY_ROOT
        node = self.nodes[-1]
        for left in reversed(self.nodes[:-1]):
            node = node_hash(left, node)
        return node

    def copy(self) -> "Frontier":
        """Return an independent frontier of the same tree."""
        return Frontier(self.size, self.nodes)


def root(leaves: Iterable[bytes]) -> bytes:
    """Return the root of the tree with these leaf hashes."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def verify_inclusion(
    leaf: bytes, *, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """Tell whether `proof` shows that `leaf` is number `index` of the tree of `size` leaves."""
    if not 0 <= index < size:
        return False
    # RFC 9162 section 2.1.3.2: walk up, keeping the number of the node and of the last node.
    number, last, node = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if number % 2 or number == last:
            node = node_hash(sibling, node)
            while number % 2 == 0 and number:
                number, last = number >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        number, last = number >> 1, last >> 1
    return last == 0 and node == root


def verify_consistency(
    first: int, second: int, *, first_root: bytes, second_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Tell whether `proof` shows that the tree of `second` leaves begins with that of `first`."""
    if not 0 < first <= second:
        return False
    if first == second:
        return not proof and first_root == second_root
    # RFC 9162 section 2.1.4.2.
    path = [first_root, *proof] if first & (first - 1) == 0 else list(proof)
    if not path:
        return False
    shift = _trailing_ones(first - 1)
    number, last = (first - 1) >> shift, (second - 1) >> shift
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if number % 2 or number == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while number % 2 == 0 and number:
                number, last = number >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        number, last = number >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


def _trailing_ones(number: int) -> int:
    return (~number & (number + 1)).bit_length() - 1
