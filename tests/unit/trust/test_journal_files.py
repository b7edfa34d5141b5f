from pathlib import Path

import pytest

from ecluse.domain.documents import Signer
from ecluse.domain.errors import JournalBroken, Malformed, NotAllowed
from ecluse.trust import keys
from ecluse.trust.journal import checkpoints, files, tree, verification
from ecluse.trust.journal.files import FileJournal
from ecluse.trust.keys import Keyring
from tests.unit.trust.build import AGENT, DAY, KEYRING, NOW, PORTAL

ORIGIN = "test/zone"


def opened(folder: Path) -> FileJournal:
    return FileJournal(folder, origin=ORIGIN, key=AGENT)


def with_three_entries(folder: Path) -> Path:
    """The file of entries of a journal of three, closed."""
    with opened(folder) as journal:
        journal.append("job.ordered", actor="agent", subject="J1", at=NOW)
        journal.append("job.finished", actor="agent", subject="J1", details={"code": 0}, at=NOW)
        journal.append("job.ordered", actor="agent", subject="J2", at=NOW + DAY)
    return folder / files.ENTRIES


def report_of(path: Path) -> verification.JournalReport:
    export = files.read(path)
    return verification.verify(export.lines, export.checkpoints, KEYRING)


def test_an_entry_is_read_back_as_it_was_appended(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        entry = journal.append("job.ordered", actor="agent", subject="J1", digest="d", at=NOW)

        assert list(journal.entries()) == [entry]
        assert entry.sequence == 1


def test_a_journal_goes_on_after_it_was_closed(tmp_path: Path) -> None:
    with_three_entries(tmp_path)
    with opened(tmp_path) as journal:
        entry = journal.append("job.finished", actor="agent", subject="J2", at=NOW + DAY)

        assert entry.sequence == 4
        assert report_of(journal.path).size == 4


def test_every_entry_lies_under_its_own_checkpoint(tmp_path: Path) -> None:
    path = with_three_entries(tmp_path)
    report = report_of(path)

    assert report.problem is None
    assert (report.origin, report.signer) == (ORIGIN, Signer.AGENT)
    assert (report.size, report.checkpoint_count) == (3, 3)


def test_the_last_checkpoint_is_given_to_witnesses(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        empty = checkpoints.verify_checkpoint(journal.checkpoint(), KEYRING)
        line = journal.append("job.ordered", actor="agent", subject="J1", at=NOW).line()
        last = checkpoints.verify_checkpoint(journal.checkpoint(), KEYRING)

    assert (empty.size, empty.root) == (0, tree.EMPTY_ROOT)
    assert (last.size, last.root) == (1, tree.root([tree.leaf_hash(line)]))


def test_only_one_process_writes(tmp_path: Path) -> None:
    with opened(tmp_path), pytest.raises(NotAllowed, match="Another process writes"):
        opened(tmp_path)


def test_a_journal_is_read_while_it_is_written(tmp_path: Path) -> None:
    path = with_three_entries(tmp_path)
    with opened(tmp_path):
        assert report_of(path).size == 3


@pytest.mark.parametrize("tail", [b"{", b'{"action":"job', b"\xff\n", b"whole line\n"])
def test_one_line_beyond_the_last_checkpoint_never_counted(tmp_path: Path, tail: bytes) -> None:
    path = with_three_entries(tmp_path)
    before = path.read_bytes()
    path.write_bytes(before + tail)

    assert report_of(path).size == 3
    opened(tmp_path).close()
    assert path.read_bytes() == before


def test_a_torn_checkpoint_takes_its_entry_with_it(tmp_path: Path) -> None:
    path = with_three_entries(tmp_path)
    notes = files.checkpoints_path(path)
    notes.write_bytes(notes.read_bytes()[:-5])

    assert report_of(path).size == 2
    with opened(tmp_path) as journal:
        assert journal.append("job.ordered", actor="agent", subject="J2", at=NOW).sequence == 3
    assert report_of(path).problem is None


def test_lines_added_without_the_key_are_found_and_not_cut(tmp_path: Path) -> None:
    path = with_three_entries(tmp_path)
    forged = path.read_bytes() + b"one\ntwo\n"
    path.write_bytes(forged)

    assert report_of(path).problem is not None
    with pytest.raises(JournalBroken, match="not those of the checkpoint"):
        opened(tmp_path)
    assert path.read_bytes() == forged


def test_an_edited_journal_is_not_continued(tmp_path: Path) -> None:
    path = with_three_entries(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"J1", b"J9"))

    with pytest.raises(JournalBroken, match="ecluse journal verify"):
        opened(tmp_path)


def test_a_journal_whose_checkpoint_was_forged_is_not_continued(tmp_path: Path) -> None:
    path = with_three_entries(tmp_path)
    note = checkpoints.sign_checkpoint(ORIGIN, 1, tree.root([tree.leaf_hash(b"forged")]), PORTAL)
    files.write_export(path, [b"forged"], [note])

    with pytest.raises(JournalBroken, match="last checkpoint fails"):
        opened(tmp_path)


def test_the_journal_of_another_origin_is_not_continued(tmp_path: Path) -> None:
    with_three_entries(tmp_path)

    with pytest.raises(JournalBroken, match="not test/other"):
        FileJournal(tmp_path, origin="test/other", key=AGENT)


def test_a_journal_goes_on_under_the_next_key(tmp_path: Path) -> None:
    path = with_three_entries(tmp_path)
    new = keys.draw_key(Signer.AGENT, now=NOW)
    with FileJournal(tmp_path, origin=ORIGIN, key=new, keyring=KEYRING) as journal:
        journal.append("key.rotated", actor="agent", subject=new.key_id, at=NOW)
    export = files.read(path)
    report = verification.verify(export.lines, export.checkpoints, KEYRING.with_key(new.public()))

    assert (report.size, report.problem) == (4, None)


def test_the_next_key_alone_does_not_vouch_for_the_past(tmp_path: Path) -> None:
    with_three_entries(tmp_path)
    new = keys.draw_key(Signer.AGENT, now=NOW)

    with pytest.raises(JournalBroken, match="not in this keyring"):
        FileJournal(tmp_path, origin=ORIGIN, key=new, keyring=Keyring())


def test_an_entry_that_cannot_be_spelled_leaves_no_trace(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        with pytest.raises(Malformed):
            journal.append("job.ordered", actor="\ud800", subject="J1", at=NOW)

        assert journal.append("job.ordered", actor="agent", subject="J1", at=NOW).sequence == 1


def test_a_closed_journal_says_so(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    journal.close()

    with pytest.raises(JournalBroken, match="is closed"):
        journal.append("job.ordered", actor="agent", subject="J1", at=NOW)


def test_an_export_is_verified_like_the_journal(tmp_path: Path) -> None:
    export = files.read(with_three_entries(tmp_path))
    target = tmp_path / "usb.jsonl"
    files.write_export(target, export.lines, export.checkpoints)

    assert report_of(target).size == 3


def test_what_an_interruption_left_is_cut_before_the_next_entry(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        journal.append("job.ordered", actor="agent", subject="J1", at=NOW)
        with journal.path.open("ab") as other:
            other.write(b'{"torn')
        journal.append("job.finished", actor="agent", subject="J1", at=NOW)

    assert report_of(journal.path).size == 2
