"""A study of the library: a definition of who is ill, what it is for and what it is worth."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from ecluse.domain.cohorts import Cohort, Match


class Validated(StrEnum):
    """Whether the definition was compared with something else than itself."""

    YES = "validated"
    UNDER_WAY = "in-progress"
    NO = "not-validated"


@dataclass(frozen=True, slots=True)
class Validation:
    """What a comparison found, in the words of its source: values are never computed here."""

    status: Validated
    sensitivity: str = ""
    specificity: str = ""
    predictive_value: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class CodeList:
    """Codes of one system, where they were read, and the years for which they hold.

    `corrected`: what was changed against the source, and why.
    """

    name: str
    system: str
    codes: tuple[str, ...]
    source: str
    match: Match = Match.PREFIX
    first_year: int | None = None
    last_year: int | None = None
    corrected: str = ""


@dataclass(frozen=True, slots=True)
class Study:
    """One definition of the library.

    `cohort` builds it for a year, from `first_year` on. `data` are the components read; `limits`
    what the definition misses or takes wrongly. The fields are those by which the library of the
    French hub (BOAS) and ReDSiam describe an algorithm.
    """

    name: str
    title_fr: str
    title_en: str
    objective_fr: str
    objective_en: str
    domain: str
    data: tuple[str, ...]
    cohort: Callable[[int], Cohort]
    default_year: int
    code_lists: tuple[CodeList, ...]
    sources: tuple[str, ...]
    validation: Validation
    limits: tuple[str, ...] = ()
    first_year: int = 2006
    version: str = "1.0"
