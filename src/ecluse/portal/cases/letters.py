"""A letter as the person reads it: its words filled in from the file, with the remedies."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.formats import date_format
from django.utils.translation import get_language

from ecluse.domain.machines.letters import LETTERS
from ecluse.portal.cases import labels
from ecluse.portal.cases.models import CaseRecord
from ecluse.portal.cases.reasons import paragraphs

REMEDIES = "remedies"
WRITTEN = frozenset(
    {
        *("acknowledgement", "incomplete-file", "incomplete-refusal", "supplement", "extension"),
        *("estimate", "permit", "refusal", "revocation", "expiry"),
    }
)
"""The letters that the actions served by these pages send."""


@dataclass(frozen=True, slots=True)
class LetterText:
    """A letter in the reader's language: plain paragraphs, no mark-up."""

    title: str
    to: str
    source: str
    dated: datetime | None
    paragraphs: list[str]


def letter_text(
    name: str, case: CaseRecord, *, reason: str, due_on: date | None, dated: datetime | None = None
) -> LetterText:
    """The letter of that id about a file. Raises NotFound if its words are missing."""
    letter, language = LETTERS[name], get_language() or "fr"
    values = {
        "number": case.number,
        "title": case.title,
        "reason": reason or "…",
        "due_on": date_format(due_on, "j F Y") if due_on else "…",
    }
    texts = paragraphs(name, language)
    texts += paragraphs(REMEDIES, language) if letter.states_remedies else []
    # Each paragraph is filled in once: braces in a title or a reason are only text.
    filled = [text.format_map(values) for text in texts]
    to = labels.actor_label(letter.to.value)
    return LetterText(labels.letter_label(name), to, letter.source, dated, filled)
