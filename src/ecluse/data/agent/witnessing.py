"""Checkpoints exchanged with the sites: each side keeps what the others say of their journals."""

from datetime import datetime

from ecluse.data.agent.chronicle import Chronicle
from ecluse.data.agent.rooms import Room
from ecluse.domain.errors import (
    EcluseError,
    JournalBroken,
    OutOfScope,
    StorageFull,
    Unreachable,
)
from ecluse.trust.journal import checkpoints
from ecluse.trust.mailbox import Mailbox


def exchange(room: Room, chronicle: Chronicle, *, now: datetime) -> dict[str, str]:
    """Show our checkpoint to each site and keep theirs; return what went wrong, by site.

    A site that is away is not told: the next exchange will do, nothing depends on this one.
    """
    wrong: dict[str, str] = {}
    for name, mailbox in room.mailboxes.items():
        try:
            _exchange_with(mailbox, room, chronicle, now=now)
        except Unreachable:
            continue
        except (JournalBroken, StorageFull):
            raise
        except EcluseError as error:
            wrong[name] = str(error)
    chronicle.news = 0
    return wrong


def _exchange_with(mailbox: Mailbox, room: Room, chronicle: Chronicle, *, now: datetime) -> None:
    """Raise OutOfScope too when a journal is shorter than it was shown before."""
    note = mailbox.exchange_checkpoint(chronicle.journal.checkpoint())
    seen = checkpoints.verify_checkpoint(note, room.keyring())
    most = chronicle.witnessed.get(seen.origin, 0)
    chronicle.tell(
        checkpoints.WITNESSED,
        subject=seen.origin,
        digest=None,
        details=checkpoints.witness_details(note),
        at=now,
    )
    if seen.size < most:
        # Kept above as the proof. What this site forgot may be a revocation; ours still binds.
        raise OutOfScope(
            f"Journal {seen.origin} showed {most} entries before and {seen.size} now: this site "
            "was put back from an older copy. Compare it with what this zone holds, and have it "
            "number its documents after the last one that this zone received."
        )
