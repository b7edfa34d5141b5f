"""A file passes to a newer version of its form, in sight of what changes, is lost or breaks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from ecluse.domain.answers import Problem, problems
from ecluse.domain.errors import InvalidInput, NotFound
from ecluse.domain.forms import Field, FormVersion, is_empty
from ecluse.domain.forms.changes import Carried, Changes, carry, compare, copied
from ecluse.portal.accounts.models import User
from ecluse.portal.applications import actions, versions
from ecluse.portal.applications.drafts import Place, hold
from ecluse.portal.applications.models import Application
from ecluse.portal.applications.prefill import first_answers, titles_wanted
from ecluse.portal.audit.actions import record
from ecluse.portal.drafts.models import Upgrade


@dataclass(frozen=True, slots=True)
class Preview:
    """What passing from `before` to `after` does to a file; `invalid` are answers that break."""

    before: FormVersion
    after: FormVersion
    changes: Changes
    carried: Carried
    invalid: tuple[Problem, ...]


def preview(application: Application) -> Preview | None:
    """Return what the newest version of the form would do to the file; None if it has it."""
    newest = versions.newest(application.form)
    if newest <= application.form_version:
        return None
    before, after = actions.form_of(application), versions.load(application.form, newest)
    carried = carry(before, after, application.answers)
    return Preview(
        before, after, compare(before, after), carried, _broken(before, after, application.answers)
    )


def _broken(
    before: FormVersion, after: FormVersion, answers: Mapping[str, Any]
) -> tuple[Problem, ...]:
    """Return the problems of answers that were good and no longer are."""
    carried = carry(before, after, answers).answers
    known = {problem.field for problem in problems(before, answers)}
    return tuple(
        problem
        for problem in problems(after, carried)
        if problem.field not in known and not is_empty(carried.get(problem.field))
    )


@transaction.atomic
def upgrade(number: str, *, by: User, now: datetime) -> Preview:
    """Pass the file to the newest version; it may go back until `confirm`.

    Raises InvalidInput: it has the newest one, or another upgrade waits to be confirmed.
    """
    place = hold(number, by)
    application = place.application
    if pending(number):
        raise InvalidInput(_("Confirmez ou annulez d’abord le passage déjà commencé."))
    seen = preview(application)
    if seen is None:
        raise InvalidInput(_("Ce dossier suit déjà la dernière version du formulaire."))
    Upgrade.objects.create(
        file=number,
        before_version=application.form_version,
        after_version=seen.after.version,
        answers_before=application.answers,
        started_at=now,
    )
    applicant = application.applicant
    known = first_answers(seen.after, applicant, titles_wanted(application.dataset, applicant))
    added = {field.id for field in seen.changes.added}
    fresh = {name: answer for name, answer in known.items() if name in added}
    _pass(application, seen.after.version, {**fresh, **seen.carried.answers})
    _note("application.form-upgraded", place, seen, by=by, now=now)
    return seen


@transaction.atomic
def undo(number: str, *, by: User, now: datetime) -> Application:
    """Give the file back its former version and the answers of that moment. Raises NotFound."""
    place = hold(number, by)
    waiting = pending(number)
    if waiting is None:
        raise NotFound(_("Aucun passage à une autre version n’attend votre confirmation."))
    _pass(place.application, waiting.before_version, waiting.answers_before)
    waiting.delete()
    record("application.upgrade-undone", number, by=by.subject, at=now)
    return place.application


@transaction.atomic
def confirm(number: str, *, by: User, now: datetime) -> None:
    """Keep the new version for good. Raises NotFound."""
    hold(number, by)
    waiting = pending(number)
    if waiting is None:
        raise NotFound(_("Aucun passage à une autre version n’attend votre confirmation."))
    waiting.delete()
    record("application.upgrade-confirmed", number, by=by.subject, at=now)


def pending(number: str) -> Upgrade | None:
    """Return the upgrade of a file that may still be undone, or None."""
    return Upgrade.objects.filter(file=number).first()


def _pass(application: Application, version: int, answers: dict[str, Any]) -> None:
    application.form_version, application.answers = version, answers
    application.save(update_fields=["form_version", "answers"])


def _note(action: str, place: Place, seen: Preview, *, by: User, now: datetime) -> None:
    details = {
        "from": seen.before.version,
        "to": seen.after.version,
        "answers_lost": len(seen.carried.lost),
    }
    record(action, place.application.number, by=by.subject, details=details, at=now)


@transaction.atomic
def copy(number: str, *, by: User, now: datetime) -> tuple[Application, list[Field]]:
    """Open a draft with what an earlier file may lend; return it, with the questions left out.

    Nothing dated, attested or attached is copied (`copies` in the form). Raises NotFound,
    NotAllowed.
    """
    source = Application.objects.filter(number=number, applicant=by).first()
    if source is None:
        raise NotFound(_("Vous n’avez aucune demande de ce numéro."))
    made = actions.start(source.dataset, by=by, now=now)
    before, after = actions.form_of(source), actions.form_of(made)
    taken = copied(before, after, source.answers)
    actions.save(made, taken, by=by, now=now)  # type: ignore[arg-type]
    record("application.copied", made.number, by=by.subject, details={"from": number}, at=now)
    made.refresh_from_db()
    left = [
        f for f in before.fields() if f.id not in taken and not is_empty(source.answers.get(f.id))
    ]
    return made, left
