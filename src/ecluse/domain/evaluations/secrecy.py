"""What a held-out set may tell: who may ask, how often, and what is answered.

A board is one reference set, one measure and the systems that are tried on it. Whoever asks a
held-out set again and again fits it, even through scores alone. So a legal entity has one budget
whatever its accounts; a score moves by sure steps only; exploratory answers have a budget of their
own; and a slice that no answer ever used is opened once, for the result that is signed.

Sources: Blum and Hardt, ICML 2015 (Ladder). Dwork and others, Science 2015;349:636 (Thresholdout).
Figures are whole millionths, since documents hold no fraction.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from ecluse.domain.errors import InvalidInput, NotAllowed

MILLION: Final = 1_000_000
LEAST_FINAL_PERCENT: Final = 30
MOST_FINAL_PERCENT: Final = 90
MOST_SUBMISSIONS: Final = 1_000_000
MOST_PERIOD_DAYS: Final = 366
SIREN: Final = re.compile(r"[0-9]{9}", re.ASCII)
FOREIGN: Final = re.compile(r"[A-Z]{2}:[A-Z0-9.-]{2,30}", re.ASCII)
TEN: Final = 10


class Level(StrEnum):
    """What of the reference set is secret, and so what comes to the secure zone."""

    PUBLIC = "L0"
    """Nothing: scores are exact, and prove little."""
    INPUTS_PUBLIC = "L1"
    """Inputs are given, labels are not: predictions come."""
    NOTHING_PUBLIC = "L2"
    """Nothing is given: the model comes, and runs where the data are."""


class BoardMeasure(StrEnum):
    """The measures that a board may score: bounded by 0 and 1, each better when higher."""

    ACCURACY = "accuracy"
    AUROC = "auroc"
    F1 = "f1"
    BRIER = "brier"
    """As 1 - Brier, so that higher is better."""


class StepRule(StrEnum):
    """By how much a system must be better for the board to say so."""

    FIXED = "fixed-step"
    """By a step that luck does not climb in as many submissions as the board takes."""
    PAIRED = "paired-error"
    """By the paired standard error of both systems, times what as many tries make of luck."""


class Purpose(StrEnum):
    """What a submission is for."""

    COMPETE = "compete"
    EXPLORE = "explore"
    """A question: is what I measured elsewhere true here? It changes no standing."""


class SubmissionStatus(StrEnum):
    """How a submission ended."""

    SCORED = "scored"
    REPEATED = "repeated"
    """The same file of the same entity was answered before: nothing new is told or counted."""
    FAILED = "failed"
    """The file does not fit its schema: nothing else is told."""


class FaultCode(StrEnum):
    """What of a file does not fit."""

    TOO_LARGE = "too-large"
    UNREADABLE = "unreadable"
    WRONG_COLUMNS = "wrong-columns"
    MISSING_CASES = "missing-cases"
    UNKNOWN_CASES = "unknown-cases"
    REPEATED_CASES = "repeated-cases"
    NOT_A_NUMBER = "not-a-number"
    OUT_OF_RANGE = "out-of-range"
    MODEL_FAILED = "model-failed"


@dataclass(frozen=True, slots=True)
class Fault:
    """One way in which a file does not fit; `count` lines do, 0 where that would tell a secret."""

    code: FaultCode
    count: int


@dataclass(frozen=True, slots=True)
class BoardRules:
    """What a board fixes before its first answer.

    `threshold_millionths` cuts predictions for accuracy and F1. `step_millionths` is the fixed
    step, 0 for the one that `submissions` asks for. `submissions` is what the board answers in all;
    `per_entity` and `failures_per_entity` are what one legal entity has in each period of
    `period_days`; `explorations` is how often an exploratory answer may use the held-out set.
    """

    level: Level
    measure: BoardMeasure
    step_rule: StepRule
    threshold_millionths: int
    step_millionths: int
    final_percent: int
    submissions: int
    per_entity: int
    failures_per_entity: int
    period_days: int
    explorations: int


@dataclass(frozen=True, slots=True)
class Usage:
    """What was used: by all since the opening, by one entity in one period, by explorations."""

    answered: int
    counted: int
    failed: int
    explored: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A system on a board: its score, what the score may be, and its band, 1 the best.

    Systems of one band cannot be told apart: no order is claimed among them.
    """

    band: int
    entity: str
    submission_number: str
    score_millionths: int
    low_millionths: int
    high_millionths: int


