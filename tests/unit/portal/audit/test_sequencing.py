"""Drafts and their numbers: with the act or not at all, once, as written, whoever owns the base."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from ecluse.domain.documents import Signer
from ecluse.domain.errors import JournalBroken, NotFound
from ecluse.portal.audit import actions, drafts, identity, sequencing
from ecluse.portal.audit.drafts import Draft
from ecluse.portal.audit.models import JournalEntry
from ecluse.trust import keys, rotation
from ecluse.trust.journal import verification
from ecluse.trust.journal.entries import Entry
from ecluse.trust.keys import Keyring

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def site(transactional_db: None, settings: Settings, tmp_path: Path) -> Iterator[None]:
    """A site whose transactions commit."""
    settings.ECLUSE_HOME = tmp_path
    key = keys.create_key(identity.key_folder(), Signer.PORTAL, now=NOON)
    Keyring([key.public()]).save(identity.keyring_path())
    yield
    sequencing._committed.clear()


def grant(number: int) -> None:
    actions.record("permit.granted", f"P-{number}", by="paul@hub.example", at=NOON)


def left_by_a_crash(number: int) -> Draft:
    """An act committed by a program that stopped before it could chain its entry."""
    entry = Entry(1, NOON, "paul@hub.example", "permit.granted", f"P-{number}")
    draft = Draft.of(entry)
    drafts.write(draft)
    return draft


def told() -> list[tuple[int, str, str]]:
    rows = JournalEntry.objects.order_by("sequence")
    return list(rows.values_list("sequence", "action", "subject"))


def execute(statement: str) -> None:
    """What the owner of the database writes in it."""
    with connection.cursor() as cursor:
        cursor.execute(statement)


def problem() -> object:
    lines, notes = actions.export()
    return verification.verify(lines, notes, identity.keyring()).problem


def test_an_entry_has_its_number_once_its_act_is_done_and_not_before() -> None:
    with transaction.atomic():
        grant(1)
        assert (told(), actions.pending_count()) == ([], 1)

    assert (told(), actions.pending_count()) == ([(1, "permit.granted", "P-1")], 0)


def test_an_act_undone_leaves_no_draft_and_no_gap() -> None:
    with transaction.atomic():
        grant(1)
        transaction.set_rollback(True)
    grant(2)

    assert told() == [(1, "permit.granted", "P-2")]


def test_an_act_whose_draft_cannot_be_sealed_is_not_done() -> None:
    (identity.key_folder() / f"{identity.signing_key().key_id}.key").unlink()

    with pytest.raises(NotFound, match="restore it"):
        grant(1)

    assert actions.pending_count() == 0


def test_an_act_does_not_wait_for_another_that_has_not_ended() -> None:
    def another() -> None:
        try:
            grant(2)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads, transaction.atomic():
        grant(1)
        threads.submit(another).result(timeout=10)
        assert told() == [(1, "permit.granted", "P-2")]

    assert told() == [(1, "permit.granted", "P-2"), (2, "permit.granted", "P-1")]
    assert problem() is None


def test_entries_of_one_act_share_one_checkpoint_and_keep_their_order() -> None:
    with transaction.atomic():
        grant(1)
        grant(2)
        grant(3)

    notes = list(JournalEntry.objects.order_by("sequence").values_list("checkpoint", flat=True))
    assert [subject for _, _, subject in told()] == ["P-1", "P-2", "P-3"]
    assert notes[:2] == ["", ""]
    assert notes[2].startswith("ecluse/public\n3\n")
    assert problem() is None


def test_what_a_crash_left_is_numbered_before_the_next_act() -> None:
    left_by_a_crash(1)
    grant(2)

    assert told() == [(1, "permit.granted", "P-1"), (2, "permit.granted", "P-2")]


def test_the_checkpoint_given_to_others_is_over_what_a_crash_left() -> None:
    left_by_a_crash(1)

    assert actions.checkpoint().startswith("ecluse/public\n1\n")
    assert actions.pending_count() == 0


def test_a_draft_sealed_before_the_key_was_changed_is_believed() -> None:
    left_by_a_crash(1)
    rotation.rotate(identity.key_folder(), Signer.PORTAL, now=NOON)
    sequencing.settle()

    assert told() == [(1, "permit.granted", "P-1")]


def test_more_drafts_than_a_group_are_all_numbered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequencing, "GROUP", 2)
    with transaction.atomic():
        grant(1)
        grant(2)
        grant(3)
        grant(4)
        grant(5)

    notes = JournalEntry.objects.exclude(checkpoint="").order_by("sequence")
    assert list(notes.values_list("sequence", flat=True)) == [2, 4, 5]
    assert problem() is None


ALTERED = "UPDATE audit_pendingentry SET line = convert_to(replace(convert_from(line, 'UTF8'),"
FORGED = (
    "INSERT INTO audit_pendingentry (token, line, seal)"
    " SELECT gen_random_uuid(), line, seal FROM audit_pendingentry"
)


@pytest.mark.parametrize(
    ("edit", "kept"),
    [
        (f"{ALTERED} 'P-1', 'P-9'), 'UTF8')", []),
        ("UPDATE audit_pendingentry SET token = gen_random_uuid()", []),
        (FORGED, ["P-1"]),
    ],
)
def test_a_draft_that_the_owner_of_the_database_altered_or_made_is_refused_and_told(
    edit: str, kept: list[str]
) -> None:
    left_by_a_crash(1)
    execute(edit)
    with pytest.raises(JournalBroken, match="1 pending entries"):
        actions.require_unaltered()
    sequencing.settle()

    granted = [subject for _, action, subject in told() if action == "permit.granted"]
    refused = [action for _, action, _ in told() if action == "journal.entry-refused"]
    assert (granted, len(refused)) == (kept, 1)
    assert problem() is None


def test_a_draft_put_back_after_it_was_numbered_is_refused() -> None:
    draft = left_by_a_crash(1)
    execute("CREATE TEMPORARY TABLE kept AS SELECT * FROM audit_pendingentry")
    sequencing.settle()
    execute("INSERT INTO audit_pendingentry SELECT * FROM kept; DROP TABLE kept")
    sequencing.settle()

    assert told() == [
        (1, "permit.granted", "P-1"),
        (2, "journal.entry-refused", str(draft.token)),
    ]


def removed_while_pending(edit: str) -> Draft:
    """A draft whose act is done, while another program is the sequencer, then edited."""
    draft = left_by_a_crash(1)
    sequencing._committed[draft.token] = draft
    execute(edit)
    return draft


def test_a_draft_removed_while_pending_is_written_again_by_its_program_and_told() -> None:
    draft = removed_while_pending("DELETE FROM audit_pendingentry")
    grant(2)

    assert told() == [
        (1, "permit.granted", "P-2"),
        (2, "permit.granted", "P-1"),
        (3, "journal.entry-restored", str(draft.token)),
    ]
    assert problem() is None


def test_a_draft_altered_while_pending_is_refused_and_written_again_as_it_was() -> None:
    draft = removed_while_pending(f"{ALTERED} 'P-1', 'P-9'), 'UTF8')")
    sequencing.settle()

    assert told() == [
        (1, "journal.entry-refused", str(draft.token)),
        (2, "permit.granted", "P-1"),
        (3, "journal.entry-restored", str(draft.token)),
    ]
