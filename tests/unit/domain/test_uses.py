"""How a use of data stands to what a person refused: before, by exception, against, or free."""

from datetime import UTC, datetime, timedelta

import pytest

from ecluse.domain.documents import Basis
from ecluse.domain.optouts import DecidedUse, Refusal, Standing, standing_of

DAY = timedelta(days=1)
DECIDED_AT = datetime(2026, 1, 5, 10, tzinfo=UTC)
USE = DecidedUse("FR-2026-0001", DECIDED_AT)


def refused(since: timedelta, until: timedelta | None = None, basis: Basis = Basis.EHDS) -> Refusal:
    """A refusal, told from the decision."""
    return Refusal(basis, DECIDED_AT + since, None if until is None else DECIDED_AT + until)


@pytest.mark.parametrize(
    ("refusals", "standing"),
    [
        ((), Standing.FREE),
        ((refused(-DAY),), Standing.AGAINST),
        ((refused(0 * DAY),), Standing.AGAINST),
        ((refused(DAY),), Standing.BEFORE),
        ((refused(-2 * DAY, -DAY),), Standing.FREE),
        ((refused(-2 * DAY, 0 * DAY),), Standing.FREE),
        ((refused(-2 * DAY, DAY),), Standing.AGAINST),
        ((refused(-2 * DAY, -DAY), refused(DAY)), Standing.BEFORE),
    ],
    ids=[
        *("never", "the day before", "at the instant", "the day after", "taken back before"),
        *("taken back at the instant", "taken back after", "taken back, then again"),
    ],
)
def test_a_use_stands_by_the_refusal_that_held_at_its_decision(
    refusals: tuple[Refusal, ...], standing: Standing
) -> None:
    assert standing_of(USE, refusals) is standing


@pytest.mark.parametrize(
    ("bases", "exception", "is_national", "standing"),
    [
        ((Basis.EHDS,), "Épidémie.", True, Standing.EXCEPTION),
        ((Basis.NATIONAL_COPY,), "", True, Standing.AGAINST),
        ((Basis.NATIONAL_COPY,), "Épidémie.", True, Standing.AGAINST),
        ((Basis.NATIONAL_COPY,), "", False, Standing.FREE),
        (tuple(Basis), "Épidémie.", True, Standing.AGAINST),
        (tuple(Basis), "Épidémie.", False, Standing.EXCEPTION),
    ],
)
def test_the_exception_lifts_the_opt_out_and_the_other_right_reaches_the_national_copy(
    bases: tuple[Basis, ...], exception: str, is_national: bool, standing: Standing
) -> None:
    refusals = tuple(refused(-DAY, basis=one) for one in bases)
    use = DecidedUse("FR-2026-0001", DECIDED_AT, exception, is_national)

    assert standing_of(use, refusals) is standing
