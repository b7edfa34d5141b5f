"""A description as the answers of a plain form, and back: what no answer speaks of stays as it is.

An answer is the text typed, or the codes ticked. What cannot be read yet (a number that is none) is
handed back beside the description, so that a draft never loses what was typed.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from ecluse.domain.metadata import code_lists as lists
from ecluse.domain.metadata import lenses
from ecluse.domain.metadata.agents import Agent, Contact, ContactPoint
from ecluse.domain.metadata.code_lists import CodeList
from ecluse.domain.metadata.lenses import Answer, Read, Said, Write
from ecluse.domain.metadata.values import Concept, Place, Text

Answers = Mapping[str, Answer]
MAILTO: Final = "mailto:"


@dataclass(frozen=True, slots=True)
class Question:
    """A question of the form: its name, how its answer is read from a description, and written.

    `codes` is the list that it draws from, if it does.
    """

    name: str
    read: Read
    write: Write
    codes: CodeList | None = None
    takes_several: bool = False


def answers_of(said: Said) -> dict[str, Answer]:
    """Return what a description answers to each question."""
    return {one.name: one.read(said) for one in QUESTIONS.values()}


def with_answers(said: Said, answers: Answers) -> tuple[Said, dict[str, str]]:
    """Return the description with these answers, and those that cannot be read, as typed."""
    unread: dict[str, str] = {}
    before = _point(said)
    for name, answer in answers.items():
        try:
            said = QUESTIONS[name].write(said, _clean(answer))
        except ValueError:
            unread[name] = str(answer)
    return _reachable(said, before), unread


def _clean(answer: Answer) -> Answer:
    return answer.strip() if isinstance(answer, str) else answer


def _point(said: Said) -> ContactPoint:
    """How whoever answers for the dataset is reached, as the contact of an organisation."""
    contact = said.contact_points[0] if said.contact_points else Contact()
    mails = (Text(one.removeprefix(MAILTO)) for one in contact.emails[:1])
    return ContactPoint(emails=tuple(mails), pages=contact.pages[:1])


def _reachable(said: Said, before: ContactPoint) -> Said:
    """Give the contact of the dataset to the organisations that have none of their own.

    One that was reached as the dataset was (`before`) follows it.
    """
    point = _point(said)
    return replace(
        said,
        holders=tuple(_followed(said.holders, point, before)),
        publishers=tuple(_followed(said.publishers, point, before)),
    )


def _followed(
    agents: tuple[Agent, ...], point: ContactPoint, before: ContactPoint
) -> Iterator[Agent]:
    given = (point,) if point != ContactPoint() else ()
    for agent in agents:
        follows = agent.contact_points in ((), (before,))
        changed = replace(agent, contact_points=given) if follows else agent
        if changed != Agent():
            yield changed


def _one(name: str, member: str, known: CodeList) -> Question:
    return Question(name, *lenses.code(member, known), codes=known)


def _several(
    name: str, member: str, known: CodeList, make: Callable[..., Any] = Concept
) -> Question:
    return Question(name, *lenses.codes(member, known, make), codes=known, takes_several=True)


PAGES: Final[Mapping[str, tuple[Question, ...]]] = {
    "what": (
        Question("title_fr", *lenses.words("titles", "fr")),
        Question("summary_fr", *lenses.words("descriptions", "fr")),
        Question("keywords", *lenses.keywords()),
        _several("categories", "health_categories", lists.CATEGORIES),
        _several("themes", "health_themes", lists.THEMES),
        Question("title_en", *lenses.words("titles", "en")),
        Question("summary_en", *lenses.words("descriptions", "en")),
    ),
    "who": (
        Question("holder_name", *lenses.agent_name("holders")),
        Question("holder_kind", *lenses.agent_kind("holders"), codes=lists.ORGANISATIONS),
        Question("publisher_name", *lenses.agent_name("publishers")),
        Question("publisher_kind", *lenses.agent_kind("publishers"), codes=lists.ORGANISATIONS),
        Question("contact_email", *lenses.contact("emails", MAILTO)),
        Question("contact_page", *lenses.contact("pages")),
    ),
    "coverage": (
        Question(
            "countries",
            *lenses.codes("spatial", lists.COUNTRIES, Place),
            codes=lists.COUNTRIES,
            takes_several=True,
        ),
        Question("first_day", *lenses.day("start")),
        Question("last_day", *lenses.day("end")),
        _one("frequency", "frequencies", lists.FREQUENCIES),
        _several("languages", "languages", lists.LANGUAGES),
        Question("provenance", *lenses.statement("provenance", "labels")),
        Question(
            "activities",
            *lenses.activities(),
            codes=lists.ACTIVITIES,
            takes_several=True,
        ),
    ),
    "population": (
        Question("population_fr", *lenses.words("population_coverage", "fr")),
        Question("minimum_age", *lenses.number("minimum_age")),
        Question("maximum_age", *lenses.number("maximum_age")),
        Question("person_count", *lenses.number("person_count")),
        Question("record_count", *lenses.number("record_count")),
        _several("personal_data", "personal_data", lists.PERSONAL_DATA),
    ),
    "access": (
        _one("access", "access_rights", lists.ACCESS),
        _several("kinds", "kinds", lists.KINDS),
        Question("legal_basis", *lenses.statement("legal_bases", "descriptions")),
        Question("purposes", *lenses.statement("purposes", "descriptions")),
        _several("use_terms", "rights", lists.USE_TERMS),
        Question("protected_part", *lenses.protected("part")),
        Question("protected_ground", *lenses.protected("ground")),
        Question("protected_measures", *lenses.protected("measures")),
    ),
    "data": (
        Question("structured", *lenses.structured()),
        _several("coding_systems", "coding_systems", lists.CODING_SYSTEMS),
        _several("standards", "conforms_to", lists.STANDARDS),
    ),
}
"""The pages of the form, in order, and their questions."""
QUESTIONS: Final[Mapping[str, Question]] = {
    one.name: one for questions in PAGES.values() for one in questions
}
PAGE_OF: Final[Mapping[str, str]] = {
    one.name: page for page, questions in PAGES.items() for one in questions
}
