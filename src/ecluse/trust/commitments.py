"""Commitments to a set of identifiers, and proofs that one is, or is not, in the set.

Each identifier becomes a digest under a key of the set (HMAC-SHA-256); the digests, sorted, are the
leaves of a Merkle tree (RFC 6962), and the commitment binds their number and the root. Who has the
commitment alone, or any proof, cannot tell an identifier from its digest: that takes the key.

Absence is shown by two leaves that follow each other with the digest between them; where the set
begins after it, or ends before it, by the first leaf, or the last.
"""

import hmac
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from ecluse.domain.errors import BadSignature
from ecluse.trust.journal.tree import EMPTY_ROOT, leaf_hash, node_hash, verify_inclusion

DIGEST_BYTES: Final = 32
DOMAIN: Final = b"ecluse set of identifiers 1\n"
SIZE_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class Place:
    """One leaf of a set: its rank from 0, its digest, and the hashes that lead to the root."""

    index: int
    digest: bytes
    path: tuple[bytes, ...]


def keyed_digests(identifiers: Iterable[str], key: bytes) -> bytes:
    """Return the digests of a set of identifiers under its key: 32 bytes each, sorted, each once.

    One of 5 million takes some ten seconds and 500 MiB.
    """
    found = {hmac.digest(key, one.encode(), "sha256") for one in identifiers}
    return b"".join(sorted(found))


class DigestSet(Sequence[bytes]):
    """The sorted digests of a set, one after the other in `data`, and the tree over them."""

    def __init__(self, data: bytes) -> None:
        if len(data) % DIGEST_BYTES:
            raise BadSignature("A set of digests was cut off: restore it from its copy.")
        self.data = data
        self._levels: list[bytes] = []

    def __len__(self) -> int:
        return len(self.data) // DIGEST_BYTES

    def __getitem__(self, index: int) -> bytes:  # type: ignore[override]
        """Return the digest of a rank from 0."""
        if not 0 <= index < len(self):
            raise IndexError(index)
        return self.data[index * DIGEST_BYTES : (index + 1) * DIGEST_BYTES]

    def holds(self, digest: bytes) -> bool:
        """Say whether a digest is in the set."""
        rank = bisect_left(self, digest)
        return rank < len(self) and self[rank] == digest

    def root(self) -> bytes:
        """Return the root of the tree."""
        levels = self._tree()
        return levels[-1] if levels[-1] else EMPTY_ROOT

    def commitment(self) -> str:
        """Return what binds the whole set: `sha256:` and 64 hexadecimal characters."""
        return commitment_of(len(self), self.root())

    def place(self, index: int) -> Place:
        """Return the proof that the leaf of this rank is in the tree. Raises IndexError."""
        digest, path, rank = self[index], [], index
        for level in self._tree()[:-1]:
            sibling = level[(rank ^ 1) * DIGEST_BYTES : ((rank ^ 1) + 1) * DIGEST_BYTES]
            if sibling:  # the last of an odd level goes up as it is
                path.append(sibling)
            rank //= 2
        return Place(index, digest, tuple(path))

    def neighbours(self, digest: bytes) -> tuple[Place, ...]:
        """Return the leaves between which a digest that is absent would be: two, one, or none.

        Raises:
            BadSignature: it is in the set.
        """
        rank = bisect_left(self, digest)
        if rank < len(self) and self[rank] == digest:
            raise BadSignature("The digest is in the set: its absence cannot be proved.")
        return tuple(self.place(one) for one in (rank - 1, rank) if 0 <= one < len(self))

    def _tree(self) -> list[bytes]:
        if not self._levels:
            self._levels.append(b"".join(leaf_hash(one) for one in _cut(self.data)))
            while len(self._levels[-1]) > DIGEST_BYTES:
                self._levels.append(b"".join(_paired(self._levels[-1])))
        return self._levels


def commitment_of(size: int, root: bytes) -> str:
    """Return the commitment to a set of so many digests whose tree has this root."""
    return f"sha256:{sha256(DOMAIN + size.to_bytes(SIZE_BYTES, 'big') + root).hexdigest()}"


def check_presence(place: Place, *, size: int, root: bytes) -> None:
    """Pass if a digest is in the set. Raises BadSignature."""
    leaf = leaf_hash(place.digest)
    if not verify_inclusion(leaf, index=place.index, size=size, proof=place.path, root=root):
        raise BadSignature(f"Digest {place.index} is not proved to be in the set.")


def check_absence(digest: bytes, places: Sequence[Place], *, size: int, root: bytes) -> None:
    """Pass if these leaves show that a digest is not in the set. Raises BadSignature."""
    for place in places:
        check_presence(place, size=size, root=root)
    if not _is_between(digest, places, size):
        raise BadSignature("The leaves shown do not leave the digest out of the set.")


def _is_between(digest: bytes, places: Sequence[Place], size: int) -> bool:
    if size == 0:
        return not places
    if len(places) == 1:
        (only,) = places
        before_all = only.index == 0 and digest < only.digest
        return before_all or (only.index == size - 1 and only.digest < digest)
    if len(places) != 2:  # noqa: PLR2004 - one on each side
        return False
    left, right = places
    return right.index == left.index + 1 and left.digest < digest < right.digest


def _cut(data: bytes) -> Iterator[bytes]:
    return (data[start : start + DIGEST_BYTES] for start in range(0, len(data), DIGEST_BYTES))


def _paired(level: bytes) -> Iterator[bytes]:
    nodes = _cut(level)
    for left in nodes:
        right = next(nodes, None)
        yield left if right is None else node_hash(left, right)
