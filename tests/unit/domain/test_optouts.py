"""Who was out when: bitemporal, and only the decision's list counts."""

from datetime import UTC, datetime, timedelta

import pytest

from ecluse.domain import optouts
from ecluse.domain.documents import OptOutList
from ecluse.domain.errors import StaleOptOuts
from ecluse.domain.optouts import OptOutPeriod
from tests.unit.domain.build import DECIDED_AT, PERMIT

HOUR = timedelta(hours=1)
YEARS_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def test_the_first_instant_counts_and_the_last_does_not() -> None:
    period = OptOutPeriod("aa", DECIDED_AT, DECIDED_AT + HOUR)

    assert period.is_in_force(DECIDED_AT)
    assert not period.is_in_force(DECIDED_AT + HOUR)
    assert not period.is_in_force(DECIDED_AT - HOUR)


def test_who_was_out_is_told_for_any_past_instant() -> None:
    periods = [
        OptOutPeriod("bb", DECIDED_AT - HOUR, None),
        OptOutPeriod("aa", DECIDED_AT - 3 * HOUR, DECIDED_AT - 2 * HOUR),
        OptOutPeriod("aa", DECIDED_AT + HOUR, None),
    ]

    assert list(optouts.in_force(periods, as_of=DECIDED_AT)) == ["bb"]
    assert list(optouts.in_force(periods, as_of=DECIDED_AT + HOUR)) == ["aa", "bb"]


def test_the_list_of_the_decision_passes() -> None:
    opt_outs = OptOutList(PERMIT.permit_number, DECIDED_AT, ())

    assert optouts.check_list(opt_outs, PERMIT) is None


@pytest.mark.parametrize(
    "as_of", [DECIDED_AT - HOUR, DECIDED_AT + HOUR, datetime(2020, 1, 1, tzinfo=UTC)]
)
def test_a_list_of_another_instant_is_stale(as_of: datetime) -> None:
    with pytest.raises(StaleOptOuts, match="decision date"):
        optouts.check_list(OptOutList(PERMIT.permit_number, as_of, ()), PERMIT)


def test_the_list_of_another_permit_is_refused() -> None:
    with pytest.raises(StaleOptOuts, match="FR-2026-0002"):
        optouts.check_list(OptOutList("FR-2026-0002", DECIDED_AT, ()), PERMIT)
