"""The events that a webhook may be told, and what is said of one: nothing personal, no reason.

An event is an act on an object of a file: `decision-unit.grant`. Who acted, why, and what the file
says stay here; the receiver asks the API, which asks again who may read.
"""

from typing import Final
from uuid import UUID

from django.conf import settings

from ecluse.domain.codec import JSON, format_instant
from ecluse.domain.errors import InvalidInput
from ecluse.domain.machines import MACHINES
from ecluse.portal.cases.actions import QUIET
from ecluse.portal.cases.models import ActRow
from ecluse.portal.cases.speaking import speaking
from ecluse.trust import canonical

TEST: Final = "webhook.test"
EVENTS: Final = tuple(
    sorted(
        {
            f"{kind.value}.{row.name}"
            for kind, machine in MACHINES.items()
            for row in machine.actions
            if row.name not in QUIET
        }
    )
)


def check(events: list[str]) -> list[str]:
    """Return the events in order, each once. Raises InvalidInput for one that does not exist."""
    unknown = sorted(set(events) - set(EVENTS))
    if unknown:
        raise InvalidInput(f"No event is called {unknown[0][:80]!r}: see the list of events.")
    return sorted(set(events))


def event_of(act: ActRow) -> str:
    """The event that an act is."""
    return f"{act.item.kind}.{act.action}"


def body_of(act: ActRow, event_id: UUID, *, is_read: bool) -> bytes:
    """What is said of an act: canonical JSON, the same bytes at each attempt.

    To whom the file is not open (`is_read`), the call and its page: nothing of the file.
    """
    item = act.item
    page = None if is_read else speaking().page_of(item)
    file: dict[str, JSON]
    if page is not None:
        file = {"number": page[0], "kind": item.kind}
        href = f"{settings.ECLUSE_URL}{page[1]}"
    else:
        file = {"number": item.case.number, "kind": item.case.kind}
        href = f"{settings.ECLUSE_URL}/api/v1/files/{item.case.number}"
    return _body(
        event_id,
        event_of(act),
        at=format_instant(act.at),
        data={
            "file": file,
            "object": {"id": item.item_id, "kind": item.kind},
            "state_before": act.before,
            "state_after": act.after,
            "href": href,
        },
    )


def trial_body(event_id: UUID, *, at: str) -> bytes:
    """What a test call says."""
    return _body(event_id, TEST, at=at, data={})


def _body(event_id: UUID, event: str, *, at: str, data: dict[str, JSON]) -> bytes:
    said: dict[str, JSON] = {
        "id": str(event_id),
        "type": event,
        "timestamp": at,
        "data": data,
    }
    return canonical.encode(said)
