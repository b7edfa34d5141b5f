"""A journal is edited, cut, rewritten with its keys; a careless reader first believes it.

Numbers are those of the list of attacks (docs/reference/attacks.md).
"""

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

import pytest
from django.db import connection

from ecluse.domain.documents import Revocation, Signer
from ecluse.domain.errors import (
    Expired,
    InvalidInput,
    JournalBroken,
    Malformed,
    NotYetValid,
    UnknownKey,
)
from ecluse.portal.audit import actions as audit
from ecluse.portal.audit import identity
from ecluse.portal.audit.models import WitnessedCheckpoint
from ecluse.trust import documents, keys
from ecluse.trust.journal import checkpoints, files, verification
from ecluse.trust.journal.entries import Entry
from ecluse.trust.journal.files import FileJournal
from ecluse.trust.keys import Keyring
from ecluse.trust.rotation import accept_rotation, rotate
from tests.sites import Signers
from tests.unit.data.agent.worlds import SENT_AT, World
from tests.unit.data.studies import PERMIT
from tests.unit.trust.build import AGENT, DAY, KEYRING, NOW, PORTAL, START, permit_document

ORIGIN = "test/zone"
STORY = ["job.ordered J1", "output.released R1", "output.recalled R1", "job.ordered J2"]


def written(folder: Path, story: Iterable[str] = STORY, *, origin: str = ORIGIN) -> Path:
    """The file of entries of a journal that tells these facts, closed."""
    with FileJournal(folder, origin=origin, key=AGENT) as journal:
        for fact in story:
            action, subject = fact.split()
            journal.append(action, actor="agent", subject=subject, at=NOW)
    return folder / files.ENTRIES


def careless(lines: Iterable[bytes]) -> list[str]:
    """What a reader finds who takes each line at its word, as of an ordinary log."""
    read = [json.loads(line) for line in lines]
    return [f"{one['action']} {one['subject']}" for one in read]


def proved(path: Path) -> verification.JournalReport:
    export = files.read(path)
    return verification.verify(export.lines, export.checkpoints, KEYRING)


def edited(lines: list[bytes]) -> list[bytes]:
    return [line.replace(b"output.recalled", b"output.released") for line in lines]


def deleted(lines: list[bytes]) -> list[bytes]:
    return [lines[0], lines[1], lines[3]]


def reordered(lines: list[bytes]) -> list[bytes]:
    return [lines[0], lines[2], lines[1], lines[3]]


def cut(lines: list[bytes]) -> list[bytes]:
    return lines[:2]


def repeated(lines: list[bytes]) -> list[bytes]:
    return [lines[0], lines[0], *lines[1:]]


@pytest.mark.parametrize(
    ("change", "first"),
    [(edited, 3), (deleted, 3), (reordered, 2), (cut, 3), (repeated, 2)],
)
def test_a40_a_journal_that_was_changed_is_found_at_the_entry_and_not_continued(
    tmp_path: Path, change: Callable[[list[bytes]], list[bytes]], first: int
) -> None:
    path = written(tmp_path)
    changed = change(path.read_bytes().splitlines())
    path.write_bytes(b"".join(line + b"\n" for line in changed))
    assert careless(changed) not in ([], STORY)  # a plain log tells another story, and says nothing

    report = proved(path)

    assert report.problem is not None
    assert report.problem.sequence == first
    with pytest.raises(JournalBroken):
        FileJournal(tmp_path, origin=ORIGIN, key=AGENT)


def test_a40_entries_cut_with_their_checkpoints_are_missed_by_whoever_witnessed_them(
    tmp_path: Path,
) -> None:
    path = written(tmp_path / "zone")
    seen = files.read(path).checkpoints[-1]
    export = files.read(path)
    files.write_export(path, list(export.lines)[:2], export.checkpoints[:2])
    assert careless(path.read_bytes().splitlines()) == STORY[:2]
    assert proved(path).problem is None  # alone, it proves a shorter past

    found = verification.cross_check([proved(path), witness_of(seen, tmp_path / "portal")])

    assert ["showed 4 entries to a witness and has 2" in one for one in found.problems] == [True]


