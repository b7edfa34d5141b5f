"""What is done to an evaluation: each is one transaction, through the one door of every file."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ecluse.domain.codec import JSON, encode
from ecluse.domain.documents import (
    AGENT,
    EvaluationProtocol,
    EvaluationWithdrawal,
)
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.domain.evaluations import answering, figures, locks
from ecluse.domain.evaluations.answering import FORM, Numbers
from ecluse.domain.evaluations.deviations import Deviation, check_timing
from ecluse.domain.evaluations.protocols import Protocol
from ecluse.domain.machines import Kind
from ecluse.portal.accounts.models import User
from ecluse.portal.aisystems.models import SystemRecord
from ecluse.portal.applications import scope, versions
from ecluse.portal.applications.actions import check_answered, keep_answers, next_number
from ecluse.portal.applications.prefill import first_answers
from ecluse.portal.audit.actions import record
from ecluse.portal.cases import actions as cases
from ecluse.portal.cases.actions import Content
from ecluse.portal.cases.models import CaseRecord
from ecluse.portal.cases.standing import FILE
from ecluse.portal.catalogue.description import text_of
from ecluse.portal.catalogue.models import Dataset
from ecluse.portal.evaluations.models import (
    DeviationRow,
    EvaluationFile,
    LockRow,
    Registration,
)
from ecluse.portal.mailbox.actions import send
from ecluse.portal.permits.models import PermitRecord
from ecluse.trust import protocols
from ecluse.trust.keys import to_milliseconds

TITLE: Final = 300
REGISTERING: Final = "register-protocol"


@transaction.atomic
def start(system: SystemRecord, dataset: Dataset, *, by: User, now: datetime) -> EvaluationFile:
    """Open the draft of an evaluation, prefilled with who writes it. Raises NotAllowed."""
    by.require("application.start")
    scope.latest_notice(dataset)
    year = timezone.localtime(now).year
    number = f"EV-{year}-{next_number(f'evaluation-{year}'):05}"
    version = versions.newest(FORM)
    case = cases.open_case(Kind.EVALUATION, number=number, by=by, now=now)
    made = EvaluationFile.objects.create(
        number=number,
        item=case.item(FILE),
        form=FORM,
        form_version=version,
        dataset=dataset,
        system=system,
        answers=first_answers(versions.load(FORM, version), by, [text_of(dataset).title]),
        applicant=by,
        started_at=now,
    )
    record("evaluation.started", number, by=by.subject, details={"system": str(system)}, at=now)
    return made


@transaction.atomic
def save(
    evaluation: EvaluationFile, answers: Mapping[str, JSON], *, by: User, now: datetime
) -> EvaluationFile:
    """Keep these answers beside the others, valid or not. Raises NotAllowed, InvalidInput."""
    locked = _hold(evaluation)
    keep_answers(locked, answers, by=by, now=now)
    return locked


def protocol_of(evaluation: EvaluationFile) -> Protocol:
    """Return the protocol that the answers make. Raises InvalidInput: it contradicts itself."""
    rank = evaluation.registrations.count()
    numbers = Numbers(evaluation.number, str(evaluation.system), f"1.{rank}.0")
    return answering.protocol_from(evaluation.answers, numbers)


@transaction.atomic
def register(evaluation: EvaluationFile, *, by: User, now: datetime) -> Registration:
    """Sign the protocol and hold it for the secure zone, before any data of its permit are opened.

    Raises NotAllowed; InvalidInput: an answer is missing, the protocol contradicts itself, or its
    permit is not one of theirs, or its data were ordered before.
    """
    held = _hold(evaluation)
    check_answered(held)
    protocol = protocol_of(held)
    permit = _permit(protocol, by=by)
    _check_unopened(permit)
    digest = protocols.digest(protocol)
    version = protocol.identity.version
    content = Content(digest=digest, details={"version": version})
    cases.perform(held.item, REGISTERING, by=by, now=now, content=content)
    body = EvaluationProtocol(held.number, permit.number, digest, protocol)
    sent = send(body, audience=(AGENT,), by=by.subject, now=now)
    CaseRecord.objects.filter(pk=held.case.pk).update(title=held.title[:TITLE])
    return Registration.objects.create(
        evaluation=held,
        version=version,
        permit_number=permit.number,
        digest=digest,
        data=sent.data,
        registered_by=by,
        registered_at=now,
    )


def _permit(protocol: Protocol, *, by: User) -> PermitRecord:
    number = protocol.population.permit_number
    permit = PermitRecord.objects.filter(number=number).first()
    if permit is None or not permit.names(by):
        raise InvalidInput(_("Donnez le numéro d’une autorisation dont vous êtes une personne."))
    return permit


def _check_unopened(permit: PermitRecord) -> None:
    if permit.extractions.exists():
        raise InvalidInput(
            _("Des données de %(number)s ont déjà été commandées : un protocole vient avant elles.")
            % {"number": permit.number}
        )


@transaction.atomic
def lock(evaluation: EvaluationFile, dataset: str, *, by: User, now: datetime) -> LockRow:
    """Lock the registered protocol on the data of a manifest, given by its digest.

    The signed lock goes to the secure zone, which opens nothing before. Raises NotAllowed,
    InvalidInput.
    """
    held = _hold(evaluation)
    figures.digest(dataset, name="The digest of the manifest")
    registration = held.last_registration()
    if registration is None:
        raise NotAllowed(f"{held.number} has no registered protocol: nothing can be locked.")
    _check_unopened(PermitRecord.objects.get(number=registration.permit_number))
    protocol, at = registration.protocol(), to_milliseconds(now)
    protocols.check_same(protocol, registration.digest)
    body = locks.lock_of(
        protocol, digest=registration.digest, dataset=dataset, by=by.subject, now=at
    )
    content = Content(digest=registration.digest, details={"data": dataset})
    cases.perform(held.item, "lock-protocol", by=by, now=now, content=content)
    sent = send(body, audience=(AGENT,), by=by.subject, now=at)
    return LockRow.objects.create(
        evaluation=held, digest=sent.digest, data=sent.data, locked_by=by, locked_at=at
    )


@transaction.atomic
def deviate(
    evaluation: EvaluationFile, deviation: Deviation, *, by: User, now: datetime
) -> DeviationRow:
    """Add a deviation to a locked evaluation: it is never taken back. Raises NotAllowed."""
    held = _hold(evaluation)
    locked, report = held.lock(), held.report()
    if locked is None:
        raise NotAllowed(f"{held.number} is not locked: write a new version of its protocol.")
    filed_at = report.filed_at if report else None
    check_timing(deviation, locked_at=locked.locked_at, reported_at=filed_at)
    details: dict[str, str | int] = {"change": deviation.change.value, "part": deviation.part}
    content = Content(reason=deviation.reason, details=details)
    cases.perform(held.item, "deviate", by=by, now=now, content=content)
    return DeviationRow.objects.create(evaluation=held, content=encode(deviation), by=by, at=now)


@transaction.atomic
def act(
    evaluation: EvaluationFile, action: str, *, reason: str, by: User, now: datetime
) -> EvaluationFile:
    """Do what needs a reason at most: revise, note the run, withdraw. Raises NotAllowed."""
    held = _hold(evaluation)
    state = held.state
    cases.perform(held.item, action, by=by, now=now, content=Content(reason=reason))
    last = held.last_registration()
    if action == "withdraw" and last is not None and state in {"draft", "registered"}:
        body = EvaluationWithdrawal(held.number, last.permit_number, last.digest, by.subject)
        send(body, audience=(AGENT,), by=by.subject, now=now)
    return _again(held)


def check_may_open(permit_number: str) -> None:
    """Pass unless data of this permit wait for the lock of an evaluation. Raises NotAllowed."""
    found = EvaluationFile.objects.holding(permit_number).order_by("pk").first()
    if found is not None:
        raise NotAllowed(
            _("Le protocole de %(number)s n’est pas verrouillé : les données attendent.")
            % {"number": found.number}
        )


def _hold(evaluation: EvaluationFile) -> EvaluationFile:
    """Hold the file until the transaction ends, and read it again."""
    cases.hold(evaluation.case)
    return _again(evaluation)


def _again(evaluation: EvaluationFile) -> EvaluationFile:
    found = EvaluationFile.objects.select_related("item__case", "system", "dataset")
    return found.get(pk=evaluation.pk)
