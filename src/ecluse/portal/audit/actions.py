"""Write the journal, export it, and witness the journals of other sides."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from ecluse.domain.errors import JournalBroken, Malformed
from ecluse.portal.audit import drafts, identity, sequencing
from ecluse.portal.audit.drafts import Draft
from ecluse.portal.audit.models import (
    JournalEntry,
    PendingEntry,
    PersonalField,
    WitnessedCheckpoint,
)
from ecluse.trust.journal import checkpoints, personal
from ecluse.trust.journal.entries import Details, Entry
from ecluse.trust.journal.personal import Opened
from ecluse.trust.journal.tree import EMPTY_ROOT, Frontier, leaf_hash
from ecluse.trust.keys import to_milliseconds

JOURNAL_LOCK = 0x0EC105E
"""The advisory lock that puts in one queue, until their transactions end, acts that must not cross.
"""


def lock() -> None:
    """Wait until no other transaction sends a document or holds this lock, then hold it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [JOURNAL_LOCK])


def record(
    action: str,
    subject: str,
    *,
    by: str,
    digest: str | None = None,
    details: Mapping[str, str | int] | None = None,
    at: datetime | None = None,
) -> None:
    """Write one entry in the caller's transaction; it is numbered and signed once that is done.

    `by` is who acts (the subject of an account, a signer); `digest` names the document concerned.
    No entry holds a value of a person's row.

    Raises:
        NotFound: this site has no key, so the act is not done.
        Malformed: a detail that is neither text nor an integer, or an entry that is too long.
    """
    entry = Entry(
        sequence=drafts.UNNUMBERED,
        at=to_milliseconds(at or timezone.now()),
        actor=by,
        action=action,
        subject=subject,
        digest=digest,
        details=dict(details or {}),
    )
    draft = Draft.of(entry)
    if settings.ECLUSE_JOURNAL_AT_ONCE:
        _chain_at_once(draft)
        return
    drafts.write(draft)
    transaction.on_commit(partial(sequencing.committed, draft))


@transaction.atomic
def _chain_at_once(draft: Draft) -> None:
    lock()
    sequencing.chain([draft])


def commit_personal(values: Mapping[str, str]) -> Details:
    """Keep personal values beside the journal; return the details that commit an entry to them.

    Call it in the transaction of the `record` that takes the details.
    """
    fields = personal.draw(values)
    rows = [PersonalField(one.commitment(), one.name, one.value, one.salt) for one in fields]
    PersonalField.objects.bulk_create(rows)
    return personal.details_of(fields)


def personal_fields(sequence: int) -> tuple[Opened, ...]:
    """Return the personal fields of an entry that were not erased."""
    rows = PersonalField.objects.filter(commitment__in=_commitments(sequence)).order_by("name")
    return tuple(Opened(row.name, row.value, row.salt) for row in rows)


@transaction.atomic
def erase_personal(sequence: int, *, by: str, at: datetime) -> int:
    """Erase the personal values of an entry and their salts; return how many there were.

    The entry stays, and so does the tree; the erasure is an entry too.
    """
    count, _ = PersonalField.objects.filter(commitment__in=_commitments(sequence)).delete()
    if count:
        record("personal.erased", str(sequence), by=by, details={"fields": count}, at=at)
    return count


def _commitments(sequence: int) -> list[str]:
    body = JournalEntry.objects.values_list("body", flat=True).get(sequence=sequence)
    return list(personal.commitments_of(Entry.parse(bytes(body))).values())


def checkpoint() -> str:
    """Return the last checkpoint of this site, over every act done, for others to witness."""
    if PendingEntry.objects.exists():
        sequencing.settle()
    last = JournalEntry.objects.order_by("-sequence").first()
    if last is not None:
        return last.checkpoint
    return checkpoints.sign_checkpoint(identity.origin(), 0, EMPTY_ROOT, identity.signing_key())


def export() -> tuple[Iterator[bytes], Iterator[str]]:
    """Return the lines of the journal, oldest first, and its checkpoints in the same order.

    There is a checkpoint for each group. What is pending is not there yet.
    """
    entries = JournalEntry.objects.order_by("sequence")
    lines = (bytes(body) for body in entries.values_list("body", flat=True).iterator())
    notes = entries.exclude(checkpoint="").values_list("checkpoint", flat=True)
    return lines, notes.iterator()


def pending_count() -> int:
    """Return how many entries wait for their number: their acts are done."""
    return PendingEntry.objects.count()


def require_unaltered() -> None:
    """Pass if every row repeats what its signed line says: pages and proofs read the other columns.

    Raises:
        JournalBroken: a row was edited. Whether the lines are those signed is for `verification`.
            Or an entry is pending that this site did not write as it is.
    """
    pending = list(PendingEntry.objects.all())
    forged = len(pending) - len(drafts.believed(pending))
    if forged:
        raise JournalBroken(
            f"{forged} pending entries of the journal are not what this site wrote: somebody "
            "edited the database. They will be refused, and the journal will tell it."
        )
    frontier = Frontier()
    for row in JournalEntry.objects.order_by("sequence").iterator():
        frontier.append(leaf_hash(bytes(row.body)))
        if not _repeats(row, frontier):
            raise JournalBroken(
                f"Row {row.sequence} of the journal does not say what its line says: somebody "
                "edited the database. Keep a copy, and verify the export."
            )


def _repeats(row: JournalEntry, frontier: Frontier) -> bool:
    try:
        entry = Entry.parse(bytes(row.body))
    except Malformed:
        return False
    shown = (row.sequence, row.at, row.actor, row.action, row.subject, row.digest)
    told = (entry.sequence, entry.at, entry.actor, entry.action, entry.subject, entry.digest)
    tree = (bytes(row.leaf), bytes(row.frontier))
    return shown == told and tree == (leaf_hash(bytes(row.body)), b"".join(frontier.nodes))


def witness(note: str, *, by: str, at: datetime) -> None:
    """Keep what another side says of its journal; the same words again change nothing.

    Raises:
        Malformed, UnknownKey, BadSignature: not a checkpoint of a side that this site believes.
        JournalBroken: that side signed another past before. Both notes are kept as the proof.
    """
    seen = checkpoints.verify_checkpoint(note, identity.keyring())
    if not _keep(seen, note, by=by, at=at):
        return
    pasts = WitnessedCheckpoint.objects.filter(origin=seen.origin, size=seen.size)
    if pasts.count() > 1:
        raise JournalBroken(
            f"Journal {seen.origin} has shown two pasts of {seen.size} entries: both checkpoints "
            "are kept; stop trusting this side and export its journal."
        )


@transaction.atomic
def _keep(seen: checkpoints.Checkpoint, note: str, *, by: str, at: datetime) -> bool:
    """Store a checkpoint and its entry, unless it is already here; say whether it was new."""
    lock()
    _, is_new = WitnessedCheckpoint.objects.get_or_create(
        origin=seen.origin,
        size=seen.size,
        root=seen.root.hex(),
        defaults={"key_id": seen.key_id, "note": note, "witnessed_at": at},
    )
    if is_new:
        details = checkpoints.witness_details(note)
        record(checkpoints.WITNESSED, seen.origin, by=by, details=details, at=at)
    return is_new
