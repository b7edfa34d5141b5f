"""Who is in which workspace: sessions opened by a pass, ended for a reason that is told.

A person is in one workspace at a time: the pages of two projects never meet in one browser.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from ecluse.domain.errors import NotAllowed
from ecluse.trust.keys import Keyring
from ecluse.trust.passes import verify_pass

COOKIE: Final = "ecluse_workspace"
IDLE: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=12)
KEY_BYTES: Final = 32


class Standing(Protocol):
    """What the zone knows of a permit, asked of its signed documents."""

    def check(self, permit_number: str, subject: str, *, now: datetime) -> None:
        """Pass if this person may be in this workspace now. Raises Refused or NotAllowed."""

    def check_permit(self, permit_number: str, *, now: datetime) -> None:
        """Pass if the permit is in force. Raises Refused."""


class End(StrEnum):
    """Why a session ended."""

    LEFT = "left"
    IDLE = "idle"
    TOO_LONG = "too-long"
    ENTERED_AGAIN = "entered-again"
    NO_RIGHT = "no-right"
    CUT = "cut"
    NO_NEWS = "no-news"
    STOPPED = "stopped"


@dataclass(slots=True, eq=False)
class Session:
    """One person in one workspace, from a pass to an end."""

    number: str
    subject: str
    permit_number: str
    began_at: datetime
    active_at: datetime
    requests: int = 0
    bytes_out: int = 0
    bytes_in: int = 0
    refused: int = 0
    ended: End | None = None
    closers: set[Callable[[], None]] = field(default_factory=set)

    def end(self, reason: End) -> None:
        """End it: whatever it has open is closed now."""
        if self.ended is None:
            self.ended = reason
        for close in tuple(self.closers):
            close()


class Sessions:
    """The sessions of one server, in memory alone: a restart ends them all."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing
        self._by_key: dict[str, Session] = {}
        self._used: dict[str, datetime] = {}

    def enter(self, text: str, keyring: Keyring, *, now: datetime) -> tuple[str, Session]:
        """Return the key of a new session, for a cookie, and the session.

        Raises:
            NotAllowed: no good pass, or it was used.
            Refused: the permit does not let this person in.
        """
        given = verify_pass(text, keyring, now=now)
        self._used = {number: at for number, at in self._used.items() if at > now}
        if given.number in self._used:
            raise NotAllowed("This pass was used: enter again from the checking room.")
        self._used[given.number] = given.forget_at
        self._standing.check(given.permit_number, given.subject, now=now)
        for other in self.of(subject=given.subject):
            self.end(other, End.ENTERED_AGAIN)
        key = secrets.token_urlsafe(KEY_BYTES)
        session = Session(given.number, given.subject, given.permit_number, now, now)
        self._by_key[_digest(key)] = session
        return key, session

    def find(self, key: str) -> Session:
        """Return the session of a cookie. Raises NotAllowed."""
        session = self._by_key.get(_digest(key))
        if session is None or session.ended is not None:
            raise NotAllowed("Your session ended: enter again from the checking room.")
        return session

    def of(self, *, subject: str | None = None, permit_number: str | None = None) -> list[Session]:
        """Return the sessions that go on, of a person or of a permit where one is given."""
        return [
            session
            for session in self._by_key.values()
            if session.ended is None
            and subject in (None, session.subject)
            and permit_number in (None, session.permit_number)
        ]

    def end(self, session: Session, reason: End) -> None:
        """End a session and forget its key."""
        session.end(reason)
        self._by_key = {key: one for key, one in self._by_key.items() if one is not session}

    def why_over(self, session: Session, *, now: datetime) -> End | None:
        """Return why a session may not go on, None if it may."""
        if session.ended is not None:
            return session.ended
        if now - session.began_at > LONGEST:
            return End.TOO_LONG
        if now - session.active_at > IDLE:
            return End.IDLE
        return None

    def check(self, session: Session, *, now: datetime) -> None:
        """Pass if the session goes on and its permit stands. Raises NotAllowed, Refused."""
        if session.ended is not None:
            raise NotAllowed("Your session ended: enter again from the checking room.")
        self._standing.check(session.permit_number, session.subject, now=now)


def _digest(key: str) -> str:
    """Return what a key is known by: the keys themselves are nowhere in memory twice."""
    return hashlib.sha256(key.encode()).hexdigest()
