from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecluse.domain.documents import Signer
from ecluse.domain.errors import JournalBroken
from ecluse.trust.journal import checkpoints, tree
from ecluse.trust.journal.checkpoints import witness_details
from ecluse.trust.journal.verification import JournalReport, cross_check, verify
from ecluse.trust.keys import Keyring
from tests.unit.trust.build import AGENT, KEYRING, NOW, PORTAL, entry, journal

FIFTY, FIFTY_NOTES = journal([entry(number) for number in range(1, 51)])
DIGEST = "sha256:" + "d" * 64


def zone(*entries: object) -> JournalReport:
    """The report of a journal of the zone with these entries, each given as its changed members."""
    return verify(*journal(_numbered(entries)), KEYRING)


def portal(*entries: object) -> JournalReport:
    """The same, of the portal."""
    return verify(*journal(_numbered(entries), origin="test/portal", key=PORTAL), KEYRING)


def _numbered(entries: tuple[object, ...]) -> list[object]:
    return [entry(number, **changes) for number, changes in enumerate(entries, start=1)]


def document(action: str, *, minutes: int = 0) -> dict[str, object]:
    return {
        "action": f"document.{action}",
        "digest": DIGEST,
        "details": {"issuer": "portal", "kind": "Permit"},
        "at": NOW + timedelta(minutes=minutes),
    }


def witnessed(report: JournalReport, *, size: int, key=PORTAL) -> dict[str, object]:
    note = checkpoints.sign_checkpoint(report.origin, size, tree.root(report.leaves[:size]), key)
    return {"action": "checkpoint.witnessed", "details": witness_details(note)}


def test_a_journal_that_nobody_touched_is_sound() -> None:
    report = verify(FIFTY, FIFTY_NOTES, KEYRING)

    report.require_sound()
    assert (report.size, report.checkpoint_count, report.origin) == (50, 50, "test/zone")
    assert report.signer is Signer.AGENT


def test_an_empty_journal_is_sound() -> None:
    assert verify([], [], KEYRING).problem is None


@given(st.data())
def test_a_changed_byte_is_found_at_its_entry(data: st.DataObject) -> None:
    number = data.draw(st.integers(1, 50))
    line = FIFTY[number - 1]
    place = data.draw(st.integers(0, len(line) - 1))
    flipped = bytes([line[place] ^ data.draw(st.integers(1, 255))])
    changed = line[:place] + flipped + line[place + 1 :]
    report = verify([*FIFTY[: number - 1], changed, *FIFTY[number:]], FIFTY_NOTES, KEYRING)

    assert report.problem.sequence == number
    with pytest.raises(JournalBroken):
        report.require_sound()


@given(st.integers(1, 50))
def test_a_deleted_entry_is_found_at_its_place(number: int) -> None:
    report = verify([*FIFTY[: number - 1], *FIFTY[number:]], FIFTY_NOTES, KEYRING)

    assert report.problem.sequence == number


@given(st.integers(1, 51))
def test_an_inserted_entry_is_found_at_its_place(number: int) -> None:
    forged = entry(number, subject="forged").line()
    report = verify([*FIFTY[: number - 1], forged, *FIFTY[number - 1 :]], FIFTY_NOTES, KEYRING)

    assert report.problem.sequence == number


@given(st.integers(1, 50), st.data())
def test_two_exchanged_entries_are_found_at_the_first(first: int, data: st.DataObject) -> None:
    second = data.draw(st.integers(1, 50).filter(lambda number: number != first))
    lines = list(FIFTY)
    lines[first - 1], lines[second - 1] = lines[second - 1], lines[first - 1]

    assert verify(lines, FIFTY_NOTES, KEYRING).problem.sequence == min(first, second)


@given(st.integers(0, 49))
def test_a_cut_journal_is_found_at_its_first_missing_entry(size: int) -> None:
    assert verify(FIFTY[:size], FIFTY_NOTES, KEYRING).problem.sequence == size + 1


@given(st.integers(1, 50), st.integers(1, 50))
def test_a_rewritten_tail_is_found_even_when_renumbered(start: int, until: int) -> None:
    rest = [entry(number, subject="rewritten").line() for number in range(start, until + 1)]
    report = verify([*FIFTY[: start - 1], *rest], FIFTY_NOTES, KEYRING)

    assert report.problem.sequence == start


@given(st.integers(0, 49), st.integers(0, 200), st.integers(1, 127))
def test_a_changed_checkpoint_is_found(number: int, place: int, change: int) -> None:
    note = FIFTY_NOTES[number]
    place %= len(note)
    changed = note[:place] + chr(ord(note[place]) ^ change) + note[place + 1 :]
    report = verify(FIFTY, [*FIFTY_NOTES[:number], changed, *FIFTY_NOTES[number + 1 :]], KEYRING)

    assert report.problem is not None


