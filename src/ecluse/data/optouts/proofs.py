"""What an auditor takes away: that nobody of a list is in an extract, shown without a name.

For each identifier of a person of the extract, its place in the tree of the persons, and the two
neighbours between which it would be in the tree of each list that was applied. Roots and sizes lead
to the commitments of the signed receipt. Everybody is shown, or those that the auditor's own number
draws: of k opted-out identifiers among n, s drawn miss them all with probability (1 - k/n)^s.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ecluse.data.optouts.records import Record
from ecluse.domain import codec
from ecluse.domain.documents import (
    Basis,
    ExtractionReceipt,
    OptOutEvidence,
    TabulationReceipt,
)
from ecluse.domain.errors import BadSignature, InvalidInput, NotFound
from ecluse.trust import canonical
from ecluse.trust.commitments import (
    DigestSet,
    Place,
    check_absence,
    check_presence,
    commitment_of,
)

KIND: Final = "ecluse-opt-out-proof-1"
Receipt = ExtractionReceipt | TabulationReceipt
"""What binds the persons whom a project has in its extract, or whom an answer counts."""


@dataclass(frozen=True)
class Leaf:
    """A leaf of a tree: its rank, its digest and the path to the root, in hexadecimal."""

    index: int
    digest: str
    path: tuple[str, ...]


@dataclass(frozen=True)
class Tree:
    """The size and the root of a tree, in hexadecimal: they make its commitment."""

    size: int
    root: str

    def commitment(self) -> str:
        """Return what a receipt says of a set with this tree."""
        return commitment_of(self.size, bytes.fromhex(self.root))


@dataclass(frozen=True)
class ListTree:
    """The tree of the list of one basis."""

    basis: Basis
    tree: Tree


@dataclass(frozen=True)
class Absence:
    """Between which leaves of the list of a basis a digest would be."""

    basis: Basis
    neighbours: tuple[Leaf, ...]


@dataclass(frozen=True)
class Shown:
    """One identifier of the extract: its place among the persons, its absence from each list."""

    place: Leaf
    absences: tuple[Absence, ...]


@dataclass(frozen=True)
class Proof:
    """What `ecluse optouts prove` writes. `challenge` and `drawn`: None where all are shown.

    `digest_key` (hexadecimal) where the auditor may know it: with the signed list, it shows that
    the tree of the list is of that list and no other.
    """

    kind: str
    order_number: str
    challenge: str | None
    drawn: int | None
    digest_key: str | None
    persons: Tree
    lists: tuple[ListTree, ...]
    shown: tuple[Shown, ...]

    def line(self) -> bytes:
        """Return the bytes of the file: canonical JSON."""
        return canonical.encode(codec.encode(self)) + b"\n"

    @classmethod
    def parse(cls, data: bytes) -> "Proof":
        """Return the proof of a file. Raises Malformed, InvalidInput."""
        proof: Proof = codec.decode(canonical.decode(data.rstrip(b"\n")), cls, at="proof")
        if proof.kind != KIND:
            raise InvalidInput(f"This is not a proof of the form {KIND}.")
        return proof


@dataclass(frozen=True, slots=True)
class Challenge:
    """What an auditor draws: a number of their own, and how many identifiers to show."""

    number: str
    drawn: int

    def ranks(self, size: int) -> tuple[int, ...]:
        """Return the ranks to show among `size`, which nobody knew before the number was given."""
        if not self.number or self.drawn < 1:
            raise InvalidInput("A challenge is a number of the auditor's own, to show 1 or more.")
        if self.drawn >= size:
            return tuple(range(size))
        found: dict[int, None] = {}
        counter = 0
        while len(found) < self.drawn:
            drawn = hashlib.sha256(f"{self.number}\0{counter}".encode()).digest()
            found[int.from_bytes(drawn, "big") % size] = None
            counter += 1
        return tuple(sorted(found))


def prove(
    record: Record,
    receipt: Receipt,
    *,
    challenge: Challenge | None = None,
    with_key: bool = False,
) -> Proof:
    """Return the proof of an extract: everybody, or those that a challenge draws.

    Raises:
        NotFound: the receipt binds no list.
        BadSignature: the records are not what the receipt binds, or somebody of a list is in the
            extract.
    """
    told = _bound(receipt)
    held, persons = record.listed.lists(), record.persons()
    lists = {one.basis: held[one.basis] for one in told.lists}
    size = len(persons)
    ranks = range(size) if challenge is None else challenge.ranks(size)
    proof = Proof(
        kind=KIND,
        order_number=receipt.order_number,
        challenge=None if challenge is None else challenge.number,
        drawn=None if challenge is None else challenge.drawn,
        digest_key=record.listed.digest_key.hex() if with_key else None,
        persons=_tree(persons),
        lists=tuple(ListTree(basis, _tree(one)) for basis, one in lists.items()),
        shown=tuple(_shown(persons, rank, lists) for rank in ranks),
    )
    _check_bound(proof, told)
    return proof


def check(proof: Proof, receipt: Receipt, *, challenge: Challenge | None = None) -> int:
    """Return how many identifiers a proof shows to be in no list applied.

    Needs no zone, no key and no name. `challenge`: that of the auditor, None to ask for everybody.

    Raises:
        NotFound: the receipt binds no list.
        BadSignature: the proof is not of this receipt, or does not show what was asked.
    """
    told = _bound(receipt)
    if proof.order_number != receipt.order_number:
        raise BadSignature(f"The proof is of {proof.order_number}, not {receipt.order_number}.")
    _check_bound(proof, told)
    size = proof.persons.size
    due = tuple(range(size)) if challenge is None else challenge.ranks(size)
    if tuple(one.place.index for one in proof.shown) != due:
        raise BadSignature("The proof does not show those who were asked for: have it made again.")
    trees = {one.basis: one.tree for one in proof.lists}
    for one in proof.shown:
        _check_shown(one, proof.persons, trees)
    return len(proof.shown)


def check_list(proof: Proof, basis: Basis, digests: DigestSet) -> None:
    """Pass if the tree of a list is that of these digests. Raises BadSignature."""
    trees = {one.basis: one.tree for one in proof.lists}
    if basis not in trees or trees[basis].commitment() != digests.commitment():
        raise BadSignature("The list that was applied is not this one.")


def _bound(receipt: Receipt) -> OptOutEvidence:
    if receipt.opt_outs is None:
        raise NotFound(
            f"The receipt of {receipt.order_number} binds no list: it was made without records."
        )
    return receipt.opt_outs


def _check_bound(proof: Proof, told: OptOutEvidence) -> None:
    lists = tuple((one.basis, one.tree.commitment()) for one in proof.lists)
    due = tuple((one.basis, one.commitment) for one in told.lists)
    if proof.persons.commitment() != told.persons or lists != due:
        raise BadSignature("The persons or the lists are not those that the receipt binds.")


def _shown(persons: DigestSet, rank: int, lists: Mapping[Basis, DigestSet]) -> Shown:
    digest = persons[rank]
    absences = tuple(
        Absence(basis, tuple(map(_leaf, one.neighbours(digest)))) for basis, one in lists.items()
    )
    return Shown(_leaf(persons.place(rank)), absences)


def _check_shown(one: Shown, persons: Tree, trees: Mapping[Basis, Tree]) -> None:
    check_presence(_place(one.place), size=persons.size, root=bytes.fromhex(persons.root))
    if tuple(absence.basis for absence in one.absences) != tuple(trees):
        raise BadSignature("The proof leaves out a list that was applied.")
    for absence in one.absences:
        tree = trees[absence.basis]
        neighbours = [_place(leaf) for leaf in absence.neighbours]
        digest = bytes.fromhex(one.place.digest)
        check_absence(digest, neighbours, size=tree.size, root=bytes.fromhex(tree.root))


def _tree(digests: DigestSet) -> Tree:
    return Tree(len(digests), digests.root().hex())


def _leaf(place: Place) -> Leaf:
    return Leaf(place.index, place.digest.hex(), tuple(node.hex() for node in place.path))


def _place(leaf: Leaf) -> Place:
    try:
        digest, path = bytes.fromhex(leaf.digest), tuple(bytes.fromhex(one) for one in leaf.path)
    except ValueError:
        raise BadSignature("A leaf of the proof is not hexadecimal.") from None
    return Place(leaf.index, digest, path)