def witness_of(note: str, folder: Path) -> verification.JournalReport:
    """The journal of the portal, which keeps what the zone showed it."""
    with FileJournal(folder, origin="test/portal", key=PORTAL) as journal:
        details = checkpoints.witness_details(note)
        journal.append(
            checkpoints.WITNESSED, actor="portal", subject=ORIGIN, details=details, at=NOW
        )
    return proved(folder / files.ENTRIES)


@pytest.mark.django_db
def test_a40_an_owner_of_the_database_who_switches_its_guard_off_is_found(
    signers: Signers,
) -> None:
    """A trigger refuses to change the past; whoever owns the table can switch it off."""
    audit.record("permit.granted", "FR-2026-0001", by="paul@hub.example", at=NOW)
    audit.record("permit.revoked", "FR-2026-0001", by="paul@hub.example", at=NOW)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_journalentry DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE audit_journalentry SET action = 'permit.granted',"
            " body = convert_to(replace(convert_from(body, 'UTF8'), 'revoked', 'granted'), 'UTF8')"
        )
        cursor.execute("ALTER TABLE audit_journalentry ENABLE TRIGGER USER")
    lines, notes = audit.export()
    lines = list(lines)
    assert careless(lines) == ["permit.granted FR-2026-0001"] * 2

    report = verification.verify(lines, notes, identity.keyring())

    assert report.problem is not None
    assert report.problem.sequence == 2


def careless_agent_obeys(ends_at: datetime, *, clock: datetime) -> bool:
    """Whether a program that believes its clock would still work under this permit."""
    return clock < ends_at


def test_a41_a_clock_set_back_before_the_journal_gives_no_right_back(tmp_path: Path) -> None:
    world = World(tmp_path)
    order = world.grant()
    world.send(Revocation(PERMIT.permit_number, SENT_AT, "Misuse."))
    world.step()
    yesterday = SENT_AT - DAY
    world.send(order, issued_at=yesterday)
    assert careless_agent_obeys(SENT_AT, clock=yesterday)  # by that clock, nothing is revoked yet

    with world.agent() as agent:
        report = agent.step(yesterday)

    assert "clock" in (report.unreachable or {})
    assert (report.received, report.done, world.zone.projects.exists()) == (0, 0, False)


def test_a41_a_document_dated_ahead_by_a_wrong_clock_is_not_believed() -> None:
    ahead = documents.sign(permit_document(issued_at=NOW + DAY), PORTAL)

    with pytest.raises(NotYetValid, match="compare the clocks"):
        documents.verify(ahead, KEYRING, now=NOW)


def test_a42_a_past_rewritten_with_the_right_key_is_betrayed_by_the_other_side(
    tmp_path: Path,
) -> None:
    """Whoever holds database and keys signs another past: by itself it proves perfectly."""
    honest = written(tmp_path / "honest")
    seen = files.read(honest).checkpoints[2]
    forged = written(tmp_path / "forged", [*STORY[:2], "job.ordered J9", "job.ordered J2"])
    assert careless(forged.read_bytes().splitlines())[2] == "job.ordered J9"
    assert proved(forged).problem is None

    found = verification.cross_check([proved(forged), witness_of(seen, tmp_path / "portal")])

    assert ["its past was rewritten" in one for one in found.problems] == [True]


def test_a42_a_site_that_witnessed_one_past_refuses_another_and_keeps_both(
    signers: Signers,
) -> None:
    notes = [
        checkpoints.sign_checkpoint("ecluse/zone", 4, bytes([past]) * 32, signers.agent)
        for past in (1, 2)
    ]
    audit.witness(notes[0], by="agent:zone-1", at=NOW)

    with pytest.raises(JournalBroken, match="two pasts of 4 entries"):
        audit.witness(notes[1], by="agent:zone-1", at=NOW)

    assert [one.note for one in WitnessedCheckpoint.objects.order_by("pk")] == notes


