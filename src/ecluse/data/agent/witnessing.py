"""Checkpoints exchanged with the sites: each side keeps what the others say of their journals."""

from datetime import datetime

from ecluse.data.agent.chronicle import Chronicle
from ecluse.data.agent.rooms import Room
from ecluse.domain.errors import EcluseError, JournalBroken, StorageFull, Unreachable
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
    note = mailbox.exchange_checkpoint(chronicle.journal.checkpoint())
    seen = checkpoints.verify_checkpoint(note, room.keyring())
    chronicle.tell(
        checkpoints.WITNESSED,
        subject=seen.origin,
        digest=None,
        details=checkpoints.witness_details(note),
        at=now,
    )
