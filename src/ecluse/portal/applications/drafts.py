"""An application while it is written: who may read it, write it, carry it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import cast

from django.utils.translation import gettext as _

from ecluse.domain.codec import JSON
from ecluse.domain.errors import NotAllowed, NotFound
from ecluse.domain.forms import FormVersion
from ecluse.portal.accounts.models import User
from ecluse.portal.applications import actions
from ecluse.portal.applications.models import Application
from ecluse.portal.applications.pinned import FormFile
from ecluse.portal.applications.steps import Writing
from ecluse.portal.cases.parties import role_for
from ecluse.portal.drafts import actions as around
from ecluse.portal.drafts.models import TeamRole


class Right(StrEnum):
    """What somebody is to a file while it is written."""

    APPLICANT = "applicant"
    EDITOR = "editor"
    READER = "reader"


@dataclass(frozen=True, slots=True)
class Place:
    """A file, and what this person is to it."""

    application: Application
    right: Right

    @property
    def form(self) -> FormVersion:
        """The form version that the file is pinned to."""
        return actions.form_of(self.application)


def find(number: str, user: User) -> Place:
    """Return the file if this person is of its team. Raises NotFound: nobody else learns of it."""
    application = Application.objects.filter(number=number).first()
    right = _right(application, user) if application else None
    if application is None or right is None:
        raise NotFound(_("Aucune demande de ce numéro ne vous est ouverte."))
    return Place(application, right)


def _right(application: Application, user: User) -> Right | None:
    if application.applicant_id == user.pk:
        return Right.APPLICANT
    role = around.role_in_team(application.number, user)
    if role is not None:
        return Right.EDITOR if role is TeamRole.EDITOR else Right.READER
    return Right.READER if user.subject in application.subjects() else None


def require_writer(place: Place) -> None:
    """Pass if this person may write the file as it now stands. Raises NotAllowed."""
    if place.right is Right.READER:
        raise NotAllowed(_("Vous lisez ce dossier sans pouvoir l’écrire : demandez-le à l’équipe."))
    application = place.application
    role_for(application.item, "save-draft", application.applicant)


def require_applicant(place: Place) -> None:
    """Pass for the applicant alone. Raises NotAllowed."""
    if place.right is not Right.APPLICANT:
        raise NotAllowed(_("Seule la personne qui porte la demande peut le faire."))


def hold(number: str, user: User) -> Place:
    """Read the file again and hold it until the transaction ends. Raises NotFound, NotAllowed."""
    locked = Application.objects.select_for_update(of=("self",), no_key=True)
    place = find(number, user)
    held = Place(locked.get(pk=place.application.pk), place.right)
    require_writer(held)
    return held


def _open(number: str, user: User) -> Application:
    place = find(number, user)
    require_writer(place)
    return place.application


def _save(file: FormFile, answers: Mapping[str, JSON], *, now: datetime) -> FormFile:
    """Keep answers in the applicant's name: an editor writes for them."""
    application = cast(Application, file)
    return actions.save(application, answers, by=application.applicant, now=now)


WRITING = Writing(open=_open, hold=lambda number, user: hold(number, user).application, save=_save)
"""How applications are written."""
