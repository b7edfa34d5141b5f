"""A whole cohort: who is kept step by step, from which day, with which variables and controls."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ecluse.domain.cohorts.conditions import Condition
from ecluse.domain.cohorts.events import AnyEventSet, Day, Exposure, IndexDay, LinkedEvents
from ecluse.domain.cohorts.values import End, check_column
from ecluse.domain.cohorts.walking import depth, nodes

NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
MAX_DEPTH: Final = 24
MAX_NODES: Final = 5_000
MAX_STEPS: Final = 50
MAX_VARIABLES: Final = 500
MAX_LABEL: Final = 200
MAX_CONTROLS: Final = 50
MAX_YEARS_APART: Final = 20


class Counted(StrEnum):
    """What a count counts."""

    DATES = "distinct-dates"
    EVENTS = "events"


@dataclass(frozen=True)
class IsMet:
    """Whether the person meets a condition."""

    condition: Condition


@dataclass(frozen=True)
class DayIs:
    """A day, or nothing."""

    day: Day


@dataclass(frozen=True)
class Count:
    """How many events, or how many distinct dates of events; 0 without any.

    An event is one row of its source. Equal parts of one `AnyEvents` are one part; an event that
    two different parts hold is counted, and summed by a `Total`, once for each.
    """

    events: AnyEventSet
    of: Counted = Counted.DATES


@dataclass(frozen=True)
class Total:
    """The sum of a column of the source's table, to four decimals; nothing without any event.

    Each value is rounded to four decimals, half to even, then they are added without error. Absent
    values are 0.
    """

    events: AnyEventSet
    column: str

    def __post_init__(self) -> None:
        """Refuse what is not the name of a column."""
        check_column(self.column)


@dataclass(frozen=True)
class CodeAt:
    """The code of the first or last event; of several that day, the first in alphabetical order.

    It is given without dots and spaces around; nothing where no event of that day has a code.
    """

    events: AnyEventSet
    end: End = End.FIRST


@dataclass(frozen=True)
class ColumnAt:
    """A column of the first or last event, as text; of several that day, the smallest present.

    Numbers are compared as numbers, and written with four decimals at most and no idle zeros; dates
    are written as 2026-01-31, and so are instants. Text has no spaces around.
    """

    events: AnyEventSet
    column: str
    end: End = End.FIRST

    def __post_init__(self) -> None:
        """Refuse what is not the name of a column."""
        check_column(self.column)


@dataclass(frozen=True)
class AgeOn:
    """Completed years on a day."""

    day: Day


@dataclass(frozen=True)
class SexIs:
    """The sex of the person."""


@dataclass(frozen=True)
class DepartmentIs:
    """The last known department of residence."""


@dataclass(frozen=True)
class DaysBetween:
    """Days from `first` to `last`: 0 on the same day, negative when `last` is earlier."""

    first: Day
    last: Day


@dataclass(frozen=True)
class ExposedDays:
    """Days of exposure from `first` to `last`, both included; 0 when one of them is unknown."""

    exposure: Exposure
    first: Day
    last: Day


Value = (
    IsMet
    | DayIs
    | Count
    | Total
    | CodeAt
    | ColumnAt
    | AgeOn
    | SexIs
    | DepartmentIs
    | DaysBetween
    | ExposedDays
)


@dataclass(frozen=True)
class Variable:
    """One column of the cohort's file; `label` says in words what it holds."""

    name: str
    value: Value
    label: str

    def __post_init__(self) -> None:
        """Refuse a name that a file or another program could not hold."""
        if not NAME.fullmatch(self.name):
            raise ValueError(f"{self.name[:40]!r} is not a name: a-z, 0-9 and _, a letter first.")
        _check_label(self.label)


@dataclass(frozen=True)
class Step:
    """Keep those who meet `keep`; `label` is what the flowchart says."""

    label: str
    keep: Condition

    def __post_init__(self) -> None:
        """Refuse a step without words."""
        _check_label(self.label)


@dataclass(frozen=True)
class Matching:
    """Controls drawn for each case: `per_case` persons of `controls`, each drawn once at most.

    A control is not a case; the years of birth of both are `birth_years_apart` at most; the control
    was born and had not died, that day included, on the index day of the case, which becomes its
    own. Who lacks what is matched on is matched with nobody: a case may stay without controls.
    `domain.cohorts.matching` draws them.
    """

    controls: Condition
    per_case: int = 1
    birth_years_apart: int = 0
    same_sex: bool = True
    same_department: bool = False

    def __post_init__(self) -> None:
        """Refuse numbers that match no one."""
        if not 1 <= self.per_case <= MAX_CONTROLS:
            raise ValueError(f"A case has 1 to {MAX_CONTROLS} controls, not {self.per_case}.")
        if not 0 <= self.birth_years_apart <= MAX_YEARS_APART:
            raise ValueError(
                f"Births are 0 to {MAX_YEARS_APART} years apart, not {self.birth_years_apart}."
            )


@dataclass(frozen=True)
class Cohort:
    """Who is in the study: those left after every step, who have an index day where one is ruled.

    Variables are computed for them and, with `matching`, for their controls.
    """

    steps: tuple[Step, ...]
    index: Day | None = None
    variables: tuple[Variable, ...] = ()
    matching: Matching | None = None

    def __post_init__(self) -> None:
        """Refuse a cohort too large to be read, or one that names an index day that it lacks."""
        if not 0 < len(self.steps) <= MAX_STEPS:
            raise ValueError(f"A cohort has 1 to {MAX_STEPS} steps, not {len(self.steps)}.")
        names = [variable.name for variable in self.variables]
        if len(set(names)) != len(names) or len(names) > MAX_VARIABLES:
            raise ValueError(f"Variables have {MAX_VARIABLES} different names at most.")
        if sum(1 for _ in nodes(self)) > MAX_NODES or depth(self) > MAX_DEPTH:
            raise ValueError(
                f"A cohort has at most {MAX_NODES} nodes, {MAX_DEPTH} levels deep: cut it."
            )
        self._check_index()

    def _check_index(self) -> None:
        if any(_uses_index(step) for step in self.steps):
            raise ValueError("Steps are taken before the index day is ruled: name the day itself.")
        if self.index is None and (self.matching or _uses_index(self)):
            raise ValueError("The cohort uses its index day: give the rule that sets it.")
        if any(_uses_index(node) for node in nodes(self) if isinstance(node, LinkedEvents)):
            raise ValueError(
                "Days inside a link are those of the person linked, who has no index day: "
                "put the period around the link."
            )
        if self.index is not None and _uses_index(self.index):
            raise ValueError("The index day cannot be ruled by itself.")
        if self.matching and _uses_index(self.matching):
            raise ValueError("Who may be a control cannot depend on an index day.")


def cohort_of(condition: Condition, *, label: str = "Critères de la cohorte") -> Cohort:
    """Return the cohort of those who meet one condition."""
    return Cohort((Step(label, condition),))


def _uses_index(tree: object) -> bool:
    return any(isinstance(node, IndexDay) for node in nodes(tree))


def _check_label(label: str) -> None:
    if not 0 < len(label.strip()) <= MAX_LABEL:
        raise ValueError(f"A label has 1 to {MAX_LABEL} characters.")
