"""Grant a permit, and take it back: each is one transaction, one signed document, one entry."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from ecluse.domain import applications as application_rules
from ecluse.domain import codec, documents, minimisation, permits
from ecluse.domain.answers import read_day
from ecluse.domain.codec import JSON
from ecluse.domain.documents import AGENT, CHECKING_SITE, DataFormat
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.domain.machines import Kind
from ecluse.portal.accounts.models import User
from ecluse.portal.applications import actions as application_actions
from ecluse.portal.applications import scope
from ecluse.portal.applications.models import Application
from ecluse.portal.audit.actions import record
from ecluse.portal.cases import actions as cases
from ecluse.portal.cases.actions import Content
from ecluse.portal.cases.parties import role_for
from ecluse.portal.mailbox.actions import send
from ecluse.portal.optouts.actions import publish_list
from ecluse.portal.permits.models import OfferedTerms, PermitPerson, PermitRecord, State
from ecluse.portal.permits.terms import Decision, Terms, permit
from ecluse.trust.keys import to_milliseconds


def audience() -> tuple[str, ...]:
    """Return who obeys permits: the agent of the secure zone and the checking room."""
    return (AGENT, CHECKING_SITE)


@transaction.atomic
def decide(application: Application, terms: Terms, *, by: User, now: datetime) -> PermitRecord:
    """Grant the permit: sign it, publish the opt-out list of the same instant, close the file.

    Raises:
        NotAllowed: a criterion is not met (EHDS art. 68(3)); `by` is a person of the file or
            assessed it (art. 55(3)); the file is not at this stage; an opinion is still awaited.
        InvalidInput: the terms are unlawful, or give more than was asked (art. 66(1)).
    """
    cases.hold(application.case)
    locked = Application.objects.select_related("item__case").get(pk=application.pk)
    _check_may(locked, terms, "grant", by=by)
    body = permit(terms, _decision(locked, by=by, decided_at=to_milliseconds(now)))
    permits.check_terms(body)
    content = Content(until_on=terms.valid_until)
    cases.perform(locked.unit(), "grant", by=by, now=now, content=content)
    return _grant(locked, body, by=by)


@transaction.atomic
def offer(application: Application, terms: Terms, *, by: User, now: datetime) -> OfferedTerms:
    """Grant the permit on condition that the applicant accepts its conditions; nothing is signed.

    Raises NotAllowed, InvalidInput: see `decide`; there is no condition to accept. Source: EHDS
    art. 68(10)(h).
    """
    cases.hold(application.case)
    locked = Application.objects.select_related("item__case").get(pk=application.pk)
    _check_may(locked, terms, "grant-with-conditions", by=by)
    decision = _decision(locked, by=by, decided_at=to_milliseconds(now), number=locked.number)
    permits.check_terms(permit(terms, decision))
    if not terms.conditions:
        raise InvalidInput("These terms have no condition to accept: grant the permit.")
    cases.perform(locked.unit(), "grant-with-conditions", by=by, now=now)
    offered, _ = OfferedTerms.objects.update_or_create(
        unit=locked.unit(),
        defaults={"body": codec.encode(terms), "offered_by": by, "offered_at": now},
    )
    return offered


@transaction.atomic
def accept_offer(application: Application, *, by: User, now: datetime) -> PermitRecord:
    """Accept the conditions: the permit is signed as it was offered, by who decided it.

    Raises NotAllowed: nothing is offered, or not to this person; InvalidInput: the time for which
    it was offered has passed.
    """
    cases.hold(application.case)
    locked = Application.objects.select_related("item__case").get(pk=application.pk)
    offered = OfferedTerms.objects.select_related("offered_by").filter(unit=locked.unit()).first()
    if offered is None:
        raise NotAllowed(f"Nothing is offered on {locked.number}.")
    terms, decider = offered.terms(), offered.offered_by
    decision = _decision(locked, by=decider, decided_at=to_milliseconds(now))
    body = permit(terms, decision)
    permits.check_terms(body)
    content = Content(until_on=terms.valid_until)
    cases.perform(locked.unit(), "accept-conditions", by=by, now=now, content=content)
    return _grant(locked, body, by=decider)


def _check_may(locked: Application, terms: Terms, action: str, *, by: User) -> None:
    """Pass if `by` may give these terms to this file. Raises NotAllowed, InvalidInput."""
    role_for(locked.unit(), action, by)
    application_rules.check_grant(locked.outcomes())
    check_within_request(terms, locked)


def _grant(locked: Application, body: documents.Permit, *, by: User) -> PermitRecord:
    locked.refresh_from_db()
    granted = sign(locked, body, by=by)
    details = {"application": locked.number, "opt_out_list": granted.opt_out_list_digest}
    record("permit.granted", granted.number, by=by.subject, digest=granted.digest, details=details)
    return granted


def sign(application: Application, body: documents.Permit, *, by: User) -> PermitRecord:
    """Sign a permit with its opt-out list, and keep it, in a transaction.

    The list is of the same instant, or of the one that the permit names.
    """
    sent = send(body, audience=audience(), by=by.subject, now=body.decided_at)
    as_of = body.opt_outs_as_of or body.decided_at
    opt_outs = publish_list(body.permit_number, as_of=as_of, by=by, now=body.decided_at)
    signed = PermitRecord.objects.create(
        number=body.permit_number,
        application=application,
        item=application.case.items.get(kind=Kind.PERMIT.value, state="active"),
        data=sent.data,
        digest=sent.digest,
        opt_out_list_digest=opt_outs.digest,
        granted_at=body.decided_at,
        granted_by=by,
        valid_from=body.valid_from,
        valid_until=body.valid_until,
    )
    subjects = {person.subject for person in body.persons}
    PermitPerson.objects.bulk_create(PermitPerson(permit=signed, subject=s) for s in subjects)
    return signed


def _decision(
    application: Application, *, by: User, decided_at: datetime, number: str | None = None
) -> Decision:
    """Return who decides the file and when, under the next number unless one is given."""
    assessment = application.assessment()
    if assessment is None or assessment.by is None:
        raise NotAllowed(f"Application {application.number} was not assessed: assess it first.")
    return Decision(
        permit_number=number or _next_number(timezone.localtime(decided_at).year),
        application_number=application.number,
        assessed_by=(assessment.by.subject,),
        decided_by=by.subject,
        decided_at=decided_at,
    )


def _next_number(year: int) -> str:
    return f"FR-{year}-{application_actions.next_number(f'permit-{year}'):04}"


def check_within_request(terms: Terms, application: Application) -> None:
    """Pass if the terms give no more than was asked. Raises InvalidInput.

    The decider may narrow: data minimisation (EHDS art. 66(1), 68(1)(b)).
    """
    if [given.dataset for given in terms.datasets] != [application.dataset.slug]:
        raise InvalidInput(f"The file asks for dataset {application.dataset.slug}, and no other.")
    (given,) = terms.datasets
    asked = scope.read_tables(application.answers.get("tables"))
    scope.check_within(given.tables, asked, what="asked by the applicant")
    minimisation.check_no_sharper(given.tables, asked)
    minimisation.check_can_be_given(given.tables, scope.latest_notice(application.dataset))
    _check_period_and_format(given, terms.data_format, application.answers)
    named = {person.subject for person in terms.persons}
    if not named <= set(application.persons.values_list("subject", flat=True)):
        raise InvalidInput("The terms name somebody whom the application does not.")
    if terms.applies_opt_out_exception and application.answers.get("opt_out_exception") is not True:
        raise InvalidInput("The opt-out exception was not asked (EHDS art. 67(2)(k)).")


def _check_period_and_format(
    given: documents.DatasetScope, data_format: DataFormat, answers: Mapping[str, JSON]
) -> None:
    first, last = read_day(answers.get("care_from")), read_day(answers.get("care_to"))
    if first is None or last is None or given.care_from < first or given.care_to > last:
        raise InvalidInput(f"The file asks for care from {first} to {last}: give no day beyond.")
    if data_format is DataFormat.PSEUDONYMISED and answers.get("data_format") != data_format.value:
        raise InvalidInput("The file asks for anonymised data: give no other (EHDS art. 66(2)).")


@transaction.atomic
def revoke(record_: PermitRecord, reason: str, *, by: User, now: datetime) -> PermitRecord:
    """Take the permit back, and tell the secure zone and the checking room.

    Raises NotAllowed, InvalidInput without a reason. Source: EHDS art. 63(3).
    """
    locked = PermitRecord.objects.select_for_update(of=("self",), no_key=True).get(pk=record_.pk)
    _check_not_over(locked, now=now)
    cases.perform(locked.item, "revoke", by=by, now=now, content=Content(reason=reason))
    body = documents.Revocation(locked.number, to_milliseconds(now), reason.strip())
    sent = send(body, audience=audience(), by=by.subject, now=body.revoked_at)
    locked.revoked_at, locked.revoked_by = body.revoked_at, by
    locked.revocation_reason, locked.revocation_digest = body.reason, sent.digest
    locked.save()
    record("permit.revoked", locked.number, by=by.subject, digest=sent.digest)
    return locked


def _check_not_over(permit_record: PermitRecord, *, now: datetime) -> None:
    if permit_record.state(today=cases.day_of(permit_record.item.case, now)) is State.EXPIRED:
        raise NotAllowed(
            f"{permit_record.number} ended on {permit_record.valid_until}: nothing is left to take"
            " back."
        )
