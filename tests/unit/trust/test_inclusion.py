"""The proof of one entry, in a text that is checked without the journal."""

import pytest

from ecluse.domain.errors import BadSignature, JournalBroken, Malformed, UnknownKey
from ecluse.trust.journal import checkpoints, inclusion, tree
from ecluse.trust.journal.inclusion import InclusionProof
from ecluse.trust.journal.proofs import LeafTree
from ecluse.trust.keys import Keyring
from tests.unit.trust.build import AGENT, KEYRING, entry

LINES = [entry(number).line() for number in range(1, 8)]
TREE = LeafTree([tree.leaf_hash(line) for line in LINES])
NOTE = checkpoints.sign_checkpoint("test/zone", 7, tree.root(TREE.leaves), AGENT)


def proof_of(index: int) -> InclusionProof:
    return inclusion.prove(TREE, index, NOTE, leaf=TREE.leaves[index], line=LINES[index])


@pytest.mark.parametrize("index", range(7))
def test_a_proof_is_read_back_and_holds(index: int) -> None:
    read = InclusionProof.parse(str(proof_of(index)))
    seen = inclusion.check(read, KEYRING)

    assert read == proof_of(index)
    assert (seen.origin, seen.size) == ("test/zone", 7)


def test_a_proof_without_its_entry_holds_for_who_has_the_hash() -> None:
    made = inclusion.prove(TREE, 2, NOTE, leaf=TREE.leaves[2], line=None)
    read = InclusionProof.parse(str(made))

    assert "extra" not in str(made)
    assert inclusion.check(read, KEYRING, leaf=TREE.leaves[2]).size == 7
    with pytest.raises(Malformed, match="leaves its entry out"):
        inclusion.check(read, KEYRING)
    with pytest.raises(BadSignature):
        inclusion.check(read, KEYRING, leaf=TREE.leaves[3])


def test_a_proof_of_another_place_or_another_entry_does_not_hold() -> None:
    made = proof_of(2)

    with pytest.raises(BadSignature, match="not in the journal"):
        inclusion.check(InclusionProof(3, made.path, NOTE, made.line), KEYRING)
    with pytest.raises(BadSignature, match="not in the journal"):
        inclusion.check(InclusionProof(2, made.path, NOTE, LINES[3]), KEYRING)


def test_a_proof_under_a_key_that_is_not_believed_does_not_hold() -> None:
    with pytest.raises(UnknownKey):
        inclusion.check(proof_of(2), Keyring())


def test_no_proof_is_made_from_a_tree_that_was_changed() -> None:
    other = LeafTree([*TREE.leaves[:6], tree.leaf_hash(b"forged")])

    with pytest.raises(JournalBroken, match="does not lie under"):
        inclusion.prove(other, 2, NOTE, leaf=other.leaves[2], line=LINES[2])


@pytest.mark.parametrize(
    "text", ["", "c2sp.org/tlog-proof@v1\nindex -1\n\n", "other@v1\nindex 1\n\nnote"]
)
def test_what_is_no_proof_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        InclusionProof.parse(text)
