"""A data request while it is written: one step of its form, and the files attached to it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ecluse.domain.answers import Problem, problems
from ecluse.domain.codec import JSON
from ecluse.domain.errors import NotFound
from ecluse.domain.forms import Section
from ecluse.portal.accounts.models import User
from ecluse.portal.applications import scope
from ecluse.portal.applications.blocks import attached
from ecluse.portal.applications.forms import StepForm
from ecluse.portal.cases.parties import role_for
from ecluse.portal.drafts import actions as around
from ecluse.portal.drafts.models import Attachment
from ecluse.portal.requests import actions
from ecluse.portal.requests.models import DataRequest


def section_of(request: DataRequest, section_id: str) -> Section:
    """Return a step of the form. Raises NotFound."""
    for section in actions.form_of(request).sections:
        if section.id == section_id:
            return section
    raise NotFound(_("Ce formulaire n’a pas d’étape « %(name)s ».") % {"name": section_id[:40]})


def step_form(
    request: DataRequest,
    section: Section,
    data: Mapping[str, Any] | None = None,
    files: Mapping[str, Any] | None = None,
) -> StepForm:
    """Return one step of the file as a form."""
    notice = scope.latest_notice(request.dataset)
    return StepForm(actions.form_of(request), section, notice, request.answers, data, files=files)


def step_problems(request: DataRequest, section: Section) -> tuple[Problem, ...]:
    """Return what is wrong in one step."""
    form = actions.form_of(request)
    found = problems(form, request.answers)
    return tuple(each for each in found if form.section_of(each.field) is section)


@transaction.atomic
def save_step(request: DataRequest, form: StepForm, *, by: User, now: datetime) -> DataRequest:
    """Keep what was typed in one step, valid or not, and the files sent with it.

    Raises NotAllowed; InvalidInput for a file that cannot be attached: nothing is kept then.
    """
    role_for(request.item, "save-draft", by)
    answers = form.answers()
    for field_id in form.file_questions():
        answers[field_id] = _attach(request, form, field_id, answers[field_id], by=by, now=now)
    return actions.save(request, answers, by=by, now=now)


def _attach(
    request: DataRequest, form: StepForm, field_id: str, kept: JSON, *, by: User, now: datetime
) -> JSON:
    files = attached(kept)
    digests = [str(each["digest"]) for each in files]
    around.detach_others(request.number, field_id, digests, now=now)
    field = actions.form_of(request).field(field_id)
    for upload in form.uploads().get(field_id, []):
        sent = (upload.name or "", upload.read())
        made = around.attach(request.number, field, sent, by=by, now=now)
        files = [*(each for each in files if each["digest"] != made["digest"]), made]
    return list[JSON](files)


def find_file(request: DataRequest, digest: str, user: User) -> Attachment:
    """Return a file attached to a request that this person reads. Raises NotFound, NotAllowed."""
    found = Attachment.objects.of_file(request.number).filter(digest=digest).first()
    if found is None:
        raise NotFound(_("Aucun fichier de ce nom ne vous est ouvert."))
    around.check_may_open(found, is_own=user.subject in request.subjects())
    return found


def language() -> str:
    """Return the language of the page."""
    return get_language() or "fr"
