"""Conditions that are not accepted, or are late: what may be ordered, who is told."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from ecluse.domain.errors import NotAllowed
from ecluse.portal.cases.models import ActRow, Dispatch
from ecluse.portal.extractions import actions as extractions
from ecluse.portal.lives import following
from ecluse.portal.lives.daily import tell_late
from ecluse.portal.mailbox.models import OutgoingDocument
from ecluse.portal.permits import actions as permits
from ecluse.portal.permits.models import PermitRecord
from tests.unit.portal.applications.road import KEY, NOW, REQUEST, terms
from tests.unit.portal.lives.road import Lives

ORDER = "/extractions/permits/FR-2026-0001/order/"
DUE = date(2026, 2, 1)
LATE = datetime(2026, 2, 2, 10, tzinfo=UTC)


def strict(lives: Lives) -> PermitRecord:
    """A permit that stops orders while a condition is late; its conditions are accepted."""
    application = lives.road.assessed()
    asked = replace(terms(application), stops_when_late=True)
    permit = permits.decide(application, asked, by=lives.road.decider, now=NOW)
    following.accept_all(permit, by=lives.road.camille, now=NOW)
    return permit


def dated(lives: Lives, permit: PermitRecord) -> PermitRecord:
    following.set_due(permit, 1, DUE, by=lives.road.assessor, now=NOW)
    return permit


def test_nothing_is_ordered_before_every_condition_is_accepted(lives: Lives) -> None:
    permit = lives.road.signed()
    following.accept(permit, 1, by=lives.road.camille, now=NOW)

    with pytest.raises(NotAllowed, match="1 conditions of FR-2026-0001 are not accepted"):
        extractions.order(permit, REQUEST, key=KEY, by=lives.road.camille, now=NOW)

    assert not OutgoingDocument.objects.filter(kind="ExtractionOrder").exists()
    following.accept(permit, 2, by=lives.road.camille, now=NOW)
    assert extractions.order(permit, REQUEST, key=KEY, by=lives.road.camille, now=NOW)


@pytest.mark.usefixtures("at_now")
def test_the_order_page_leads_to_the_page_where_conditions_are_accepted(lives: Lives) -> None:
    lives.road.signed()
    client = Client()
    client.force_login(lives.road.camille)

    answered = client.get(ORDER, follow=True)

    page = answered.content.decode()
    assert answered.redirect_chain == [("/lives/permits/FR-2026-0001/#conditions", 302)]
    assert "Acceptez d’abord les conditions" in page
    assert "Accepter toutes les conditions" in page


@pytest.mark.usefixtures("at_now")
def test_all_are_accepted_at_once_and_the_order_page_opens(lives: Lives) -> None:
    permit = lives.road.signed()
    client = Client()
    client.force_login(lives.road.camille)

    client.post("/lives/permits/FR-2026-0001/conditions/acceptance/")

    assert following.unaccepted(permit) == ()
    assert client.get(ORDER).status_code == 200


def test_a_late_condition_stops_orders_where_the_permit_says_so(lives: Lives) -> None:
    permit = dated(lives, strict(lives))

    with pytest.raises(NotAllowed, match="1 conditions of FR-2026-0001 are late"):
        extractions.order(permit, REQUEST, key=KEY, by=lives.road.camille, now=LATE)

    following.meet(permit, 1, "Publié.", by=lives.road.camille, now=LATE)
    assert extractions.order(permit, REQUEST, key=KEY, by=lives.road.camille, now=LATE)


def test_a_late_condition_stops_nothing_where_the_permit_says_nothing(lives: Lives) -> None:
    permit = dated(lives, lives.road.permit())

    assert extractions.order(permit, REQUEST, key=KEY, by=lives.road.camille, now=LATE)


def test_a_late_condition_is_told_once_to_who_must_meet_it_and_who_follows(lives: Lives) -> None:
    dated(lives, lives.road.permit())

    told = [tell_late(now=LATE - timedelta(days=1)), tell_late(now=LATE), tell_late(now=LATE)]

    assert told == [0, 1, 0]
    assert Dispatch.objects.filter(name="condition-late", is_letter=False).count() == 1
    assert ActRow.objects.filter(action="tell-late-condition").count() == 1


def test_a_condition_dated_again_is_told_again(lives: Lives) -> None:
    permit = dated(lives, lives.road.permit())
    tell_late(now=LATE)
    following.set_due(permit, 1, date(2026, 3, 1), by=lives.road.assessor, now=LATE)

    told = [tell_late(now=LATE), tell_late(now=LATE + timedelta(days=60))]

    assert told == [0, 1]


def test_a_condition_that_is_met_is_not_told(lives: Lives) -> None:
    permit = dated(lives, lives.road.permit())
    following.meet(permit, 1, "Publié.", by=lives.road.camille, now=NOW)

    assert tell_late(now=LATE) == 0
