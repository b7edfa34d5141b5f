"""The checklist of a guideline, filled from a protocol: for each item, where it is answered."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from ecluse.domain.evaluations.guidelines import (
    AUTHORS,
    DEVELOPMENT,
    FILE,
    GUIDELINES,
    REPORT,
    Item,
)
from ecluse.domain.evaluations.protocols import Guideline, Protocol

LONGEST: Final = 240


class Answered(StrEnum):
    """Who answers an item."""

    PROTOCOL = "protocol"
    REPORT = "report"
    HUB = "hub"
    AUTHORS = "authors"
    NOT_APPLICABLE = "not-applicable"


@dataclass(frozen=True, slots=True)
class Line:
    """One item filled: `where` names parts of the protocol or of the report, `answer` quotes them.

    `answer` is empty where the report, the hub or the authors speak.
    """

    guideline: Guideline
    item: str
    french: str
    english: str
    answered: Answered
    where: tuple[str, ...]
    answer: str

    def subject(self, language: str) -> str:
        """What the item asks, in French unless English is asked."""
        return self.english if language.startswith("en") else self.french


def fill(protocol: Protocol) -> tuple[Line, ...]:
    """The checklists that a protocol names, each in its own order."""
    return tuple(
        _line(protocol, guideline, item)
        for guideline in protocol.guidelines
        for item in GUIDELINES[guideline]
    )


def items_of(path: str) -> Iterator[tuple[Guideline, str]]:
    """Yield the items that a part of the protocol answers, and the guideline of each."""
    for guideline, every in GUIDELINES.items():
        for item in every:
            if path in item.where:
                yield guideline, item.id


def _line(protocol: Protocol, guideline: Guideline, item: Item) -> Line:
    answered = _answered(item)
    parts = item.where if answered is Answered.PROTOCOL else ()
    answer = "; ".join(filter(None, (_text(_value(protocol, path)) for path in parts)))
    return Line(
        guideline=guideline,
        item=item.id,
        french=item.french,
        english=item.english,
        answered=answered,
        where=item.where,
        answer=f"{answer[: LONGEST - 1]}…" if len(answer) > LONGEST else answer,
    )


def _answered(item: Item) -> Answered:
    first = item.where[0].split(".")[0]
    special = {
        REPORT: Answered.REPORT,
        FILE: Answered.HUB,
        AUTHORS: Answered.AUTHORS,
        DEVELOPMENT: Answered.NOT_APPLICABLE,
    }
    return special.get(first, Answered.PROTOCOL)


def _value(protocol: Protocol, path: str) -> object:
    value: object = protocol
    for name in path.split("."):
        value = getattr(value, name)
    return value


def _text(value: object) -> str:
    """What a part of a protocol says, short enough for a line."""
    if isinstance(value, tuple):
        return ", ".join(_text(one) for one in value)
    if dataclasses.is_dataclass(value):
        return _brief(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)


def _brief(value: object) -> str:
    """The first texts of a part: its name, its measure, its axis and column."""
    told = (_text(getattr(value, field.name)) for field in dataclasses.fields(value))  # type: ignore[arg-type]  # asked before
    return " ".join([one for one in told if one][:3])
