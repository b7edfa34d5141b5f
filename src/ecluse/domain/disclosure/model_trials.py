"""Whether a trained model may be asked out: what attacks on it told, limits, a verdict.

A verdict never lets a model out. It says whether two checkers may be asked, and what they read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from ecluse.domain.aisystems.entries import number
from ecluse.domain.disclosure.models import ModelFacts, ModelKind, check_model
from ecluse.domain.disclosure.policy import DisclosurePolicy, for_author
from ecluse.domain.evaluations import figures
from ecluse.domain.evaluations.analysis import Attack

REQUIRED: Final = tuple(Attack)
"""Every attack is tried: one that was not, whatever the reason, is as one that succeeded."""


class ModelVerdict(StrEnum):
    """What follows from one attack, and from all: the worst of them."""

    PASS = "pass"  # noqa: S105 - a verdict, not a secret
    NEEDS_PROTECTION = "needs-dp-or-pruning"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Limit:
    """Up to `tolerated` an attack tells too little; over `refused`, no protection is proposed.

    With `is_proven`, the low end of the interval is compared, not the value: where the cut is
    drawn among few persons, or the worst of several is told, chance alone goes over.
    """

    attack: Attack
    measure: str
    tolerated: str
    refused: str
    source: str
    is_proven: bool = False

    def judge(self, value: Decimal) -> ModelVerdict:
        """Return what a value of the measure comes to."""
        if value <= Decimal(self.tolerated):
            return ModelVerdict.PASS
        over = value > Decimal(self.refused)
        return ModelVerdict.REFUSE if over else ModelVerdict.NEEDS_PROTECTION


LIMITS: Final[Mapping[Attack, Limit]] = {
    limit.attack: limit
    for limit in (
        Limit(
            Attack.MEMBERSHIP,
            "area under the curve, members against others, by the confidence in the outcome",
            "0.60",
            "0.70",
            "Yeom et al., IEEE CSF 2018 (the attack); this project: on data where a logistic "
            "regression gives .55, a pruned forest .59, a full tree .69 and a full forest .82",
        ),
        Limit(
            Attack.LIRA,
            "members recognised while 1 other in 1,000 is taken for one",
            "0.01",
            "0.05",
            "Carlini et al., IEEE S&P 2022 (the measure); this project: ten times chance",
            is_proven=True,
        ),
        Limit(
            Attack.ATTRIBUTE,
            "values guessed right of members, minus of others, worst attribute",
            "0.05",
            "0.10",
            "Fredrikson et al., ACM CCS 2015 (the attack); Yeom et al. 2018 (the advantage); "
            "this project (the limits)",
            is_proven=True,
        ),
    )
}
"""Structure has no limit here: rule R18 of disclosure control judges it."""
READABLE_OTHERS: Final = 1000
"""Others under which there is no cut that 1 in 1,000 passes: the area is judged in its place."""
LIRA_AREA: Final = Limit(
    Attack.LIRA,
    "area under the curve of the likelihood ratio, members against others",
    "0.65",
    "0.75",
    "Carlini et al. 2022 (the attack); this project: on the data of the other limit, logistic "
    "regression .60, pruned forest .66, full tree .74, full forest .90",
    is_proven=True,
)
LEAST_PERSONS: Final = 100
"""Members, and others, under which an attack that finds nothing proves nothing."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One attack: its measure with its interval, as text, or why it was not tried."""

    attack: Attack
    value: str
    low: str
    high: str
    verdict: ModelVerdict
    explanation: str


@dataclass(frozen=True, slots=True)
class ModelTrial:
    """What attacks on one file told, by the digest of its bytes."""

    model: str
    kind: ModelKind
    members: int
    others: int
    attacks: tuple[Tried, ...]

    def __post_init__(self) -> None:
        """Refuse what names no file. Raises InvalidInput."""
        figures.digest(self.model, name="The digest of the model")

    @property
    def verdict(self) -> ModelVerdict:
        """The worst verdict; refuse where an attack is missing."""
        found = {one.verdict for one in self.attacks}
        if {one.attack for one in self.attacks} != set(REQUIRED):
            return ModelVerdict.REFUSE
        worst = (ModelVerdict.REFUSE, ModelVerdict.NEEDS_PROTECTION)
        return next((one for one in worst if one in found), ModelVerdict.PASS)

    def reasons(self) -> tuple[str, ...]:
        """Why the model may not leave, one sentence an attack."""
        return tuple(
            one.explanation for one in self.attacks if one.verdict is not ModelVerdict.PASS
        )


def limit_of(attack: Attack, *, others: int) -> Limit:
    """Return the limit of an attack that was tried with so many others."""
    is_area = attack is Attack.LIRA and others < READABLE_OTHERS
    return LIRA_AREA if is_area else LIMITS[attack]


def judged(attack: Attack, *, value: str, low: str, high: str, members: int, others: int) -> Tried:
    """Return an attack with what follows from its measure; too few persons prove nothing."""
    limit = limit_of(attack, others=others)
    found = limit.judge(number(low if limit.is_proven else value))
    told = f"{attack}: {limit.measure}, {value} ({low} to {high}), at most {limit.tolerated}"
    if min(members, others) < LEAST_PERSONS and found is ModelVerdict.PASS:
        found = ModelVerdict.REFUSE
        told = f"{attack}: tried on under {LEAST_PERSONS} members or others, which proves nothing"
    return Tried(attack, value, low, high, found, told)


def not_tried(attack: Attack, reason: str) -> Tried:
    """Return an attack that could not be tried: the model is refused until it is."""
    return Tried(attack, "", "", "", ModelVerdict.REFUSE, f"{attack}: not tried, {reason}")


def of_structure(facts: ModelFacts, policy: DisclosurePolicy) -> Tried:
    """Return what rule R18 says of a model: rows that it holds, its smallest leaf, its freedom."""
    found = [for_author(one).explanation for one in check_model(facts, policy)]
    leaf = str(min(facts.leaves)) if facts.leaves else ""
    told = f"{Attack.STRUCTURAL}: {' '.join(found) or 'rule R18 finds nothing'}"
    may_be_pruned = facts.kind in (ModelKind.TREE, ModelKind.ENSEMBLE)
    worst = ModelVerdict.NEEDS_PROTECTION if may_be_pruned else ModelVerdict.REFUSE
    return Tried(
        Attack.STRUCTURAL, leaf, "", "", worst if found else ModelVerdict.PASS, told.rstrip(".")
    )
