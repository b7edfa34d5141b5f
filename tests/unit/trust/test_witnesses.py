"""Witnesses: they sign a journal that only grew, never two pasts of it."""

from pathlib import Path

import pytest

from ecluse.domain.errors import (
    BadSignature,
    InvalidInput,
    JournalBroken,
    Malformed,
    NotFound,
    UnknownKey,
)
from ecluse.trust.journal import checkpoints, cosignatures, exports, proofs, tree, witnesses
from ecluse.trust.journal.cosignatures import Policy, WitnessKey
from ecluse.trust.journal.proofs import LeafTree
from ecluse.trust.journal.witnesses import Submission, Witness
from ecluse.trust.keys import Keyring
from tests.unit.trust.build import AGENT, KEYRING, NOW

ORIGIN = "test/zone"
LEAVES = [tree.leaf_hash(bytes([number])) for number in range(9)]
FORKED = [*LEAVES[:4], tree.leaf_hash(b"another"), *LEAVES[5:]]


def note_of(leaves: list[bytes]) -> str:
    return checkpoints.sign_checkpoint(ORIGIN, len(leaves), tree.root(leaves), AGENT)


def shown(leaves: list[bytes], *, old: int) -> Submission:
    """What the journal of these leaves shows a witness that has seen `old` of them."""
    proof = proofs.consistency_proof(LeafTree(leaves), old) if old else []
    return Submission(old, tuple(proof), note_of(leaves))


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    witnesses.create_witness(tmp_path / "one", "one.example")
    return Witness(tmp_path / "one", KEYRING)


def test_a_witness_cosigns_a_journal_that_grew(witness: Witness) -> None:
    witness.add_checkpoint(shown(LEAVES[:5], old=0), at=NOW)
    line = witness.add_checkpoint(shown(LEAVES, old=5), at=NOW)
    cosigned = cosignatures.join(note_of(LEAVES), [line])

    assert Policy((witness.key,), 1).witnesses_of(cosigned) == (witness.key,)
    assert witness.last_size(ORIGIN) == 9


def test_a_submission_is_read_back_as_it_was_written(witness: Witness) -> None:
    sent = shown(LEAVES, old=5)

    assert Submission.parse(str(sent)) == sent
    assert str(sent).startswith("old 5\n")


def test_a_fork_is_not_cosigned_and_both_notes_are_kept(witness: Witness) -> None:
    witness.add_checkpoint(shown(LEAVES[:5], old=0), at=NOW)

    with pytest.raises(JournalBroken, match="not their continuation"):
        witness.add_checkpoint(shown(FORKED, old=5), at=NOW)
    assert witness.last_size(ORIGIN) == 5
    (kept,) = witness.folder.glob("*.fork-*")
    assert kept.read_text() == note_of(FORKED)


def test_another_root_of_the_same_size_is_not_cosigned(witness: Witness) -> None:
    witness.add_checkpoint(shown(LEAVES[:5], old=0), at=NOW)

    with pytest.raises(JournalBroken):
        witness.add_checkpoint(Submission(5, (), note_of(FORKED[:5])), at=NOW)


def test_a_journal_that_was_cut_is_not_cosigned(witness: Witness) -> None:
    witness.add_checkpoint(shown(LEAVES, old=0), at=NOW)

    with pytest.raises(JournalBroken, match="showed 9 entries"):
        witness.add_checkpoint(shown(LEAVES[:5], old=0), at=NOW)


def test_a_proof_from_elsewhere_is_asked_again_from_the_right_place(witness: Witness) -> None:
    witness.add_checkpoint(shown(LEAVES[:5], old=0), at=NOW)

    with pytest.raises(InvalidInput, match="signed 5 entries"):
        witness.add_checkpoint(shown(LEAVES, old=3), at=NOW)


def test_a_first_checkpoint_needs_no_proof_and_takes_none(witness: Witness) -> None:
    with pytest.raises(InvalidInput, match="seen nothing"):
        witness.add_checkpoint(shown(LEAVES, old=5), at=NOW)


def test_a_journal_that_the_witness_does_not_believe_is_not_cosigned(tmp_path: Path) -> None:
    witnesses.create_witness(tmp_path, "one.example")

    with pytest.raises(UnknownKey):
        Witness(tmp_path, Keyring()).add_checkpoint(shown(LEAVES, old=0), at=NOW)


