"""What happens to an application before its permit: each action asks, writes, records."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from ecluse.domain import applications, deadlines
from ecluse.domain.answers import problems
from ecluse.domain.applications import CriterionOutcome, State
from ecluse.domain.codec import JSON
from ecluse.domain.errors import InvalidInput, Malformed, NotAllowed
from ecluse.domain.forms import FormVersion
from ecluse.portal.accounts.models import User
from ecluse.portal.applications import scope, versions
from ecluse.portal.applications.models import (
    Application,
    ApplicationPerson,
    CriterionRow,
    Message,
    Series,
    Submission,
)
from ecluse.portal.audit.actions import record
from ecluse.portal.catalogue.models import Dataset
from ecluse.trust import canonical

MAX_ANSWERS_BYTES = 1_000_000


@transaction.atomic
def next_number(series: str) -> int:
    """Return the next number of a series, without gaps, in the caller's transaction."""
    Series.objects.get_or_create(name=series)
    row = Series.objects.select_for_update().get(name=series)
    row.last += 1
    row.save(update_fields=["last"])
    return row.last


@transaction.atomic
def start(dataset: Dataset, *, by: User, now: datetime) -> Application:
    """Open a draft for a dataset, prefilled with who asks. Raises NotAllowed, InvalidInput.

    A dataset without a snapshot cannot be asked for: there is nothing to choose in it yet.
    """
    by.require("application.start")
    scope.latest_notice(dataset)
    year = _local_day(now).year
    application = Application.objects.create(
        number=f"{year}-{next_number(f'application-{year}'):05}",
        form=versions.FORM,
        form_version=versions.VERSION,
        dataset=dataset,
        answers=_first_answers(by),
        applicant=by,
        started_at=now,
        turn_since=now,
    )
    _keep_persons(application)
    record("application.started", application.number, by=by.subject, at=now)
    return application


def _first_answers(by: User) -> dict[str, JSON]:
    person: dict[str, JSON] = {
        "subject": by.subject,
        "name": by.full_name,
        "is_principal_investigator": True,
    }
    return {"organisation": by.organisation, "persons": [person]}


@transaction.atomic
def save(application: Application, answers: Mapping[str, JSON], *, by: User) -> Application:
    """Keep these answers beside the others, valid or not; nothing sent before is lost.

    A draft is its applicant's own: saving it is not journalled, submitting it is, with its digest.
    Raises NotAllowed, InvalidInput.
    """
    locked = _lock(application)
    _require_applicant("application.edit", locked, by)
    known = {field.id for field in form_of(locked).fields()}
    locked.answers = {**locked.answers, **{k: v for k, v in answers.items() if k in known}}
    _check_can_be_kept(locked.answers)
    locked.save(update_fields=["answers"])
    _keep_persons(locked)
    return locked


def _check_can_be_kept(answers: JSON) -> None:
    try:
        size = len(canonical.encode(answers))
    except Malformed as error:
        raise InvalidInput(f"An answer cannot be kept: {error}") from error
    if size > MAX_ANSWERS_BYTES:
        raise InvalidInput(f"The answers take {size} bytes: {MAX_ANSWERS_BYTES} at most.")


def _keep_persons(application: Application) -> None:
    """Write again the persons of the file, from the answer; a line half filled names nobody."""
    answer = application.answers.get("persons")
    named: dict[str, ApplicationPerson] = {}
    for item in answer if isinstance(answer, list) else []:
        subject = str(item.get("subject", "")).strip().lower() if isinstance(item, dict) else ""
        if subject and len(subject) <= ApplicationPerson.SUBJECT_LENGTH:
            named[subject] = ApplicationPerson(
                application=application,
                subject=subject,
                name=str(item.get("name", ""))[: ApplicationPerson.NAME_LENGTH],
                is_principal_investigator=item.get("is_principal_investigator") is True,
            )
    application.persons.all().delete()
    ApplicationPerson.objects.bulk_create(named.values())


@transaction.atomic
def submit(application: Application, *, by: User, now: datetime, reply: str = "") -> Application:
    """Send the file, or send it again after a request for information, with a `reply`.

    What is sent is frozen in a `Submission` whose digest is journalled. Raises NotAllowed,
    InvalidInput if a question is not answered.
    """
    locked = _lock(application)
    _require_applicant("application.submit", locked, by)
    _check_can_be_submitted(locked)
    submission = Submission.objects.create(
        application=locked,
        round=locked.submissions.count() + 1,
        answers=locked.answers,
        digest=canonical.digest(canonical.encode(locked.answers)),
        submitted_at=now,
    )
    if reply.strip():
        Message.objects.create(application=locked, text=reply.strip(), author=by, at=now)
    locked.submitted_at = locked.submitted_at or now
    locked.completion_due_on = None
    _move(locked, "application.submit", now=now)
    record(
        "application.submitted",
        locked.number,
        by=by.subject,
        digest=submission.digest,
        details={"round": submission.round, "form": f"{locked.form} {locked.form_version}"},
        at=now,
    )
    return locked


def _check_can_be_submitted(application: Application) -> None:
    found = problems(form_of(application), application.answers)
    if found:
        fields = ", ".join(problem.field for problem in found[:5])
        raise InvalidInput(
            f"{len(found)} answers are missing or wrong ({fields}): correct them, then submit."
        )
    asked = scope.read_tables(application.answers.get("tables"))
    given = scope.offered(scope.latest_notice(application.dataset))
    scope.check_within(asked, given, what="offered by the dataset any more")