def test_a42_a_journal_and_keys_made_anew_are_not_those_that_the_others_believe(
    tmp_path: Path,
) -> None:
    written(tmp_path / "zone")
    replaced = keys.draw_key(Signer.AGENT, now=START)
    with FileJournal(tmp_path / "new", origin=ORIGIN, key=replaced) as journal:
        journal.append("job.ordered", actor="agent", subject="J9", at=NOW)
    export = files.read(tmp_path / "new" / files.ENTRIES)
    lines = list(export.lines)
    assert careless(lines) == ["job.ordered J9"]

    report = verification.verify(lines, export.checkpoints, KEYRING)

    assert report.problem is not None
    assert "not in this keyring" in report.problem.explanation


def test_a43_what_a_stolen_key_signs_after_its_rotation_is_refused_and_what_came_before_stays(
    tmp_path: Path,
) -> None:
    old = keys.create_key(tmp_path, Signer.PORTAL, now=START)
    keyring = Keyring([old.public()])
    before = documents.sign(permit_document(), old)
    after = documents.sign(permit_document(issued_at=NOW + 2 * DAY), old)
    later = NOW + 3 * DAY
    assert documents.verify(after, keyring, now=later)  # careless: a key believed for ever

    _, announcement = rotate(tmp_path, Signer.PORTAL, now=NOW + DAY)
    rotation = documents.verify(announcement, keyring, now=later)
    keyring = accept_rotation(keyring, rotation, later)

    assert documents.verify(before, keyring, now=later).key_id == old.key_id
    with pytest.raises(Expired, match="retired"):
        documents.verify(after, keyring, now=later)


def test_a43_a_stolen_key_that_is_revoked_signs_nothing_even_dated_back(tmp_path: Path) -> None:
    """A thief writes the date that suits: only revocation ends what a stolen key can say."""
    stolen = keys.create_key(tmp_path, Signer.PORTAL, now=START)
    keyring = Keyring([stolen.public()])
    dated_back = documents.sign(permit_document(), stolen)
    retired = keyring.retired(stolen.key_id, NOW + DAY)
    assert documents.verify(dated_back, retired, now=NOW + 3 * DAY)  # careless: only retired

    with pytest.raises(UnknownKey, match="was revoked"):
        documents.verify(dated_back, keyring.revoked(stolen.key_id, NOW + DAY), now=NOW + 3 * DAY)


def test_a43_a_key_file_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    key = keys.create_key(tmp_path, Signer.PORTAL, now=START)
    (tmp_path / f"{key.key_id}.key").chmod(0o644)

    with pytest.raises(InvalidInput, match="can be read by other accounts"):
        keys.load_signing_key(tmp_path, Signer.PORTAL)


FORGING = 'J1"}\n{"action":"output.released","actor":"sarah","subject":"R9'


def careless_log(subject: str) -> str:
    """A log line as many programs write it: the words of the user between quotes."""
    return f'{{"action":"job.ordered","actor":"agent","subject":"{subject}"}}\n'


def test_a44_the_words_of_a_user_make_no_entry_of_their_own(tmp_path: Path) -> None:
    forged = careless(careless_log(FORGING).encode().splitlines())
    assert forged == ["job.ordered J1", "output.released R9"]

    with FileJournal(tmp_path, origin=ORIGIN, key=AGENT) as journal:
        journal.append("job.ordered", actor="agent", subject=FORGING, at=NOW)
        lines = journal.path.read_bytes().splitlines()

    assert len(lines) == 1
    assert Entry.parse(lines[0]).subject == FORGING
    assert proved(tmp_path / files.ENTRIES).size == 1


def test_a44_no_words_make_a_checkpoint_of_another_size(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match="cannot be a checkpoint"):
        checkpoints.sign_checkpoint("test/zone\n9\nAAAA", 1, b"\x01" * 32, AGENT)
