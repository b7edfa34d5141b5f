"""A description as its readers see it: where it stands, how complete it is, what differs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ecluse.domain.machines import MACHINES, Kind
from ecluse.domain.machines.description import CHECK
from ecluse.domain.metadata import DatasetDescription
from ecluse.domain.metadata.answers import PAGE_OF, PAGES, answers_of
from ecluse.domain.metadata.checks import Completeness, Problem, completeness, problems
from ecluse.domain.metadata.comparing import Changed, Difference, TableChange, difference
from ecluse.portal.accounts.models import User
from ecluse.portal.cases import labels as case_labels
from ecluse.portal.cases import reading as case_reading
from ecluse.portal.cases.conditions import RUNNING
from ecluse.portal.cases.models import ClockRow
from ecluse.portal.cases.reading import ClockLine
from ecluse.portal.catalogue.findings import Line
from ecluse.portal.descriptions import judging, labels
from ecluse.portal.descriptions.actions import BY_HOLDER, BY_HUB
from ecluse.portal.descriptions.models import DescriptionFile, DescriptionVersion

NAMES: Final = 12
"""The most columns that a difference names; more are counted."""


@dataclass(frozen=True, slots=True)
class Brief:
    """A description as a line of a list."""

    number: str
    title: str
    holder: str
    state: str
    badge: str
    todo: str
    due_on: date | None
    is_late: bool


@dataclass(frozen=True, slots=True)
class Act:
    """Something that this person may do now."""

    name: str
    label: str
    is_first: bool


@dataclass(frozen=True, slots=True)
class Told:
    """What is wrong with an answer, in words, and the page that mends it."""

    anchor: str
    label: str
    words: str
    page: str
    is_error: bool


def brief(file: DescriptionFile, *, today: date) -> Brief:
    """The description as a line of a list."""
    due = check_due_on(file)
    return Brief(
        file.number,
        title_of(file.said()),
        file.holder.name,
        case_labels.state_label(Kind.DESCRIPTION, file.state),
        labels.STATES[file.state],
        str(labels.NEXT_STEPS[file.state]),
        due,
        is_late=due is not None and due < today,
    )


def title_of(said: DatasetDescription) -> str:
    """What the dataset is called now."""
    return str(answers_of(said)["title_fr"]) or _("Sans titre")


def check_due_on(file: DescriptionFile) -> date | None:
    """The last day of the yearly check; None before the first publication."""
    running = ClockRow.objects.filter(RUNNING, item=file.item, rule=CHECK)
    return running.values_list("due_on", flat=True).first()


def acts(file: DescriptionFile, user: User) -> list[Act]:
    """What this person may do now, in the order of the machine."""
    speaks = file.holder.has(user)
    mine = BY_HOLDER if speaks else (BY_HUB if user.may("description.judge") else frozenset())
    names = [
        row.name
        for row in MACHINES[Kind.DESCRIPTION].actions
        if row.name in mine - {"save-draft"} and file.state in row.sources
    ]
    if file.shown is None and "drop-changes" in names:
        names.remove("drop-changes")
    ranked = sorted(names, key=lambda name: (name not in FIRST, names.index(name)))
    return [Act(name, str(labels.ACTS[name]), is_first=at == 0) for at, name in enumerate(ranked)]


FIRST: Final = frozenset({"submit", "confirm-unchanged", "validate", "publish"})
"""The acts that lead on; the others stand after them."""


def timeline(file: DescriptionFile) -> list[tuple[str, datetime, str, str]]:
    """What was done, the oldest first; who did it is an office, not a name."""
    return case_reading.timeline(file.case)


def clocks(file: DescriptionFile, user: User, *, today: date) -> list[ClockLine]:
    """The clocks of the yearly check, the running one first."""
    return case_reading.clock_lines(case_reading.reader_of(file.case, user, today=today))


def told(found: Iterable[Problem]) -> list[Told]:
    """Return what is wrong in words, errors first."""
    lines = [
        Told(
            labels.anchor(one.question),
            str(labels.QUESTION[one.question]),
            str(labels.FAULTS[one.fault]),
            PAGE_OF[one.question],
            one.is_error,
        )
        for one in found
    ]
    return sorted(lines, key=lambda line: not line.is_error)


def every_problem(file: DescriptionFile) -> tuple[Problem, ...]:
    """All that is wrong with what is written."""
    return problems(file.said(), file.unread)


def page_problems(file: DescriptionFile, page: str) -> tuple[Problem, ...]:
    """What is wrong on one page."""
    return tuple(one for one in every_problem(file) if PAGE_OF[one.question] == page)


def wrong_by_page(file: DescriptionFile) -> list[tuple[str, str, int]]:
    """Each page with its title and how many errors it has."""
    every = [one for one in every_problem(file) if one.is_error]
    return [
        (page, str(labels.PAGES[page]), sum(PAGE_OF[one.question] == page for one in every))
        for page in PAGES
    ]


def meter(file: DescriptionFile) -> Completeness:
    """How complete the description is, once the hub has added what it knows."""
    return completeness(judging.in_full(file, file.said()))


def findings_told(found: judging.Judgement) -> list[tuple[Line, str, str]]:
    """What the standard says, the page and the control that mend it; empty where the hub must."""
    return [
        (one.line, PAGE_OF[one.question], labels.anchor(one.question))
        if one.question
        else (one.line, "", "")
        for one in judging.told(found)
    ]


def sections(said: DatasetDescription) -> list[tuple[str, list[tuple[str, str | None]]]]:
    """Every answer in words, page by page."""
    answers = answers_of(said)
    return [
        (
            str(title),
            [
                (
                    str(labels.QUESTION[one.name]),
                    labels.in_words(one.name, answers[one.name]) or None,
                )
                for one in PAGES[page]
            ],
        )
        for page, title in labels.PAGES.items()
    ]


def tables(said: DatasetDescription) -> list[tuple[int, str, int, int]]:
    """Each group of tables: its rank, its name, how many tables and variables it has."""
    return [
        (
            rank,
            group.titles[0].words if group.titles else _("Tables"),
            len(group.tables),
            sum(len(table.variables) for table in group.tables),
        )
        for rank, group in enumerate(said.variables, start=1)
    ]


def changes(before: DescriptionVersion | None, after: DatasetDescription) -> Difference | None:
    """What a description changes to a version; None where there is none before."""
    return difference(before.said(), after) if before is not None else None


def answer_lines(found: Difference) -> list[tuple[str, str | None, str | None]]:
    """The answers that differ: the question, what was said, what is said now."""
    return [_answer_line(one) for one in found.answers]


def _answer_line(one: Changed) -> tuple[str, str | None, str | None]:
    before, after = (
        labels.in_words(one.question, each) or None for each in (one.before, one.after)
    )
    return str(labels.QUESTION[one.question]), before, after


def table_lines(found: Difference) -> list[tuple[str, str]]:
    """The tables that differ, and how, in words."""
    return [(one.table, _table_line(one)) for one in found.tables]


def _table_line(one: TableChange) -> str:
    if one.is_new:
        count = len(one.added)
        return ngettext(
            "table ajoutée, %(count)d variable", "table ajoutée, %(count)d variables", count
        ) % {"count": count}
    if one.is_gone:
        return _("table retirée")
    parts = (
        (_("ajoutées : %(names)s"), one.added),
        (_("retirées : %(names)s"), one.removed),
        (_("décrites autrement : %(names)s"), one.reworded),
    )
    found = [words % {"names": _names(names)} for words, names in parts if names]
    return " ; ".join(found) or _("titres ou mots-clés changés")


def _names(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:NAMES])
    return f"{shown}… ({len(names)})" if len(names) > NAMES else shown
