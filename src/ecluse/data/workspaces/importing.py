"""What persons upload in the checking room, fetched by the zone, checked and held here.

Each order is signed by the checking room and names the bytes by their digest; the answer tells what
the checks found, by counts and columns alone. An order that was answered is not repeated.
"""

import asyncio
import contextlib
import hashlib
import tempfile
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

import httpx

from ecluse.data.workspaces.arrivals import announced
from ecluse.data.workspaces.customs import Customs, CustomsOf
from ecluse.data.workspaces.imports import NAME, What
from ecluse.domain.errors import EcluseError, InvalidInput
from ecluse.trust.import_orders import Act, ImportOrder, verify
from ecluse.trust.keys import Keyring

SENDING: Final = httpx.Timeout(120)
Told = dict[str, object]
Headers = Callable[[], dict[str, str]]


@dataclass(slots=True)
class Importing:
    """The imports that the checking room orders. `folder`: where files wait while they are read."""

    customs: CustomsOf
    keyring: Callable[[], Keyring]
    folder: Path
    clock: Callable[[], datetime]
    _begun: dict[tuple[int, Act], asyncio.Task[None]] = field(default_factory=dict)

    def obey(self, texts: Iterable[str], client: httpx.AsyncClient, headers: Headers) -> None:
        """Begin what each order asks, once. An order that is not believed is left aside."""
        for text in texts:
            with contextlib.suppress(EcluseError):
                order = verify(text, self.keyring())
                if (order.number, order.act) not in self._begun:
                    work = self._carry_out(order, client, headers)
                    self._begun[order.number, order.act] = asyncio.create_task(work)

    async def _carry_out(
        self, order: ImportOrder, client: httpx.AsyncClient, headers: Headers
    ) -> None:
        """Do what is ordered and tell what became of it; what could not be told is tried again."""
        where = f"/workspaces/report/imports/{order.number}"
        try:
            try:
                told = await self._done(order, _fetching(client, where, headers))
            except EcluseError as error:
                told = {"failure": str(error)}
            answer = await client.put(
                f"{where}/{order.act.value}", json=told, headers=headers(), timeout=SENDING
            )
            is_told = answer.is_success or answer.is_client_error
        except (httpx.HTTPError, OSError):
            is_told = False
        if not is_told:
            del self._begun[order.number, order.act]

    async def _done(self, order: ImportOrder, fetch: Callable[[Path, int], Awaitable[str]]) -> Told:
        customs, now = self.customs(order.permit_number), self.clock()
        if order.act is Act.BRING:
            return await self._brought(order, customs, fetch, now=now)
        if order.act is Act.ADMIT:
            await asyncio.to_thread(customs.approve, order.held, by=order.by, now=now)
        else:
            await asyncio.to_thread(customs.refuse, order.held, by=order.by)
        return {}

    async def _brought(
        self,
        order: ImportOrder,
        customs: Customs,
        fetch: Callable[[Path, int], Awaitable[str]],
        *,
        now: datetime,
    ) -> Told:
        what = _what(order)
        with tempfile.TemporaryDirectory(dir=self.folder, prefix=".arriving-") as folder:
            path = Path(folder, order.name)
            digest = await fetch(path, customs.quarantine.policy.most_bytes(what))
            if digest != order.digest:
                raise InvalidInput("Other bytes than those uploaded arrived: upload them again.")
            columns = announced(order.columns)
            found, is_in = await asyncio.to_thread(
                customs.bring, path, what, by=order.by, now=now, columns=columns
            )
        return {
            "held": found.number,
            "findings": list(found.findings),
            "rows": found.rows,
            "is_in": is_in,
        }


def _what(order: ImportOrder) -> What:
    """Return what an order brings, its name safe to make a path of. Raises InvalidInput."""
    if not NAME.fullmatch(order.name) or order.what not in {one.value for one in What}:
        raise InvalidInput("A file's name has 1 to 64 of A-Z a-z 0-9 _ . - and no other.")
    return What(order.what)


def _fetching(
    client: httpx.AsyncClient, where: str, headers: Headers
) -> Callable[[Path, int], Awaitable[str]]:
    """Return what fetches the file of an order to a path, its digest counted as it comes."""

    async def fetch(path: Path, most: int) -> str:
        counted, size = hashlib.sha256(), 0
        told: Mapping[str, str] = headers()
        async with client.stream(
            "GET", f"{where}/content", headers=told, timeout=SENDING
        ) as answer:
            answer.raise_for_status()
            with path.open("xb") as file:
                async for piece in answer.aiter_bytes():
                    size += len(piece)
                    if size > most:
                        raise InvalidInput(f"At most {most} bytes come in at once.")
                    counted.update(piece)
                    file.write(piece)
        return f"sha256:{counted.hexdigest()}"

    return fetch
