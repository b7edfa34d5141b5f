"""The public register: applications received, permits, refusals with their reasons.

Source: EHDS art. 57(1)(e), 57(1)(j). No natural person is named in it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from ecluse.portal.applications import labels
from ecluse.portal.applications.models import Application, answer_text
from ecluse.portal.permits.labels import PERMIT_BADGES, PERMIT_LABELS
from ecluse.portal.permits.models import PermitRecord


@dataclass(frozen=True)
class Line:
    """One line of the register."""

    number: str
    title: str
    organisation: str
    purposes: tuple[str, ...]
    datasets: tuple[str, ...]
    summary: str
    decided_at: datetime | None
    period: tuple[date, date] | None
    state: str
    kind: str
    reason: str


def granted(*, today: date) -> Iterator[Line]:
    """Yield the permits, last decision first."""
    for record in PermitRecord.objects.select_related("application").newest_first():
        terms = record.terms()
        state = record.state(today=today)
        yield Line(
            number=record.number,
            title=terms.title,
            organisation=terms.organisation,
            purposes=_purposes(terms.purposes),
            datasets=tuple(given.dataset for given in terms.datasets),
            summary=_submitted(record.application, "lay_summary"),
            decided_at=record.granted_at,
            period=(terms.valid_from, terms.valid_until),
            state=str(PERMIT_LABELS[state]),
            kind=PERMIT_BADGES[state],
            reason=record.revocation_reason,
        )


def refused() -> Iterator[Line]:
    """Yield the refusals with their reasons, last decision first."""
    for application in Application.objects.refused().select_related("dataset"):
        refusal = application.refusal()
        reason = refusal.reason if refusal else ""
        at = refusal.at if refusal else None
        yield _line(application, reason=reason or _left_incomplete(), at=at)


def received() -> Iterator[Line]:
    """Yield the applications received and not yet decided, the last first."""
    for application in Application.objects.received().select_related("dataset"):
        yield _line(application, reason="", at=application.submitted_at)


def _left_incomplete() -> str:
    return _("Dossier resté incomplet après le délai de complément (art. 68(4)).")


def _line(application: Application, *, reason: str, at: datetime | None) -> Line:
    submission = application.last_submission()
    purposes = submission.answers.get("purposes", []) if submission else []
    return Line(
        number=application.number,
        title=_submitted(application, "title"),
        organisation=_submitted(application, "organisation"),
        purposes=_purposes(tuple(purposes)),
        datasets=(application.dataset.slug,),
        summary=_submitted(application, "lay_summary"),
        decided_at=at,
        period=None,
        state=_("Refusée") if reason else _("En cours d’examen"),
        kind="error" if reason else "info",
        reason=reason,
    )


def _submitted(application: Application, field: str) -> str:
    """Return what was submitted: what is being corrected since is not public."""
    submission = application.last_submission()
    return answer_text(submission.answers, field) if submission else ""


def _purposes(letters: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(str(labels.PURPOSES.get(letter, letter)) for letter in letters)
