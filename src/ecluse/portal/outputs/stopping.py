"""What stops requests: an incident freezes them, the end of their permit closes them."""

from datetime import datetime

from django.db import transaction

from ecluse.domain.errors import InvalidInput
from ecluse.domain.reviews import acts
from ecluse.domain.reviews.machine import MOVES
from ecluse.portal.accounts.models import User
from ecluse.portal.outputs import storage
from ecluse.portal.outputs.models import Request

CLOSABLE = tuple(state.value for state in MOVES["close"].sources)
FREEZABLE = tuple(state.value for state in MOVES["freeze"].sources)


@transaction.atomic
def freeze(request: Request, note: str, *, by: User, now: datetime) -> Request:
    """Stop a request while an incident is looked into. Raises NotAllowed, InvalidInput."""
    request = storage.lock(request)
    by.require("output.freeze", state=request.state)
    if not note.strip():
        raise InvalidInput("Say which incident: whoever waits reads it.")
    request.note = note.strip()
    return storage.save(request, acts.freeze(storage.load(request), by=by.subject, at=now))


@transaction.atomic
def unfreeze(request: Request, *, by: User, now: datetime) -> Request:
    """Go on where the incident stopped the request. Raises NotAllowed."""
    request = storage.lock(request)
    by.require("output.unfreeze", state=request.state)
    request.note = ""
    return storage.save(request, acts.unfreeze(storage.load(request), by=by.subject, at=now))


@transaction.atomic
def close_ended(*, now: datetime) -> int:
    """Close the requests whose permit has ended; return how many. Safe to run twice."""
    open_ones = Request.objects.filter(state__in=CLOSABLE, workspace__isnull=False)
    found = [
        request
        for request in open_ones.with_sources()
        if (end := storage.ends_at(request)) is not None and end <= now
    ]
    for request in found:
        locked = storage.lock(request)
        storage.save(locked, acts.close(storage.load(locked), at=now))
    return len(found)
