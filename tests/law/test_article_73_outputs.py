"""EHDS art. 73(2): what leaves is reviewed, so that only non-personal data can be downloaded."""

import pytest
from django.test import Client

from ecluse.domain.documents import Decision
from ecluse.domain.errors import InvalidInput
from ecluse.domain.parameters import INDEPENDENT_CHECKERS
from ecluse.domain.reviews.machine import MOVES, Party, State
from ecluse.domain.reviews.policies import ReviewPolicy
from ecluse.portal.accounts.models import User
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.mailbox.models import OutgoingDocument
from tests.unit.portal.outputs.asking import YES, asked, vote
from tests.unit.portal.rooms import people, zone
from tests.unit.portal.zone import Zone, checked_job

__all__ = ["people", "zone"]


def test_no_road_leads_out_that_does_not_pass_the_automatic_checks_and_an_approval() -> None:
    into_released = [move.sources for move in MOVES.values() if State.RELEASED in move.to]
    into_releasing = {
        source for m in MOVES.values() if State.RELEASING in m.to for source in m.sources
    }
    into_approved = {s for m in MOVES.values() if State.APPROVED in m.to for s in m.sources}
    into_review = {s for m in MOVES.values() if State.IN_REVIEW in m.to for s in m.sources}

    assert into_released == [(State.RELEASING,)]
    assert into_releasing == {State.APPROVED, State.RELEASE_FAILED}
    assert into_approved - {State.FROZEN} == {State.REVIEWED, State.IN_REVIEW}
    assert into_review - {State.FROZEN} == {State.SCREENING}


def test_no_author_and_no_supervisor_makes_a_move_towards_the_outside() -> None:
    outward = (State.APPROVED, State.RELEASING, State.RELEASED)
    by = {move.by for move in MOVES.values() if set(move.to) & set(outward) and len(move.to) == 1}

    assert by == {Party.SOFTWARE, Party.CHECKER, Party.ZONE}


def test_no_policy_asks_for_less_than_two_persons() -> None:
    assert INDEPENDENT_CHECKERS.value == 2
    with pytest.raises(InvalidInput, match="at least 2"):
        ReviewPolicy(reviewers=1)


def test_whoever_looks_at_an_output_is_named_in_the_log(
    zone: Zone, people: dict[str, User], client: Client
) -> None:
    """Art. 73(1)(e): identifiable logs of access and activities."""
    request = asked(checked_job(zone, people["pi"]), people["pi"])
    client.force_login(people["sarah"])
    client.get(f"/outputs/{request.number}/")

    assert JournalEntry.objects.get(action="output.opened").actor == people["sarah"].subject


def test_nothing_is_signed_for_the_outside_before_the_second_approval(
    zone: Zone, people: dict[str, User]
) -> None:
    request = asked(checked_job(zone, people["pi"]), people["pi"])
    vote(request, people["sarah"])
    outside = OutgoingDocument.objects.filter(audience__contains=["site:public"])

    assert YES.decision is Decision.APPROVE
    assert not outside.exists()
