"""A file while it is written: who may, what is kept, what another tab saved meanwhile."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from ecluse.domain.answers import Problem, problems
from ecluse.domain.codec import JSON
from ecluse.domain.errors import NotAllowed, NotFound
from ecluse.domain.forms import FormVersion, Section, asked
from ecluse.portal.accounts.models import User
from ecluse.portal.applications import actions, scope
from ecluse.portal.applications.blocks import attached
from ecluse.portal.applications.forms import StepForm
from ecluse.portal.applications.models import Application
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


def step_form(
    place: Place,
    section: Section,
    data: Mapping[str, Any] | None = None,
    files: Mapping[str, Any] | None = None,
) -> StepForm:
    """Return one step of the file as a form."""
    notice = scope.latest_notice(place.application.dataset)
    answers = place.application.answers
    return StepForm(place.form, section, notice, answers, data, files=files)


@dataclass(frozen=True, slots=True)
class Typed:
    """What came of one step; `files` is None when a step saves itself."""

    data: Mapping[str, Any]
    files: Mapping[str, Any] | None


@transaction.atomic
def save_step(
    number: str, section_id: str, typed: Typed, *, by: User, now: datetime
) -> tuple[Place, StepForm]:
    """Keep what was typed in one step, valid or not; the form that comes back says what is kept.

    Nothing is kept when somebody else, or another tab, saved the step since its page was written:
    the form then carries `conflict`. An editor writes in the applicant's name. Raises NotAllowed,
    NotFound, InvalidInput (a file that cannot be attached: nothing of the step is kept).
    """
    place = hold(number, by)
    form = step_form(place, section_of(place.form, section_id), typed.data, typed.files)
    if not form.is_valid():
        return place, form
    answers = form.answers()
    if typed.files is None:
        answers = {
            name: each for name, each in answers.items() if name not in form.file_questions()
        }
    else:
        _attach_files(place, form, answers, by=by, now=now)
    application = place.application
    saved = actions.save(application, answers, by=application.applicant, now=now)
    return Place(saved, place.right), form


def _attach_files(
    place: Place, form: StepForm, answers: dict[str, JSON], *, by: User, now: datetime
) -> None:
    """Attach the files sent to their questions, take away those that were ticked."""
    number = place.application.number
    for field_id in form.file_questions():
        kept = attached(answers[field_id])
        digests = [str(each["digest"]) for each in kept]
        around.detach_others(number, field_id, digests, now=now)
        for upload in form.uploads().get(field_id, []):
            sent = (upload.name or "", upload.read())
            item = around.attach(number, place.form.field(field_id), sent, by=by, now=now)
            kept = [*(each for each in kept if each["digest"] != item["digest"]), item]
        answers[field_id] = list(kept)


def section_of(form: FormVersion, section_id: str) -> Section:
    """Return a step of the form. Raises NotFound."""
    for section in form.sections:
        if section.id == section_id:
            return section
    raise NotFound(_("Ce formulaire n’a pas d’étape « %(name)s ».") % {"name": section_id[:40]})


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a step is: questions asked that need an answer, and what is still wrong."""

    section: Section
    asked: int
    wrong: int

    @property
    def is_done(self) -> bool:
        """Whether nothing of the step keeps the file from being submitted."""
        return self.wrong == 0


def progress(form: FormVersion, answers: Mapping[str, Any]) -> list[Progress]:
    """Return how far each step is."""
    given, found = asked(form, answers), problems(form, answers)
    return [
        Progress(
            section,
            sum(field.id in given for field in section.fields),
            len({(p.field, p.item) for p in found if form.section_of(p.field) is section}),
        )
        for section in form.sections
    ]


def step_problems(place: Place, section: Section) -> tuple[Problem, ...]:
    """Return what is wrong in one step."""
    form = place.form
    found = problems(form, place.application.answers)
    return tuple(each for each in found if form.section_of(each.field) is section)
