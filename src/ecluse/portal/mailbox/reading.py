"""Reading again what a stored document says: it was verified when it came, or signed here."""

from typing import TypeVar

from ecluse.domain.documents import from_json
from ecluse.domain.errors import Malformed
from ecluse.portal.mailbox.models import IncomingDocument, OutgoingDocument
from ecluse.trust import canonical

Said = TypeVar("Said")


def body_of(row: IncomingDocument | OutgoingDocument, kind: type[Said]) -> Said:
    """The body of a stored document. Raises Malformed if it is of another kind."""
    return body_in(bytes(row.data), kind)


def body_in(data: bytes, kind: type[Said]) -> Said:
    """The body of a document verified before. Raises Malformed if it is of another kind."""
    envelope = canonical.decode(data)
    document = from_json(envelope["document"] if isinstance(envelope, dict) else None)
    if not isinstance(document.body, kind):
        raise Malformed(f"{document.kind} {document.id} is not a {kind.__name__}.")
    return document.body
