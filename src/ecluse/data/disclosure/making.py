"""Files that the engine makes itself: canonical bytes, so that nothing travels beside numbers."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from ecluse.data.disclosure.predicates import Predicate
from ecluse.domain.disclosure import DisclosurePolicy, finding
from ecluse.domain.disclosure.texts import contains_pseudonym, is_formula
from ecluse.domain.documents import Finding

HIDDEN: Final = "s"
TOTAL: Final = "Total"


@dataclass(frozen=True, slots=True)
class Made:
    """A table made: rows of text under headers, what was found, and who is behind what it shows.

    `note` says, for checkers and author, what was done to it.
    """

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    findings: tuple[Finding, ...]
    predicates: tuple[Predicate, ...]
    note: str
    figure: bytes | None = field(default=None)

    def csv(self) -> bytes:
        """Return the bytes of the table."""
        written = io.StringIO(newline="")
        writer = csv.writer(written, lineterminator="\n")
        writer.writerow(self.headers)
        writer.writerows(self.rows)
        return written.getvalue().encode()


def printed(number: float, policy: DisclosurePolicy) -> str:
    """Return a number to the digits of the policy, without exponent; the same on any machine."""
    if number == 0:
        return "0"
    text = format(Decimal(f"{number:.{policy.significant_digits - 1}e}"), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def rounded(persons: int, policy: DisclosurePolicy) -> int:
    """Return a number of persons to the nearest multiple of the policy's base."""
    base = policy.rounding_base
    return (2 * persons + base) // (2 * base) * base


def judge_labels(told: Sequence[tuple[str, str]], policy: DisclosurePolicy) -> Iterator[Finding]:
    """Yield what stands against the words of a table, each with its place: P1, A28, A32, D2.

    They are the one thing of a table made here that the analysis writes: many or long words can
    carry what numbers may not, so persons read them.
    """
    for place, text in told:
        if is_formula(text):
            yield finding("A28", place, "a label that a spreadsheet would run", policy)
        if contains_pseudonym(text):
            yield finding("P1", place, "a label that has the form of a pseudonym", policy)
        if text.casefold() == TOTAL.casefold():
            yield finding("D2", place, "a label that is called as a total is", policy)
    written = sum(len(text) for _, text in told)
    if written > policy.label_characters:
        text = f"{written} characters of labels > {policy.label_characters}: read them"
        yield finding("A32", "file", text, policy)


def where(labels: Iterable[tuple[str, str]]) -> str:
    """Say which cell, by its labels."""
    return ", ".join(f"{name} = {label}" for name, label in labels) or "total"


def with_headers(names: Sequence[str], *others: str) -> tuple[str, ...]:
    """Return headers, labels first, each once: an author's name never takes that of a number."""
    return (*(f"{name} (label)" if name in others else name for name in names), *others)
