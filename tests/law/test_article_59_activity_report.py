"""EHDS art. 59(1)(a) to (k): the biennial report, each point from what was counted or stated."""

from datetime import date

import pytest

from ecluse.domain.parameters import ACTIVITY_REPORT_YEARS
from ecluse.portal.lives import suspensions
from ecluse.portal.permits import actions as permit_actions
from ecluse.portal.register import actions, counters, recount
from ecluse.portal.register.actions import Stated
from tests.unit.portal.applications.road import NOW, Road, at_now, road

__all__ = ["at_now", "road"]
pytestmark = pytest.mark.usefixtures("at_now")
ON = date(2026, 1, 4)


def lines(key: str) -> dict[str, float]:
    actions.follow()
    figures = counters.report(counters.period(2026))
    (found,) = (one for one in figures if one.key == key)
    return {label: value for label, _, value in found.lines}


def test_paragraph_1_the_report_covers_two_years() -> None:
    assert ACTIVITY_REPORT_YEARS.value == 2
    assert counters.Period(2029).years == (2029, 2030)


def test_point_a_applications_applicants_purposes_permits_and_refusals(road: Road) -> None:
    road.permit()
    road.refused()

    assert lines("received") == {"application": 2}
    assert lines("applicants") == {"research-organisation": 2}
    assert lines("purposes") == {"e": 2}
    assert lines("decided") == {"granted": 1, "refused": 1}
    assert lines("categories") == {"b": 1}


def test_point_b_measures_and_fines(road: Road) -> None:
    permit_actions.revoke(road.permit(), "Mésusage.", by=road.decider, now=NOW)
    fine = Stated("fine", "", 1, ON, "Ré-identification tentée.")
    actions.state(fine, by=road.assessor, now=NOW)
    amount = Stated("fine-cents", "", 5_000_000, ON, "La même.")
    actions.state(amount, by=road.assessor, now=NOW)

    assert lines("measures") == {"revoked": 1}
    assert lines("fine") == {"": 1}
    assert lines("fine-cents") == {"": 50_000.0}


def test_point_g_the_revenues_are_the_fees_that_permits_fix(road: Road) -> None:
    road.permit()  # « Instruction ; 1500,50 »

    assert lines("revenue-cents") == {"permit": 1500.5}


def test_point_h_the_days_from_an_application_to_its_first_data(road: Road) -> None:
    road.delivered()

    assert lines("access-days") == {"": 0.0}


def test_the_figures_counted_from_the_journal_are_those_recomputed_from_the_files(
    road: Road,
) -> None:
    permit = road.delivered().permit
    suspensions.suspend(permit, "Contrôle.", by=road.decider, now=NOW)
    suspensions.lift(permit, "Rien à reprocher.", by=road.decider, now=NOW)
    permit_actions.revoke(permit, "Mésusage.", by=road.decider, now=NOW)
    road.refused()
    actions.follow()

    assert recount.stored()[2026, "measure", "suspended"] == (1, 1)
    assert recount.stored()[2026, "measure", "revoked"] == (1, 1)
    assert recount.differences() == {}


@pytest.mark.parametrize(
    ("counter", "label"),
    [
        ("user-audit", "third-party"),  # point (c)
        ("environment-audit", "internal"),  # point (d)
        ("rights-request", ""),  # point (e)
        ("stakeholders", ""),  # point (f)
        ("quality-label", ""),  # point (i)
        ("publication", "peer-reviewed"),  # point (j)
        ("product", "artificial-intelligence"),  # point (k)
    ],
)
def test_points_c_to_k_what_no_file_tells_is_stated_and_journalled(
    road: Road, counter: str, label: str
) -> None:
    actions.state(Stated(counter, label, 3, ON, "Trois."), by=road.decider, now=NOW)

    assert lines(counter) == {label: 3}
