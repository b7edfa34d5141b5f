"""Who may ask a held-out set, how often, and in which period it counts."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.domain.evaluations.secrecy import (
    BoardMeasure,
    BoardRules,
    Level,
    Purpose,
    StepRule,
    Usage,
    check_budget,
    check_rules,
    entity_number,
    failures_left,
    instant_of,
    left,
    period_of,
)

RULES = BoardRules(
    level=Level.INPUTS_PUBLIC,
    measure=BoardMeasure.AUROC,
    step_rule=StepRule.FIXED,
    threshold_millionths=500_000,
    step_millionths=0,
    final_percent=30,
    submissions=100,
    per_entity=10,
    failures_per_entity=3,
    period_days=30,
    explorations=5,
)
OPENED_ON = date(2026, 2, 1)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("552081317", "552081317"),
        ("552 081 317", "552081317"),
        ("de:hrb12345", "DE:HRB12345"),
    ],
)
def test_a_legal_entity_has_one_spelling(text: str, number: str) -> None:
    """552081317: doubled from the right every second digit, the sum 5+1+2+0+8+2+3+2+7 = 30."""
    assert entity_number(text) == number


@pytest.mark.parametrize(
    "text", ["552081318", "55208131700046", "FR:552081317", "camille@univ.example", "", "DE:"]
)
def test_what_is_no_legal_entity_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="no legal entity"):
        entity_number(text)


@pytest.mark.parametrize(
    ("day", "period"),
    [
        (date(2026, 2, 1), 0),
        (date(2026, 3, 2), 0),
        (date(2026, 3, 3), 1),
        (date(2026, 4, 1), 1),
        (date(2026, 4, 2), 2),
    ],
)
def test_a_period_has_its_days_and_no_more(day: date, period: int) -> None:
    """30 days from 1 February: to 2 March, then to 1 April."""
    assert period_of(RULES, OPENED_ON, day=day) == period


def test_nobody_submits_before_a_board_opens() -> None:
    with pytest.raises(NotAllowed, match="opens on 2026-02-01"):
        period_of(RULES, OPENED_ON, day=date(2026, 1, 31))


def test_time_never_goes_back_on_a_board() -> None:
    early, late = datetime(2026, 2, 3, tzinfo=UTC), datetime(2026, 5, 3, tzinfo=UTC)

    assert instant_of(early, latest=late) == late
    assert instant_of(late, latest=early) == late
    assert instant_of(early, latest=None) == early


@pytest.mark.parametrize(
    ("usage", "own", "files"),
    [
        (Usage(answered=0, counted=0, failed=0, explored=0), 10, 3),
        (Usage(answered=50, counted=9, failed=2, explored=0), 1, 1),
        (Usage(answered=98, counted=0, failed=3, explored=0), 2, 0),
        (Usage(answered=100, counted=0, failed=0, explored=0), 0, 3),
    ],
)
def test_what_is_left_is_the_least_of_both_budgets(usage: Usage, own: int, files: int) -> None:
    assert (left(RULES, usage), failures_left(RULES, usage)) == (own, files)


@pytest.mark.parametrize(
    ("usage", "purpose", "told"),
    [
        (Usage(100, 0, 0, 0), Purpose.COMPETE, "given its 100 answers"),
        (Usage(10, 10, 0, 0), Purpose.COMPETE, "All 10 submissions of this legal entity"),
        (Usage(0, 0, 3, 0), Purpose.COMPETE, "3 files of this legal entity did not fit"),
        (Usage(5, 5, 0, 5), Purpose.EXPLORE, "exploratory budget"),
    ],
)
def test_a_spent_budget_is_named(usage: Usage, purpose: Purpose, told: str) -> None:
    with pytest.raises(NotAllowed, match=told):
        check_budget(RULES, usage, purpose=purpose)


def test_a_spent_exploratory_budget_lets_a_competition_go_on() -> None:
    check_budget(RULES, Usage(5, 5, 0, 5), purpose=Purpose.COMPETE)

    assert left(RULES, Usage(5, 5, 0, 5)) == 5


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("final_percent", 29),
        ("final_percent", 91),
        ("submissions", 1),
        ("per_entity", 0),
        ("per_entity", 101),
        ("failures_per_entity", 0),
        ("period_days", 0),
        ("explorations", 101),
        ("threshold_millionths", -1),
        ("step_millionths", 500_001),
    ],
)
def test_rules_that_cannot_work_are_refused(member: str, value: int) -> None:
    with pytest.raises(InvalidInput, match=member):
        check_rules(replace(RULES, **{member: value}))


def test_a_paired_rule_has_no_fixed_step() -> None:
    with pytest.raises(InvalidInput, match="no fixed step"):
        check_rules(replace(RULES, step_rule=StepRule.PAIRED, step_millionths=10_000))
