"""Two officers at one file at the same instant: one wins, the other is told; never both."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.applications import actions
from ecluse.portal.applications.models import Application
from ecluse.portal.cases.actions import assign, perform
from ecluse.portal.cases.models import ActRow, CaseRecord
from ecluse.portal.mailbox.models import OutgoingDocument
from ecluse.portal.permits.actions import decide
from ecluse.portal.permits.models import PermitRecord
from tests.attacks.test_two_tabs import at_once
from tests.unit.portal.applications.road import FAILED, MET, NOW, Road, road, terms

__all__ = ["road"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def other_decider(account: Callable[..., User]) -> User:
    return account(Role.DECIDER, email="anne.roux@hub.example")


def test_two_deciders_grant_at_once_and_one_permit_is_signed(
    road: Road, other_decider: User
) -> None:
    first = road.assessed()
    second = Application.objects.get(pk=first.pk)
    given = terms(first)

    ends = at_once(
        lambda: decide(first, given, by=road.decider, now=NOW),
        lambda: decide(second, given, by=other_decider, now=NOW),
    )

    assert ends == ["done", "not allowed"]
    assert PermitRecord.objects.count() == 1
    assert OutgoingDocument.objects.filter(kind="Permit").count() == 1


def test_one_grants_while_the_other_refuses_and_the_file_says_one_thing(
    road: Road, other_decider: User
) -> None:
    first = road.assessed()
    second = Application.objects.get(pk=first.pk)
    given = terms(first)

    ends = at_once(
        lambda: decide(first, given, by=road.decider, now=NOW),
        lambda: actions.refuse(second, "Non.", by=other_decider, now=NOW),
    )

    granted, refused = PermitRecord.objects.count(), ActRow.objects.filter(action="refuse").count()
    assert ends == ["done", "not allowed"]
    assert granted + refused == 1


def test_two_assessors_assess_at_once_and_one_round_is_kept(
    road: Road, account: Callable[..., User]
) -> None:
    first = road.complete()
    second = Application.objects.get(pk=first.pk)
    other = account(Role.ASSESSOR, email="luc.henry@hub.example")

    ends = at_once(
        lambda: actions.assess(first, MET, by=road.assessor, now=NOW),
        lambda: actions.assess(second, FAILED, by=other, now=NOW),
    )

    assert ends == ["done", "not allowed"]
    assert first.criteria.count() == len(MET)


def test_the_applicant_withdraws_while_the_officer_declares_complete(road: Road) -> None:
    first = road.screening()
    second = Application.objects.get(pk=first.pk)

    at_once(
        lambda: actions.withdraw(first, by=road.camille, now=NOW),
        lambda: actions.declare_complete(second, by=road.assessor, now=NOW),
    )

    first.refresh_from_db()
    assert first.state == "withdrawn"
    assert first.unit().state == "withdrawn"


def test_bulk_assignments_that_cross_do_not_wait_for_each_other_for_ever(road: Road) -> None:
    one = road.submitted().case
    two = replace(road).submitted().case
    cases = [CaseRecord.objects.get(pk=case.pk) for case in (one, two)]

    ends = at_once(
        lambda: assign(cases, road.assessor, by=road.decider, now=NOW),
        lambda: assign(cases[::-1], road.decider, by=road.assessor, now=NOW),
        lambda: perform(one.item("file"), "start-screening", by=road.assessor, now=NOW),
    )

    assert ends == ["done", "done", "done"]
    assert CaseRecord.objects.filter(assignee=None).count() == 0