def test_a_change_between_two_far_checkpoints_is_found_in_between() -> None:
    lines = [*FIFTY[:19], entry(20, subject="forged").line(), *FIFTY[20:]]
    report = verify(lines, [FIFTY_NOTES[9], FIFTY_NOTES[29], FIFTY_NOTES[49]], KEYRING)

    assert report.problem.sequence == 11
    assert "entries 11 to 30" in report.problem.explanation


def test_entries_without_any_checkpoint_prove_nothing() -> None:
    assert verify(FIFTY, [], KEYRING).problem.sequence == 1


def test_checkpoints_of_an_unknown_key_prove_nothing() -> None:
    assert "not in this keyring" in verify(FIFTY, FIFTY_NOTES, Keyring()).problem.explanation


def test_a_checkpoint_signed_by_another_side_is_found() -> None:
    root = tree.root([tree.leaf_hash(line) for line in FIFTY])
    note = checkpoints.sign_checkpoint("test/zone", 50, root, PORTAL)

    assert "signed by portal" in verify(FIFTY, [*FIFTY_NOTES, note], KEYRING).problem.explanation


def test_two_signed_pasts_of_one_size_are_found() -> None:
    note = checkpoints.sign_checkpoint("test/zone", 7, b"x" * 32, AGENT)

    assert "two roots" in verify(FIFTY, [*FIFTY_NOTES, note], KEYRING).problem.explanation


def test_an_entry_that_witnessed_a_false_checkpoint_is_found() -> None:
    seen = portal({})
    forged = witnessed(seen, size=1)
    forged["details"] = {"note": forged["details"]["note"].replace("\n1\n", "\n2\n")}

    assert zone({}, forged).problem.sequence == 2


def test_a_witnessed_key_that_the_verifier_lacks_is_counted_and_not_blamed() -> None:
    lines, notes = journal([entry(1, **witnessed(portal({}), size=1))])
    report = verify(lines, notes, Keyring([AGENT.public()]))

    assert (report.problem, report.unknown_witness_count) == (None, 1)


def test_sides_that_saw_the_same_past_agree() -> None:
    portal_report = portal({}, {}, {})
    result = cross_check([portal_report, zone(witnessed(portal_report, size=2))])

    assert (result.witnessed_count, result.problems) == (1, ())


def test_a_rewritten_journal_is_found_by_its_witness() -> None:
    witness = zone(witnessed(portal({}, {}), size=2))
    rewritten = portal({}, {"subject": "rewritten"}, {})
    result = cross_check([rewritten, witness])

    assert rewritten.problem is None
    assert "rewritten" in result.problems[0]
    with pytest.raises(JournalBroken):
        result.require_sound()


def test_a_cut_journal_is_found_by_its_witness() -> None:
    witness = zone(witnessed(portal({}, {}, {}), size=3))

    assert "showed 3 entries" in cross_check([portal({}, {}), witness]).problems[0]


def test_a_journal_that_shows_two_pasts_is_found_by_two_witnesses() -> None:
    first = zone(witnessed(portal({"subject": "one"}), size=1))
    second = zone(witnessed(portal({"subject": "two"}), size=1))

    assert "two pasts" in cross_check([first, replace(second, origin="test/other")]).problems[0]


def test_two_copies_of_one_journal_must_begin_alike() -> None:
    assert cross_check([portal({}), portal({}, {})]).problems == ()
    assert "seen elsewhere" in cross_check([portal({"subject": "x"}), portal({}, {})]).problems[0]


def test_a_document_noted_by_both_sides_has_crossed() -> None:
    result = cross_check([portal(document("sent")), zone(document("received"))])

    assert (result.crossed_count, result.on_the_way_count, result.problems) == (1, 0, ())


def test_a_refused_document_has_crossed_too() -> None:
    result = cross_check([portal(document("sent")), zone(document("refused"))])

    assert (result.crossed_count, result.problems) == (1, ())


def test_a_document_sent_and_not_yet_received_is_on_the_way() -> None:
    result = cross_check([portal(document("sent")), zone({})])

    assert (result.crossed_count, result.on_the_way_count, result.problems) == (0, 1, ())


def test_a_document_that_its_issuer_never_sent_is_found() -> None:
    result = cross_check([portal({"at": NOW + timedelta(minutes=6)}), zone(document("received"))])

    assert DIGEST in result.problems[0]


def test_a_document_received_after_the_issuers_export_is_on_the_way() -> None:
    result = cross_check([portal({"at": NOW}), zone(document("received", minutes=1))])

    assert (result.on_the_way_count, result.problems) == (1, ())


def test_a_broken_journal_accuses_nobody() -> None:
    broken = replace(portal({}), problem=verify(FIFTY, [], KEYRING).problem)
    witness = zone(witnessed(portal({}, {}), size=2))

    assert cross_check([broken, witness]).problems == ()
