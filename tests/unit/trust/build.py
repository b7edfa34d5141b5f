"""Keys, documents and journals for tests: small, with every value in sight."""

from datetime import UTC, datetime, timedelta

from ecluse.domain.documents import Document, Signer
from ecluse.trust import documents, keys
from ecluse.trust.journal import checkpoints, tree
from ecluse.trust.journal.entries import Entry
from ecluse.trust.keys import Keyring, SigningKey
from tests.unit.domain.build import PERMIT

START = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 1, 5, 10, tzinfo=UTC)
DAY = timedelta(days=1)

PORTAL = keys.draw_key(Signer.PORTAL, now=START)
REGISTER = keys.draw_key(Signer.REGISTER, now=START)
AGENT = keys.draw_key(Signer.AGENT, now=START)
CHECKING_ROOM = keys.draw_key(Signer.CHECKING_ROOM, now=START)
KEYRING = Keyring(key.public() for key in (PORTAL, REGISTER, AGENT, CHECKING_ROOM))


def permit_document(**changes: datetime | None) -> Document:
    """A permit of the portal for the zone, issued NOW."""
    document = documents.new_document(
        PERMIT, issuer=Signer.PORTAL, audience=("agent:zone-1",), now=NOW
    )
    return Document(**{**_members(document), **changes})


def _members(document: Document) -> dict[str, object]:
    return {name: getattr(document, name) for name in document.__dataclass_fields__}


def entry(sequence: int, **changes: object) -> Entry:
    """Entry number `sequence`, one minute after the one before."""
    members: dict[str, object] = {
        "sequence": sequence,
        "at": NOW + timedelta(minutes=sequence),
        "actor": "agent",
        "action": "job.finished",
        "subject": f"FR-2026-0001-J{sequence}",
        "digest": None,
        "details": {"exit_code": 0},
    }
    return Entry(**{**members, **changes})  # type: ignore[arg-type]


def journal(
    entries: list[Entry], *, origin: str = "test/zone", key: SigningKey = AGENT
) -> tuple[list[bytes], list[str]]:
    """The lines of these entries and a checkpoint after each."""
    lines = [item.line() for item in entries]
    frontier, notes = tree.Frontier(), []
    for line in lines:
        frontier.append(tree.leaf_hash(line))
        notes.append(checkpoints.sign_checkpoint(origin, frontier.size, frontier.root(), key))
    return lines, notes
