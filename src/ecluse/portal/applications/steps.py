"""One step of a file while it is written: what is kept, what another tab saved meanwhile.

The same for every form: `Writing` says how the files of one kind are found, held and kept.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.db import transaction
from django.utils.translation import gettext as _

from ecluse.domain.answers import Problem, problems
from ecluse.domain.codec import JSON
from ecluse.domain.errors import NotFound
from ecluse.domain.forms import FormVersion, Section, asked
from ecluse.portal.accounts.models import User
from ecluse.portal.applications import scope
from ecluse.portal.applications.actions import form_of
from ecluse.portal.applications.blocks import attached
from ecluse.portal.applications.forms import StepForm
from ecluse.portal.applications.pinned import FormFile
from ecluse.portal.drafts import actions as around


class Save(Protocol):
    """Keeps answers beside the others, valid or not. Raises NotAllowed, InvalidInput."""

    def __call__(self, file: FormFile, answers: Mapping[str, JSON], *, now: datetime) -> FormFile:
        """Return the file as it now stands."""


@dataclass(frozen=True, slots=True)
class Writing:
    """How the files of one kind are written.

    `open` gives a file to who may write it (NotFound, NotAllowed to anybody else); `hold` does the
    same and holds it until the transaction ends.
    """

    open: Callable[[str, User], FormFile]
    hold: Callable[[str, User], FormFile]
    save: Save


@dataclass(frozen=True, slots=True)
class Typed:
    """What came of one step; `files` is None when a step saves itself."""

    data: Mapping[str, Any]
    files: Mapping[str, Any] | None


def step_form(file: FormFile, section: Section, typed: Typed | None = None) -> StepForm:
    """Return one step of the file as a form."""
    notice = scope.latest_notice(file.dataset)
    data, files = (typed.data, typed.files) if typed else (None, None)
    return StepForm(form_of(file), section, notice, file.answers, data, files=files)


@transaction.atomic
def save_step(
    writing: Writing, step: tuple[str, str], typed: Typed, *, by: User, now: datetime
) -> tuple[FormFile, StepForm]:
    """Keep what was typed in one step, valid or not; the form that comes back says what is kept.

    `step` is the number of the file and the step of its form. Nothing is kept when somebody else,
    or another tab, saved the step since its page was written: the form then carries `conflict`.
    Raises NotAllowed, NotFound, InvalidInput (a file that cannot be attached: nothing of the step
    is kept).
    """
    number, section_id = step
    file = writing.hold(number, by)
    form = step_form(file, section_of(form_of(file), section_id), typed)
    if not form.is_valid():
        return file, form
    answers = form.answers()
    if typed.files is None:
        answers = {
            name: each for name, each in answers.items() if name not in form.file_questions()
        }
    else:
        _attach_files(file, form, answers, by=by, now=now)
    return writing.save(file, answers, now=now), form


def _attach_files(
    file: FormFile, form: StepForm, answers: dict[str, JSON], *, by: User, now: datetime
) -> None:
    """Attach the files sent to their questions, take away those that were ticked."""
    for field_id in form.file_questions():
        kept = attached(answers[field_id])
        digests = [str(each["digest"]) for each in kept]
        around.detach_others(file.number, field_id, digests, now=now)
        for upload in form.uploads().get(field_id, []):
            sent = (upload.name or "", upload.read())
            item = around.attach(file.number, form_of(file).field(field_id), sent, by=by, now=now)
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


def step_problems(file: FormFile, section: Section) -> tuple[Problem, ...]:
    """Return what is wrong in one step."""
    form = form_of(file)
    found = problems(form, file.answers)
    return tuple(each for each in found if form.section_of(each.field) is section)
