"""Significant findings: what makes one significant, what a report may say, what counts may be told.

Source: EHDS art. 58(3), 61(5). The articles leave "significant" open: the three questions below are
a choice of this project, those that the hub answers before anything is sent to a holder.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ecluse.domain.errors import InvalidInput

LEAST_WORDS: Final = 30
"""Characters: an answer that somebody else can judge."""
MOST_WORDS: Final = 4000
MOST_PERSONS: Final = 1_000
"""In one list: beyond, a finding is about a population and is told to authorities, not to each."""
PSEUDONYM: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
NAMING: Final = (
    re.compile(r"(?<![0-9A-Za-z])[0-9A-Fa-f]{16,}(?![0-9A-Za-z])", re.ASCII),
    re.compile(r"(?<!\d)[1-478](?:[ .-]?\d){4}[ .-]?(?:\d[ .-]?\d|2[ABab])(?:[ .-]?\d){6}"),
    re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+"),
    re.compile(r"(?<!\d)(?:[0-3]?\d[/.-][01]?\d[/.-](?:19|20)\d\d|(?:19|20)\d\d-[01]\d-[0-3]\d)"),
)
"""What could say who somebody is: pseudonyms, national numbers, addresses, days."""


class Certainty(StrEnum):
    """How sure those who report are of what they found."""

    POSSIBLE = "possible"
    PROBABLE = "probable"
    CONFIRMED = "confirmed"


SURE_ENOUGH: Final = frozenset({Certainty.PROBABLE, Certainty.CONFIRMED})


class Way(StrEnum):
    """To whom the holder spoke, as the law of its country says."""

    PERSON = "person"
    PROFESSIONAL = "professional"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the hub answers: does it matter to health, can something be done, how sure is it?"""

    is_relevant: bool
    is_actionable: bool
    certainty: Certainty

    @property
    def is_significant(self) -> bool:
        """Whether the finding is to be sent to the holders."""
        return self.is_relevant and self.is_actionable and self.certainty in SURE_ENOUGH


def check_significant(judgement: Judgement) -> None:
    """Pass if the finding may be qualified. Raises InvalidInput saying what is lacking."""
    lacking = [
        what
        for what, is_there in (
            ("it matters to the health of these persons", judgement.is_relevant),
            ("something can be done for them", judgement.is_actionable),
            ("it is probable at least", judgement.certainty in SURE_ENOUGH),
        )
        if not is_there
    ]
    if lacking:
        raise InvalidInput(
            f"A finding is significant where {', and '.join(lacking)}: ask for more, or set it"
            " aside."
        )


def names_somebody(text: str) -> bool:
    """Whether the text has what could say who somebody is."""
    return any(pattern.search(text) for pattern in NAMING)


def check_words(text: str) -> str:
    """Return the words of a report, trimmed, if they name nobody and can be judged.

    Raises InvalidInput, which repeats nothing of them.
    """
    words = text.strip()
    if names_somebody(words):
        raise InvalidInput(
            "A number, an address or a day here could say who somebody is: write what was found,"
            " and leave the persons in the secure zone."
        )
    if not LEAST_WORDS <= len(words) <= MOST_WORDS:
        raise InvalidInput(f"Write {LEAST_WORDS} to {MOST_WORDS} characters: they will be judged.")
    return words


def told_count(count: int, *, minimum: int) -> int | None:
    """Return a count that may be told; None under `minimum` persons, and for nobody at all.

    Nobody is hidden as well: of a list of one person, "nobody" would tell what they wish.
    """
    return count if count >= minimum else None


def read_list(data: bytes) -> frozenset[str]:
    """Return the pseudonyms of a list: one a line, under the line `person_pseudonym` or without.

    Raises InvalidInput, which quotes no line.
    """
    try:
        lines = [line.strip().strip('"') for line in data.decode("ascii").splitlines()]
    except UnicodeDecodeError:
        raise InvalidInput("The list is not plain text: write one pseudonym a line.") from None
    named = [line for line in lines if line and line != "person_pseudonym"]
    if not named or len(named) > MOST_PERSONS:
        raise InvalidInput(f"The list has {len(named)} lines: give 1 to {MOST_PERSONS} pseudonyms.")
    wrong = [rank for rank, line in enumerate(named, start=1) if not PSEUDONYM.fullmatch(line)]
    if wrong:
        raise InvalidInput(
            f"{len(wrong)} lines of the list, the first at rank {wrong[0]}, are not pseudonyms of"
            " 64 hexadecimal characters."
        )
    return frozenset(named)


WISHES: Final = "ecluse wishes not to be told"
PERSONS: Final = "ecluse persons of a significant finding"
"""What a message is sealed for: followed by the number of the finding."""
BLOCK: Final = 4096


@dataclass(frozen=True)
class ToTell:
    """Whom a holder is to tell, by the names that its own deliveries gave them, sorted."""

    finding_number: str
    holder: str
    dataset: str
    person_ids: tuple[str, ...]


def padded(message: bytes, *, block: int = BLOCK) -> bytes:
    """Return a JSON message with spaces up to a multiple of `block`: its size tells little."""
    return message + b" " * (-len(message) % block)
