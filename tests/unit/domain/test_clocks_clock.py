"""A clock on one file: what may be done to it, and what day it then gives."""

from datetime import date

import pytest

from ecluse.domain.actors import Actor
from ecluse.domain.clocks import clock as clocks
from ecluse.domain.clocks.calendars import CALENDARS
from ecluse.domain.clocks.clock import Clock
from ecluse.domain.clocks.ehds import EHDS, SUPPLEMENT
from ecluse.domain.clocks.rules import Resumption, RuleSet
from ecluse.domain.errors import InvalidInput, NotAllowed

FRANCE = CALENDARS["FR"]
PAUSING = EHDS.resuming(Resumption.CONTINUE)


def started(rule_id: str, on: date, rules: RuleSet = EHDS) -> Clock:
    return clocks.start(rules, rule_id, on=on, calendar=FRANCE)


def decision(on: date = date(2030, 3, 4), rules: RuleSet = EHDS) -> Clock:
    """A decision of a file complete on Monday 4 March 2030: due on Tuesday 4 June."""
    return started("decision", on, rules)


def test_a_running_clock_says_its_due_day_the_days_left_and_whose_turn_it_is() -> None:
    clock = decision()

    assert clocks.due_on(clock) == date(2030, 6, 4)
    assert clocks.days_left(clock, today=date(2030, 6, 1)) == 3
    assert clock.turn is Actor.DECIDER
    assert not clocks.is_overdue(clock, today=date(2030, 6, 4))
    assert clocks.is_overdue(clock, today=date(2030, 6, 5))
    assert clocks.days_left(clock, today=date(2030, 6, 5)) == -1


def test_a_suspended_clock_has_no_due_day_and_nobody_is_late() -> None:
    clock = clocks.suspend(decision(), on=date(2030, 4, 2), reason=SUPPLEMENT)

    assert clocks.due_on(clock) is None
    assert clocks.days_left(clock, today=date(2030, 9, 1)) is None
    assert not clocks.is_overdue(clock, today=date(2030, 9, 1))
    assert clock.turn is Actor.NOBODY
    # As if resolved on 16 April: three months from then, 16 July.
    assert clocks.due_on(clock, today=date(2030, 4, 16)) == date(2030, 7, 16)


def test_a_supplement_makes_the_whole_period_run_again_by_the_text_of_the_regulation() -> None:
    clock = clocks.suspend(decision(), on=date(2030, 4, 2), reason=SUPPLEMENT)
    clock = clocks.resume(clock, on=date(2030, 4, 16))

    assert clocks.due_on(clock) == date(2030, 7, 16)


def test_a_supplement_only_pauses_where_a_country_chose_so() -> None:
    clock = clocks.suspend(decision(rules=PAUSING), on=date(2030, 4, 2), reason=SUPPLEMENT)
    clock = clocks.resume(clock, on=date(2030, 4, 16))

    # 4 June and the 15 days from 2 to 16 April: 19 June.
    assert clocks.due_on(clock) == date(2030, 6, 19)


def test_two_pauses_add_up_and_the_end_avoids_the_week_end() -> None:
    clock = clocks.suspend(decision(rules=PAUSING), on=date(2030, 4, 2), reason=SUPPLEMENT)
    clock = clocks.resume(clock, on=date(2030, 4, 3))
    clock = clocks.suspend(clock, on=date(2030, 5, 2), reason=SUPPLEMENT)
    clock = clocks.resume(clock, on=date(2030, 5, 3))

    # 4 June and 2 + 2 days: Saturday 8 June, Whit Monday is the 10th, so the 11th.
    assert clocks.due_on(clock) == date(2030, 6, 11)


@pytest.mark.parametrize(
    ("on", "reason", "message"),
    [
        (date(2030, 4, 2), "holidays", "not suspended by 'holidays'"),
        (date(2030, 6, 5), SUPPLEMENT, "due on 2030-06-04"),
    ],
)
def test_a_clock_is_not_suspended_without_cause_or_too_late(
    on: date, reason: str, message: str
) -> None:
    with pytest.raises(NotAllowed, match=message):
        clocks.suspend(decision(), on=on, reason=reason)


def test_suspensions_do_not_overlap() -> None:
    once = clocks.suspend(decision(), on=date(2030, 4, 2), reason=SUPPLEMENT)
    over = clocks.resume(once, on=date(2030, 4, 16))

    with pytest.raises(NotAllowed, match="until now"):
        clocks.suspend(once, on=date(2030, 4, 10), reason=SUPPLEMENT)
    with pytest.raises(NotAllowed, match="one suspension at a time"):
        clocks.suspend(over, on=date(2030, 4, 16), reason=SUPPLEMENT)


def test_a_clock_that_is_not_suspended_is_not_resumed() -> None:
    with pytest.raises(NotAllowed, match="not suspended"):
        clocks.resume(decision(), on=date(2030, 4, 2))


def test_an_extension_makes_one_longer_period() -> None:
    clock = clocks.extend(decision(), on=date(2030, 6, 4), reason="Deux comités à entendre.")

    assert clocks.due_on(clock) == date(2030, 9, 4)


