"""A data request while it is written: who may write it, and open what is attached to it."""

from collections.abc import Mapping
from datetime import datetime
from typing import cast

from django.utils.translation import gettext as _

from ecluse.domain.codec import JSON
from ecluse.domain.errors import NotFound
from ecluse.portal.accounts.models import User
from ecluse.portal.applications.pinned import FormFile
from ecluse.portal.applications.steps import Writing
from ecluse.portal.cases import actions as cases
from ecluse.portal.cases import doing
from ecluse.portal.cases.standing import FILE
from ecluse.portal.drafts.actions import check_may_open
from ecluse.portal.drafts.models import Attachment
from ecluse.portal.requests import actions
from ecluse.portal.requests.models import DataRequest


def find(number: str, user: User) -> DataRequest:
    """Return a request that this person reads. Raises NotFound."""
    found = DataRequest.objects.visible_to(user).filter(number=number).first()
    if found is None:
        raise NotFound(_("Aucune demande de ce numéro ne vous est ouverte."))
    return found


def _open(number: str, user: User) -> DataRequest:
    found = find(number, user)
    doing.require(found.case, user, (FILE, "save-draft"))
    return found


def _hold(number: str, user: User) -> DataRequest:
    cases.hold(find(number, user).case)
    return _open(number, user)


def _save(file: FormFile, answers: Mapping[str, JSON], *, now: datetime) -> FormFile:
    request = cast(DataRequest, file)
    return actions.save(request, answers, by=request.applicant, now=now)


WRITING = Writing(open=_open, hold=_hold, save=_save)
"""How data requests are written."""


def find_file(number: str, digest: str, user: User) -> Attachment:
    """Return a file attached to a request that this person reads. Raises NotFound, NotAllowed."""
    request = find(number, user)
    found = Attachment.objects.of_file(number).filter(digest=digest).first()
    if found is None:
        raise NotFound(_("Aucun fichier de ce nom ne vous est ouvert."))
    check_may_open(found, is_own=user.subject in request.subjects())
    return found
