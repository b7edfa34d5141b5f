"""A permit offered under conditions: accepted, it is signed; declined, the file is withdrawn."""

from datetime import datetime

from django.db import transaction

from ecluse.portal.accounts.models import User
from ecluse.portal.applications.models import Application
from ecluse.portal.cases import actions as cases
from ecluse.portal.lives import following
from ecluse.portal.permits import actions as permits
from ecluse.portal.permits.models import PermitRecord


@transaction.atomic
def accept(application: Application, *, by: User, now: datetime) -> PermitRecord:
    """Accept every condition; the permit is signed as it was offered.

    Raises NotAllowed, InvalidInput. Source: EHDS art. 68(10)(h).
    """
    permit = permits.accept_offer(application, by=by, now=now)
    following.accept_all(permit, by=by, now=now)
    return permit


def decline(application: Application, *, by: User, now: datetime) -> None:
    """Decline the conditions: the file is withdrawn, and no appeal lies. Raises NotAllowed."""
    cases.perform(application.unit(), "decline-conditions", by=by, now=now)
