"""The journal of a site: gapless, proven, append-only, the same for the offline verifier."""

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction

from ecluse.domain.errors import BadSignature, JournalBroken
from ecluse.portal.audit import actions, identity
from ecluse.portal.audit.models import JournalEntry, WitnessedCheckpoint
from ecluse.trust.journal import checkpoints, tree, verification
from tests.sites import Signers

NOON = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC)


def test_an_entry_carries_its_number_instant_and_digest(signers: Signers) -> None:
    actions.record("permit.granted", "FR-2026-0001", by="paul@hub.example", at=NOON)
    actions.record(
        "document.sent", "Permit FR-2026-0001", by="portal", digest="sha256:" + "a" * 64, at=NOON
    )
    second = JournalEntry.objects.newest_first()[0]

    assert (second.sequence, second.action, second.digest) == (
        2,
        "document.sent",
        "sha256:" + "a" * 64,
    )
    assert b'"at":"2026-11-22T12:00:00.123Z"' in bytes(second.body)


def test_the_export_proves_itself_to_the_offline_verifier(signers: Signers) -> None:
    actions.record("permit.granted", "FR-2026-0001", by="paul@hub.example", at=NOON)
    actions.record("permit.revoked", "FR-2026-0001", by="paul@hub.example", at=NOON)
    actions.record("permit.granted", "FR-2026-0002", by="paul@hub.example", at=NOON)
    lines, notes = actions.export()

    report = verification.verify(lines, notes, identity.keyring())

    assert (report.size, report.checkpoint_count, report.problem) == (3, 3, None)
    assert report.origin == "ecluse/public"


def test_the_root_is_that_of_the_whole_tree_without_reading_it_again(signers: Signers) -> None:
    for number in range(1, 14):
        actions.record("permit.granted", f"FR-2026-{number:04}", by="paul", at=NOON)
    lines, _ = actions.export()

    last = checkpoints.verify_checkpoint(actions.checkpoint(), identity.keyring())

    assert (last.size, last.root) == (13, tree.root(map(tree.leaf_hash, lines)))


def test_an_empty_journal_has_a_checkpoint_too(signers: Signers) -> None:
    seen = checkpoints.verify_checkpoint(actions.checkpoint(), identity.keyring())

    assert (seen.size, seen.root) == (0, tree.EMPTY_ROOT)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_journalentry SET actor = 'somebody else'",
        "DELETE FROM audit_journalentry",
        "TRUNCATE audit_journalentry",
    ],
)
def test_the_database_refuses_to_change_the_past(signers: Signers, statement: str) -> None:
    actions.record("permit.granted", "FR-2026-0001", by="paul@hub.example", at=NOON)

    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert JournalEntry.objects.get().actor == "paul@hub.example"


def test_what_is_rolled_back_leaves_no_entry_and_no_gap(signers: Signers) -> None:
    actions.record("permit.granted", "FR-2026-0001", by="paul@hub.example", at=NOON)
    with transaction.atomic():
        actions.record("permit.granted", "FR-2026-0002", by="paul@hub.example", at=NOON)
        transaction.set_rollback(True)

    actions.record("permit.granted", "FR-2026-0003", by="paul@hub.example", at=NOON)

    assert list(JournalEntry.objects.values_list("sequence", "subject").order_by("sequence")) == [
        (1, "FR-2026-0001"),
        (2, "FR-2026-0003"),
    ]


def test_a_checkpoint_of_another_side_is_kept_and_journalled_once(signers: Signers) -> None:
    note = checkpoints.sign_checkpoint("ecluse/zone", 3, b"\x01" * 32, signers.agent)

    actions.witness(note, by="agent:zone-1", at=NOON)
    actions.witness(note, by="agent:zone-1", at=NOON)

    assert WitnessedCheckpoint.objects.get().size == 3
    assert JournalEntry.objects.get().action == "checkpoint.witnessed"


def test_two_pasts_of_one_size_are_both_kept_and_reported(signers: Signers) -> None:
    actions.witness(
        checkpoints.sign_checkpoint("ecluse/zone", 3, b"\x01" * 32, signers.agent),
        by="agent:zone-1",
        at=NOON,
    )
    fork = checkpoints.sign_checkpoint("ecluse/zone", 3, b"\x02" * 32, signers.agent)

    with pytest.raises(JournalBroken, match="two pasts of 3 entries"):
        actions.witness(fork, by="agent:zone-1", at=NOON)

    assert WitnessedCheckpoint.objects.count() == 2


def test_an_altered_checkpoint_is_not_kept(signers: Signers) -> None:
    note = checkpoints.sign_checkpoint("ecluse/zone", 3, b"\x01" * 32, signers.agent)

    with pytest.raises(BadSignature):
        actions.witness(note.replace("\n3\n", "\n4\n"), by="agent:zone-1", at=NOON)

    assert WitnessedCheckpoint.objects.count() == 0
