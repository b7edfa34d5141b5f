"""One request carried to a notebook server and its answer back, or one WebSocket both ways."""

import asyncio
from dataclasses import dataclass, field
from typing import Final

import h11

from ecluse.data.workspaces import headers, routes
from ecluse.data.workspaces.hall import Hall
from ecluse.data.workspaces.headers import Headers
from ecluse.data.workspaces.rooms import Workspace
from ecluse.data.workspaces.routes import Kind, Route
from ecluse.data.workspaces.sessions import Session
from ecluse.data.workspaces.wire import ANSWER_SECONDS, READ_BYTES, Gone, Wire, dial, texts
from ecluse.domain.errors import EcluseError, NotFound

MAX_WRITTEN_BYTES: Final = 16 << 20
MAX_READ_BYTES: Final = 8 << 20
MAX_SHOWN_BYTES: Final = 32 << 20
"""Of a file written, of a file read, and of any other answer: the scripts of the notebook."""

ACTIVE_BYTES: Final = 64
"""A batch shorter than this is the browser saying that it is there, not a person working."""

SWITCHING: Final = 101


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came."""

    method: str
    target: str
    headers: Headers
    wire: Wire = field(repr=False)


async def carry(asked: Asked, route: Route, session: Session, hall: Hall) -> None:
    """Carry a request that was let through. Raises NotAllowed, NotFound, Gone."""
    is_read = asked.method == "GET"
    body = await asked.wire.body(most=MAX_WRITTEN_BYTES)
    if route.kind is Kind.CONTENTS and not is_read:
        routes.check_written(body)
    if not is_read:
        session.active_at = hall.clock()
    session.bytes_in += len(body)
    workspace, connection = await hall.connect(session)
    notebook = await dial(connection)
    try:
        if route.kind is Kind.SOCKET:
            await _socket(asked, route, session, hall, workspace=workspace, notebook=notebook)
        else:
            await _ask(asked, route, body, workspace=workspace, notebook=notebook)
            await _answer(asked, route, session, workspace=workspace, notebook=notebook)
    finally:
        notebook.close()


async def _ask(
    asked: Asked, route: Route, body: bytes, *, workspace: Workspace, notebook: Wire
) -> None:
    told = headers.towards_notebook(asked.headers, token=workspace.token, kept=headers.TO_NOTEBOOK)
    framing = [("content-length", str(len(body)))] if asked.method != "GET" else []
    await notebook.send(
        h11.Request(
            method=asked.method,
            target=route.target,
            headers=[*told, *framing, ("connection", "close")],
        )
    )
    if body:
        await notebook.send(h11.Data(data=body))
    await notebook.send(h11.EndOfMessage())


async def _answer(
    asked: Asked, route: Route, session: Session, *, workspace: Workspace, notebook: Wire
) -> None:
    """Read the whole answer, judge it, then give it: what is refused is not half given."""
    response = await _response(notebook)
    told = headers.towards_browser(texts(response.headers), base=workspace.plan.base)
    is_file = route.kind is Kind.CONTENTS and asked.method == "GET"
    body = await notebook.body(most=MAX_READ_BYTES if is_file else MAX_SHOWN_BYTES)
    if is_file:
        routes.check_read(body)
    session.bytes_out += len(body)
    framing = [("content-length", str(len(body)))]
    await asked.wire.send(h11.Response(status_code=response.status_code, headers=[*told, *framing]))
    if body:
        await asked.wire.send(h11.Data(data=body))
    await asked.wire.send(h11.EndOfMessage())


async def _response(notebook: Wire) -> h11.Response:
    async with asyncio.timeout(ANSWER_SECONDS):
        event = await notebook.next()
    if not isinstance(event, h11.Response):
        raise NotFound("The notebook did not answer: enter again from the checking room.")
    return event


async def _socket(
    asked: Asked,
    route: Route,
    session: Session,
    hall: Hall,
    *,
    workspace: Workspace,
    notebook: Wire,
) -> None:
    """Open a WebSocket on both sides, then carry bytes until one side or the session ends."""
    told = headers.towards_notebook(
        asked.headers,
        token=workspace.token,
        kept=headers.TO_NOTEBOOK | headers.SOCKET_TO_NOTEBOOK,
    )
    await notebook.send(h11.Request(method="GET", target=route.target, headers=told))
    await notebook.send(h11.EndOfMessage())
    async with asyncio.timeout(ANSWER_SECONDS):
        event = await notebook.next()
    if not isinstance(event, h11.InformationalResponse) or event.status_code != SWITCHING:
        raise NotFound("The notebook did not open this channel: reload the page.")
    kept = [one for one in texts(event.headers) if one[0] in headers.SOCKET_TO_BROWSER]
    await asked.wire.send(h11.InformationalResponse(status_code=SWITCHING, headers=kept))
    await _both_ways(asked.wire, notebook, session, hall)


async def _both_ways(browser: Wire, notebook: Wire, session: Session, hall: Hall) -> None:
    def cut() -> None:
        for wire in (browser, notebook):
            wire.writer.transport.abort()

    session.closers.add(cut)
    tasks = (
        asyncio.create_task(_one_way(browser, notebook, session, hall, is_in=True)),
        asyncio.create_task(_one_way(notebook, browser, session, hall, is_in=False)),
    )
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        session.closers.discard(cut)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        cut()
    raise Gone("the channel ended")


async def _one_way(
    source: Wire, target: Wire, session: Session, hall: Hall, *, is_in: bool
) -> None:
    """Carry batches, each judged before it goes on."""
    data = source.http.trailing_data[0] or b""
    while True:
        if data:
            try:
                hall.sessions.check(session, now=hall.clock())
            except EcluseError:
                return
            _count(session, len(data), hall, is_in=is_in)
            await target.write(data)
        data = await source.reader.read(READ_BYTES)
        if not data:
            return


def _count(session: Session, size: int, hall: Hall, *, is_in: bool) -> None:
    if not is_in:
        session.bytes_out += size
        return
    session.bytes_in += size
    if size > ACTIVE_BYTES:
        session.active_at = hall.clock()
