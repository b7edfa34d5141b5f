"""The door of the workspaces: browsers on one side, notebook servers on the other.

Every request is judged before anything of it goes on: whose session it is, whether the permit still
stands, whether the route is let through, whether the page that asks is ours. Of a WebSocket, every
batch of bytes is.
"""

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import parse_qs, urlsplit

import h11

from ecluse.data.workspaces import headers, relay, routes
from ecluse.data.workspaces.hall import Hall
from ecluse.data.workspaces.headers import Headers
from ecluse.data.workspaces.relay import Asked
from ecluse.data.workspaces.rooms import base_of
from ecluse.data.workspaces.sessions import COOKIE, Session
from ecluse.data.workspaces.wire import Gone, Wire, texts
from ecluse.domain.errors import EcluseError, NotAllowed, NotFound, Refused

READS: Final = frozenset({"GET"})
STATUSES: Final = (
    (NotAllowed, HTTPStatus.FORBIDDEN),
    (Refused, HTTPStatus.FORBIDDEN),
    (NotFound, HTTPStatus.NOT_FOUND),
)
WORDS: Final[Headers] = [("content-type", "text/plain; charset=utf-8")]
PAGE: Final[Headers] = [("content-type", "text/html; charset=utf-8")]
OPENING: Final = (
    '<!doctype html><html lang="fr"><title>Espace de travail</title>'
    '<p><a href="{place}">Ouvrir l’espace de travail</a></p>'
)
STRICT: Final[Headers] = [
    (
        "content-security-policy",
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    *(one for one in headers.ALWAYS if one[0] != "content-security-policy"),
]


@dataclass(frozen=True, slots=True)
class Front:
    """The door. `url` is the address under which browsers see it: its origin, nothing more."""

    hall: Hall
    url: str

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection to its end."""
        wire = Wire(reader, writer, h11.SERVER)
        with contextlib.suppress(Gone, ConnectionError):
            while await self._answer(wire):
                wire.http.start_next_cycle()
        wire.close()

    async def _answer(self, wire: Wire) -> bool:
        """Answer one request; return whether the connection may carry another."""
        event = await wire.next()
        if not isinstance(event, h11.Request):
            return False
        asked = Asked(
            event.method.decode("ascii"), event.target.decode("ascii"), texts(event.headers), wire
        )
        try:
            await self._obey(asked)
        except EcluseError as error:
            await _say(wire, _status(error), str(error))
        return wire.http.our_state is h11.DONE and wire.http.their_state is h11.DONE

    async def _obey(self, asked: Asked) -> None:
        self._check_host(asked)
        path, _, query = asked.target.partition("?")
        if path == "/health":
            await _say(asked.wire, HTTPStatus.OK, "ok")
        elif path == "/enter" and asked.method in READS:
            await self._enter(asked, query)
        else:
            session = self.hall.sessions.find(_cookie(asked))
            await self._inside(asked, session, is_leaving=path == "/leave")

    async def _enter(self, asked: Asked, query: str) -> None:
        """Exchange a pass for a cookie that only this origin sends, and scripts never read."""
        given = parse_qs(query).get("pass", [""])[0]
        key, session = await self.hall.enter(given)
        secure = "; Secure" if self.url.startswith("https:") else ""
        cookie = f"{COOKIE}={key}; Path=/; HttpOnly; SameSite=Strict{secure}"
        # A page of ours, not a redirection: a Strict cookie does not follow one from another site.
        place = f"{base_of(session.permit_number)}lab"
        told = [("set-cookie", cookie), ("refresh", f"0; url={place}"), *PAGE]
        await _say(asked.wire, HTTPStatus.OK, OPENING.format(place=place), told)

    async def _inside(self, asked: Asked, session: Session, *, is_leaving: bool) -> None:
        self._check_origin(asked)
        if is_leaving:
            self.hall.leave(session)
            await _say(asked.wire, HTTPStatus.OK, "Vous avez quitté l’espace de travail.")
            return
        self.hall.sessions.check(session, now=self.hall.clock())
        try:
            base = base_of(session.permit_number)
            route = routes.judge(asked.method, asked.target, base=base)
            session.requests += 1
            await relay.carry(asked, route, session, self.hall)
        except NotAllowed:
            session.refused += 1
            raise

    def _check_host(self, asked: Asked) -> None:
        """Pass if the request is for this address: another name could be somebody else's page."""
        if dict(asked.headers).get("host", "").lower() != urlsplit(self.url).netloc.lower():
            raise NotAllowed("This address is not the one of the workspaces: use theirs.")

    def _check_origin(self, asked: Asked) -> None:
        """Pass if a page of ours asks: what changes something says so, and so does a WebSocket."""
        told = dict(asked.headers)
        origin, site = told.get("origin"), told.get("sec-fetch-site", "same-origin")
        is_socket = "upgrade" in told
        if origin is None and (is_socket or asked.method not in READS):
            raise NotAllowed("Only a page of the workspace may ask this.")
        if origin not in (None, self.url) or site not in {"same-origin", "none"}:
            raise NotAllowed("Another site asked this: enter from the checking room.")


def _cookie(asked: Asked) -> str:
    """Return the key of the session. Raises NotAllowed: none, or several."""
    told = [value for name, value in asked.headers if name == "cookie"]
    try:
        found = SimpleCookie("; ".join(told)).get(COOKIE)
    except CookieError:
        found = None
    if found is None or sum(value.count(f"{COOKIE}=") for value in told) != 1:
        raise NotAllowed("You are not in a workspace: enter from the checking room.")
    return found.value


def _status(error: EcluseError) -> HTTPStatus:
    found = (status for kind, status in STATUSES if isinstance(error, kind))
    return next(found, HTTPStatus.SERVICE_UNAVAILABLE)


async def _say(wire: Wire, status: int, words: str, more: Headers = WORDS) -> None:
    """Answer a few words; the connection ends unless its request was read to its end."""
    if wire.http.our_state is not h11.SEND_RESPONSE:
        raise Gone("half answered")
    body = words.encode()
    told: Headers = [*more, *STRICT, ("content-length", str(len(body))), ("connection", "close")]
    await wire.send(h11.Response(status_code=status, headers=told))
    await wire.send(h11.Data(data=body))
    await wire.send(h11.EndOfMessage())


def counts(hall: Hall) -> Mapping[str, int]:
    """Return how many sessions and workspaces there are now."""
    return {"sessions": len(hall.sessions.of()), "workspaces": len(hall.opened)}
