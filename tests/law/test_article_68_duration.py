"""EHDS art. 68(12): ten years at most, one extension asked a month before, deletion in six."""

from datetime import date

import pytest

from ecluse.domain.clocks import clock as clocks
from ecluse.domain.clocks.calendars import CALENDARS
from ecluse.domain.clocks.ehds import EHDS
from ecluse.domain.clocks.renewals import check_renewal
from ecluse.domain.errors import NotAllowed
from ecluse.domain.machines.machine import Kind
from tests.unit.domain.machines_walk import Actor, deciding, permitted

PARIS = CALENDARS["FR"]
EXPIRES_ON = date(2033, 4, 30)


def ask(asked_on: date, *, until_on: date = date(2036, 4, 30), renewals: int = 0) -> None:
    check_renewal(
        asked_on, expires_on=EXPIRES_ON, until_on=until_on, renewals=renewals, calendar=PARIS
    )


def test_paragraph_12_a_permit_of_ten_years_is_issued_and_a_day_more_is_refused() -> None:
    longest = permitted(until_on=date(2040, 4, 30))

    assert clocks.due_on(longest["permit-1"].clocks["permit-duration"]) == date(2040, 4, 30)
    with pytest.raises(NotAllowed, match="2040-04-30"):
        deciding().do(
            "unit-1", "grant", Actor.DECIDER, date(2030, 4, 30), until_on=date(2040, 5, 1)
        )


def test_paragraph_12_a_second_extension_is_refused() -> None:
    with pytest.raises(NotAllowed, match="extended once"):
        ask(date(2033, 1, 3), renewals=1)


def test_paragraph_12_an_extension_is_asked_a_month_before_expiry_to_the_day() -> None:
    ask(date(2033, 3, 30))

    with pytest.raises(NotAllowed, match="by 2033-03-30"):
        ask(date(2033, 3, 31))


def test_paragraph_12_an_extension_lasts_ten_years_at_most() -> None:
    ask(date(2033, 3, 30), until_on=date(2043, 4, 30))

    with pytest.raises(NotAllowed, match="2043-04-30"):
        ask(date(2033, 3, 30), until_on=date(2043, 5, 1))


def test_paragraph_12_an_extension_asked_too_late_leaves_the_permit_as_it_is() -> None:
    walk = permitted(until_on=EXPIRES_ON)
    late = walk.add(Kind.RENEWAL, "permit-1")

    with pytest.raises(NotAllowed, match="new application"):
        walk.do(late, "submit", Actor.DATA_USER, date(2033, 4, 1))
    assert walk["permit-1"].state == "active"


def test_paragraph_12_data_are_deleted_within_six_months_of_expiry_or_revocation() -> None:
    revoked = permitted().do("permit-1", "revoke", Actor.DECIDER, date(2031, 2, 3))
    expired = clocks.start(EHDS, "deletion", on=EXPIRES_ON, calendar=PARIS)

    assert clocks.due_on(revoked["permit-1"].clocks["deletion"]) == date(2031, 8, 4)  # 3rd: Sunday
    assert clocks.due_on(expired) == date(2033, 10, 31)  # 30 October 2033 is a Sunday


def test_paragraph_13_an_amendment_makes_a_new_version_with_its_own_id_and_days() -> None:
    walk = permitted(until_on=EXPIRES_ON)
    change = walk.add(Kind.AMENDMENT, "permit-1")
    walk.do(change, "submit", Actor.DATA_USER, date(2031, 1, 6))
    walk.do(change, "assess", Actor.ASSESSOR, date(2031, 1, 7))
    walk.do(change, "grant", Actor.DECIDER, date(2031, 1, 8))
    old, new = walk["permit-1"], walk["permit-2"]

    assert (old.state, new.state) == ("superseded", "active")
    assert old.clocks["permit-duration"].voided_on == date(2031, 1, 8)
    assert clocks.due_on(new.clocks["permit-duration"]) == EXPIRES_ON


def test_paragraph_13_another_purpose_is_a_new_application() -> None:
    walk = permitted()
    change = walk.add(Kind.AMENDMENT, "permit-1")
    walk.do(change, "submit", Actor.DATA_USER, date(2031, 1, 6))
    walk.do(change, "redirect", Actor.ASSESSOR, date(2031, 1, 7), reason="Autre finalité.")

    assert walk[change].state == "redirected"
    assert walk.letters[-1] == "new-application-needed"
    assert walk["permit-1"].state == "active"
