"""What leaves: signed documents and their files, to each site in order, each once."""

from datetime import datetime

from ecluse.data.agent.chronicle import Chronicle
from ecluse.data.agent.rooms import Room
from ecluse.data.agent.state import Outgoing, open_document
from ecluse.domain.documents import number_of
from ecluse.domain.errors import (
    EcluseError,
    JournalBroken,
    NotAllowed,
    Replayed,
    StorageFull,
    Unreachable,
)
from ecluse.trust.journal.entries import document_details

SITE_IS_AWAY = (Unreachable, NotAllowed)


def deliver(room: Room, chronicle: Chronicle, mailbox: str, *, now: datetime) -> int:
    """Deliver what waits for a mailbox; return how many documents and files it took.

    Raises:
        Unreachable, NotAllowed: the site does not answer or does not know us; the rest waits.
    """
    count = 0
    for outgoing in room.state.waiting(mailbox):
        room.on_progress("delivering")
        try:
            _hand_over(room, chronicle, outgoing, now=now)
        except Replayed:
            pass  # delivered before a crash
        except (*SITE_IS_AWAY, JournalBroken, StorageFull):
            raise
        except EcluseError as error:
            _note_refused(chronicle, outgoing, error.code, now=now)
            room.state.mark(outgoing, "refused")
            continue
        room.on_progress("handed over")
        room.state.mark(outgoing, "delivered")
        count += 1
    return count


def _hand_over(room: Room, chronicle: Chronicle, outgoing: Outgoing, *, now: datetime) -> None:
    mailbox = room.mailboxes[outgoing.mailbox]
    if outgoing.path is not None:
        mailbox.store_blob(outgoing.path)
        return
    data = outgoing.data or b""
    document = open_document(data)
    chronicle.tell(
        "document.sent",
        subject=f"{document.kind} {number_of(document.body)}",
        digest=outgoing.digest,
        details={**document_details(document), "mailbox": outgoing.mailbox},
        at=now,
    )
    mailbox.deliver(data)


def _note_refused(chronicle: Chronicle, outgoing: Outgoing, code: str, *, now: datetime) -> None:
    """Write that a site would not take something of ours: an operator must look."""
    chronicle.tell(
        "delivery.refused",
        subject=outgoing.mailbox,
        digest=outgoing.digest,
        details={"code": code},
        at=now,
    )
