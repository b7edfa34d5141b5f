"""What others vouch for: how far, by whom, and what they contradict."""

from pathlib import Path

import pytest

from ecluse.domain.errors import InvalidInput
from ecluse.trust.journal import checkpoints, cosignatures, stamps, tree, verification, witnesses
from ecluse.trust.journal.attestations import Said, attest
from ecluse.trust.journal.cosignatures import Policy, WitnessKey
from ecluse.trust.journal.policies import Trusted
from ecluse.trust.journal.witnesses import Submission, Witness
from tests.unit.trust.authority import open_authority
from tests.unit.trust.build import AGENT, KEYRING, NOW, PORTAL, entry, journal

LINES, NOTES = journal([entry(number) for number in range(1, 6)])
REPORT = verification.verify(LINES, NOTES, KEYRING)
NOBODY = Policy((), 0)


def cosigned(folder: Path, name: str, note: str) -> tuple[WitnessKey, str]:
    """A new witness, and the note that it cosigned."""
    key = witnesses.create_witness(folder / name, name)
    line = Witness(folder / name, KEYRING).add_checkpoint(Submission(0, (), note), at=NOW)
    return key, cosignatures.join(note, [line])


def test_the_most_entries_that_a_quorum_cosigned_are_told(tmp_path: Path) -> None:
    key, first = cosigned(tmp_path, "one.example", NOTES[1])
    said = Said(cosigned=[first, NOTES[4]])
    found = attest(REPORT, said, KEYRING, policy=Policy((key,), 1))

    assert (found.witnessed_size, found.witness_names) == (2, ("one.example",))
    assert found.problems == ()


def test_a_quorum_that_is_not_met_is_a_problem(tmp_path: Path) -> None:
    one, note = cosigned(tmp_path, "one.example", NOTES[4])
    two, _ = cosigned(tmp_path, "two.example", NOTES[4])
    found = attest(REPORT, Said(cosigned=[note]), KEYRING, policy=Policy((one, two), 2))

    assert ["cosigned by 2 of 2 witnesses" in problem for problem in found.problems] == [True]


def test_a_checkpoint_seen_elsewhere_must_lie_on_the_tree() -> None:
    other = checkpoints.sign_checkpoint("test/zone", 3, tree.leaf_hash(b"forged"), AGENT)
    longer = checkpoints.sign_checkpoint("test/zone", 9, tree.leaf_hash(b"longer"), AGENT)
    forked = attest(REPORT, Said(seen=[other]), KEYRING, policy=NOBODY)
    cut = attest(REPORT, Said(seen=[longer]), KEYRING, policy=NOBODY)
    true = attest(REPORT, Said(seen=[NOTES[2]]), KEYRING, policy=NOBODY)

    assert "its past was rewritten" in forked.problems[0]
    assert "it was cut" in cut.problems[0]
    assert true.problems == ()


def test_a_checkpoint_of_another_journal_has_no_place_beside() -> None:
    other = checkpoints.sign_checkpoint("test/portal", 3, tree.leaf_hash(b"other"), PORTAL)
    found = attest(REPORT, Said(seen=[other]), KEYRING, policy=NOBODY)

    assert found.problems == ("A checkpoint of test/portal lies beside test/zone.",)


def test_a_stamp_dates_as_many_entries_as_its_checkpoint(tmp_path: Path) -> None:
    authority = open_authority(tmp_path)
    roots = stamps.load_roots([authority.root])
    made = stamps.stamp(NOTES[3], authority.ask, roots)
    found = attest(REPORT, Said(stamps=[made]), KEYRING, policy=NOBODY, roots=roots)
    unread = attest(REPORT, Said(stamps=[made]), KEYRING, policy=NOBODY)

    assert (found.stamped_size, found.problems) == (4, ())
    assert (unread.stamped_size, unread.stamped_at) == (0, None)


def test_every_witness_named_must_cosign_unless_a_number_is_given(tmp_path: Path) -> None:
    one, _ = cosigned(tmp_path, "one.example", NOTES[0])
    two, _ = cosigned(tmp_path, "two.example", NOTES[0])
    path = tmp_path / "witnesses.toml"
    path.write_text(f'witnesses = ["{one}", "{two}"]\n')

    assert Trusted.load(path).policy == Policy((one, two), 2)
    assert Trusted.of_home(tmp_path / "elsewhere") == Trusted.nobody()


@pytest.mark.parametrize(
    "text", ['witnesses = ["x"]', "quorum = 1", "quorum = -1", "[", 'authorities = ["absent"]']
)
def test_a_policy_that_cannot_be_met_or_read_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "witnesses.toml").write_text(text)

    with pytest.raises(InvalidInput):
        Trusted.of_home(tmp_path)
