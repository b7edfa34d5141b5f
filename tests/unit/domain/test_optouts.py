"""Who was out when: bitemporal, and only the decision's list counts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ecluse.domain import optouts
from ecluse.domain.documents import Basis, OptOutList
from ecluse.domain.errors import StaleOptOuts
from ecluse.domain.optouts import OptOutPeriod, lists
from ecluse.domain.parameters import OptOutRefresh
from tests.unit.domain.build import DECIDED_AT, PERMIT

HOUR = timedelta(hours=1)
YEARS_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def test_the_first_instant_counts_and_the_last_does_not() -> None:
    period = OptOutPeriod("aa", DECIDED_AT, DECIDED_AT + HOUR, known_from=DECIDED_AT)

    assert period.is_in_force(DECIDED_AT)
    assert not period.is_in_force(DECIDED_AT + HOUR)
    assert not period.is_in_force(DECIDED_AT - HOUR)


def test_who_was_out_is_told_for_any_past_instant() -> None:
    periods = [
        OptOutPeriod("bb", DECIDED_AT - HOUR, None, YEARS_AGO),
        OptOutPeriod("aa", DECIDED_AT - 3 * HOUR, DECIDED_AT - 2 * HOUR, YEARS_AGO),
        OptOutPeriod("aa", DECIDED_AT + HOUR, None, YEARS_AGO),
    ]

    at_decision = optouts.in_force(periods, as_of=DECIDED_AT, known_at=DECIDED_AT)
    an_hour_later = optouts.in_force(periods, as_of=DECIDED_AT + HOUR, known_at=DECIDED_AT)
    assert list(at_decision) == ["bb"]
    assert list(an_hour_later) == ["aa", "bb"]


def test_what_was_learnt_later_does_not_change_what_was_known_before() -> None:
    # Recorded for "aa" at the decision; an hour later the desk finds that it was for "bb".
    found_out = DECIDED_AT + HOUR
    periods = [
        OptOutPeriod("aa", DECIDED_AT, None, DECIDED_AT, found_out),
        OptOutPeriod("aa", DECIDED_AT, DECIDED_AT, found_out),
        OptOutPeriod("bb", DECIDED_AT, None, found_out),
    ]

    known_then = optouts.in_force(periods, as_of=DECIDED_AT, known_at=DECIDED_AT)
    known_now = optouts.in_force(periods, as_of=DECIDED_AT, known_at=found_out)
    assert list(known_then) == ["aa"]
    assert list(known_now) == ["bb"]


def test_the_two_bases_are_kept_apart() -> None:
    periods = [
        OptOutPeriod("aa", DECIDED_AT, None, DECIDED_AT),
        OptOutPeriod("bb", DECIDED_AT, None, DECIDED_AT, basis=Basis.NATIONAL_COPY),
    ]

    found = optouts.in_force(
        periods, as_of=DECIDED_AT, known_at=DECIDED_AT, basis=Basis.NATIONAL_COPY
    )
    assert list(found) == ["bb"]


@pytest.mark.parametrize(
    ("is_exception", "is_national", "bases"),
    [
        (False, False, (Basis.EHDS,)),
        (False, True, (Basis.EHDS, Basis.NATIONAL_COPY)),
        (True, False, ()),
        (True, True, (Basis.NATIONAL_COPY,)),
    ],
)
def test_the_exception_lifts_the_opt_out_and_not_the_opposition_to_the_national_copy(
    is_exception: bool, is_national: bool, bases: tuple[Basis, ...]
) -> None:
    assert optouts.applied_bases(is_exception=is_exception, is_national=is_national) == bases


def test_an_extension_has_a_fresh_list_unless_its_country_says_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = {"xx": OptOutRefresh(on_extension=False, on_amendment=True)}
    monkeypatch.setattr(lists, "OPT_OUT_REFRESH", kept)
    later = DECIDED_AT + HOUR

    def instant(country: str, *, is_longer: bool) -> datetime | None:
        return optouts.list_instant(country, former=PERMIT, decided_at=later, is_longer=is_longer)

    assert instant("fr", is_longer=True) is None
    assert instant("xx", is_longer=True) == DECIDED_AT
    assert instant("xx", is_longer=False) is None


def test_a_version_that_keeps_the_former_list_is_checked_against_its_date() -> None:
    version = replace(PERMIT, decided_at=DECIDED_AT + HOUR, opt_outs_as_of=DECIDED_AT)
    opt_outs = OptOutList(PERMIT.permit_number, DECIDED_AT, ())

    assert optouts.check_list(opt_outs, version) is None
    with pytest.raises(StaleOptOuts):
        optouts.check_list(replace(opt_outs, as_of=DECIDED_AT + HOUR), version)


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
