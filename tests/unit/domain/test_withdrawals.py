"""What takes a permit back for ever or for now, in whatever order the documents came."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from ecluse.domain import permits
from ecluse.domain.documents import Revocation, Suspension
from ecluse.domain.errors import OutOfScope, Revoked, Suspended
from tests.unit.domain.build import PERMIT

NUMBER = PERMIT.permit_number
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
LATER = datetime(2026, 6, 3, 12, tzinfo=UTC)
SUSPENSION = Suspension(NUMBER, NOON, "Access from an unknown place")
LIFTED = replace(SUSPENSION, lifted_at=LATER)
REVOCATION = Revocation(NUMBER, NOON, "Use for marketing")
ANNULLED = replace(REVOCATION, annulled_at=LATER)


def test_a_suspended_permit_is_refused_from_the_instant_of_its_suspension() -> None:
    permits.check_in_force(PERMIT, [SUSPENSION], now=NOON.replace(hour=11))

    with pytest.raises(Suspended, match="2026-06-01"):
        permits.check_in_force(PERMIT, [SUSPENSION], now=NOON)


def test_a_lifted_suspension_binds_until_the_instant_of_its_lifting() -> None:
    with pytest.raises(Suspended):
        permits.check_in_force(PERMIT, [SUSPENSION, LIFTED], now=LATER.replace(hour=11))

    permits.check_in_force(PERMIT, [SUSPENSION, LIFTED], now=LATER)


def test_the_older_word_said_again_after_the_lifting_suspends_nothing() -> None:
    permits.check_in_force(PERMIT, [LIFTED, SUSPENSION], now=LATER)
    permits.check_in_force(PERMIT, [LIFTED], now=LATER)

    assert permits.standing(NUMBER, [SUSPENSION, LIFTED, SUSPENSION], now=LATER) == []


def test_a_second_suspension_binds_after_the_first_was_lifted() -> None:
    second = Suspension(NUMBER, LATER, "Again")

    with pytest.raises(Suspended, match="2026-06-03"):
        permits.check_in_force(PERMIT, [LIFTED, second], now=LATER)


def test_lifting_a_suspension_does_not_undo_a_revocation() -> None:
    with pytest.raises(Revoked):
        permits.check_in_force(PERMIT, [LIFTED, REVOCATION], now=LATER)


def test_annulling_a_revocation_does_not_lift_a_suspension() -> None:
    with pytest.raises(Suspended):
        permits.check_in_force(PERMIT, [ANNULLED, SUSPENSION], now=LATER)


def test_a_revocation_that_was_annulled_binds_no_more() -> None:
    with pytest.raises(Revoked):
        permits.check_in_force(PERMIT, [REVOCATION, ANNULLED], now=LATER.replace(hour=11))

    permits.check_in_force(PERMIT, [REVOCATION, ANNULLED], now=LATER)


def test_the_withdrawals_of_another_permit_bind_nothing_here() -> None:
    others = [replace(SUSPENSION, permit_number="FR-2026-0002")]

    permits.check_in_force(PERMIT, others, now=NOON)

    assert permits.standing(NUMBER, others, now=NOON) == []


@pytest.mark.parametrize(
    "build",
    [
        lambda: replace(SUSPENSION, lifted_at=NOON.replace(hour=11)),
        lambda: replace(REVOCATION, annulled_at=NOON.replace(hour=11)),
    ],
    ids=["suspension", "revocation"],
)
def test_nothing_ends_before_it_begins(build: object) -> None:
    with pytest.raises(ValueError, match="before it"):
        build()  # type: ignore[operator]


def test_data_are_destroyed_after_the_last_day_or_a_revocation_alone() -> None:
    last = datetime(2027, 1, 4, 12, tzinfo=UTC)
    permits.check_over(PERMIT, [], now=last.replace(day=5))
    permits.check_over(PERMIT, [REVOCATION], now=NOON)

    assert PERMIT.valid_until == date(2027, 1, 4)
    with pytest.raises(OutOfScope, match="2027-01-04"):
        permits.check_over(PERMIT, [], now=last)
    with pytest.raises(OutOfScope):
        permits.check_over(PERMIT, [SUSPENSION], now=last)
    with pytest.raises(OutOfScope):
        permits.check_over(PERMIT, [REVOCATION, ANNULLED], now=LATER)
