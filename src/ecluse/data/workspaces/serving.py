"""The server of the workspaces: its door, its watch, its link to the checking room: one loop."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from ecluse.data.workspaces.front import Front
from ecluse.data.workspaces.hall import Hall
from ecluse.data.workspaces.sessions import End

BACKLOG: Final = 128


@dataclass(frozen=True, slots=True)
class Address:
    """Where the server listens, and under which address browsers see it."""

    host: str
    port: int
    url: str


async def serve(
    hall: Hall,
    address: Address,
    stop: asyncio.Event,
    *,
    beside: Callable[[], Awaitable[None]] | None = None,
    on_ready: Callable[[], None] = lambda: None,
) -> None:
    """Serve until `stop` is set, then close every workspace: homes sealed, nothing left running.

    `beside` runs along, until the end too.
    """
    front = Front(hall, address.url)
    server = await asyncio.start_server(
        front.meet, address.host, address.port, backlog=BACKLOG, reuse_address=True
    )
    tasks = [asyncio.ensure_future(hall.watch())]
    if beside is not None:
        tasks.append(asyncio.ensure_future(beside()))
    tasks.append(asyncio.ensure_future(_until(stop)))
    on_ready()
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)
        await hall.close_all(End.STOPPED)


async def _until(stop: asyncio.Event) -> None:
    await stop.wait()
