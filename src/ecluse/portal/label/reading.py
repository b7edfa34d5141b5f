"""A label as pages show it, and the label that the catalogue shows of a dataset."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from ecluse.domain.metadata import QualityNote
from ecluse.domain.metadata.label import MOVES, Basis, Side, State
from ecluse.portal.accounts.models import User
from ecluse.portal.catalogue.description import text_of
from ecluse.portal.catalogue.models import Dataset
from ecluse.portal.label import labels, scheme
from ecluse.portal.label.models import QualityLabel

ASSESSMENT: Final = "http://www.w3.org/ns/dqv#qualityAssessment"
CERTIFICATE: Final = "http://www.w3.org/ns/dqv#QualityCertificate"


@dataclass(frozen=True, slots=True)
class ShownLabel:
    """The label in force of a dataset: its letter, its last day, its page, its picture."""

    letter: str
    percent: int
    expires_on: date
    page: str
    picture: str
    note: QualityNote


def shown_of(dataset: Dataset) -> ShownLabel | None:
    """Return the label that holds today, or None. The catalogue asks it: see ECLUSE_LABELS."""
    found = QualityLabel.objects.in_force(on=timezone.localdate()).filter(dataset=dataset).first()
    if found is None or found.expires_on is None or found.percent is None:
        return None
    page, picture = addresses(found)
    note = QualityNote(
        types=(CERTIFICATE,),
        bodies=(f"{settings.ECLUSE_URL}{page}",),
        motives=(ASSESSMENT,),
    )
    return ShownLabel(found.letter, found.percent, found.expires_on, page, picture, note)


def letters_of() -> dict[int, str]:
    """Return the letter of each dataset that has a label in force, by its key: for searches."""
    found = QualityLabel.objects.in_force(on=timezone.localdate())
    return dict(found.values_list("dataset_id", "letter"))


def addresses(label: QualityLabel) -> tuple[str, str]:
    """Return the page and the picture of a label, without the name of the site."""
    return reverse("label:label", args=[label.pk]), reverse("label:picture", args=[label.pk])


@dataclass(frozen=True, slots=True)
class Line:
    """One element as a page shows it."""

    title: str
    level: str
    rank: int | None
    is_measured: bool
    note: str


@dataclass(frozen=True, slots=True)
class Part:
    """One section as a page shows it: its share of points, and its elements."""

    code: str
    title: str
    percent: int
    lines: tuple[Line, ...]


def parts(label: QualityLabel) -> tuple[Part, ...]:
    """Return the sections of a label, in the order of the law."""
    answers, marks = label.every_answer(), label.assessment().marks
    told = scheme.scheme()
    found = []
    for section, mark in zip(told.sections, marks, strict=True):
        lines = []
        for element in told.elements:
            if element.section == section.code:
                answer = answers.get(element.code)
                rank = answer.level if answer else None
                lines.append(
                    Line(
                        title=scheme.title(element),
                        level="" if rank is None else scheme.words(element, rank),
                        rank=rank,
                        is_measured=answer is not None and answer.basis is Basis.MEASURED,
                        note=answer.note if answer else "",
                    )
                )
        found.append(Part(section.code, scheme.title(section), mark.percent, tuple(lines)))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Brief:
    """A label as a line of a list."""

    pk: int
    title: str
    holder: str
    state: str
    badge: str
    letter: str
    expires_on: date | None


def brief(label: QualityLabel) -> Brief:
    """Return the line of a label."""
    state = State(label.state)
    return Brief(
        label.pk,
        text_of(label.dataset).title or label.dataset.slug,
        label.holder.name,
        str(labels.STATES[state]),
        labels.BADGES[state],
        label.letter if state is State.GRANTED else "",
        label.expires_on,
    )


def offers(label: QualityLabel, user: User | None) -> tuple[tuple[str, str], ...]:
    """Return what this person may do to a label now: each act and its words."""
    if user is None:
        return ()
    speaks = label.holder.has(user)
    judges = user.may("description.judge") and not speaks
    sides = {Side.HOLDER: speaks, Side.HUB: judges and label.submitted_by_id != user.pk}
    return tuple(
        (action, str(labels.ACTIONS[action]))
        for action, told in MOVES.items()
        if label.state in told.states and sides.get(told.side)
    )
