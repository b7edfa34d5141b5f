"""What the zone's signed documents say of a permit now, for those who only read them.

The workspaces run beside the agent: they read what it obeyed, a second old at most.
"""

import sqlite3
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, cast

from ecluse.data.agent.state import open_document
from ecluse.domain import codec, permits
from ecluse.domain.documents import Body, Permit
from ecluse.domain.errors import NotAllowed, OutOfScope
from ecluse.domain.permits import Withdrawal
from ecluse.trust.documents import CLOCK_TOLERANCE

FRESH_SECONDS: Final = 1.0
LAST_AT: Final = "SELECT max(began_at) FROM deliveries"
QUERY: Final = "SELECT data FROM documents WHERE kind = ? AND number = ? ORDER BY rowid"


@dataclass(frozen=True, slots=True)
class _Known:
    """A permit and what takes it back, as they were read at a moment of the machine's clock."""

    permit: Permit
    withdrawals: tuple[Withdrawal, ...]
    last_at: datetime | None
    read_at: float


@dataclass(slots=True)
class SignedStanding:
    """The permits of one zone, from the file `state` that its agent writes."""

    state: Path
    _known: dict[str, _Known] = field(default_factory=dict)

    def check(self, permit_number: str, subject: str, *, now: datetime) -> None:
        """Pass if the permit names this person and is in force. Raises NotAllowed, Refused.

        Source: EHDS art. 73(1)(a).
        """
        self.check_permit(permit_number, now=now)
        persons = self._read(permit_number).permit.persons
        if subject not in {person.subject for person in persons}:
            raise NotAllowed(f"Permit {permit_number} does not name you: ask for an amendment.")

    def check_permit(self, permit_number: str, *, now: datetime) -> None:
        """Pass if the permit is in force. Raises Refused."""
        known = self._read(permit_number)
        if known.last_at is not None and now < known.last_at - CLOCK_TOLERANCE:
            # A permit that ended, or was revoked, would be in force again.
            raise NotAllowed("The clock is before what this zone did last: set it right.")
        permits.check_in_force(known.permit, known.withdrawals, now=now)

    def _read(self, number: str) -> _Known:
        known = self._known.get(number)
        if known is None or time.monotonic() - known.read_at > FRESH_SECONDS:
            known = self._known[number] = self._read_now(number)
        return known

    def _read_now(self, number: str) -> _Known:
        read_at = time.monotonic()
        try:
            connection = sqlite3.connect(f"file:{self.state}?mode=ro", uri=True)
        except sqlite3.OperationalError:
            raise OutOfScope("This zone has obeyed nothing yet: start its agent first.") from None
        try:
            held = _bodies(connection, "Permit", number)
            taken = [*_bodies(connection, "Revocation", number)]
            taken += _bodies(connection, "Suspension", number)
            destroyed = _bodies(connection, "DeletionOrder", number)
            (last,) = connection.execute(LAST_AT).fetchone()
        finally:
            connection.close()
        if not held or destroyed:
            raise OutOfScope(f"Permit {number} gives no workspace here.")
        last_at = None if last is None else codec.parse_instant(last)
        withdrawals = cast(tuple[Withdrawal, ...], tuple(taken))
        return _Known(cast(Permit, held[-1]), withdrawals, last_at, read_at)


def _bodies(connection: sqlite3.Connection, kind: str, number: str) -> list[Body]:
    rows = connection.execute(QUERY, (kind, number)).fetchall()
    return [open_document(data).body for (data,) in rows]
