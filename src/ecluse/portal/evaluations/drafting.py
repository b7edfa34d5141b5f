"""A protocol while it is written: who may write it. Nothing is attached to it."""

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
from ecluse.portal.drafts.models import Attachment
from ecluse.portal.evaluations import actions
from ecluse.portal.evaluations.models import EvaluationFile


def find(number: str, user: User) -> EvaluationFile:
    """Return an evaluation that this person may know of. Raises NotFound."""
    found = EvaluationFile.objects.visible_to(user).filter(number=number).first()
    if found is None:
        raise NotFound(_("Aucune évaluation de ce numéro ne vous est ouverte."))
    return found


def _open(number: str, user: User) -> EvaluationFile:
    found = find(number, user)
    doing.require(found.case, user, (FILE, "save-draft"))
    return found


def _keep(number: str, user: User) -> EvaluationFile:
    cases.hold(find(number, user).case)
    return _open(number, user)


def _save(file: FormFile, answers: Mapping[str, JSON], *, now: datetime) -> FormFile:
    evaluation = cast(EvaluationFile, file)
    return actions.save(evaluation, answers, by=evaluation.applicant, now=now)


WRITING = Writing(open=_open, hold=_keep, save=_save)
"""How protocols are written."""


def find_file(_number: str, _digest: str, _user: User) -> Attachment:
    """Refuse: the form of a protocol takes no file. Raises NotFound."""
    raise NotFound(_("Aucun fichier de ce nom ne vous est ouvert."))