@pytest.mark.parametrize(
    ("on", "reason", "error", "message"),
    [
        (date(2030, 6, 5), "Trop tard.", NotAllowed, "due on 2030-06-04"),
        (date(2030, 5, 2), "  ", InvalidInput, "Say why"),
        (date(2030, 3, 1), "Avant.", InvalidInput, "before its last event"),
    ],
)
def test_an_extension_has_a_reason_and_comes_in_time(
    on: date, reason: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        clocks.extend(decision(), on=on, reason=reason)


def test_a_clock_is_extended_once_even_if_it_ran_anew() -> None:
    clock = clocks.extend(decision(), on=date(2030, 5, 2), reason="Avis attendu.")
    clock = clocks.suspend(clock, on=date(2030, 7, 1), reason=SUPPLEMENT)
    clock = clocks.resume(clock, on=date(2030, 7, 8))

    with pytest.raises(NotAllowed, match="once only"):
        clocks.extend(clock, on=date(2030, 8, 1), reason="Encore.")
    assert clocks.due_on(clock) == date(2031, 1, 8)  # six months from 8 July


def test_a_suspended_clock_is_resumed_before_it_is_extended_or_completed() -> None:
    clock = clocks.suspend(decision(), on=date(2030, 4, 2), reason=SUPPLEMENT)

    with pytest.raises(NotAllowed, match="resume it, then extend"):
        clocks.extend(clock, on=date(2030, 4, 3), reason="Avis.")
    with pytest.raises(NotAllowed, match="resume it, then complete"):
        clocks.complete(clock, on=date(2030, 4, 3))


def test_a_part_of_the_extension_may_be_taken_and_no_more_than_the_whole() -> None:
    supply = started("supply", date(2030, 3, 4))  # due 4 June, at most 4 September
    shorter = clocks.extend(
        supply, on=date(2030, 5, 2), reason="Appariement.", until_on=date(2030, 7, 1)
    )

    assert clocks.due_on(shorter) == date(2030, 7, 1)
    with pytest.raises(NotAllowed, match="2030-09-04 at most"):
        clocks.extend(supply, on=date(2030, 5, 2), reason="Long.", until_on=date(2030, 9, 5))
    with pytest.raises(NotAllowed, match="no extension"):
        clocks.extend(supply, on=date(2030, 5, 2), reason="Court.", until_on=date(2030, 6, 4))


def test_an_extension_without_a_length_in_law_names_its_day() -> None:
    results = started("results-public", date(2030, 3, 4))

    with pytest.raises(InvalidInput, match="name the day"):
        clocks.extend(results, on=date(2031, 1, 6), reason="Revue.")
    longer = clocks.extend(results, on=date(2031, 1, 6), reason="Revue.", until_on=date(2032, 3, 1))
    assert clocks.due_on(longer) == date(2032, 3, 1)


def test_a_completed_clock_changes_no_more_and_stays_late_or_not() -> None:
    late = clocks.complete(decision(), on=date(2030, 6, 6))

    assert clocks.is_overdue(late, today=date(2030, 6, 7))
    assert late.turn is Actor.NOBODY
    with pytest.raises(NotAllowed, match="completed on 2030-06-06"):
        clocks.complete(late, on=date(2030, 6, 7))


def test_a_void_clock_is_late_for_nobody() -> None:
    void = clocks.void(decision(), on=date(2030, 4, 2), reason="Demande retirée.")

    assert not clocks.is_overdue(void, today=date(2031, 1, 1))
    assert clocks.days_left(void, today=date(2030, 5, 1)) is None
    with pytest.raises(NotAllowed, match="Demande retirée"):
        clocks.complete(void, on=date(2030, 4, 3))


def test_an_accelerated_clock_takes_the_standard_rule_from_the_same_day() -> None:
    fast = started("decision-accelerated", date(2030, 3, 4))
    standard = clocks.reroute(fast, EHDS, "decision", on=date(2030, 4, 2))

    assert clocks.due_on(fast) == date(2030, 5, 6)  # 4 May is a Saturday
    assert clocks.due_on(standard) == date(2030, 6, 4)


def test_a_rule_without_a_figure_runs_without_a_due_day() -> None:
    clock = started("publish-application", date(2030, 3, 4))

    assert clocks.due_on(clock) is None
    assert clock.turn is Actor.ASSESSOR
    assert not clocks.is_overdue(clock, today=date(2035, 1, 1))


def test_logs_kept_longer_are_no_fault() -> None:
    log = started("access-log", date(2030, 3, 4))

    assert clocks.due_on(log) == date(2031, 3, 4)
    assert not clocks.is_overdue(log, today=date(2033, 1, 1))


def test_hours_have_no_clock_of_days() -> None:
    with pytest.raises(InvalidInput, match="ends_at"):
        started("incident-warning", date(2030, 3, 4))


def test_only_a_capped_state_takes_a_last_day_of_its_own() -> None:
    with pytest.raises(InvalidInput, match="no last day can be named"):
        clocks.start(
            EHDS,
            "deletion",
            on=date(2030, 3, 4),
            calendar=FRANCE,
            until_on=date(2030, 4, 4),
        )
