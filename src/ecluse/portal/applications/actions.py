"""What happens to an application before its permit: each action asks, writes, records."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from ecluse.domain import applications
from ecluse.domain.answers import problems
from ecluse.domain.applications import CriterionOutcome
from ecluse.domain.clocks.tracks import Track
from ecluse.domain.codec import JSON
from ecluse.domain.errors import InvalidInput, Malformed
from ecluse.domain.forms import FormVersion
from ecluse.domain.machines import MACHINES, Kind
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
from ecluse.portal.applications.pinned import FormFile
from ecluse.portal.applications.prefill import first_answers, titles_wanted
from ecluse.portal.audit.actions import record
from ecluse.portal.cases import actions as cases
from ecluse.portal.cases.actions import Content
from ecluse.portal.cases.conditions import RUNNING
from ecluse.portal.cases.models import CaseRecord
from ecluse.portal.cases.parties import role_for
from ecluse.portal.cases.standing import FILE
from ecluse.portal.catalogue.models import Dataset
from ecluse.portal.drafts.actions import team_of
from ecluse.trust import canonical

MAX_ANSWERS_BYTES = 1_000_000
TITLE = 300
SENDING = {
    "awaiting-information": "supply-information",
    "awaiting-supplement": "supply-supplement",
}
"""What sending the file does, by its state; a draft is submitted."""


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
    form = versions.load(versions.FORM, versions.newest(versions.FORM))
    year = timezone.localtime(now).year
    number = f"{year}-{next_number(f'application-{year}'):05}"
    case = cases.open_case(Kind.APPLICATION, Track.STANDARD, number=number, by=by, now=now)
    application = Application.objects.create(
        number=number,
        item=case.item(FILE),
        form=form.form,
        form_version=form.version,
        dataset=dataset,
        answers=first_answers(form, by, titles_wanted(dataset, by)),
        applicant=by,
        started_at=now,
    )
    _keep_persons(application)
    cases.perform(application.item, "save-draft", by=by, now=now)
    record("application.started", number, by=by.subject, at=now)
    return application


@transaction.atomic
def save(
    application: Application, answers: Mapping[str, JSON], *, by: User, now: datetime
) -> Application:
    """Keep these answers beside the others, valid or not; nothing sent before is lost.

    A draft is its applicant's own: saving it is not journalled, submitting it is, with its digest.
    The time for which it is kept runs again, from the first save of a day. Raises NotAllowed,
    InvalidInput.
    """
    locked = _lock(application)
    keep_answers(locked, answers, by=by, now=now)
    _keep_persons(locked)
    return locked


def keep_answers(held: FormFile, answers: Mapping[str, JSON], *, by: User, now: datetime) -> None:
    """Write answers beside the others in a file that is held. Raises NotAllowed, InvalidInput."""
    role_for(held.item, "save-draft", by)
    if not _was_saved_today(held, now=now):
        cases.perform(held.item, "save-draft", by=by, now=now)
    known = {field.id for field in form_of(held).fields()}
    held.answers = {**held.answers, **{k: v for k, v in answers.items() if k in known}}
    _check_can_be_kept(held.answers)
    held.save(update_fields=["answers"])


def _was_saved_today(file: FormFile, *, now: datetime) -> bool:
    today = cases.day_of(file.case, now)
    kept = file.item.clock_rows.filter(rule="draft-kept")
    return file.state != "draft" or kept.filter(RUNNING, started_on=today).exists()


def _check_can_be_kept(answers: JSON) -> None:
    """Pass if these answers can be written down. Raises InvalidInput: too heavy, or no JSON."""
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
    name_members(application)


def name_members(application: Application) -> None:
    """Name in the file its persons and its team: they read it, and nobody of them judges it."""
    persons = application.persons.values_list("subject", flat=True)
    cases.name_members(application.case, {*persons, *team_of(application.number)})


@transaction.atomic
def submit(application: Application, *, by: User, now: datetime, reply: str = "") -> Application:
    """Send the file, or send it again after a request for information, with a `reply`.

    What is sent is frozen in a `Submission` whose digest is journalled. Raises NotAllowed,
    InvalidInput if a question is not answered.
    """
    locked = _lock(application)
    action = SENDING.get(locked.state, "submit")
    role_for(locked.item, action, by)
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
    details: dict[str, str | int] = {
        "round": submission.round,
        "form": f"{locked.form} {locked.form_version}",
    }
    content = Content(digest=submission.digest, details=details)
    cases.perform(locked.item, action, by=by, now=now, content=content)
    CaseRecord.objects.filter(pk=locked.case.pk).update(title=locked.title[:TITLE])
    return _again(locked)


def check_answered(file: FormFile) -> None:
    """Pass if every question of the form is answered. Raises InvalidInput."""
    found = problems(form_of(file), file.answers)
    if found:
        fields = ", ".join(problem.field for problem in found[:5])
        raise InvalidInput(
            f"{len(found)} answers are missing or wrong ({fields}): correct them, then submit."
        )


def _check_can_be_submitted(application: Application) -> None:
    check_answered(application)
    asked = scope.read_tables(application.answers.get("tables"))
    given = scope.offered(scope.latest_notice(application.dataset))
    scope.check_within(asked, given, what="offered by the dataset any more")


@transaction.atomic
def ask_information(
    application: Application, requests: Sequence[tuple[str, str]], *, by: User, now: datetime
) -> Application:
    """Ask the applicant to complete the file: pairs of a field (or nothing) and what is missing.

    Before the file is complete they have four weeks; during its assessment the clock of the
    decision waits for them (EHDS art. 68(4)). Raises NotAllowed, InvalidInput.
    """
    locked = _lock(application)
    asked = [(field, text.strip()) for field, text in requests if text.strip()]
    if not asked:
        raise InvalidInput("Nothing is asked: write at least one request.")
    is_complete = locked.state == "processing"
    action = "ask-supplement" if is_complete else "ask-information"
    content = Content(reason="\n".join(text for _, text in asked), details={"requests": len(asked)})
    cases.perform(locked.item, action, by=by, now=now, content=content)
    Message.objects.bulk_create(
        Message(application=locked, field=field, text=text, author=by, at=now)
        for field, text in asked
    )
    return _again(locked)


@transaction.atomic
def declare_complete(application: Application, *, by: User, now: datetime) -> Application:
    """Start the three months of the decision (EHDS art. 68(4)). Raises NotAllowed."""
    cases.perform(application.item, "declare-complete", by=by, now=now)
    return _again(application)


@transaction.atomic
def assess(
    application: Application,
    outcomes: Collection[CriterionOutcome],
    *,
    by: User,
    now: datetime,
) -> Application:
    """Write what was found on each criterion of EHDS art. 68(1); the fees are estimated next.

    Raises NotAllowed, InvalidInput if a criterion is left out or a failure has no reason.
    """
    locked = _lock(application)
    failed = sum(not outcome.is_met for outcome in outcomes)
    content = Content(details={"criteria_not_met": failed})
    cases.perform(locked.unit(), "assess", by=by, now=now, content=content)
    applications.check_assessment(outcomes)
    this_round = locked.rounds() + 1
    CriterionRow.objects.bulk_create(
        CriterionRow(
            application=locked,
            round=this_round,
            criterion=outcome.criterion.value,
            is_met=outcome.is_met,
            reason=outcome.reason.strip(),
        )
        for outcome in outcomes
    )
    return _again(locked)


@transaction.atomic
def refuse(application: Application, reason: str, *, by: User, now: datetime) -> Application:
    """Refuse the permit, always with reasons (EHDS art. 68(3), 68(9)).

    Raises NotAllowed, InvalidInput.
    """
    cases.perform(application.unit(), "refuse", by=by, now=now, content=Content(reason=reason))
    return _again(application)


@transaction.atomic
def withdraw(application: Application, *, by: User, now: datetime) -> Application:
    """Take the file back: a draft is deleted with its answers, a filed one is kept, closed.

    Raises NotAllowed.
    """
    locked = _lock(application)
    action = "delete" if locked.state == "draft" else "withdraw"
    cases.perform(locked.item, action, by=by, now=now)
    erase_deleted_drafts()
    return _again(locked)


def erase_deleted_drafts() -> int:
    """Forget what deleted drafts said and whom they named; how many. Safe to repeat."""
    deleted = Application.objects.filter(item__state="deleted").exclude(answers={})
    for application in deleted:
        application.persons.all().delete()
        cases.name_members(application.case, set())
    return deleted.update(answers={})


def form_of(file: FormFile) -> FormVersion:
    """Return the form version that the file is pinned to."""
    return versions.load(file.form, file.form_version)


def is_open(application: Application) -> bool:
    """Whether the file still waits for somebody."""
    return not MACHINES[Kind.APPLICATION].state(application.state).rests


def _lock(application: Application) -> Application:
    """Hold the file until the transaction ends, and read it again."""
    cases.hold(application.case)
    return _again(application)


def _again(application: Application) -> Application:
    return Application.objects.select_related("item__case").get(pk=application.pk)