def check_rules(rules: BoardRules) -> None:
    """Pass if a board may work by these rules. Raises InvalidInput naming the figure."""
    _between("final_percent", rules.final_percent, LEAST_FINAL_PERCENT, MOST_FINAL_PERCENT)
    _between("submissions", rules.submissions, 2, MOST_SUBMISSIONS)
    _between("per_entity", rules.per_entity, 1, rules.submissions)
    _between("failures_per_entity", rules.failures_per_entity, 1, rules.submissions)
    _between("period_days", rules.period_days, 1, MOST_PERIOD_DAYS)
    _between("explorations", rules.explorations, 0, rules.submissions)
    _between("threshold_millionths", rules.threshold_millionths, 0, MILLION)
    _between("step_millionths", rules.step_millionths, 0, MILLION // 2)
    if rules.step_millionths and rules.step_rule is StepRule.PAIRED:
        raise InvalidInput("A paired error is no fixed step: leave step_millionths at 0.")


def entity_number(text: str) -> str:
    """The number of a legal entity, in its one spelling: it holds the budget, not its accounts.

    A French entity is its SIREN, nine digits of which the last proves the others; any other is its
    country and its number there, such as `DE:HRB12345`.

    Raises:
        InvalidInput: neither.
    """
    found = re.sub(r"\s", "", text).upper()
    if SIREN.fullmatch(found) and _luhn(found):
        return found
    if FOREIGN.fullmatch(found) and not found.startswith("FR:"):
        return found
    raise InvalidInput(
        f"{text[:40]!r} is no legal entity: give a SIREN (nine digits; a SIRET is not one), or "
        "a country and a number there, such as DE:HRB12345."
    )


def period_of(rules: BoardRules, opened_on: date, *, day: date) -> int:
    """The period, from 0, in which a submission of this day counts. Raises NotAllowed."""
    if day < opened_on:
        raise NotAllowed(f"This board opens on {opened_on}: submit then.")
    return (day - opened_on).days // rules.period_days


def instant_of(issued_at: datetime, *, latest: datetime | None) -> datetime:
    """The instant at which a submission counts: time never goes back on a board.

    A clock that is set back would else open again a period whose budget is spent, or one in which
    nobody spent anything.
    """
    return issued_at if latest is None else max(issued_at, latest)


def left(rules: BoardRules, usage: Usage) -> int:
    """How many submissions this entity has left in this period."""
    mine = rules.per_entity - usage.counted
    return max(min(mine, rules.submissions - usage.answered), 0)


def failures_left(rules: BoardRules, usage: Usage) -> int:
    """How many files that do not fit this entity may still send in this period."""
    return max(rules.failures_per_entity - usage.failed, 0)


def check_budget(rules: BoardRules, usage: Usage, *, purpose: Purpose) -> None:
    """Pass if one more submission may be judged. Raises NotAllowed saying which budget is spent.

    A failure is not counted as a submission and tells nothing of labels; where inputs are secret it
    tells one bit of them, so failures have a limit too.
    """
    if usage.answered >= rules.submissions:
        raise NotAllowed(
            f"This board has given its {rules.submissions} answers: more would let its readers fit "
            "it. Wait for its result, or for a board on a new slice."
        )
    if usage.counted >= rules.per_entity:
        raise NotAllowed(
            f"All {rules.per_entity} submissions of this legal entity in this period are used, by "
            "all its accounts together: wait for the next period."
        )
    if usage.failed >= rules.failures_per_entity:
        raise NotAllowed(
            f"{rules.failures_per_entity} files of this legal entity did not fit in this period: "
            "check them against the schema, and wait for the next period."
        )
    if purpose is Purpose.EXPLORE and usage.explored >= rules.explorations:
        raise NotAllowed(
            "The exploratory budget of this board is spent: it answers no more such question."
        )


def _between(name: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise InvalidInput(f"{name} is {value}: it must be from {low} to {high}.")


def _luhn(digits: str) -> bool:
    """Whether the digits prove each other. Source: ISO/IEC 7812-1, annex B."""
    doubled = [int(one) * (1 + rank % 2) for rank, one in enumerate(reversed(digits))]
    return sum(one // TEN + one % TEN for one in doubled) % TEN == 0
