"""The link to the checking room: every second, who is where; in return, what to close.

It is the zone that calls, as for its mailbox. An answer by itself can only take away: it closes
what runs, it opens nothing. What brings something in is signed besides: see `importing`. Without
an answer for a while nobody knows who was removed: sessions end.
"""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, cast

import httpx

from ecluse.data.workspaces.hall import Hall, Opened
from ecluse.data.workspaces.importing import Importing
from ecluse.data.workspaces.sessions import End, Session
from ecluse.domain.errors import EcluseError
from ecluse.trust.keys import SigningKey
from ecluse.trust.tokens import make_token

EVERY_SECONDS: Final = 1.0
SILENCE_SECONDS: Final = 60.0
TIMEOUT: Final = httpx.Timeout(5)
SENDING: Final = httpx.Timeout(60)
PATH: Final = "/workspaces/report"


@dataclass(slots=True)
class Link:
    """The link of one hall to the checking room at `url`, with the key of the zone's agent.

    `importing` brings in what persons upload there; without it nothing enters by a page.
    """

    hall: Hall
    url: str
    key: SigningKey = field(repr=False)
    importing: Importing | None = None
    on_news: Callable[[bool], None] = lambda _reached: None
    done: set[int] = field(default_factory=set)
    _begun: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    _sent: dict[int, asyncio.Task[None]] = field(default_factory=dict)

    async def run(self) -> None:
        """Report and obey, every second, until cancelled."""
        loop = asyncio.get_running_loop()
        last = loop.time()
        async with httpx.AsyncClient(base_url=self.url, timeout=TIMEOUT, trust_env=False) as client:
            while True:
                if await self._exchange(client):
                    last = loop.time()
                elif loop.time() - last > SILENCE_SECONDS:
                    self._end_sessions()
                await asyncio.sleep(EVERY_SECONDS)

    async def _exchange(self, client: httpx.AsyncClient) -> bool:
        """Report once and obey the answer; return whether the checking room answered."""
        told = await asyncio.to_thread(self._report)
        try:
            response = await client.post(PATH, content=json.dumps(told), headers=self._headers())
            answer = response.json() if response.is_success else None
        except (httpx.HTTPError, ValueError):
            answer = None
        self.on_news(answer is not None)
        if not isinstance(answer, dict):
            return False
        await self._obey(answer)
        for asked in _list(answer, "propose"):
            number = asked.get("number") if isinstance(asked, dict) else None
            if isinstance(asked, dict) and isinstance(number, int) and number not in self._sent:
                self._sent[number] = asyncio.create_task(self._propose(client, number, asked))
        if self.importing is not None:
            texts = [one for one in _list(answer, "imports") if isinstance(one, str)]
            self.importing.obey(texts, client, self._headers)
        return True

    async def _propose(
        self, client: httpx.AsyncClient, number: int, asked: Mapping[str, object]
    ) -> None:
        """Send the outputs that a workspace proposes, or why they cannot be sent."""
        where = f"/workspaces/proposals/{number}"
        try:
            by, permit_number = str(asked.get("by")), str(asked.get("permit"))
            data = await self.hall.propose(permit_number, by=by)
            where += "/bundle"
        except EcluseError as error:
            data, where = str(error).encode(), f"{where}/failure"
        try:
            await client.put(where, content=data, headers=self._headers(), timeout=SENDING)
        except httpx.HTTPError:
            del self._sent[number]  # asked again, sent again

    def _headers(self) -> dict[str, str]:
        token = make_token(self.key, audience=self.url, now=datetime.now(UTC))
        return {"Authorization": f"Bearer {token}", "Content-Type": "application/octet-stream"}

    def _report(self) -> dict[str, object]:
        return {
            "done": sorted(self.done),
            "sessions": [told_session(one) for one in self.hall.sessions.of()],
            "workspaces": [told_workspace(*pair) for pair in self.hall.opened.items()],
        }

    async def _obey(self, answer: Mapping[str, object]) -> None:
        """Close what the checking room says; what is closed already is done."""
        known = {session.number: session for session in self.hall.sessions.of()}
        for number in _list(answer, "leave"):
            if str(number) in known:
                self.hall.leave(known[str(number)], End.NO_RIGHT)
        for order in _list(answer, "close"):
            number = order.get("number") if isinstance(order, dict) else None
            if isinstance(order, dict) and isinstance(number, int) and number not in self._begun:
                work = self._close(number, str(order.get("permit", "")))
                self._begun[number] = asyncio.create_task(work)

    async def _close(self, number: int, permit_number: str) -> None:
        """Close one workspace, or all; another order does not wait for this one's home."""
        if permit_number:
            await self.hall.close(permit_number, End.CUT)
        else:
            await self.hall.close_all(End.CUT)
        self.done.add(number)

    def _end_sessions(self) -> None:
        for session in self.hall.sessions.of():
            self.hall.leave(session, End.NO_NEWS)


def told_session(session: Session) -> dict[str, object]:
    """Return what the checking room may know of a session: who, where, since when, how much."""
    return {
        "number": session.number,
        "subject": session.subject,
        "permit": session.permit_number,
        "began_at": session.began_at.isoformat(),
        "active_at": session.active_at.isoformat(),
        "requests": session.requests,
        "refused": session.refused,
        "bytes_in": session.bytes_in,
        "bytes_out": session.bytes_out,
    }


def told_workspace(permit_number: str, opened: Opened) -> dict[str, object]:
    """Return what the checking room may know of a workspace that runs."""
    return {
        "permit": permit_number,
        "opened_at": opened.opened_at.isoformat(),
        "memory_bytes": opened.workspace.memory_bytes(),
    }


def _list(answer: Mapping[str, object], name: str) -> Sequence[object]:
    told = answer.get(name)
    return cast(Sequence[object], told) if isinstance(told, list) else ()
