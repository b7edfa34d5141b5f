"""A file as a page shows it: its answers in words, what is wrong with them, what changed."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ecluse.domain.answers import Problem, problems
from ecluse.domain.forms import Field, FormVersion, Kind, Section, asked
from ecluse.portal.accounts.models import User
from ecluse.portal.applications.blocks import attached
from ecluse.portal.applications.models import Application
from ecluse.portal.applications.wording import answer_text, links


@dataclass(frozen=True)
class SectionText:
    """A section answered: its title, its problems, and each question with its answer in words."""

    id: str
    title: str
    pairs: list[tuple[str, str]]
    problems: list[tuple[str, str]]


def language() -> str:
    """Return the language of the page."""
    return get_language() or "fr"


def answers_shown(application: Application, user: User) -> dict[str, object]:
    """Return the answers that `user` reads: their own as they stand, others' as submitted."""
    if user.subject in application.subjects():
        return dict(application.answers)
    submission = application.last_submission()
    return dict(submission.answers) if submission else {}


def sections(
    form: FormVersion, answers: Mapping[str, object], *, file: tuple[str, str] | None = None
) -> list[SectionText]:
    """Return every section with its questions asked and its problems, in the reader's language.

    With the space of addresses and the number of the file, what is attached is a link.
    """
    found, given = problems(form, answers), asked(form, answers)
    told = {name: _told(form.field(name), answer, file=file) for name, answer in given.items()}
    return [_section(form, section, told, found) for section in form.sections]


def _told(field: Field, answer: object, *, file: tuple[str, str] | None) -> str:
    if field.kind is Kind.ATTACHMENT and file and attached(answer):
        return links(*file, attached(answer))
    return answer_text(field, answer, language())


def _section(
    form: FormVersion,
    section: Section,
    told: Mapping[str, str],
    found: tuple[Problem, ...],
) -> SectionText:
    speak = language()
    return SectionText(
        section.id,
        section.title.in_language(speak),
        [
            (field.label.in_language(speak), told[field.id])
            for field in section.fields
            if field.id in told
        ],
        [
            (_question(form.field(problem.field), problem), problem.message.in_language(speak))
            for problem in found
            if form.section_of(problem.field) is section
        ],
    )


def _question(field: Field, problem: Problem) -> str:
    """Return the question that a problem is about, and which item of a group."""
    label = field.label.in_language(language())
    if problem.item is None:
        return label
    return _("%(question)s (%(number)d)") % {"question": label, "number": problem.item + 1}


def changed_questions(application: Application, form: FormVersion) -> list[str]:
    """Return the questions whose answer changed between the last two submissions."""
    last_two = list(application.submissions.order_by("-round")[:2])
    if len(last_two) < 2:  # noqa: PLR2004 - two are compared
        return []
    new, old = (submission.answers for submission in last_two)
    return [
        field.label.in_language(language())
        for field in form.fields()
        if new.get(field.id) != old.get(field.id)
    ]