def test_the_same_checkpoint_again_is_cosigned_again(witness: Witness) -> None:
    witness.add_checkpoint(shown(LEAVES, old=0), at=NOW)
    line = witness.add_checkpoint(Submission(9, (), note_of(LEAVES)), at=NOW)

    assert line.startswith("— one.example ")


def test_two_of_three_witnesses_are_enough_and_one_is_not(tmp_path: Path) -> None:
    names = ("one.example", "two.example", "three.example")
    keys = tuple(witnesses.create_witness(tmp_path / name, name) for name in names)
    policy = Policy(keys, 2)
    lines = [
        Witness(tmp_path / name, KEYRING).add_checkpoint(shown(LEAVES, old=0), at=NOW)
        for name in names
    ]
    one = cosignatures.join(note_of(LEAVES), lines[:1])
    two = cosignatures.join(note_of(LEAVES), [lines[0], lines[2]])

    with pytest.raises(JournalBroken, match="1 witnesses cosigned"):
        policy.require(one)
    policy.require(two)
    assert policy.witnesses_of(two) == (keys[0], keys[2])


def test_the_same_witness_twice_counts_once(witness: Witness) -> None:
    first = witness.add_checkpoint(shown(LEAVES, old=0), at=NOW)
    again = cosignatures.join(cosignatures.join(note_of(LEAVES), [first]), [first])

    assert again.count("one.example") == 1
    with pytest.raises(Malformed, match="is not a policy"):
        Policy((witness.key, witness.key), 2)


def test_a_cosignature_of_another_checkpoint_is_refused(witness: Witness) -> None:
    line = witness.add_checkpoint(shown(LEAVES[:5], old=0), at=NOW)
    moved = cosignatures.join(note_of(LEAVES), [line])

    with pytest.raises(BadSignature, match="ask it again"):
        Policy((witness.key,), 1).require(moved)


def test_a_key_is_read_back_and_an_altered_one_is_refused(witness: Witness) -> None:
    written = str(witness.key)
    name, hashed, rest = written.split("+", 2)

    assert WitnessKey.parse(written) == witness.key
    with pytest.raises(Malformed, match="own hash"):
        WitnessKey.parse(f"other.example+{hashed}+{rest}")
    assert name == "one.example"


def test_cosignatures_are_kept_beside_the_journal(witness: Witness, tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl.cosigned"
    other = witnesses.create_witness(tmp_path / "two", "two.example")
    first = witness.add_checkpoint(shown(LEAVES, old=0), at=NOW)
    second = Witness(tmp_path / "two", KEYRING).add_checkpoint(shown(LEAVES, old=0), at=NOW)
    cosignatures.add_cosignature(path, note_of(LEAVES), first)
    whole = cosignatures.add_cosignature(path, note_of(LEAVES), second)

    Policy((witness.key, other), 2).require(whole)
    assert cosignatures.split(whole)[0] == note_of(LEAVES)
    assert len(path.read_bytes().splitlines()) == 1


def test_a_folder_without_a_witness_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="witness create"):
        Witness(tmp_path, KEYRING)


def test_a_second_witness_does_not_replace_the_first(witness: Witness) -> None:
    with pytest.raises(InvalidInput, match="holds a witness already"):
        witnesses.create_witness(witness.folder, "two.example")


@pytest.mark.parametrize("text", ["", "new 5\n\nnote", "old x\n\nnote", "old 5\nzz\n\nnote"])
def test_a_submission_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        Submission.parse(text)


def test_the_last_cosigned_checkpoints_alone_are_kept_beside(
    witness: Witness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cosignatures, "KEPT", 1)
    path = tmp_path / "journal.jsonl.cosigned"
    first = witness.add_checkpoint(shown(LEAVES[:5], old=0), at=NOW)
    cosignatures.add_cosignature(path, note_of(LEAVES[:5]), first)
    second = witness.add_checkpoint(shown(LEAVES, old=5), at=NOW)
    whole = cosignatures.add_cosignature(path, note_of(LEAVES), second)

    assert exports.read_notes(path) == (whole,)
