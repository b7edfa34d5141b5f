"""Which cells disclose by themselves, and how far from the truth a guess of them must stay.

The unit is the person: what counts is who contributes to a cell, and how much.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from ecluse.domain.errors import InvalidInput
from ecluse.domain.parameters import MINIMUM_COUNT

PERSONS = "persons"


class Risk(StrEnum):
    """Why a cell discloses by itself. Numbers are those of `domain.disclosure.RULES`."""

    FEW_PERSONS = "R1"
    ZERO = "R2"
    CLASS = "R3"
    DOMINANCE = "R4"
    SHARE = "R5"
    DIFFERENCE = "R16"


@dataclass(frozen=True, slots=True)
class TabulationPolicy:
    """The figures of the rules on tables, with a name and a version quoted in every answer.

    `dominance_persons` persons may not hold over `dominance_percent` of an amount. The second
    person of a cell may not know the first within `share_percent` of the amount. A rounding base
    must be one of `rounding_bases`; to stand alone, it must be at least `lone_rounding_base`.
    `epsilon_thousandths` is what all answers of a dataset may spend together.
    """

    name: str = "SNDS"
    version: str = "2026"
    minimum_count: int = MINIMUM_COUNT.value
    dominance_persons: int = 2
    dominance_percent: int = 85
    share_percent: int = 10
    zeros_disclose: bool = False
    rounding_bases: tuple[int, ...] = (5, 10)
    lone_rounding_base: int = 10
    epsilon_thousandths: int = 1000

    def __post_init__(self) -> None:
        """Raise InvalidInput for figures that protect nobody."""
        if self.minimum_count < 2 or not 1 <= self.dominance_persons <= 3:  # noqa: PLR2004
            raise InvalidInput("Policy: at least 2 persons in a cell, dominance of 1 to 3 persons.")
        if not 0 < self.dominance_percent <= 100 or not 0 < self.share_percent < 100:  # noqa: PLR2004
            raise InvalidInput("Policy: percentages are from 1 to 100.")

    @property
    def reference(self) -> str:
        """How answers name this policy."""
        return f"{self.name}-{self.version}"


def policy_of(minimum_count: int | None = None) -> TabulationPolicy:
    """Return the policy, or a stricter one that shows no number under `minimum_count`.

    Raises:
        InvalidInput: the minimum is under that of the policy.
    """
    usual = TabulationPolicy()
    if minimum_count is None or minimum_count == usual.minimum_count:
        return usual
    if minimum_count < usual.minimum_count:
        raise InvalidInput(
            f"The minimum count is {usual.minimum_count}, not {minimum_count}: give a larger one."
        )
    return replace(usual, version=f"{usual.version}-{minimum_count}", minimum_count=minimum_count)


@dataclass(frozen=True, slots=True)
class Holding:
    """What the persons of a cell hold of one measure, in its smallest unit (events, hundredths).

    `magnitude` adds up their shares without sign, `largest` lists the three largest of these from
    the top, `lowest` is the smallest share with its sign: negative when something was taken back.
    """

    total: int
    magnitude: int
    largest: tuple[int, ...]
    lowest: int


@dataclass(frozen=True, slots=True)
class CellContent:
    """The persons of a cell, and what they hold by measure (`events`, `total_…`)."""

    persons: int
    holdings: Mapping[str, Holding] = field(default_factory=dict)


EMPTY = CellContent(0)
NOTHING = Holding(0, 0, (), 0)


@dataclass(frozen=True, slots=True)
class Need:
    """How far a guess of a measure of a cell must stay open: to `up` above and `down` below it."""

    risk: Risk
    measure: str
    up: int
    down: int


def needs(
    content: CellContent, policy: TabulationPolicy, *, measures: Sequence[str]
) -> tuple[Need, ...]:
    """Return what keeps a cell from disclosing; nothing for a cell without risk.

    `measures` are those to look at, beside the number of persons which always counts.
    """
    held = {name: content.holdings.get(name, NOTHING) for name in measures if name != PERSONS}
    risk = risk_of_count(content.persons, policy)
    if risk is not None:
        count = Need(risk, PERSONS, policy.minimum_count - content.persons, 0)
        return (count, *(_around(risk, name, held[name], policy) for name in held))
    risks = {name: risk_of_amount(held[name], policy) for name in held}
    return tuple(_around(risk, name, held[name], policy) for name, risk in risks.items() if risk)


def risk_of_count(persons: int, policy: TabulationPolicy) -> Risk | None:
    """Return why a number of persons may not be shown: too few, or none where that tells."""
    if 0 < persons < policy.minimum_count:
        return Risk.FEW_PERSONS
    return Risk.ZERO if persons == 0 and policy.zeros_disclose else None


def risk_of_amount(holding: Holding, policy: TabulationPolicy) -> Risk | None:
    """Return why an amount may not be shown: dominance (n, k), or the p % rule.

    Amounts taken back count without their sign. An amount that is null for all tells of each.
    """
    if not holding.magnitude:
        return None
    top = sum(holding.largest[: policy.dominance_persons])
    if 100 * top > policy.dominance_percent * holding.magnitude:
        return Risk.DOMINANCE
    first, second = (*holding.largest, 0, 0)[:2]
    rest = holding.magnitude - first - second
    return Risk.SHARE if 100 * rest < policy.share_percent * first else None


def class_need(content: CellContent, group: CellContent, policy: TabulationPolicy) -> Need | None:
    """Return what hides that nearly all persons of `group` are in the category `content`.

    Nearly all: fewer than the minimum count are elsewhere. A guess must leave room for as many.
    """
    elsewhere = group.persons - content.persons
    if content.persons < policy.minimum_count or elsewhere >= policy.minimum_count:
        return None
    down = content.persons - max(0, group.persons - policy.minimum_count)
    return Need(Risk.CLASS, PERSONS, 0, down) if down > 0 else None


def _around(risk: Risk, measure: str, holding: Holding, policy: TabulationPolicy) -> Need:
    """Return the protection of an amount: p % of the largest share on both sides, 1 at least."""
    largest = holding.largest[0] if holding.largest else 0
    level = max(1, -(-policy.share_percent * largest // 100))
    return Need(risk, measure, level, min(level, holding.total) if holding.lowest >= 0 else level)
