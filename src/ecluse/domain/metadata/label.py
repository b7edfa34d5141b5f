"""The quality and utility label of a dataset: its elements, its grade, and who does what with it.

Source: EHDS art. 78. What the label must cover is law (78(3)); the levels, the letters and how long
a label holds are those of a scheme, given as data, until the act of art. 78(6).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from ecluse.domain.errors import InvalidInput, NotAllowed

NOTE_LONGEST: Final = 2_000


class Basis(StrEnum):
    """What a level rests on: the holder's word, or a signed quality report."""

    DECLARED = "declared"
    MEASURED = "measured"


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A section: a letter of EHDS art. 78(3)."""

    code: str
    title_fr: str
    title_en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """An element that the law names. `levels`: what each rank from 0 means, (French, English).

    `measured`: dimensions of quality reports that tell its rank. `is_always_due`: "not applicable"
    is no answer.
    """

    code: str
    section: str
    title_fr: str
    title_en: str
    levels: tuple[tuple[str, str], ...]
    measured: tuple[str, ...] = ()
    is_always_due: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """A letter, and the least percentage of points that gives it."""

    letter: str
    least_percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """A version of a scheme; `grades` from the best to the worst, the last from 0.

    `steps`: the least percentages of checks passed for the ranks 1, 2, 3.
    """

    name: str
    version: int
    title_fr: str
    title_en: str
    valid_months: int
    steps: tuple[int, ...]
    grades: tuple[Grade, ...]
    sections: tuple[Section, ...]
    elements: tuple[Element, ...]

    def element(self, code: str) -> Element:
        """Return one element. Raises InvalidInput."""
        for element in self.elements:
            if element.code == code:
                return element
        raise InvalidInput(f"The scheme {self.name} has no element {code!r}.")


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said of one element: its rank, or None where it does not apply.

    `note` says what a declared rank rests on: a page, a document; of a measured one, the report.
    """

    level: int | None
    basis: Basis = Basis.DECLARED
    note: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """Of one dimension of a quality report, how many checks there are and how many passed."""

    dimension: str
    checks: int
    passed: int


@dataclass(frozen=True, slots=True)
class SectionMark:
    """The points of a section, of how many, and how many of its elements were measured."""

    section: str
    points: int
    most: int
    elements: int
    measured: int

    @property
    def percent(self) -> int:
        """The share of the points, rounded; 0 where nothing applies."""
        return round(100 * self.points / self.most) if self.most else 0


@dataclass(frozen=True, slots=True)
class Assessment:
    """What a scheme says of answers: a mark for each section, the letter, what is missing."""

    marks: tuple[SectionMark, ...]
    percent: int
    letter: str
    missing: tuple[str, ...]


def measured(scheme: Scheme, scores: Sequence[Score], *, note: str) -> dict[str, Answer]:
    """Return the ranks that a quality report gives, of the elements that it has checks for.

    Of several dimensions, all their checks count together.
    """
    found = {}
    for element in scheme.elements:
        told = [score for score in scores if score.dimension in element.measured]
        checks, passed = sum(one.checks for one in told), sum(one.passed for one in told)
        if checks:
            level = sum(100 * passed >= step * checks for step in scheme.steps)
            found[element.code] = Answer(level, Basis.MEASURED, note)
    return found


def together(declared: Mapping[str, Answer], found: Mapping[str, Answer]) -> dict[str, Answer]:
    """Return what is declared, and in its place what was measured."""
    return {**declared, **found}


def check(scheme: Scheme, answers: Mapping[str, Answer]) -> None:
    """Pass if every answer is one that the scheme has; none need be given.

    Raises:
        InvalidInput: an unknown element or rank, an element that always applies left out, a rank
        that nothing supports.
    """
    for code, answer in answers.items():
        element = scheme.element(code)
        if answer.level is None:
            if element.is_always_due:
                raise InvalidInput(f"{code} always applies (EHDS art. 78(3)): choose its level.")
        elif not 0 <= answer.level < len(element.levels):
            raise InvalidInput(f"{code} has the levels 0 to {len(element.levels) - 1}.")
        elif answer.level and not answer.note.strip():
            raise InvalidInput(f"{code}: say what its level rests on, a page or a document.")
        if len(answer.note) > NOTE_LONGEST:
            raise InvalidInput(f"{code}: say it in {NOTE_LONGEST:,} characters.")


