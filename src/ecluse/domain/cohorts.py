"""Cohorts: who is in the study, as an immutable tree that cannot be invalid.

A cohort is built from *events* (a source of the dataset and codes), counted on distinct dates in a
window of care dates, and combined with *all of*, *any of*, *not*:

    diabetics = AtLeast(Events("drug_atc", ("A10",)), distinct_dates=3,
                        on_or_after=date(2022, 1, 1), on_or_before=date(2022, 12, 31))
    cohort = AllOf((diabetics, Not(AtLeast(Events("stay_diagnosis", ("E10",)), distinct_dates=1))))

Engines translate the tree; it travels as JSON inside the extraction order.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.]{0,31}")
SOURCE = re.compile(r"[a-z][a-z0-9_]{0,39}")
MAX_CODES = 2_000
MAX_DEPTH = 12


class Match(StrEnum):
    """How a code of the list meets a code of the data."""

    EXACT = "exact"
    PREFIX = "prefix"


@dataclass(frozen=True)
class Events:
    """The dated events of one source whose code is in the list.

    `source` names an event source of the dataset (`drug_atc`, `stay_diagnosis`). With `PREFIX`, the
    code `E11` takes E110, E1120… : PMSI diagnoses have 5 or 6 characters, and exact lists silently
    miss the children.
    """

    source: str
    codes: tuple[str, ...]
    match: Match = Match.PREFIX

    def __post_init__(self) -> None:
        """Refuse a list that no engine should ever see."""
        if not SOURCE.fullmatch(self.source):
            raise ValueError(f"{self.source!r} is not the name of an event source.")
        if not 0 < len(self.codes) <= MAX_CODES:
            raise ValueError(f"A code list holds 1 to {MAX_CODES} codes, not {len(self.codes)}.")
        for code in self.codes:
            if not CODE.fullmatch(code):
                raise ValueError(f"{code!r} is not a code: letters, digits and dots only.")


@dataclass(frozen=True)
class AtLeast:
    """Persons with events on `distinct_dates` days or more of the window, both ends included."""

    events: Events
    distinct_dates: int = 1
    on_or_after: date | None = None
    on_or_before: date | None = None

    def __post_init__(self) -> None:
        """Refuse an empty window or a count below one."""
        if self.distinct_dates < 1:
            raise ValueError(f"At least 1 date is needed, not {self.distinct_dates}.")
        if self.on_or_after and self.on_or_before and self.on_or_after > self.on_or_before:
            raise ValueError(f"The window ends {self.on_or_before} before {self.on_or_after}.")


@dataclass(frozen=True)
class AllOf:
    """Persons who are in every part."""

    parts: tuple["AtLeast | AllOf | AnyOf | Not", ...]

    def __post_init__(self) -> None:
        """Refuse an empty list or a tree too deep to be read."""
        _check_parts(self.parts)


@dataclass(frozen=True)
class AnyOf:
    """Persons who are in at least one part."""

    parts: tuple["AtLeast | AllOf | AnyOf | Not", ...]

    def __post_init__(self) -> None:
        """Refuse an empty list or a tree too deep to be read."""
        _check_parts(self.parts)


@dataclass(frozen=True)
class Not:
    """Persons of the dataset who are not in the part."""

    part: "AtLeast | AllOf | AnyOf | Not"

    def __post_init__(self) -> None:
        """Refuse a tree too deep to be read."""
        _check_parts((self.part,))


Cohort = AtLeast | AllOf | AnyOf | Not


def _check_parts(parts: tuple[Cohort, ...]) -> None:
    if not parts:
        raise ValueError("A combination needs at least one part.")
    if max(depth(part) for part in parts) >= MAX_DEPTH:
        raise ValueError(f"A cohort is at most {MAX_DEPTH} levels deep.")


def depth(cohort: Cohort) -> int:
    """The number of levels of the tree; a single count has one."""
    if isinstance(cohort, AtLeast):
        return 1
    parts = (cohort.part,) if isinstance(cohort, Not) else cohort.parts
    return 1 + max(depth(part) for part in parts)


def counts(cohort: Cohort) -> Iterator[AtLeast]:
    """Yield every count of the tree, left to right."""
    if isinstance(cohort, AtLeast):
        yield cohort
        return
    parts = (cohort.part,) if isinstance(cohort, Not) else cohort.parts
    for part in parts:
        yield from counts(part)


def sources(cohort: Cohort) -> frozenset[str]:
    """The event sources that the cohort reads."""
    return frozenset(count.events.source for count in counts(cohort))
