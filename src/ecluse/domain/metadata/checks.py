"""What is wrong with a description while it is written, answer by answer: at once, without shapes.

The shapes of the standard are asked later and say more (`catalogue.rdf.validation`). An `error`
keeps a description from being submitted; an `advice` does not.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from ecluse.domain.metadata.answers import answers_of
from ecluse.domain.metadata.datasets import DatasetDescription
from ecluse.domain.metadata.elements import ELEMENTS, Presence, report
from ecluse.domain.metadata.lenses import Answer
from ecluse.domain.parameters import MINIMUM_COUNT

LONGEST_LINE: Final = 200
MAIL: Final = re.compile(r'[^@\s<>"]+@[^@\s<>".]+(\.[^@\s<>".]+)+')
OLDEST: Final = 130
"""The age that nobody is beyond, in years."""


class Fault(StrEnum):
    """What can be wrong with an answer."""

    MISSING = "missing"
    NOT_READ = "not-read"
    TOO_LONG = "too-long"
    NOT_MAIL = "not-mail"
    NOT_PAGE = "not-page"
    OUT_OF_ORDER = "out-of-order"
    TOO_OLD = "too-old"
    SMALL_COUNT = "small-count"
    FEW_RECORDS = "few-records"
    NO_TABLE = "no-table"
    NO_TRANSLATION = "no-translation"
    WISHED = "wished"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with the answer to one question; an advice keeps nothing from going on."""

    question: str
    fault: Fault
    is_error: bool = True


NEEDED: Final = (
    *("title_fr", "summary_fr", "keywords", "categories"),
    *("holder_name", "holder_kind", "publisher_name", "publisher_kind", "contact_email"),
    *("provenance", "access", "kinds", "legal_basis", "structured"),
)
"""What must be answered before a description is submitted.

Source: Reg. (EU) 2026/2098 and the shapes of HealthDCAT-AP release 8, less what the hub adds itself
(identifier, theme, law, access body, distribution); the legal basis, EHDS art. 77(1).
"""
OTHER_WAY: Final = {"contact_email": "contact_page"}
"""What else may be answered in the place of a question."""
TRANSLATED: Final = {"title_fr": "title_en", "summary_fr": "summary_en"}
ELEMENT_OF: Final[Mapping[str, str]] = {
    "code_values": "coding_systems",
    "conforms_to": "standards",
    "coding_systems": "coding_systems",
    "spatial": "countries",
    "personal_data": "personal_data",
    "health_themes": "themes",
    "languages": "languages",
    "record_count": "record_count",
    "person_count": "person_count",
    "temporal": "first_day",
    "generated_by": "activities",
}
"""The question that gives an element of the act, for those that NEEDED does not have already."""


def problems(
    said: DatasetDescription, unread: Mapping[str, str] | None = None
) -> tuple[Problem, ...]:
    """Return what is wrong, in the order of the checks; `unread` are the answers not understood."""
    answers = answers_of(said)
    found = (
        *(Problem(name, Fault.NOT_READ) for name in unread or ()),
        *_missing(answers, unread or {}),
        *_lengths(answers),
        *_addresses(answers),
        *_orders(said),
        *_counts(said),
        *_tables(said),
        *_advice(said, answers),
    )
    return tuple(dict.fromkeys(found))


def errors(
    said: DatasetDescription, unread: Mapping[str, str] | None = None
) -> tuple[Problem, ...]:
    """Return what keeps the description from being submitted."""
    return tuple(one for one in problems(said, unread) if one.is_error)


@dataclass(frozen=True, slots=True)
class Completeness:
    """How many of the elements of the act that are due are given."""

    given: int
    due: int

    @property
    def percent(self) -> int:
        """The share given, in whole percent, rounded down."""
        return 100 * self.given // self.due if self.due else 100


def completeness(said: DatasetDescription) -> Completeness:
    """Return how complete a description is. Source: Reg. (EU) 2026/2098.

    What is due only where applicable counts as due: nobody can say that it is not.
    """
    states = list(report(said).values())
    given = states.count(Presence.GIVEN)
    return Completeness(given, len(states) - states.count(Presence.NOT_DUE))


def _missing(answers: Mapping[str, Answer], unread: Mapping[str, str]) -> Iterator[Problem]:
    for name in NEEDED:
        other = OTHER_WAY.get(name)
        is_given = answers[name] or name in unread or (other is not None and answers[other])
        if not is_given:
            yield Problem(name, Fault.MISSING)


def _lengths(answers: Mapping[str, Answer]) -> Iterator[Problem]:
    for name in ("title_fr", "title_en", "holder_name", "publisher_name"):
        if len(answers[name]) > LONGEST_LINE:
            yield Problem(name, Fault.TOO_LONG)


def _addresses(answers: Mapping[str, Answer]) -> Iterator[Problem]:
    mail, page = str(answers["contact_email"]), str(answers["contact_page"])
    if mail and not MAIL.fullmatch(mail):
        yield Problem("contact_email", Fault.NOT_MAIL)
    if page and not _is_page(page):
        yield Problem("contact_page", Fault.NOT_PAGE)


def _is_page(page: str) -> bool:
    try:
        parts = urlsplit(page)
    except ValueError:
        return False
    is_clean = not any(sign.isspace() or sign in '<>"{}|\\^`' for sign in page)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and is_clean


def _orders(said: DatasetDescription) -> Iterator[Problem]:
    youngest, oldest = said.minimum_age, said.maximum_age
    if youngest is not None and oldest is not None and youngest > oldest:
        yield Problem("maximum_age", Fault.OUT_OF_ORDER)
    for name, age in (("minimum_age", youngest), ("maximum_age", oldest)):
        if age is not None and age > OLDEST:
            yield Problem(name, Fault.TOO_OLD)
    period = said.temporal[0] if said.temporal else None
    if period and period.start and period.end:
        first, last = _day(period.start.words), _day(period.end.words)
        if first and last and first > last:
            yield Problem("last_day", Fault.OUT_OF_ORDER)


def _day(words: str) -> date | None:
    try:
        return date.fromisoformat(words[:10])
    except ValueError:
        return None


def _counts(said: DatasetDescription) -> Iterator[Problem]:
    persons, records = said.person_count, said.record_count
    if persons is not None and 0 < persons < MINIMUM_COUNT.value:
        yield Problem("person_count", Fault.SMALL_COUNT)
    if persons is not None and records is not None and records < persons:
        yield Problem("record_count", Fault.FEW_RECORDS, is_error=False)


def _tables(said: DatasetDescription) -> Iterator[Problem]:
    if said.is_structured and not said.every_variable():
        yield Problem("structured", Fault.NO_TABLE)


def _advice(said: DatasetDescription, answers: Mapping[str, Answer]) -> Iterator[Problem]:
    for french, english in TRANSLATED.items():
        if answers[french] and not answers[english]:
            yield Problem(english, Fault.NO_TRANSLATION, is_error=False)
    wanting = (Presence.MISSING, Presence.UNKNOWN)
    states = report(said)
    for element in ELEMENTS:
        name = ELEMENT_OF.get(element.field)
        if name is not None and states[element.name] in wanting and not answers[name]:
            yield Problem(name, Fault.WISHED, is_error=False)
