"""HTTP/1.1 read and written strictly over asyncio: what is unclear is refused, never guessed."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from typing import Final

import h11

from ecluse.data.workspaces.headers import Headers
from ecluse.domain.errors import NotAllowed

READ_BYTES: Final = 1 << 16
HEAD_BYTES: Final = 32 * 1024
HEAD_SECONDS: Final = 120.0
ANSWER_SECONDS: Final = 120.0


Role = type[h11.SERVER] | type[h11.CLIENT]


class Gone(Exception):
    """The other side went away, or does not speak HTTP."""


@dataclass(slots=True)
class Wire:
    """One connection and what is understood of it."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    role: Role
    http: h11.Connection = field(init=False)

    def __post_init__(self) -> None:
        self.http = h11.Connection(self.role, max_incomplete_event_size=HEAD_BYTES)

    async def next(self) -> h11.Event | object:
        """Return what comes next. Raises Gone."""
        while True:
            try:
                event = self.http.next_event()
            except h11.RemoteProtocolError as error:
                raise Gone(str(error)) from None
            if event is not h11.NEED_DATA:
                return event
            self.http.receive_data(await self._read())

    async def send(self, event: h11.Event) -> None:
        """Write one event. Raises Gone."""
        try:
            data = self.http.send(event)
        except h11.LocalProtocolError as error:
            raise Gone(str(error)) from None
        if data:
            await self.write(data)

    async def write(self, data: bytes) -> None:
        """Write bytes as they are. Raises Gone."""
        try:
            self.writer.write(data)
            await self.writer.drain()
        except OSError as error:
            raise Gone(error.strerror or "closed") from None

    async def body(self, *, most: int) -> bytes:
        """Return the whole body that is being received. Raises NotAllowed over `most` bytes."""
        pieces = [piece async for piece in self.pieces(most=most)]
        return b"".join(pieces)

    async def pieces(self, *, most: int) -> AsyncIterator[bytes]:
        """Yield the body that is being received. Raises NotAllowed over `most` bytes, Gone."""
        size = 0
        while True:
            event = await self.next()
            if isinstance(event, h11.EndOfMessage):
                return
            if not isinstance(event, h11.Data):
                raise Gone("cut off")
            size += len(event.data)
            if size > most:
                raise NotAllowed(f"More than {most} bytes at once do not pass a workspace's door.")
            yield bytes(event.data)

    async def _read(self) -> bytes:
        try:
            async with asyncio.timeout(HEAD_SECONDS):
                return await self.reader.read(READ_BYTES)
        except (OSError, TimeoutError) as error:
            raise Gone(str(error)) from None

    def close(self) -> None:
        """Close the connection."""
        self.writer.close()


async def dial(connection: socket.socket) -> Wire:
    """Return the wire of a connection to a notebook server."""
    connection.setblocking(False)  # noqa: FBT003 - positional only
    reader, writer = await asyncio.open_connection(sock=connection)
    return Wire(reader, writer, h11.CLIENT)


def texts(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Return headers as texts, names in small letters."""
    return [
        (bytes(name).decode("ascii"), bytes(value).decode("latin-1")) for name, value in headers
    ]
