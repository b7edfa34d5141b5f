"""A file as a page shows it: answers in words, its road, and what this person may do."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from ecluse.domain.answers import Problem, problems
from ecluse.domain.applications import State
from ecluse.domain.forms import FormVersion, Section, is_asked, section_of
from ecluse.domain.roles import RIGHTS, Role
from ecluse.portal.accounts.models import User
from ecluse.portal.applications import actions, labels
from ecluse.portal.applications.models import Application


@dataclass(frozen=True)
class SectionText:
    """A section answered: its title, its problems, and each question with its answer in words."""

    id: str
    title: str
    pairs: list[tuple[str, str]]
    problems: list[tuple[str, str]]


@dataclass(frozen=True)
class Step:
    """Something that may be done to the file now, or the reason why it may not."""

    label: str
    address: str
    why_not: str | None


def language() -> str:
    """Return the language of the page."""
    return get_language() or "fr"


def answers_shown(application: Application, user: User) -> dict[str, object]:
    """Return the answers that `user` reads: their own as they stand, others' as submitted."""
    if user.subject in application.subjects():
        return dict(application.answers)
    submission = application.last_submission()
    return dict(submission.answers) if submission else {}


def sections(form: FormVersion, answers: Mapping[str, object]) -> list[SectionText]:
    """Return every section with its questions asked and its problems, in the reader's language."""
    found = problems(form, answers)
    return [_section(form, section, answers, found) for section in form.sections]


def _section(
    form: FormVersion,
    section: Section,
    answers: Mapping[str, object],
    found: tuple[Problem, ...],
) -> SectionText:
    speak = language()
    asked = [field for field in section.fields if is_asked(form, field, answers)]
    ids = {field.id for field in asked}
    return SectionText(
        section.id,
        section.title.in_language(speak),
        [
            (f.label.in_language(speak), labels.answer_text(f, answers.get(f.id), speak))
            for f in asked
        ],
        [
            (form.field(p.field).label.in_language(speak), p.message.in_language(speak))
            for p in found
            if p.field in ids
        ],
    )


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


def step_problems(
    form: FormVersion, section: Section, answers: Mapping[str, object]
) -> tuple[Problem, ...]:
    """Return what is wrong in one section."""
    return tuple(p for p in problems(form, answers) if section_of(form, p.field) is section)


Milestone = tuple[str, datetime | date | None, str, str]
"""A title, when, a text, and `done`, `current` or `todo`."""


def timeline(application: Application) -> list[Milestone]:
    """Return the road of the file: what was done and when, where it stands, what comes next."""
    state = State(application.state)
    if state is State.WITHDRAWN:
        return [*_begun(application), (_("Retirée"), application.turn_since, "", "done")]
    items = list(_begun(application))
    items.append(_milestone(_("Dossier complet"), application.complete_at, _due_text(application)))
    items.append(_milestone(_("Évaluation"), application.assessed_at, ""))
    items.append(_milestone(_decision_title(state), application.decided_at, ""))
    return _with_current(items)


def _begun(application: Application) -> Iterator[Milestone]:
    yield (_("Brouillon ouvert"), application.started_at, "", "done")
    submissions = list(application.submissions.order_by("round"))
    for submission in submissions:
        is_first = submission.round == 1
        title = _("Demande déposée") if is_first else _("Demande complétée")
        yield (title, submission.submitted_at, "", "done")
    if not submissions:
        yield (_("Dépôt de la demande"), None, "", "todo")


def _milestone(title: str, when: datetime | None, text: str) -> Milestone:
    return (title, when, text, "done" if when else "todo")


def _decision_title(state: State) -> str:
    if state is State.GRANTED:
        return _("Autorisation accordée")
    return _("Autorisation refusée") if state is State.REFUSED else _("Décision")


def _due_text(application: Application) -> str:
    if application.decision_due_on is None:
        return _("La loi donne alors trois mois pour décider.")
    return _("Trois mois pour décider, à compter de ce jour.")


def _with_current(items: list[Milestone]) -> list[Milestone]:
    """Mark the first thing still to do as the one under way."""
    for index, (title, when, text, state) in enumerate(items):
        if state == "todo":
            items[index] = (title, when, text, "current")
            break
    return items


def due_on(application: Application) -> date | None:
    """Return the day that binds whoever has the turn, or None."""
    if not actions.is_open(application):
        return None
    return application.completion_due_on or application.decision_due_on


@dataclass(frozen=True)
class _Offer:
    action: str
    label: Promise
    page: str


_OFFERS: Mapping[Role, tuple[_Offer, ...]] = {
    Role.DATA_USER: (
        _Offer("application.edit", gettext_lazy("Modifier la demande"), "applications:edit"),
        _Offer("application.submit", gettext_lazy("Relire et déposer"), "applications:summary"),
        _Offer("application.withdraw", gettext_lazy("Retirer"), "applications:withdraw"),
    ),
    Role.ASSESSOR: (
        _Offer(
            "application.ask-information",
            gettext_lazy("Demander un complément"),
            "applications:information",
        ),
        _Offer(
            "application.declare-complete",
            gettext_lazy("Déclarer le dossier complet"),
            "applications:complete",
        ),
        _Offer(
            "application.assess", gettext_lazy("Évaluer les critères"), "applications:assessment"
        ),
    ),
    Role.DECIDER: (
        _Offer("application.decide", gettext_lazy("Accorder"), "permits:decide"),
        _Offer("application.decide", gettext_lazy("Refuser"), "applications:refusal"),
    ),
}


def steps(application: Application, user: User) -> list[Step]:
    """Return what this person's roles do on an open file, each with why it cannot be done now."""
    if not actions.is_open(application):
        return []
    return [
        Step(
            str(offer.label),
            reverse(offer.page, args=[application.number]),
            why_not(offer.action, application, user),
        )
        for role, offers in _OFFERS.items()
        if role in user.roles()
        for offer in offers
        if role is not Role.DATA_USER or user.subject in application.subjects()
    ]


def why_not(action: str, application: Application, user: User) -> str | None:
    """Return why `user` may not do this to the file now, or None if they may."""
    if not user.may(action, state=application.state):
        return _("Possible seulement quand la demande est : %(states)s.") % {
            "states": ", ".join(str(label) for label in _states_for(action, user))
        }
    if Role.DATA_USER in user.roles():
        is_own = application.applicant_id == user.pk
        return None if is_own else _("Seule la personne qui a ouvert la demande peut le faire.")
    if user.subject in application.subjects():
        return _("Vous êtes une personne de ce dossier : quelqu’un d’autre doit agir.")
    if application.assessor_id == user.pk:
        return _("Vous avez évalué ce dossier : quelqu’un d’autre doit en décider.")
    return None


def _states_for(action: str, user: User) -> list[Promise]:
    states = {
        state for right in RIGHTS[action] if right.role in user.roles() for state in right.states
    }
    return [label for state, label in labels.STATES.items() if state in states]
