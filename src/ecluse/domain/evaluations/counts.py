"""What a report stores of its cases: counts by step of the score, from which figures are computed.

A score table is the one thing kept of predictions. Its steps are wide enough for each to hold as
many persons as the disclosure policy asks for, or none; every figure at a threshold (2x2 tables,
the ROC curve, calibration in groups, net benefit) is computed from it, by anybody, years later.

Numbers that are not whole are text, since a signed document holds no binary fraction.
"""

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

ALL: Final = "all"
"""The group that holds every case."""
MOST_STEPS: Final = 20
DIGITS: Final = 6
NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,9})?", re.ASCII)


def write(value: float, *, digits: int = DIGITS) -> str:
    """Return a number as documents spell it: `digits` decimals, a point, no exponent, no -0."""
    text = f"{value:.{digits}f}"
    return text.removeprefix("-") if float(text) == 0.0 else text


def check_number(text: str, *, name: str, may_be_empty: bool = False) -> None:
    """Pass if a text is a number as `write` spells one. Raises ValueError."""
    if may_be_empty and not text:
        return
    if not NUMBER.fullmatch(text):
        raise ValueError(f"{name} is not a number written like 0.893: write it so.")


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """Cases with the outcome, and controls, by step of the score, of one group, steps rising.

    With k steps there are k - 1 `edges`; a score equal to an edge is in the step above, so that the
    test "score of at least the edge" calls all steps from there up. `means` is the mean predicted
    risk of each step, empty where scores are no risks or where two persons make most of it.
    `failed` are cases and controls without a prediction: they are in no step, and count as wrong.
    """

    group: str
    edges: tuple[str, ...]
    cases: tuple[int, ...]
    controls: tuple[int, ...]
    means: tuple[str, ...] = ()
    failed: tuple[int, ...] = (0, 0)

    def __post_init__(self) -> None:
        """Refuse steps that do not go together. Raises ValueError."""
        steps = len(self.edges) + 1
        if len(self.cases) != steps or len(self.controls) != steps:
            raise ValueError(f"{self.group}: {steps} steps need as many cases and controls.")
        if self.means and len(self.means) != steps:
            raise ValueError(f"{self.group}: {steps} steps need as many means.")
        if len(self.failed) != len(("cases", "controls")):
            raise ValueError(f"{self.group}: failures are of cases, then of controls.")
        if any(count < 0 for count in (*self.cases, *self.controls, *self.failed)):
            raise ValueError(f"{self.group}: a count is negative.")
        for text in self.edges:
            check_number(text, name="An edge")
        for text in self.means:
            check_number(text, name="A mean", may_be_empty=True)
        values = [float(text) for text in self.edges]
        if any(after <= before for before, after in itertools.pairwise(values)):
            raise ValueError(f"{self.group}: edges do not rise.")

    @property
    def events(self) -> int:
        """How many have the outcome."""
        return sum(self.cases) + self.failed[0]

    @property
    def others(self) -> int:
        """How many have it not."""
        return sum(self.controls) + self.failed[1]

    @property
    def persons(self) -> int:
        """How many there are."""
        return self.events + self.others

    def at(self, edge: str) -> tuple[int, int, int, int]:
        """Return true positives, false negatives, false positives, true negatives at an edge.

        Raises:
            KeyError: the edge is not one of the table's.
        """
        if edge not in self.edges:
            raise KeyError(edge)
        cut = self.edges.index(edge) + 1
        hits, alarms = sum(self.cases[cut:]), sum(self.controls[cut:]) + self.failed[1]
        return hits, self.events - hits, alarms, self.others - alarms

    def expected(self) -> float | None:
        """Return the sum of risks that were predicted, None where a step states no mean."""
        if not self.means or not all(self.means):
            return None
        sizes = (one + other for one, other in zip(self.cases, self.controls, strict=True))
        return sum(size * float(mean) for size, mean in zip(sizes, self.means, strict=True))


@dataclass(frozen=True, slots=True)
class LifeStep:
    """Persons who left observation in one step of time: with the event, another, or censored."""

    until: str
    events: int
    competing: int
    censored: int

    def __post_init__(self) -> None:
        """Refuse a step without an end. Raises ValueError."""
        check_number(self.until, name="The end of a step")
        if min(self.events, self.competing, self.censored) < 0:
            raise ValueError("A count of a life table is negative.")


@dataclass(frozen=True, slots=True)
class LifeTable:
    """Follow-up of a group by steps of time, in the unit named; `risk` names a band of risk."""

    group: str
    unit: str
    steps: tuple[LifeStep, ...]

    def __post_init__(self) -> None:
        """Refuse steps that do not follow each other. Raises ValueError."""
        ends = [float(step.until) for step in self.steps]
        if any(after <= before for before, after in itertools.pairwise(ends)):
            raise ValueError(f"{self.group}: the steps of time do not rise.")


def too_small(counts: Iterable[int], *, least: int) -> int:
    """Return how many counts tell of too few persons: over 0 and under `least`."""
    return sum(1 for count in counts if 0 < count < least)
