"""Conditions: true or false for each person. What is unknown is not met.

A comparison with a day that the person does not have is false; its negation is true.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, cast

from ecluse.domain.cohorts.events import AnyEventSet, Day, Exposure
from ecluse.domain.cohorts.values import check_parts, check_span

DEPARTMENT: Final = re.compile(r"[0-9AB]{2,3}")
MAX_AGE: Final = 150


class Sex(StrEnum):
    """Sex as the register of persons holds it."""

    FEMALE = "female"
    MALE = "male"


class ConditionRule:
    """What every condition can be combined into."""

    def __and__(self, other: "Condition") -> "AllOf":
        """Return the condition that both are met."""
        parts = self.parts if isinstance(self, AllOf) else (_condition(self),)
        return AllOf((*parts, other))

    def __or__(self, other: "Condition") -> "AnyOf":
        """Return the condition that one is met."""
        parts = self.parts if isinstance(self, AnyOf) else (_condition(self),)
        return AnyOf((*parts, other))

    def __invert__(self) -> "Not":
        """Return the condition that it is not met."""
        return Not(_condition(self))


def _condition(condition: ConditionRule) -> "Condition":
    return cast("Condition", condition)


@dataclass(frozen=True)
class AtLeast(ConditionRule):
    """Persons with events on `distinct_dates` days or more."""

    events: AnyEventSet
    distinct_dates: int = 1

    def __post_init__(self) -> None:
        """Refuse a count below one."""
        if self.distinct_dates < 1:
            raise ValueError(f"At least 1 date is needed, not {self.distinct_dates}.")


@dataclass(frozen=True)
class Known(ConditionRule):
    """Persons who have the day."""

    day: Day


@dataclass(frozen=True)
class DayWithin(ConditionRule):
    """Persons whose `day` falls from `from_days` to `to_days` after `anchor`, both included."""

    day: Day
    anchor: Day
    from_days: int | None
    to_days: int | None

    def __post_init__(self) -> None:
        """Refuse an empty period, or none."""
        check_span(self.from_days, self.to_days)


@dataclass(frozen=True)
class Aged(ConditionRule):
    """Persons aged `at_least` to `at_most` completed years on a day, both included."""

    on: Day
    at_least: int | None
    at_most: int | None

    def __post_init__(self) -> None:
        """Refuse ages that no one has."""
        first, last = self.at_least or 0, MAX_AGE if self.at_most is None else self.at_most
        if self.at_least is None and self.at_most is None:
            raise ValueError("An age has a lower or an upper bound: give one.")
        if not 0 <= first <= last <= MAX_AGE:
            raise ValueError(f"No one is aged {first} to {last} years.")


@dataclass(frozen=True)
class HasSex(ConditionRule):
    """Persons of that sex in the register of persons."""

    sex: Sex


@dataclass(frozen=True)
class LivesIn(ConditionRule):
    """Persons whose last known department of residence is in the list (`75`, `2A`, `971`)."""

    departments: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse an empty list or what is not a department."""
        check_parts(self.departments)
        for code in self.departments:
            if not DEPARTMENT.fullmatch(code):
                raise ValueError(f"{code[:10]!r} is not the code of a department.")


@dataclass(frozen=True)
class ExposedOn(ConditionRule):
    """Persons exposed on a day."""

    exposure: Exposure
    day: Day


@dataclass(frozen=True)
class AllOf(ConditionRule):
    """Persons who meet every part."""

    parts: tuple["Condition", ...]

    def __post_init__(self) -> None:
        """Refuse an empty list."""
        check_parts(self.parts)


@dataclass(frozen=True)
class AnyOf(ConditionRule):
    """Persons who meet at least one part."""

    parts: tuple["Condition", ...]

    def __post_init__(self) -> None:
        """Refuse an empty list."""
        check_parts(self.parts)


@dataclass(frozen=True)
class Not(ConditionRule):
    """Persons of the dataset who do not meet the part."""

    part: "Condition"


Condition = AtLeast | Known | DayWithin | Aged | HasSex | LivesIn | ExposedOn | AllOf | AnyOf | Not
