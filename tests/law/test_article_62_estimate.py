"""EHDS art. 62(4) and 62(5): the estimate comes before the decision; the fees, within a month."""

from datetime import date

import pytest

from ecluse.domain.actors import Actor
from ecluse.domain.clocks import clock as clocks
from ecluse.domain.errors import NotAllowed
from tests.unit.domain.machines_walk import Track, complete, permitted


def test_paragraph_5_the_user_withdraws_after_the_estimate_and_before_any_permit() -> None:
    walk = complete(Track.STANDARD)
    walk.do("unit-1", "assess", Actor.ASSESSOR, date(2030, 4, 2))
    walk.do("unit-1", "send-estimate", Actor.ASSESSOR, date(2030, 4, 3))
    walk.do("unit-1", "decline-estimate", Actor.DATA_USER, date(2030, 4, 9))

    assert walk.letters[-1] == "estimate"
    assert walk.states() == {"file": "withdrawn", "case": "closed", "unit-1": "withdrawn"}
    assert walk["unit-1"].running() == ()


def test_paragraph_5_no_permit_is_granted_on_an_estimate_that_was_not_accepted() -> None:
    walk = complete(Track.STANDARD)
    walk.do("unit-1", "assess", Actor.ASSESSOR, date(2030, 4, 2))
    walk.do("unit-1", "send-estimate", Actor.ASSESSOR, date(2030, 4, 3))

    with pytest.raises(NotAllowed, match="while the decision-unit is deciding"):
        walk.do("unit-1", "grant", Actor.DECIDER, date(2030, 4, 30))


def test_paragraph_4_the_access_body_sets_the_fees_only_after_a_month_without_agreement() -> None:
    walk = permitted()
    due = clocks.due_on(walk["permit-1"].clocks["fee-agreement"])

    assert due == date(2030, 5, 31)  # 30 May 2030 is Ascension Day
    with pytest.raises(NotAllowed, match="2030-05-31"):
        walk.do("permit-1", "set-fees", Actor.DECIDER, date(2030, 5, 31))
    walk.do("permit-1", "set-fees", Actor.DECIDER, date(2030, 6, 3))
    assert not walk["permit-1"].clocks["fee-agreement"].is_running
