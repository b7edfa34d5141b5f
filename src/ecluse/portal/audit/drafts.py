"""Entries before they have their number: in the transaction of the act, sealed by this site.

Whoever owns the database could write there too, and the sequencer would sign it: so each draft
bears a seal (HMAC-SHA-256) under a secret of this site that is not in the database.
"""

import dataclasses
import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid4

from django.db import connection

from ecluse.portal.audit import identity
from ecluse.portal.audit.models import PendingEntry
from ecluse.trust import canonical
from ecluse.trust.journal.entries import Entry

UNNUMBERED: Final = canonical.MAX_INTEGER
"""The longest number, which stands in a draft: with its own, a line never becomes too long."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry that waits for its number; `token`, at random, tells it from one that says alike."""

    token: UUID
    line: bytes

    @classmethod
    def of(cls, entry: Entry) -> "Draft":
        """Return the draft of an entry, whatever its number. Raises Malformed."""
        return cls(uuid4(), dataclasses.replace(entry, sequence=UNNUMBERED).line())

    def numbered(self, sequence: int) -> Entry:
        """Return the entry, with its number in the journal."""
        return dataclasses.replace(Entry.parse(self.line), sequence=sequence)


def write(draft: Draft) -> None:
    """Hold a draft in the transaction of the act. Raises NotFound: this site has no key."""
    seal = _seal(draft, identity.seal_keys()[0])
    # Written by hand: an act may be this one row, and Django's own way asks the database thrice.
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_pendingentry (token, line, seal) VALUES (%s, %s, %s)",
            [draft.token, draft.line, seal],
        )


def believed(rows: Iterable[PendingEntry]) -> list[Draft]:
    """Keep the drafts of the rows that this site wrote as they are. Raises NotFound: no key."""
    keys = identity.seal_keys()
    found = ((Draft(row.token, bytes(row.line)), bytes(row.seal)) for row in rows)
    return [draft for draft, seal in found if _is_ours(draft, seal, keys)]


def _is_ours(draft: Draft, seal: bytes, keys: Iterable[bytes]) -> bool:
    return any(hmac.compare_digest(seal, _seal(draft, key)) for key in keys)


def _seal(draft: Draft, key: bytes) -> bytes:
    return hmac.new(key, draft.token.bytes + draft.line, hashlib.sha256).digest()
