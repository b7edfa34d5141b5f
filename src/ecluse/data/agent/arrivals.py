"""What a mailbox holds, taken at once; and what of it must stop a duty that is under way."""

import time
from collections.abc import Callable, Iterator
from typing import Final, TypeVar

from ecluse.data.agent.rooms import Room
from ecluse.data.agent.state import open_document
from ecluse.domain import permits
from ecluse.domain.documents import Body, Permit, Revocation, Suspension
from ecluse.domain.errors import EcluseError, JournalBroken, StorageFull
from ecluse.domain.permits import Withdrawal
from ecluse.trust import documents

PAGES_AT_ONCE: Final = 100
"""A site that never comes to an end must not keep the other from being heard."""

LISTEN_SECONDS: Final = 2.0
"""How long a job may go on, at most, after the word that stops it lies in a mailbox."""

BodyT = TypeVar("BodyT", bound=Body)


def take_all(room: Room, name: str) -> int:
    """Keep all that waits in a mailbox: behind an order may lie the word that must stop it.

    Returns how many documents were new. Raises Unreachable, StorageFull.
    """
    count, mailbox = 0, room.mailboxes[name]
    for _ in range(PAGES_AT_ONCE):
        deliveries = mailbox.pull(room.state.position(name))
        room.on_progress("pulled")
        if not deliveries:
            break
        count += room.state.receive(name, deliveries)
    return count


def watch(
    room: Room, permit: Permit, *, also: Callable[[], None] = lambda: None
) -> Callable[[], None]:
    """Return what a long duty calls at each tick: it raises once the permit is not in force.

    Called, it listens to both sites every `LISTEN_SECONDS`, then asks `also`, which may raise too.
    What it hears is obeyed, journalled and answered afterwards, like any document.

    Raises, when called: Stopping, Revoked, Suspended, Expired, StorageFull.
    """
    heard_at = time.monotonic()

    def tick() -> None:
        nonlocal heard_at
        room.check_stop()
        if time.monotonic() - heard_at >= LISTEN_SECONDS:
            _listen(room)
            check_still(room, permit)
            also()
            heard_at = time.monotonic()

    return tick


def check_still(room: Room, permit: Permit) -> None:
    """Pass if the permit is in force, by all that was received even if not obeyed yet.

    Raises Revoked, Suspended, Expired. Source: EHDS art. 63(3).
    """
    number, now = permit.permit_number, room.clock()
    known = (*room.withdrawals(number), *_heard(room, number))
    permits.check_in_force(permit, known, now=now)


def _listen(room: Room) -> None:
    for name in room.mailboxes:
        try:
            take_all(room, name)
        except (JournalBroken, StorageFull):
            raise
        except EcluseError:
            continue  # a site that is away says nothing: the next tick asks again


def _heard(room: Room, number: str) -> Iterator[Withdrawal]:
    """Yield the withdrawals of a permit that wait to be obeyed, when they prove themselves."""
    words: list[Withdrawal] = [*unobeyed(room, Revocation), *unobeyed(room, Suspension)]
    yield from (one for one in words if one.permit_number == number)


def unobeyed(room: Room, kind: type[BodyT]) -> Iterator[BodyT]:
    """Yield what was received of a kind and waits to be obeyed, when it proves itself."""
    for received in room.state.pending():
        try:
            if not isinstance(open_document(received.data).body, kind):
                continue
            verified = documents.verify(received.data, room.keyring(), now=room.clock())
        except (EcluseError, KeyError, TypeError):
            continue  # it will be refused in its turn
        body = verified.document.body
        if room.name in verified.document.audience and isinstance(body, kind):
            yield body
