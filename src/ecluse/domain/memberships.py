"""Which projects used data about one person: what is asked of a zone, and what it answers.

Questions are padded to the same size, and answers to a few sizes, so that what is sealed says
nothing by its length.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

QUESTION: Final = "ecluse question on one person"
ANSWER: Final = "ecluse answer on one person"
"""What a message is sealed for: followed by the number of the question."""

MOST_IDENTIFIERS: Final = 8
IDENTIFIER_CHARACTERS: Final = 80
PROJECTS_AT_ONCE: Final = 64
"""Answers are padded to a multiple of so many projects."""
NUMBER_CHARACTERS: Final = 64


@dataclass(frozen=True)
class Subject:
    """Every identifier of one person, sorted: as many as one person may have, no list of people.

    `padding` brings all questions to one size.
    """

    identifiers: tuple[str, ...]
    padding: str = ""

    def __post_init__(self) -> None:
        """Refuse more than one person can have, or a list that could be written in two ways."""
        known = list(self.identifiers)
        if not 0 < len(known) <= MOST_IDENTIFIERS or known != sorted(set(known)):
            raise ValueError(f"One person has 1 to {MOST_IDENTIFIERS} identifiers, sorted.")
        if any(len(one) > IDENTIFIER_CHARACTERS for one in known):
            raise ValueError(f"An identifier has {IDENTIFIER_CHARACTERS} characters at most.")

    def padded(self) -> "Subject":
        """Return the same with the padding that hides how many identifiers there are."""
        return replace(self, padding=_padding(self.identifiers, MOST_IDENTIFIERS, 83))


@dataclass(frozen=True)
class Memberships:
    """The numbers of the projects that used data about a person, sorted.

    `is_listed`: the last list of opt-outs that the zone received names the person, so that no
    project decided since may use data about them.
    """

    projects: tuple[str, ...]
    is_listed: bool
    padding: str = ""

    def padded(self) -> "Memberships":
        """Return the same with the padding that hides how many projects there are."""
        due = -(-max(len(self.projects), 1) // PROJECTS_AT_ONCE) * PROJECTS_AT_ONCE
        hidden = "" if self.is_listed else " "  # `true` is one character less than `false`
        short = _padding(self.projects, due, NUMBER_CHARACTERS + 3)
        return replace(self, padding=short[len(hidden) :])


def _padding(items: Sequence[str], count: int, size: int) -> str:
    """Return the spaces that bring a JSON list of texts to the length of `count` of `size`.

    Each text costs its characters, two quotes and a comma, but for the comma of the last.
    """
    written = sum(len(item) + 3 for item in items) - (1 if items else 0)
    return " " * (count * size - written)
