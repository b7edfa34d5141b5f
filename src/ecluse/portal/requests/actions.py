"""What happens to a data request before its answer: opened, written, submitted, decided."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from ecluse.domain.clocks.tracks import Track
from ecluse.domain.codec import JSON
from ecluse.domain.errors import InvalidInput
from ecluse.domain.machines import Kind
from ecluse.domain.tabulation import policy_of
from ecluse.portal.accounts.models import User
from ecluse.portal.applications import scope, versions
from ecluse.portal.applications.actions import check_answered, keep_answers, next_number
from ecluse.portal.applications.prefill import first_answers
from ecluse.portal.audit.actions import record
from ecluse.portal.cases import actions as cases
from ecluse.portal.cases.actions import Content
from ecluse.portal.cases.models import CaseRecord
from ecluse.portal.cases.parties import role_for
from ecluse.portal.cases.standing import FILE
from ecluse.portal.catalogue.description import text_of
from ecluse.portal.catalogue.models import Dataset
from ecluse.portal.optouts.actions import publish_list
from ecluse.portal.requests.models import DataRequest, RequestSubmission
from ecluse.trust import canonical
from ecluse.trust.keys import to_milliseconds

FORM = "data-request"
TITLE = 300
SENDING = {"awaiting-information": "supply-information"}
"""What sending the file does, by its state; a draft is submitted."""


@transaction.atomic
def start(dataset: Dataset, *, by: User, now: datetime) -> DataRequest:
    """Open a draft for a dataset, prefilled with who asks. Raises NotAllowed, InvalidInput.

    A dataset without a snapshot cannot be asked about: there is nothing to count in it yet.
    """
    by.require("application.start")
    scope.latest_notice(dataset)
    year = timezone.localtime(now).year
    number = f"DR-{year}-{next_number(f'data-request-{year}'):05}"
    version = versions.newest(FORM)
    case = cases.open_case(Kind.DATA_REQUEST, Track.REQUEST, number=number, by=by, now=now)
    request = DataRequest.objects.create(
        number=number,
        item=case.item(FILE),
        form=FORM,
        form_version=version,
        dataset=dataset,
        answers=first_answers(versions.load(FORM, version), by, [text_of(dataset).title]),
        applicant=by,
        started_at=now,
    )
    cases.perform(request.item, "save-draft", by=by, now=now)
    record("data-request.started", number, by=by.subject, at=now)
    return request


@transaction.atomic
def save(
    request: DataRequest, answers: Mapping[str, JSON], *, by: User, now: datetime
) -> DataRequest:
    """Keep these answers beside the others, valid or not. Raises NotAllowed, InvalidInput."""
    locked = _lock(request)
    keep_answers(locked, answers, by=by, now=now)
    return locked


@transaction.atomic
def submit(request: DataRequest, *, by: User, now: datetime) -> DataRequest:
    """Send the file, or send it again after a request for information.

    The three months of the assessment run from receipt, complete or not (EHDS art. 69(4)). Raises
    NotAllowed, InvalidInput if a question is not answered.
    """
    locked = _lock(request)
    action = SENDING.get(locked.state, "submit")
    role_for(locked.item, action, by)
    check_answered(locked)
    submission = RequestSubmission.objects.create(
        request=locked,
        round=locked.submissions.count() + 1,
        answers=locked.answers,
        digest=canonical.digest(canonical.encode(locked.answers)),
        submitted_at=now,
    )
    details: dict[str, str | int] = {
        "round": submission.round,
        "form": f"{locked.form} {locked.form_version}",
    }
    content = Content(digest=submission.digest, details=details)
    cases.perform(locked.item, action, by=by, now=now, content=content)
    CaseRecord.objects.filter(pk=locked.case.pk).update(title=locked.title[:TITLE])
    return _again(locked)


@transaction.atomic
def act(request: DataRequest, action: str, *, reason: str, by: User, now: datetime) -> DataRequest:
    """Do what needs a reason at most: assess, ask information, refuse, withdraw.

    Raises NotAllowed, InvalidInput without a reason where one is due.
    """
    cases.perform(request.item, action, by=by, now=now, content=Content(reason=reason))
    if action == "delete":
        DataRequest.objects.filter(pk=request.pk).update(answers={})
    return _again(request)


@transaction.atomic
def approve(
    request: DataRequest,
    minimum_count: int,
    *,
    exception_reason: str = "",
    by: User,
    now: datetime,
) -> DataRequest:
    """Grant the answer, and publish the list of opt-outs of the same instant.

    With `exception_reason`, persons who opted out are counted all the same, for that reason.

    Source: EHDS art. 69(3), 69(4), 71(3), 71(4). Raises NotAllowed; InvalidInput when the minimum
    is under that of the policy, or the exception was not asked.
    """
    policy_of(minimum_count)
    locked = _lock(request)
    if exception_reason and locked.answers.get("opt_out_exception") is not True:
        raise InvalidInput("The opt-out exception was not asked (EHDS art. 67(2)(k)).")
    cases.perform(locked.item, "approve", by=by, now=now)
    at = to_milliseconds(now)
    listed = publish_list(locked.number, as_of=at, by=by, now=at)
    locked.decided_at, locked.decided_by = at, by
    locked.minimum_count, locked.opt_out_list_digest = minimum_count, listed.digest
    locked.opt_out_exception_reason = exception_reason.strip()
    locked.save(
        update_fields=[
            *("decided_at", "decided_by", "minimum_count"),
            *("opt_out_list_digest", "opt_out_exception_reason"),
        ]
    )
    return _again(locked)


def _lock(request: DataRequest) -> DataRequest:
    """Hold the file until the transaction ends, and read it again."""
    cases.hold(request.case)
    return _again(request)


def _again(request: DataRequest) -> DataRequest:
    return DataRequest.objects.select_related("item__case", "dataset").get(pk=request.pk)
