"""An assessment as its pages show it: what is done and left, what is awaited, what changed."""

from dataclasses import dataclass
from datetime import date, datetime

from ecluse.domain import opinions
from ecluse.domain.assessments import QUESTIONS
from ecluse.domain.forms import is_empty
from ecluse.domain.minimisation_reviews import Tally
from ecluse.domain.opinions import AWAITED, Standing
from ecluse.portal.applications.actions import form_of
from ecluse.portal.applications.models import Application, Submission
from ecluse.portal.applications.reading import SectionText, language, sections
from ecluse.portal.applications.wording import answer_text
from ecluse.portal.assessments import labels, minimisation
from ecluse.portal.assessments.actions import notes_of
from ecluse.portal.assessments.models import ExpertOpinion, Note
from ecluse.portal.committees import labels as committee_labels
from ecluse.portal.committees.models import Entry


@dataclass(frozen=True, slots=True)
class QuestionLine:
    """One question and what was found on it; `note` is None while it is left."""

    name: str
    article: str
    words: str
    note: Note | None


@dataclass(frozen=True, slots=True)
class OpinionLine:
    """An opinion asked: `choice` and `text` stay empty while it is sealed."""

    row: ExpertOpinion
    standing: Standing
    words: str
    badge: str
    choice: str
    text: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an assessment is."""

    questions: list[QuestionLine]
    answered: int
    variables: Tally
    opinions: list[OpinionLine]
    awaited: int
    sittings: list[tuple[str, int, date, str]]


def progress(application: Application, *, now: datetime) -> Progress:
    """How far the assessment of the file is."""
    notes = {note.question: note for note in notes_of(application)}
    lines = [
        QuestionLine(
            one.value, labels.article(one), str(labels.QUESTIONS[one]), notes.get(one.value)
        )
        for one in QUESTIONS
    ]
    asked = opinion_lines(application, now=now)
    return Progress(
        lines,
        len(notes),
        minimisation.counts(application),
        asked,
        sum(line.standing in AWAITED for line in asked),
        sittings(application),
    )


def opinion_lines(application: Application, *, now: datetime) -> list[OpinionLine]:
    """The opinions asked on the file; what they say, once none is awaited any more."""
    rows = list(ExpertOpinion.objects.of(application))
    is_open = opinions.are_open([row.value() for row in rows], now=now)
    return [_opinion_line(row, is_open=is_open, now=now) for row in rows]


def _opinion_line(row: ExpertOpinion, *, is_open: bool, now: datetime) -> OpinionLine:
    standing = opinions.standing(row.value(), now=now)
    words, badge = labels.STANDINGS[standing]
    is_read = is_open and standing is Standing.GIVEN
    choice = str(committee_labels.CHOICES[row.choice]) if is_read else ""
    return OpinionLine(row, standing, str(words), badge, choice, row.text if is_read else "")


def sittings(application: Application) -> list[tuple[str, int, date, str]]:
    """The sittings with the file on their agenda: number, rank, day, where the committee is."""
    rows = Entry.objects.filter(item__case=application.case).select_related("sitting")
    return [
        (
            row.sitting.number,
            row.rank,
            row.sitting.held_on,
            str(committee_labels.PHASES[row.phase][0]),
        )
        for row in rows.order_by("sitting__held_on", "pk")
    ]


def read_by_expert(opinion: ExpertOpinion) -> list[SectionText]:
    """The sections of the file that the expert reads, as they were submitted."""
    submission = submission_of(opinion)
    if submission is None:
        return []
    form = form_of(opinion.application)
    return [one for one in sections(form, submission.answers) if one.id in opinion.sections]


def submission_of(opinion: ExpertOpinion) -> Submission | None:
    """The submission on which the opinion was asked."""
    return opinion.application.submissions.filter(round=opinion.submission).first()


@dataclass(frozen=True, slots=True)
class Change:
    """A question whose answer is not the same in two submissions."""

    section: str
    question: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two submissions side by side: what changed, and how many answers stayed."""

    before: Submission
    after: Submission
    changes: list[Change]
    same: int


def compare(application: Application, before: Submission, after: Submission) -> Comparison:
    """What changed from one submission to the other, in the order of the form."""
    form, speak = form_of(application), language()
    changes, same = [], 0
    for section in form.sections:
        for field in section.fields:
            old, new = (one.answers.get(field.id) for one in (before, after))
            if old == new or (is_empty(old) and is_empty(new)):
                same += not is_empty(new)
                continue
            told = (answer_text(field, one, speak) for one in (old, new))
            title, question = (one.in_language(speak) for one in (section.title, field.label))
            changes.append(Change(title, question, *told))
    return Comparison(before, after, changes, same)
