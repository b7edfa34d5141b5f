"""Before a page does something to a file: whether this person may, whether they came too late."""

from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from ecluse.domain.errors import NotAllowed
from ecluse.domain.machines import MACHINES, Kind
from ecluse.domain.machines.machine import Action
from ecluse.portal.accounts.models import User
from ecluse.portal.cases import reading
from ecluse.portal.cases.actions import day_of
from ecluse.portal.cases.models import CaseRecord, Item
from ecluse.portal.cases.reading import Reader

Doing = tuple[str, str]
"""An object of the file and an action on it."""


def reader_today(case: CaseRecord, user: User) -> Reader:
    """Return who reads the file now, as what they are on it."""
    return reading.reader_of(case, user, today=day_of(case, timezone.now()))


def require(case: CaseRecord, user: User, doing: Doing) -> None:
    """Pass if this person may do this now; say in their language why not. Raises NotAllowed."""
    reason = reading.why_not(reader_today(case, user), *doing)
    if reason:
        raise NotAllowed(reason)


def came_too_late(request: HttpRequest, case: CaseRecord, user: User, doing: Doing) -> bool:
    """Whether a form was sent twice, or after the file moved on: its sender is told so."""
    is_late = request.method == "POST" and reading.came_too_late(case, user, *doing)
    if is_late:
        messages.warning(request, _("Le dossier avait déjà avancé : voici où il en est."))
    return is_late


def row_of(item: Item, action: str) -> Action:
    """Return an action of an object: of its state, or as another state has it."""
    rows = MACHINES[Kind(item.kind)].named(action)
    return next((row for row in rows if item.state in row.sources), rows[0])
