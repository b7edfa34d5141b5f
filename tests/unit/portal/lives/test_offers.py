"""A permit offered under conditions: nothing is signed before they are accepted."""

from dataclasses import replace

import pytest
from django.test import Client

from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.portal.applications.models import Application
from ecluse.portal.cases.models import ClockRow, Dispatch
from ecluse.portal.extractions import actions as extractions
from ecluse.portal.lives import following, offers
from ecluse.portal.mailbox.models import OutgoingDocument
from ecluse.portal.permits import actions as permits
from ecluse.portal.permits.models import PermitRecord, State
from tests.unit.portal.applications.road import KEY, NOW, REQUEST, TODAY, terms
from tests.unit.portal.lives.road import Lives

OFFER = "/lives/offers/2026-00001/"


def offered(lives: Lives) -> Application:
    """Camille's file, to which a permit is offered under two conditions."""
    application = lives.road.assessed()
    permits.offer(application, terms(application), by=lives.road.decider, now=NOW)
    application.refresh_from_db()
    return application


def test_nothing_is_signed_before_the_conditions_are_accepted(lives: Lives) -> None:
    application = offered(lives)

    assert application.unit().state == "conditions-sent"
    assert not OutgoingDocument.objects.filter(kind="Permit").exists()
    assert not PermitRecord.objects.exists()
    assert Dispatch.objects.filter(name="permit-conditions", is_letter=True).exists()


def test_the_permit_accepted_is_the_one_that_was_offered_by_who_decided(lives: Lives) -> None:
    application = offered(lives)

    permit = offers.accept(application, by=lives.road.camille, now=NOW)

    made = permit.terms()
    assert made.conditions == ("Publier.", "Ne pas réidentifier.")
    assert made.decided_by == lives.road.decider.subject
    assert permit.state(today=TODAY) is State.ACTIVE
    assert following.unaccepted(permit) == ()
    assert extractions.order(permit, REQUEST, key=KEY, by=lives.road.camille, now=NOW)
    assert ClockRow.objects.get(rule="permit-duration").due_on == permit.valid_until


def test_declining_withdraws_the_file_and_nothing_can_be_accepted_any_more(lives: Lives) -> None:
    application = offered(lives)

    offers.decline(application, by=lives.road.camille, now=NOW)

    with pytest.raises(NotAllowed):
        offers.accept(application, by=lives.road.camille, now=NOW)
    assert application.unit().state == "withdrawn"
    assert not PermitRecord.objects.exists()


def test_only_the_applicant_accepts(lives: Lives) -> None:
    application = offered(lives)

    with pytest.raises(NotAllowed):
        offers.accept(application, by=lives.road.louis, now=NOW)
    with pytest.raises(NotAllowed):
        offers.accept(application, by=lives.road.decider, now=NOW)


def test_terms_without_a_condition_are_not_offered(lives: Lives) -> None:
    application = lives.road.assessed()
    bare = replace(terms(application), conditions=())

    with pytest.raises(InvalidInput, match="no condition"):
        permits.offer(application, bare, by=lives.road.decider, now=NOW)


def test_more_than_was_asked_is_not_offered_either(lives: Lives) -> None:
    application = lives.road.assessed()
    asked = terms(application)
    (given,) = asked.datasets
    wider = replace(asked, datasets=(replace(given, dataset="other"),))

    with pytest.raises(InvalidInput):
        permits.offer(application, wider, by=lives.road.decider, now=NOW)


@pytest.mark.usefixtures("at_now")
def test_the_applicant_reads_then_accepts_on_the_page(lives: Lives) -> None:
    offered(lives)
    client = Client()
    client.force_login(lives.road.camille)
    page = client.get(OFFER).content.decode()

    answered = client.post(OFFER)

    assert "Ne pas réidentifier." in page
    assert answered["Location"] == "/lives/permits/FR-2026-0001/"


@pytest.mark.usefixtures("at_now")
def test_the_applicant_declines_on_the_page(lives: Lives) -> None:
    application = offered(lives)
    client = Client()
    client.force_login(lives.road.camille)

    client.post(f"{OFFER}?decline")

    assert application.unit().state == "withdrawn"


@pytest.mark.usefixtures("at_now")
def test_the_decider_offers_from_the_page_of_the_decision(lives: Lives) -> None:
    application = lives.road.assessed()
    client = Client()
    client.force_login(lives.road.decider)
    page = client.get("/permits/decisions/2026-00001/").content.decode()
    sent = {
        "title": "Saignements digestifs",
        "purpose_text": "Comparer.",
        "data_format": "pseudonymised",
        "care_from": "2021-01-01",
        "care_to": "2023-12-31",
        "valid_from": "2026-01-05",
        "valid_until": "2028-01-04",
        "minimum_count": "11",
        "environment": "Analyses isolées.",
        "conditions": "Publier.",
        "tables_ER_PHA_F": ["PHA_PRS_C13"],
        "offer": "yes",
    }

    answered = client.post("/permits/decisions/2026-00001/", sent)

    assert "Proposer sous conditions" in page
    assert answered["Location"] == "/applications/2026-00001/"
    assert application.unit().state == "conditions-sent"
