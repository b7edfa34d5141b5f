"""Number, chain and sign the entries of acts that are done: whoever commits does it for all.

Acts write drafts in transactions of their own and wait for no other act. Once an act is committed,
its program tries to become the sequencer: one succeeds, and takes all drafts there are as one
group, under one signature; the others leave theirs to it. Who was the sequencer looks once more
after it stepped down, so that no draft stays behind. What a crash leaves, the next act takes, or
whoever asks for the checkpoint.
"""

import dataclasses
import logging
import threading
from collections.abc import Collection, Iterable, Sequence
from typing import Final
from uuid import UUID

from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from ecluse.domain.errors import EcluseError
from ecluse.portal.audit import drafts, identity
from ecluse.portal.audit.drafts import UNNUMBERED, Draft
from ecluse.portal.audit.models import JournalEntry, PendingEntry
from ecluse.trust.journal import checkpoints
from ecluse.trust.journal.entries import Entry
from ecluse.trust.journal.tree import Frontier, leaf_hash
from ecluse.trust.keys import to_milliseconds

REFUSED: Final = "journal.entry-refused"
RESTORED: Final = "journal.entry-restored"
SEQUENCER_LOCK: Final = 0x0EC105F
"""The advisory lock of the one who numbers; never waited for."""
GROUP: Final = 1000
ROUNDS: Final = 256
"""How many groups one act chains for others, at the most, before it goes its way."""
HASH_BYTES: Final = 32
_TAKE: Final = (
    "DELETE FROM audit_pendingentry WHERE id IN"
    " (SELECT id FROM audit_pendingentry ORDER BY id LIMIT %s) RETURNING id, token, line, seal"
)
_COPY: Final = (
    "COPY audit_journalentry (sequence, token, at, actor, action, subject, digest, body, leaf,"
    " frontier, checkpoint) FROM STDIN"
)

_LOGGER = logging.getLogger(__name__)
_IN_THIS_PROCESS = threading.Lock()
_committed: dict[UUID, Draft] = {}
"""What this process committed and did not see chained yet."""


def committed(draft: Draft) -> None:
    """Chain a draft that its act has just committed, or leave it to whoever is chaining.

    The act is done: what fails here is told in the log, and made up for by the next act.
    """
    _committed[draft.token] = draft
    try:
        settle()
    except (DatabaseError, EcluseError) as error:
        _LOGGER.error("Drafts of the journal wait for the next act: %s", type(error).__name__)  # noqa: TRY400 — a message of the database may quote a row


def settle() -> None:
    """Chain every draft there is, unless somebody else is at it."""
    for _ in range(ROUNDS):
        if not _lead() or not PendingEntry.objects.exists():
            return


def _lead() -> bool:
    """Chain one group as the only sequencer; return False if another program is it."""
    if not _IN_THIS_PROCESS.acquire(blocking=False):
        return False
    try:
        expected = dict(_committed)
        chained = _chain_group()
        if chained is None:
            return False
        _account_for(expected, chained)
    finally:
        _IN_THIS_PROCESS.release()
    return True


@transaction.atomic
def _chain_group() -> Sequence[Draft] | None:
    """Chain the oldest drafts and return them; None if another program is the sequencer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEQUENCER_LOCK])
        (is_ours,) = cursor.fetchone()
    if not is_ours:
        return None
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [GROUP])
        rows = [PendingEntry(*row) for row in sorted(cursor.fetchall())]
    if not rows:
        return ()
    taken = _believed(rows)
    refused = {row.token for row in rows} - {draft.token for draft in taken}
    chain([*taken, *(_notice(REFUSED, token) for token in sorted(refused))])
    return taken


def _believed(rows: Collection[PendingEntry]) -> list[Draft]:
    """Keep the drafts that this site wrote as they are, and that are not in the journal already."""
    tokens = [row.token for row in rows]
    again = set(JournalEntry.objects.filter(token__in=tokens).values_list("token", flat=True))
    return drafts.believed(row for row in rows if row.token not in again)


def chain(group: Iterable[Draft]) -> None:
    """Add entries at the end of the journal, in this order, under one signed checkpoint.

    The caller's transaction is the only one that does.
    """
    last = JournalEntry.objects.order_by("-sequence").first()
    frontier = _frontier_after(last)
    rows = [_row(draft, frontier) for draft in group]
    note = checkpoints.sign_checkpoint(
        identity.origin(), frontier.size, frontier.root(), identity.signing_key()
    )
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for row in rows[:-1]:
            copy.write_row((*row, ""))
        copy.write_row((*rows[-1], note))


def _frontier_after(last: JournalEntry | None) -> Frontier:
    if last is None:
        return Frontier()
    joined = bytes(last.frontier)
    nodes = [joined[at : at + HASH_BYTES] for at in range(0, len(joined), HASH_BYTES)]
    return Frontier(last.sequence, nodes)


def _row(draft: Draft, frontier: Frontier) -> tuple[object, ...]:
    entry = draft.numbered(frontier.size + 1)
    line = entry.line()
    leaf = leaf_hash(line)
    frontier.append(leaf)
    columns = (entry.at, entry.actor, entry.action, entry.subject, entry.digest)
    return (entry.sequence, draft.token, *columns, line, leaf, b"".join(frontier.nodes))


def _account_for(expected: dict[UUID, Draft], chained: Iterable[Draft]) -> None:
    """Forget what was seen chained; write again what this process committed and nobody has.

    `expected` was committed before the group was taken: in it, before it, or still pending.
    """
    for draft in chained:
        _committed.pop(draft.token, None)
        expected.pop(draft.token, None)
    if not expected:
        return
    # In this order: what is chained between both questions is found by the second.
    pending = PendingEntry.objects.filter(token__in=expected).values_list("token", flat=True)
    waiting = set(pending)
    rows = JournalEntry.objects.filter(token__in=expected).values_list("token", "body")
    done = {token: _unnumbered(bytes(body)) for token, body in rows}
    for token, draft in expected.items():
        if token in waiting:
            continue
        del _committed[token]
        if done.get(token) != draft.line:
            _restore(draft)


def _unnumbered(line: bytes) -> bytes:
    return dataclasses.replace(Entry.parse(line), sequence=UNNUMBERED).line()


@transaction.atomic
def _restore(draft: Draft) -> None:
    """Write again a draft that vanished from the database after its act was committed."""
    _LOGGER.error("A draft of the journal was removed from the database: it is written again.")
    drafts.write(Draft.of(Entry.parse(draft.line)))
    drafts.write(_notice(RESTORED, draft.token))


def _notice(action: str, token: UUID) -> Draft:
    """Tell in the journal what befell a draft; its token tells which."""
    now = to_milliseconds(timezone.now())
    return Draft.of(Entry(UNNUMBERED, now, "system", action, str(token)))
