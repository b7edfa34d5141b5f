"""EHDS art. 68: when a permit is issued or refused, what it holds, how long it lasts."""

from dataclasses import fields, replace
from datetime import date

import pytest

from ecluse.domain.applications import Criterion, CriterionOutcome
from ecluse.domain.documents import OptOutList, Permit
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.portal.applications import actions
from ecluse.portal.mailbox.models import OutgoingDocument
from ecluse.portal.mailbox.reading import body_of
from ecluse.portal.permits.actions import decide
from tests.unit.portal.applications.road import MET, NOW, Road, at_now, road, terms

__all__ = ["at_now", "road"]

CONTENT = {
    "a": ("datasets", "data_format"),
    "b": ("purposes", "purpose_text"),
    "c": ("applies_opt_out_exception", "opt_out_exception_reason"),
    "d": ("persons",),
    "e": ("valid_from", "valid_until"),
    "f": ("environment",),
    "g": ("fees",),
    "h": ("conditions",),
}


def without(criterion: Criterion) -> tuple[CriterionOutcome, ...]:
    """All criteria met but one."""
    failed = CriterionOutcome(criterion, is_met=False, reason="Insuffisant.")
    return tuple(failed if met.criterion is criterion else met for met in MET)


@pytest.mark.parametrize("criterion", Criterion)
def test_paragraph_3_each_condition_not_fulfilled_bars_the_permit(
    road: Road, criterion: Criterion
) -> None:
    assessed = road.assessed(without(criterion))

    with pytest.raises(NotAllowed, match=f"not met: {criterion.value}"):
        decide(assessed, terms(assessed), by=road.decider, now=NOW)


def test_paragraph_4_the_file_is_decided_three_months_after_it_is_complete(road: Road) -> None:
    later = NOW.replace(month=2, day=10)

    complete = actions.declare_complete(road.screening(), by=road.assessor, now=later)

    assert complete.case.due_on == date(2026, 5, 11)  # 10 May is a Sunday


def test_paragraph_4_the_applicant_has_four_weeks_to_complete(road: Road) -> None:
    assert road.awaiting().case.due_on == date(2026, 2, 2)


def test_paragraph_9_a_refusal_without_reasons_is_refused(road: Road) -> None:
    with pytest.raises(InvalidInput, match="reason"):
        actions.refuse(road.assessed(), "", by=road.decider, now=NOW)


@pytest.mark.parametrize("point", sorted(CONTENT))
def test_paragraph_10_the_permit_holds_each_point(point: str) -> None:
    assert set(CONTENT[point]) <= {field.name for field in fields(Permit)}


def test_paragraph_10_point_c_and_article_71_the_list_is_of_the_instant_of_the_decision(
    road: Road,
) -> None:
    granted = road.permit()

    published = body_of(OutgoingDocument.objects.get(kind="OptOutList"), OptOutList)
    assert published.permit_number == granted.number
    assert published.as_of == granted.terms().decided_at


def test_paragraph_10_point_d_a_permit_without_principal_investigator_is_refused(
    road: Road,
) -> None:
    assessed = road.assessed()
    given = terms(assessed)
    nobody_leads = tuple(replace(p, is_principal_investigator=False) for p in given.persons)

    with pytest.raises(InvalidInput, match="principal investigator"):
        decide(assessed, replace(given, persons=nobody_leads), by=road.decider, now=NOW)


@pytest.mark.parametrize("last_day", [date(2036, 1, 6), date(2050, 1, 1)])
def test_paragraph_12_a_permit_lasts_ten_years_at_most(road: Road, last_day: date) -> None:
    assessed = road.assessed()

    with pytest.raises(InvalidInput, match="10 years"):
        decide(assessed, replace(terms(assessed), valid_until=last_day), by=road.decider, now=NOW)
