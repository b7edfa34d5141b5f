"""Answer each question of the assessment, then conclude it: each is one transaction."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from ecluse.domain import assessments
from ecluse.domain.assessments import Answer, Question
from ecluse.portal.accounts.models import User
from ecluse.portal.applications import actions as applications
from ecluse.portal.applications.models import Application
from ecluse.portal.assessments.models import Note
from ecluse.portal.audit.actions import record
from ecluse.portal.cases import actions as cases
from ecluse.portal.cases.parties import role_for

ASSESS = "assess"


def check_assesses(application: Application, user: User) -> None:
    """Pass if `user` may assess the file now. Raises NotAllowed saying who could, and when."""
    role_for(application.unit(), ASSESS, user)


@transaction.atomic
def answer(application: Application, found: Answer, *, by: User, now: datetime) -> Note:
    """Write what was found on one question; again until the assessment ends.

    Raises NotAllowed, InvalidInput for a question answered against the file without a reason.
    """
    cases.hold(application.case)
    check_assesses(application, by)
    assessments.check_answer(found)
    note, _ = Note.objects.update_or_create(
        application=application,
        round=application.rounds() + 1,
        question=found.question.value,
        defaults={"is_met": found.is_met, "reason": found.reason.strip(), "by": by, "at": now},
    )
    details: dict[str, str | int] = {
        "question": found.question.value,
        "met": "yes" if found.is_met else "no",
    }
    record("assessment.answered", application.number, by=by.subject, details=details, at=now)
    return note


def answers_of(application: Application) -> Mapping[Question, Answer]:
    """What was found so far in the round under way."""
    return {note.answer().question: note.answer() for note in notes_of(application)}


def notes_of(application: Application) -> list[Note]:
    """The notes of the round under way; of the last one once it is concluded."""
    rounds = application.rounds()
    found = Note.objects.filter(application=application).select_related("by")
    under_way = list(found.filter(round=rounds + 1))
    return under_way or list(found.filter(round=rounds))


@transaction.atomic
def conclude(application: Application, *, by: User, now: datetime) -> Application:
    """End the assessment with what was found; the fees are estimated next.

    Raises NotAllowed, InvalidInput while a question is left.
    """
    cases.hold(application.case)
    check_assesses(application, by)
    notes = Note.objects.filter(application=application, round=application.rounds() + 1)
    outcomes = assessments.concluded({n.answer().question: n.answer() for n in notes})
    return applications.assess(application, outcomes, by=by, now=now)
