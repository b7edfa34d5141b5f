"""Personal fields of the journal: proved while they are kept, gone when they are erased."""

from pathlib import Path

import pytest

from ecluse.domain.errors import BadSignature, NotFound
from ecluse.trust.journal import files, personal, verification
from ecluse.trust.journal.files import FileJournal
from ecluse.trust.journal.personal import Opened
from tests.unit.trust.build import AGENT, KEYRING, NOW

PHONE = "06 12 34 56 78"


def journal_of(folder: Path) -> FileJournal:
    return FileJournal(folder, origin="test/zone", key=AGENT)


def test_an_entry_commits_to_a_value_that_it_does_not_hold(tmp_path: Path) -> None:
    with journal_of(tmp_path) as journal:
        details = {"reason": "called back", **journal.personal.commit({"phone": PHONE})}
        entry = journal.append("desk.called", actor="desk", subject="D1", details=details, at=NOW)
        (field,) = journal.personal.fields_of(entry)

    assert PHONE.encode() not in journal.path.read_bytes()
    assert field.value == PHONE
    personal.check(entry, field)


def test_erasing_leaves_nothing_of_the_value_and_the_tree_holds(tmp_path: Path) -> None:
    with journal_of(tmp_path) as journal:
        details = journal.personal.commit({"phone": PHONE, "name": "Camille"})
        entry = journal.append("desk.called", actor="desk", subject="D1", details=details, at=NOW)
        before = journal.checkpoint()
        journal.personal.erase(entry)

        with pytest.raises(NotFound, match="were erased"):
            journal.personal.fields_of(entry)
    export = files.read(journal.path)
    report = verification.verify(export.lines, export.checkpoints, KEYRING)
    everything = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())

    assert (report.size, report.problem) == (1, None)
    assert export.checkpoints == (before,)
    assert PHONE.encode() not in everything
    assert b"Camille" not in everything


def test_a_guess_does_not_match_without_the_salt(tmp_path: Path) -> None:
    with journal_of(tmp_path) as journal:
        details = journal.personal.commit({"phone": PHONE})
        entry = journal.append("desk.called", actor="desk", subject="D1", details=details, at=NOW)

    with pytest.raises(BadSignature, match="did not commit"):
        personal.check(entry, Opened("phone", PHONE, "00" * 32))


def test_another_value_or_another_name_is_refused(tmp_path: Path) -> None:
    with journal_of(tmp_path) as journal:
        details = journal.personal.commit({"phone": PHONE})
        entry = journal.append("desk.called", actor="desk", subject="D1", details=details, at=NOW)
        (field,) = journal.personal.fields_of(entry)

    with pytest.raises(BadSignature):
        personal.check(entry, Opened("phone", "06 00 00 00 00", field.salt))
    with pytest.raises(BadSignature):
        personal.check(entry, Opened("fax", PHONE, field.salt))


def test_the_same_value_twice_gives_two_commitments() -> None:
    first, second = personal.draw({"phone": PHONE}), personal.draw({"phone": PHONE})

    assert first[0].commitment() != second[0].commitment()


def test_a_field_is_never_printed() -> None:
    assert PHONE not in repr(personal.draw({"phone": PHONE}))
