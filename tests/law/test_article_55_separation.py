"""EHDS art. 55(3) to 55(5): those who ask, assess and decide are never the same person."""

import pytest

from ecluse.domain.errors import NotAllowed
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.applications import actions
from ecluse.portal.applications.models import Application
from ecluse.portal.permits.actions import decide
from tests.unit.portal.applications.road import MET, NOW, Road, at_now, road, terms

__all__ = ["at_now", "road"]


def test_paragraph_3_who_assessed_a_file_does_not_decide_it(road: Road) -> None:
    assessed = road.assessed()

    with pytest.raises(NotAllowed):
        decide(assessed, terms(assessed), by=road.assessor, now=NOW)
    with pytest.raises(NotAllowed):
        actions.refuse(assessed, "Trop.", by=road.assessor, now=NOW)


def test_paragraph_3_even_a_former_assessor_who_became_decider_does_not_decide_it(
    road: Road,
) -> None:
    assessed = road.assessed()
    former = User.objects.get(pk=road.assessor.pk)
    former.role_rows.update(role=Role.DECIDER.value)

    with pytest.raises(NotAllowed, match="acted on this file as assessor"):
        decide(assessed, terms(assessed), by=former, now=NOW)


def test_paragraph_4_a_person_of_the_file_who_became_an_officer_acts_on_it_no_more(
    road: Road,
) -> None:
    complete = road.complete()
    louis = User.objects.get(pk=road.louis.pk)
    louis.role_rows.update(role=Role.ASSESSOR.value)

    with pytest.raises(NotAllowed, match="person of this file"):
        actions.assess(complete, MET, by=louis, now=NOW)


def test_paragraph_4_a_person_of_the_file_who_became_a_decider_does_not_decide_it(
    road: Road,
) -> None:
    assessed = road.assessed()
    louis = User.objects.get(pk=road.louis.pk)
    louis.role_rows.update(role=Role.DECIDER.value)

    with pytest.raises(NotAllowed, match="person of this file"):
        decide(assessed, terms(assessed), by=louis, now=NOW)


@pytest.mark.parametrize("person", ["camille", "louis", "stranger", "decider", "auditor"])
def test_paragraph_3_only_an_assessor_assesses(road: Road, person: str) -> None:
    complete = road.complete()

    with pytest.raises(NotAllowed):
        actions.assess(complete, MET, by=getattr(road, person), now=NOW)
    assert Application.objects.get(pk=complete.pk).unit().state == "assessment"


@pytest.mark.parametrize("person", ["camille", "louis", "stranger", "assessor", "auditor"])
def test_paragraph_3_only_a_decider_decides(road: Road, person: str) -> None:
    assessed = road.assessed()

    with pytest.raises(NotAllowed):
        decide(assessed, terms(assessed), by=getattr(road, person), now=NOW)
    assert Application.objects.get(pk=assessed.pk).unit().state == "deciding"


def test_paragraph_3_the_permit_names_who_assessed_and_decided_for_the_checking_room(
    road: Road,
) -> None:
    body = road.permit().terms()

    assert body.assessed_by == (road.assessor.subject,)
    assert body.decided_by == road.decider.subject
