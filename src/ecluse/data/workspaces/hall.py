"""What runs in the workspaces of a zone: opened when somebody enters, closed when it must be."""

import asyncio
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol, TypeVar

from ecluse.data.workspaces.proposals import pack
from ecluse.data.workspaces.rooms import Plan, Workspace
from ecluse.data.workspaces.sessions import End, Session, Sessions, Standing
from ecluse.domain.errors import EcluseError, NotFound
from ecluse.trust.keys import Keyring

UNATTENDED: Final = timedelta(hours=1)
"""A workspace without anybody in it goes on computing this long, then it is closed."""

WATCH_SECONDS: Final = 1.0
ACTOR: Final = "workspaces"

Result = TypeVar("Result")


class Record(Protocol):
    """Where what happened is written, for good."""

    def __call__(self, action: str, *, actor: str, subject: str, **details: str | int) -> None:
        """Write one fact. Raises StorageFull, JournalBroken."""


@dataclass(slots=True)
class Opened:
    """A workspace that runs; `lock` lets one caller at a time speak to its stage."""

    workspace: Workspace
    opened_at: datetime
    attended_at: datetime
    lock: threading.Lock = field(default_factory=threading.Lock)


class Hall:
    """The workspaces of a zone and the sessions in them.

    `plan` says with what a permit's workspace is opened; `record` writes the journal; `clock` gives
    the present instant.
    """

    def __init__(
        self,
        *,
        standing: Standing,
        plan: Callable[[str], Plan],
        keyring: Callable[[], Keyring],
        record: Record,
        clock: Callable[[], datetime],
    ) -> None:
        self.sessions = Sessions(standing)
        self.standing = standing
        self._plan, self._keyring = plan, keyring
        self._record, self.clock = record, clock
        self._opened: dict[str, Opened] = {}
        self._opening: dict[str, asyncio.Lock] = {}
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def opened(self) -> dict[str, Opened]:
        """The workspaces that run, by permit."""
        return dict(self._opened)

    async def enter(self, text: str) -> tuple[str, Session]:
        """Let in who bears a good pass, in a workspace that runs; return the key of the session.

        Raises:
            NotAllowed, Refused: this person may not enter now.
            SandboxUnavailable, JobFailed: the workspace cannot be opened.
        """
        key, session = self.sessions.enter(text, self._keyring(), now=self.clock())
        try:
            await self._open(session.permit_number, by=session.subject)
            self._tell("workspace.entered", session)
        except BaseException:
            self.sessions.end(session, End.STOPPED)
            raise
        return key, session

    async def connect(self, session: Session) -> tuple[Workspace, socket.socket]:
        """Return the workspace of a session and a connection to its notebook.

        Raises:
            NotFound: it was closed, or does not listen.
        """
        opened = self._opened.get(session.permit_number)
        if opened is None:
            self.leave(session, End.STOPPED)
            raise NotFound("This workspace was closed: enter again from the checking room.")
        return opened.workspace, await _aside(opened, opened.workspace.connect)

    async def propose(self, permit_number: str, *, by: str) -> bytes:
        """Return what a workspace proposes to take out, as the bundle of an analysis.

        Raises:
            NotFound: the workspace is not open.
            InvalidInput: its outputs folder is empty, or too large.
        """
        opened = self._opened.get(permit_number)
        if opened is None:
            raise NotFound("Enter the workspace first: what its outputs folder holds is proposed.")
        folder, refused = await _aside(opened, opened.workspace.propose)
        self._record(
            "workspace.proposed", actor=by, subject=f"permit {permit_number}", refused=refused
        )
        return await asyncio.to_thread(pack, folder, opened.workspace.plan.home.key)

    def leave(self, session: Session, reason: End = End.LEFT) -> None:
        """End a session and write it, once."""
        if session.ended is not None:
            return
        self.sessions.end(session, reason)
        self._tell("workspace.left", session, reason=reason.value, bytes_out=session.bytes_out)

    async def close(self, permit_number: str, reason: End) -> None:
        """End a workspace and all who are in it: connections first, then the sandbox, then seal."""
        await asyncio.shield(self._begin_close(permit_number, reason))

    async def close_all(self, reason: End) -> None:
        """End every workspace, and wait for those that were ending."""
        for number in self.opened:
            self._begin_close(number, reason)
        await asyncio.gather(*self._closing)

    def _begin_close(self, permit_number: str, reason: End) -> asyncio.Task[None]:
        """Cut the connections now; the rest goes on by itself, whoever stops waiting for it."""
        for session in self.sessions.of(permit_number=permit_number):
            self.leave(session, reason)
        opened = self._opened.pop(permit_number, None)
        task = asyncio.create_task(self._shut(permit_number, opened, reason))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
        return task

    async def _shut(self, permit_number: str, opened: Opened | None, reason: End) -> None:
        if opened is None:
            return
        await _aside(opened, opened.workspace.stop)
        subject = f"permit {permit_number}"
        self._record("workspace.closed", actor=ACTOR, subject=subject, reason=reason.value)

    async def watch(self) -> None:
        """Look every second at who may still be here, until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(WATCH_SECONDS)

    def look(self) -> None:
        """End what may not go on: sessions first, then workspaces."""
        now = self.clock()
        for session in self.sessions.of():
            reason = self.sessions.why_over(session, now=now)
            if reason is None and _is_refused(self.sessions.check, session, now=now):
                reason = End.NO_RIGHT
            if reason is not None:
                self.leave(session, reason)
        for number, opened in self.opened.items():
            if self.sessions.of(permit_number=number):
                opened.attended_at = now
            reason = self._why_closed(number, opened, now)
            if reason is not None:
                self._begin_close(number, reason)

    def _why_closed(self, number: str, opened: Opened, now: datetime) -> End | None:
        if _is_refused(self.standing.check_permit, number, now=now):
            return End.NO_RIGHT
        if not opened.workspace.is_running:
            return End.STOPPED
        return End.IDLE if now - opened.attended_at > UNATTENDED else None

    async def _open(self, number: str, *, by: str) -> None:
        """Open the workspace of a permit, unless it runs; two persons at once open it once."""
        async with self._opening.setdefault(number, asyncio.Lock()):
            if number in self._opened and self._opened[number].workspace.is_running:
                return
            await self._shut(number, self._opened.pop(number, None), End.STOPPED)
            workspace = await asyncio.to_thread(_started, self._plan(number))
            now = self.clock()
            self._opened[number] = Opened(workspace, now, now)
            self._record("workspace.opened", actor=by, subject=f"permit {number}")

    def _tell(self, action: str, session: Session, **details: str | int) -> None:
        subject = f"permit {session.permit_number}"
        told = {"session": session.number, **details}
        self._record(action, actor=session.subject, subject=subject, **told)


def _started(plan: Plan) -> Workspace:
    workspace = Workspace.open(plan)
    try:
        workspace.wait_ready()
    except BaseException:
        workspace.kill()
        raise
    return workspace


def _is_refused(check: Callable[..., None], *of: object, now: datetime) -> bool:
    try:
        check(*of, now=now)
    except EcluseError:
        return True
    return False


async def _aside(opened: Opened, act: Callable[[], Result]) -> Result:
    """Ask the stage from a thread, one question at a time."""

    def asked() -> Result:
        with opened.lock:
            return act()

    return await asyncio.to_thread(asked)
