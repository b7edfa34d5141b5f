"""EHDS art. 68(10)(h), 68(12), 68(13): conditions, one extension, amendment, deletion."""

from datetime import date

import pytest

from ecluse.domain.errors import NotAllowed
from ecluse.domain.machines import Kind
from ecluse.portal.cases.models import ClockRow
from ecluse.portal.extractions import actions as extractions
from ecluse.portal.lives import actions, following, reading, suspensions
from ecluse.portal.permits.models import PermitRecord
from tests.unit.portal.applications.road import KEY, NOW, REQUEST, TODAY, at_now, road
from tests.unit.portal.lives.road import Lives, lives

__all__ = ["at_now", "lives", "road"]


def test_paragraph_13_a_version_has_another_number_and_another_first_day(lives: Lives) -> None:
    former = lives.road.permit()

    made = lives.amended(former)

    numbers = list(former.application.permits.order_by("pk").values_list("number", flat=True))
    assert numbers == ["FR-2026-0001", "FR-2026-0002"]
    assert made.terms().decided_at != former.terms().decided_at or made.digest != former.digest


def test_paragraph_13_one_version_alone_is_in_force(lives: Lives) -> None:
    former = lives.road.permit()
    lives.amended(former)

    states = PermitRecord.objects.order_by("pk").values_list("item__state", flat=True)
    assert list(states) == ["superseded", "active"]


def test_paragraph_13_another_purpose_is_a_new_application(lives: Lives) -> None:
    asked = {"what": "Une autre finalité.", "why": "Nouvelle question."}
    matter = lives.asked(lives.road.permit(), Kind.AMENDMENT, dict(asked))

    sent = lives.do(matter, "redirect", lives.road.assessor, "Une autre finalité.")

    assert sent.state == "redirected"


def test_paragraph_12_the_page_says_until_when_an_extension_can_be_asked(lives: Lives) -> None:
    permit = lives.road.permit()

    # A month before 4 January 2028, a Saturday: a day counted backwards does not move.
    assert reading.renewal_until(permit) == date(2027, 12, 4)


def test_paragraph_12_data_are_deleted_within_six_months_on_the_word_of_two(lives: Lives) -> None:
    permit = lives.closing()
    due = ClockRow.objects.get(rule="deletion").due_on
    following.state_deletion(permit, "Effacé.", by=lives.road.preparer, now=NOW)
    before = ClockRow.objects.get(rule="deletion").completed_on

    following.state_deletion(permit, "Effacé.", by=lives.second, now=NOW)

    assert (due, before) == (date(2026, 7, 6), None)
    assert ClockRow.objects.get(rule="deletion").completed_on == TODAY


def test_paragraph_10_point_h_each_condition_is_accepted_by_who_holds_the_permit(
    lives: Lives,
) -> None:
    permit = lives.road.permit()

    with pytest.raises(NotAllowed):
        following.accept(permit, 1, by=lives.road.louis, now=NOW)

    assert following.accept(permit, 1, by=lives.road.camille, now=NOW).accepted_by is not None


def test_paragraph_10_point_h_nothing_is_ordered_before_the_conditions_are_accepted(
    lives: Lives,
) -> None:
    permit = lives.road.signed()

    with pytest.raises(NotAllowed, match="not accepted"):
        extractions.order(permit, REQUEST, key=KEY, by=lives.road.camille, now=NOW)


def test_article_63_3_nothing_changes_while_the_permit_is_suspended(lives: Lives) -> None:
    permit = suspensions.suspend(lives.road.permit(), "Contrôle.", by=lives.road.decider, now=NOW)

    with pytest.raises(NotAllowed):
        actions.open_change(permit, Kind.AMENDMENT, by=lives.road.camille, now=NOW)
