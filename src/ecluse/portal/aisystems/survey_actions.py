"""Surveys: who is asked, and what they answer."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from ecluse.domain.aisystems.entries import FINESS
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.portal.accounts.models import User
from ecluse.portal.aisystems.models import Survey, SurveyAnswer, SurveyAsked, SystemRecord
from ecluse.portal.audit.actions import record as journal


@dataclass(frozen=True, slots=True)
class Establishment:
    """Somebody to ask: a FINESS number, a name, and the address of who answers."""

    finess: str
    name: str
    email: str


def establishments_from(text: str) -> tuple[Establishment, ...]:
    """The establishments written one a line, as `FINESS;name;address`. Raises InvalidInput."""
    found = []
    for rank, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        parts = [part.strip() for part in line.split(";")]
        is_whole = len(parts) == 3 and FINESS.fullmatch(parts[0]) and "@" in parts[2]  # noqa: PLR2004
        if not is_whole or not parts[1]:
            raise InvalidInput(f"Line {rank} is not FINESS;name;address: correct it.")
        found.append(Establishment(*parts))
    if not found or len({one.finess for one in found}) < len(found):
        raise InvalidInput("Ask at least one establishment, and each once.")
    return tuple(found)


@transaction.atomic
def open_survey(
    title: str, asked: Iterable[Establishment], *, closes_on: date, by: User, now: datetime
) -> Survey:
    """Ask establishments which systems run there. Raises NotAllowed, InvalidInput."""
    by.require("aisystem.judge")
    if closes_on < now.date():
        raise InvalidInput("A survey closes today or later: choose another day.")
    made = Survey.objects.create(title=title, opened_by=by, opened_at=now, closes_on=closes_on)
    SurveyAsked.objects.bulk_create(
        SurveyAsked(survey=made, finess=one.finess, establishment=one.name, email=one.email)
        for one in asked
    )
    details = {"asked": made.asked.count()}
    journal("aisystem-survey.opened", f"survey {made.pk}", by=by.subject, details=details, at=now)
    return made


@transaction.atomic
def answer_survey(
    asked: SurveyAsked, systems: Iterable[str], *, others: str, by: User, now: datetime
) -> SurveyAnswer:
    """Keep which registered systems run in an establishment, and which others do.

    An answer that names nothing says that none runs. The last answer stands.

    Raises:
        NotAllowed: `by` does not answer for this establishment, or the survey is closed.
        InvalidInput: a number is that of no published system.
    """
    if by.email.casefold() != asked.email.casefold():
        raise NotAllowed("Whoever was asked answers for the establishment.")
    if not asked.survey.is_open(now.date()):
        raise NotAllowed("This survey is closed.")
    wanted = sorted(set(systems))
    if SystemRecord.objects.public().filter(number__in=wanted).count() < len(wanted):
        raise InvalidInput("One of these systems is not in the register: choose again.")
    made = SurveyAnswer.objects.create(
        asked=asked, systems=wanted, others=others.strip(), by=by, at=now
    )
    details = {"systems": len(wanted)}
    journal("aisystem-survey.answered", asked.finess, by=by.subject, details=details, at=now)
    return made
