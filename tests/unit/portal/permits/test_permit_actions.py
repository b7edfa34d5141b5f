"""Granting and taking back: what is signed, what is published, what is refused."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from ecluse.domain.documents import AuthorisedPerson, OptOutList, Revocation, TableScope
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.domain.optouts import check_list
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.audit import identity
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.mailbox.models import OutgoingDocument
from ecluse.portal.mailbox.reading import body_of
from ecluse.portal.optouts.actions import Concerned, opt_out
from ecluse.portal.permits import actions
from ecluse.portal.permits.models import PermitRecord, State
from ecluse.portal.permits.terms import Terms
from ecluse.trust import documents
from ecluse.trust.pseudonyms.national_numbers import synthetic_national_number
from tests.unit.portal.applications.road import CAMILLE, FAILED, LOUIS, NOW, Road, terms


def sent(kind: str) -> OutgoingDocument:
    return OutgoingDocument.objects.get(kind=kind)


def narrowed(given: Terms, **changes: object) -> Terms:
    return replace(given, **changes)  # type: ignore[arg-type]


def test_a_permit_is_signed_by_the_portal_for_the_zone_and_the_checking_room(road: Road) -> None:
    granted = road.permit()

    verified = documents.verify(bytes(granted.data), identity.keyring(), now=NOW)
    assert verified.digest == granted.digest
    assert verified.document.audience == ("agent:zone-1", "site:checking")
    assert sent("Permit").digest == granted.digest


def test_a_permit_holds_what_the_law_asks(road: Road) -> None:
    body = road.permit().terms()

    assert body.permit_number == "FR-2026-0001"
    assert body.application_number == "2026-00001"
    assert body.purposes == ("e",)
    assert [person.subject for person in body.persons] == [CAMILLE, LOUIS]
    assert body.persons[0].is_principal_investigator
    assert body.datasets[0].tables[1] == TableScope("IR_BEN_R", ("BEN_SEX_COD",))
    assert body.fees[0].amount_cents == 150_050
    assert body.conditions == ("Publier.", "Ne pas réidentifier.")
    assert body.assessed_by == ("ines.garnier@hub.example",)
    assert body.decided_by == "paul.lefevre@hub.example"


def test_the_opt_out_list_is_of_the_very_instant_of_the_decision(
    road: Road, account: Callable[..., User]
) -> None:
    citizen = account(Role.CITIZEN)
    opt_out(Concerned(synthetic_national_number(7)), by=citizen, now=NOW - timedelta(days=1))
    granted = road.permit()

    opt_outs = body_of(sent("OptOutList"), OptOutList)
    check_list(opt_outs, granted.terms())
    assert len(opt_outs.opt_out_ids) == 1
    assert sent("OptOutList").digest == granted.opt_out_list_digest


def test_the_file_is_closed_and_the_grant_journalled_with_the_digest(road: Road) -> None:
    granted = road.permit()

    assert granted.application.state == "decided-positive"
    assert JournalEntry.objects.get(action="permit.granted").digest == granted.digest


def test_a_criterion_not_met_bars_the_permit_and_leaves_nothing_behind(road: Road) -> None:
    application = road.assessed(FAILED)

    with pytest.raises(NotAllowed, match="Criteria not met: b"):
        actions.decide(application, terms(application), by=road.decider, now=NOW)
    assert not OutgoingDocument.objects.exists()
    assert not JournalEntry.objects.filter(action="permit.granted").exists()


def test_a_permit_is_granted_once(road: Road) -> None:
    application = road.assessed()
    actions.decide(application, terms(application), by=road.decider, now=NOW)

    with pytest.raises(NotAllowed):
        actions.decide(application, terms(application), by=road.decider, now=NOW)
    assert PermitRecord.objects.count() == 1


def test_the_terms_may_narrow_what_was_asked(road: Road) -> None:
    application = road.assessed()
    given = terms(application)
    one_column = replace(given.datasets[0], tables=(TableScope("ER_PHA_F", ("PHA_PRS_C13",)),))

    granted = actions.decide(
        application, narrowed(given, datasets=(one_column,)), by=road.decider, now=NOW
    )

    assert granted.terms().datasets[0].tables == one_column.tables


@pytest.mark.parametrize(
    ("table", "columns"),
    [("ER_PHA_F", ("NO_SUCH",)), ("IR_BEN_R", ("BEN_NIR_ANO",)), ("ER_PRS_F", ("EXE_SOI_DTD",))],
)
def test_the_terms_never_give_more_than_was_asked(
    road: Road, table: str, columns: tuple[str, ...]
) -> None:
    application = road.assessed()
    given = terms(application)
    more = replace(given.datasets[0], tables=(TableScope(table, columns),))

    with pytest.raises(InvalidInput, match="not asked"):
        actions.decide(application, narrowed(given, datasets=(more,)), by=road.decider, now=NOW)


@pytest.mark.parametrize(
    "period", [{"care_from": date(2020, 12, 31)}, {"care_to": date(2024, 1, 1)}], ids=str
)
def test_the_terms_never_give_a_day_of_care_beyond_what_was_asked(
    road: Road, period: dict[str, date]
) -> None:
    application = road.assessed()
    given = terms(application)
    longer = replace(given.datasets[0], **period)

    with pytest.raises(InvalidInput, match="2021-01-01 to 2023-12-31"):
        actions.decide(application, narrowed(given, datasets=(longer,)), by=road.decider, now=NOW)


def test_who_asked_for_anonymised_data_is_not_given_rows_about_persons(road: Road) -> None:
    application = road.assessed()
    given = terms(application)
    application.answers["data_format"] = "anonymised"
    application.save()

    with pytest.raises(InvalidInput, match="anonymised"):
        actions.decide(application, given, by=road.decider, now=NOW)


def test_the_terms_name_nobody_whom_the_application_does_not(road: Road) -> None:
    application = road.assessed()
    intruder = AuthorisedPerson("eve@corp.example", "Eve", is_principal_investigator=True)

    with pytest.raises(InvalidInput, match="somebody"):
        actions.decide(
            application, narrowed(terms(application), persons=(intruder,)), by=road.decider, now=NOW
        )


def test_another_dataset_cannot_slip_into_the_terms(road: Road) -> None:
    application = road.assessed()
    given = terms(application)
    other = replace(given.datasets[0], dataset="hospital-omop")

    with pytest.raises(InvalidInput, match="and no other"):
        actions.decide(application, narrowed(given, datasets=(other,)), by=road.decider, now=NOW)


def test_an_opt_out_exception_that_nobody_asked_for_is_refused(road: Road) -> None:
    application = road.assessed()
    exception = narrowed(
        terms(application), applies_opt_out_exception=True, opt_out_exception_reason="Urgence"
    )

    with pytest.raises(InvalidInput, match="not asked"):
        actions.decide(application, exception, by=road.decider, now=NOW)


def test_a_permit_of_eleven_years_is_refused(road: Road) -> None:
    application = road.assessed()

    with pytest.raises(InvalidInput, match="10 years"):
        actions.decide(
            application,
            narrowed(terms(application), valid_until=date(2037, 1, 5)),
            by=road.decider,
            now=NOW,
        )


def test_a_revocation_is_signed_sent_and_final(road: Road) -> None:
    granted = road.permit()

    revoked = actions.revoke(granted, "Usage interdit.", by=road.decider, now=NOW)

    assert body_of(sent("Revocation"), Revocation) == revoked.revocations()[0]
    assert revoked.state(today=date(2026, 1, 6)) is State.REVOKED
    assert JournalEntry.objects.get(action="permit.revoked").digest == revoked.revocation_digest
    with pytest.raises(NotAllowed):
        actions.revoke(granted, "Encore.", by=road.decider, now=NOW)


def test_a_revocation_gives_its_reasons(road: Road) -> None:
    granted = road.permit()

    with pytest.raises(InvalidInput, match="reason"):
        actions.revoke(granted, " ", by=road.decider, now=NOW)


@pytest.mark.parametrize(
    ("day", "state"),
    [
        (date(2026, 1, 5), State.ACTIVE),
        (date(2028, 1, 4), State.ACTIVE),
        (date(2028, 1, 5), State.EXPIRED),
    ],
)
def test_a_permit_lasts_until_its_last_day(road: Road, day: date, state: State) -> None:
    assert road.permit().state(today=day) is state


def test_an_expired_permit_cannot_be_revoked(road: Road) -> None:
    granted = road.permit()

    with pytest.raises(NotAllowed):
        actions.revoke(granted, "Trop tard.", by=road.decider, now=NOW.replace(year=2029))


@pytest.mark.parametrize(
    "change",
    [
        {"revoked_at": NOW},
        {"revocation_reason": "Sans date."},
        {"valid_until": date(2020, 1, 1)},
    ],
)
def test_the_database_itself_refuses_a_permit_that_contradicts_itself(
    road: Road, change: dict[str, object]
) -> None:
    granted = road.permit()

    with pytest.raises(IntegrityError), transaction.atomic():
        PermitRecord.objects.filter(pk=granted.pk).update(**change)


def test_permits_are_seen_by_their_persons_and_by_officers(road: Road) -> None:
    granted = road.permit()

    assert list(PermitRecord.objects.visible_to(road.camille)) == [granted]
    assert list(PermitRecord.objects.visible_to(road.louis)) == [granted]
    assert list(PermitRecord.objects.visible_to(road.auditor)) == [granted]
    assert not PermitRecord.objects.visible_to(road.stranger).exists()
