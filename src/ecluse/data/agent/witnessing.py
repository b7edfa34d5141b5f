"""Checkpoints exchanged with the sites: each side keeps what the others say of their journals."""

from datetime import datetime

from ecluse.data.agent.chronicle import Chronicle
from ecluse.data.agent.rooms import Room
from ecluse.domain.errors import Unreachable
from ecluse.trust.journal import checkpoints


def exchange(room: Room, chronicle: Chronicle, *, now: datetime) -> int:
    """Show our checkpoint to each site and keep theirs; return how many sites answered.

    Raises:
        Refused: a site shows a checkpoint that its key did not sign.
    """
    count = 0
    for mailbox in room.mailboxes.values():
        try:
            note = mailbox.exchange_checkpoint(chronicle.journal.checkpoint())
        except Unreachable:
            continue  # the next exchange will do: nothing depends on this one
        seen = checkpoints.verify_checkpoint(note, room.keyring())
        chronicle.tell(
            checkpoints.WITNESSED,
            subject=seen.origin,
            digest=None,
            details=checkpoints.witness_details(note),
            at=now,
        )
        count += 1
    chronicle.news = 0
    return count