@transaction.atomic
def ask_information(
    application: Application, requests: Sequence[tuple[str, str]], *, by: User, now: datetime
) -> Application:
    """Ask the applicant to complete the file: pairs of a field (or nothing) and what is missing.

    They have four weeks (EHDS art. 68(4)). Raises NotAllowed, InvalidInput.
    """
    locked = _lock(application)
    _require_officer("application.ask-information", locked, by)
    asked = [(field, text.strip()) for field, text in requests if text.strip()]
    if not asked:
        raise InvalidInput("Nothing is asked: write at least one request.")
    Message.objects.bulk_create(
        Message(application=locked, field=field, text=text, author=by, at=now)
        for field, text in asked
    )
    locked.completion_due_on = deadlines.completion_due_on(_local_day(now))
    _move(locked, "application.ask-information", now=now)
    details: dict[str, str | int] = {
        "requests": len(asked),
        "due_on": locked.completion_due_on.isoformat(),
    }
    record("application.information-asked", locked.number, by=by.subject, details=details, at=now)
    return locked


@transaction.atomic
def declare_complete(application: Application, *, by: User, now: datetime) -> Application:
    """Start the three months of the decision (EHDS art. 68(4)). Raises NotAllowed."""
    locked = _lock(application)
    _require_officer("application.declare-complete", locked, by)
    locked.complete_at = now
    locked.decision_due_on = deadlines.decision_due_on(_local_day(now))
    _move(locked, "application.declare-complete", now=now)
    details = {"decision_due_on": locked.decision_due_on.isoformat()}
    record("application.declared-complete", locked.number, by=by.subject, details=details, at=now)
    return locked


@transaction.atomic
def assess(
    application: Application,
    outcomes: Collection[CriterionOutcome],
    *,
    by: User,
    now: datetime,
) -> Application:
    """Write what was found on each criterion of EHDS art. 68(1), and pass the file to the decider.

    Raises NotAllowed, InvalidInput if a criterion is left out or a failure has no reason.
    """
    locked = _lock(application)
    _require_officer("application.assess", locked, by)
    applications.check_assessment(outcomes)
    CriterionRow.objects.bulk_create(
        CriterionRow(
            application=locked,
            criterion=outcome.criterion.value,
            is_met=outcome.is_met,
            reason=outcome.reason.strip(),
        )
        for outcome in outcomes
    )
    locked.assessor, locked.assessed_at = by, now
    _move(locked, "application.assess", now=now)
    failed = sum(not outcome.is_met for outcome in outcomes)
    details = {"criteria_not_met": failed}
    record("application.assessed", locked.number, by=by.subject, details=details, at=now)
    return locked


@transaction.atomic
def refuse(application: Application, reason: str, *, by: User, now: datetime) -> Application:
    """Refuse the permit, always with reasons (EHDS art. 68(3), 68(9)).

    Raises NotAllowed, InvalidInput.
    """
    locked = lock_for_decision(application, by=by)
    if not reason.strip():
        raise InvalidInput("A refusal gives its reasons (EHDS art. 68(9)): write them.")
    locked.refusal_reason = reason.strip()
    close(locked, "application.refuse", by=by, now=now)
    record("application.refused", locked.number, by=by.subject, at=now)
    return locked


@transaction.atomic
def withdraw(application: Application, *, by: User, now: datetime) -> Application:
    """Take the file back; it is kept, closed. Raises NotAllowed."""
    locked = _lock(application)
    _require_applicant("application.withdraw", locked, by)
    locked.completion_due_on = None
    _move(locked, "application.withdraw", now=now)
    record("application.withdrawn", locked.number, by=by.subject, at=now)
    return locked


def lock_for_decision(application: Application, *, by: User) -> Application:
    """Return the file, locked, if `by` may decide it now. Raises NotAllowed.

    Source: EHDS art. 55(3): neither a person of the file nor who assessed it.
    """
    locked = _lock(application)
    _require_officer("application.decide", locked, by)
    return locked


def close(application: Application, action: str, *, by: User, now: datetime) -> None:
    """Write who decided the locked file, and how, in the caller's transaction."""
    application.decider, application.decided_at = by, now
    _move(application, action, now=now)


def form_of(application: Application) -> FormVersion:
    """Return the form version that the file is pinned to."""
    return versions.load(application.form, application.form_version)


def _lock(application: Application) -> Application:
    """Read the file again and hold it until the transaction ends."""
    return Application.objects.select_for_update(of=("self",), no_key=True).get(pk=application.pk)


def _require_applicant(action: str, application: Application, by: User) -> None:
    by.require(action, state=application.state)
    if application.applicant_id != by.pk:
        raise NotAllowed(
            f"Only the applicant may do this on {application.number}: ask them to do it."
        )


def _require_officer(action: str, application: Application, by: User) -> None:
    by.require(action, state=application.state)
    assessors = {application.assessor.subject} if application.assessor else set()
    applications.check_independent(
        by.subject, applicants=application.subjects(), assessors=assessors
    )


def _move(application: Application, action: str, *, now: datetime) -> None:
    application.state = applications.NEXT[action].value
    application.turn_since = now
    application.save()


def _local_day(now: datetime) -> date:
    return timezone.localtime(now).date()


def is_open(application: Application) -> bool:
    """Whether the file still waits for somebody."""
    return State(application.state) not in {State.GRANTED, State.REFUSED, State.WITHDRAWN}
