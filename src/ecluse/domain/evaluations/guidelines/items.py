"""One item of a reporting guideline."""

from dataclasses import dataclass
from typing import Final

REPORT: Final = "report"
FILE: Final = "file"
AUTHORS: Final = "authors"
DEVELOPMENT: Final = "development"


@dataclass(frozen=True, slots=True)
class Item:
    """An item: its id as published, what it asks in our words, where it is answered."""

    id: str
    french: str
    english: str
    where: tuple[str, ...]


def items(*rows: tuple[str, str, str, str]) -> tuple[Item, ...]:
    """The items written as rows: id, French, English, places apart by a space."""
    return tuple(
        Item(id_, french, english, tuple(where.split())) for id_, french, english, where in rows
    )
