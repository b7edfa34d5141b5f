"""The fees of a data request (art. 69): the same estimate, the same answer, no decision unit."""

import pytest

from ecluse.domain.clocks.tracks import Track
from ecluse.domain.fees import Payer, Work
from ecluse.domain.machines import Kind
from ecluse.portal.cases.actions import open_case, perform
from ecluse.portal.cases.models import Item
from ecluse.portal.fees import actions
from ecluse.portal.fees.actions import EstimateEntry
from ecluse.portal.fees.models import EstimateRecord
from tests.unit.portal.applications.road import NOW, Road

ANSWER = EstimateEntry(Payer.OTHER, "", (Work("handling-request", 1), Work("output-check", 2)))
"""600.00 + 2 x 90.00, and a fifth more: 936.00."""


@pytest.fixture
def request_(road: Road) -> Item:
    """A data request of Camille's, assessed: its fees are to be estimated."""
    case = open_case(
        Kind.DATA_REQUEST, Track.REQUEST, number="DR-2026-00001", by=road.camille, now=NOW
    )
    perform(case.item("file"), "submit", by=road.camille, now=NOW)
    perform(case.item("file"), "start-assessment", by=road.assessor, now=NOW)
    perform(case.item("file"), "assess", by=road.assessor, now=NOW)
    return case.item("file")


def sent(item: Item, road: Road) -> EstimateRecord:
    """Its estimate, sent."""
    kept = actions.compose(item, ANSWER, by=road.assessor, now=NOW)
    return actions.send(kept, by=road.assessor, now=NOW)


def test_a_request_is_estimated_and_accepted_before_it_is_decided(
    request_: Item, road: Road
) -> None:
    kept = actions.accept(sent(request_, road), by=road.camille, now=NOW)

    assert (kept.total_cents, kept.item.state) == (93_600, "deciding")


def test_a_request_withdrawn_owes_its_handling_alone(request_: Item, road: Road) -> None:
    kept = actions.decline(sent(request_, road), by=road.camille, now=NOW)

    assert (kept.item.state, kept.owed().amount_cents) == ("withdrawn", 60_000)