def assess(scheme: Scheme, answers: Mapping[str, Answer]) -> Assessment:
    """Return the marks of the sections and the letter; what does not apply counts nowhere.

    Each section weighs the same: that of six elements does not outweigh that of two.
    """
    marks = tuple(_mark(scheme, section, answers) for section in scheme.sections)
    counted = [mark for mark in marks if mark.most]
    percent = (
        round(sum(100 * mark.points / mark.most for mark in counted) / len(counted))
        if (counted)
        else 0
    )
    letter = next(grade.letter for grade in scheme.grades if percent >= grade.least_percent)
    missing = tuple(one.code for one in scheme.elements if one.code not in answers)
    return Assessment(marks, percent, letter, missing)


def _mark(scheme: Scheme, section: Section, answers: Mapping[str, Answer]) -> SectionMark:
    elements = [one for one in scheme.elements if one.section == section.code]
    points = most = from_reports = 0
    for element in elements:
        answer = answers.get(element.code, Answer(0))
        if answer.level is not None:
            points += answer.level
            most += len(element.levels) - 1
            from_reports += answer.basis is Basis.MEASURED
    return SectionMark(section.code, points, most, len(elements), from_reports)


class State(StrEnum):
    """Where a label stands. Only a granted one is shown with its letter."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    GRANTED = "granted"
    REVOKED = "revoked"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class Side(StrEnum):
    """Who acts: the holder, the health data access body, or time."""

    HOLDER = "holder"
    HUB = "hub"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Move:
    """An act: whose, from which states, to which; whether it needs a reason."""

    side: Side
    states: frozenset[State]
    to: State
    is_reasoned: bool = False


WRITTEN: Final = frozenset({State.DRAFT, State.RETURNED})
"""States in which the holder writes."""
OPEN: Final = WRITTEN | {State.SUBMITTED}
SHOWN: Final = frozenset({State.GRANTED, State.REVOKED, State.EXPIRED})
"""States that everybody may read: what was once granted is not hidden when it ends."""

MOVES: Final[Mapping[str, Move]] = {
    "submit": Move(Side.HOLDER, WRITTEN, State.SUBMITTED),
    "withdraw": Move(Side.HOLDER, OPEN | {State.GRANTED}, State.WITHDRAWN),
    "return": Move(Side.HUB, frozenset({State.SUBMITTED}), State.RETURNED, is_reasoned=True),
    "grant": Move(Side.HUB, frozenset({State.SUBMITTED}), State.GRANTED),
    "revoke": Move(Side.HUB, frozenset({State.GRANTED}), State.REVOKED, is_reasoned=True),
    "expire": Move(Side.TIME, frozenset({State.GRANTED}), State.EXPIRED),
}
"""Source: EHDS art. 60(4) (the holder gives what is needed to verify), 78(4) (the access body
verifies, and revokes where the dataset is not of the quality it is labelled with)."""


def move(state: State, action: str, *, side: Side, reason: str = "") -> State:
    """Return the state after an act.

    Raises:
        NotAllowed: not from this state, or not for this side.
        InvalidInput: the act needs a reason and none is given.
    """
    told = MOVES.get(action)
    if told is None or state not in told.states or side is not told.side:
        raise NotAllowed(f"A label that is {state} cannot be changed so ({action}) by the {side}.")
    if told.is_reasoned and not reason.strip():
        raise InvalidInput("Say why: the reason is published with the decision.")
    return told.to


def last_day(granted_on: date, *, months: int) -> date:
    """Return the last day that a label holds: the day before the same day, `months` later."""
    rank = granted_on.year * 12 + granted_on.month - 1 + months
    year, month = divmod(rank, 12)
    first_after = date(year, month + 1, 1)
    day = min(granted_on.day, _days_in(first_after))
    return date.fromordinal(date(year, month + 1, day).toordinal() - 1)


def _days_in(first: date) -> int:
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return (following - first).days


def is_due(*, is_publicly_funded: bool, in_force: bool) -> bool:
    """Whether a label is owed: of data collected or processed with public money, and none holds.

    Source: EHDS art. 78(2).
    """
    return is_publicly_funded and not in_force
