"""A letter as its pages show it: since when it is notified, until when it can be contested."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ecluse.domain.clocks.calendars import CALENDARS
from ecluse.domain.notifications import (
    GIVES_PERMIT,
    Force,
    Residence,
    appeal_until,
    force_of,
    notified_on,
    opened_in_time_until,
)
from ecluse.portal.accounts.models import User
from ecluse.portal.cases.models import CaseRecord, Dispatch
from ecluse.portal.letters.actions import digest_of
from ecluse.portal.letters.models import IssuedLetter, LetterFile
from ecluse.portal.permits.models import PermitRecord

RESIDENCES: dict[Residence, Promise] = {
    Residence.MAINLAND: _("en France métropolitaine"),
    Residence.OVERSEAS: _("outre-mer"),
    Residence.ABROAD: _("à l’étranger"),
}
FORCES: dict[Force, Promise] = {
    Force.IN_FORCE: _("En vigueur"),
    Force.SUSPENDED: _("Suspendue"),
    Force.ENDED: _("A pris fin"),
    Force.REPLACED: _("Remplacée par une autre décision"),
}
BADGES: dict[Force, str] = {
    Force.IN_FORCE: "success",
    Force.SUSPENDED: "warning",
    Force.ENDED: "neutral",
    Force.REPLACED: "neutral",
}
LOOKALIKES = str.maketrans("018", "OIB", " -\N{NO-BREAK SPACE}")
"""The digits that base 32 does not have, read for the letters that they look like."""


@dataclass(frozen=True, slots=True)
class Redress:
    """Since when a letter counts as notified, and the last day to contest it by residence.

    Without `notified_on` it is not opened yet, and may be until `opened_in_time_until`.
    """

    available_on: date
    opened_at: datetime | None
    opened_by: str
    opened_in_time_until: date
    notified_on: date | None
    last_days: tuple[tuple[Residence, date], ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """What anybody may know of a letter whose code they hold."""

    dated_on: date
    force: Force
    digests: tuple[tuple[str, str], ...]


def letters_for(user: User) -> list[Dispatch]:
    """The letters of the files that name `user`, the last first."""
    found = Dispatch.objects.filter(is_letter=True, case__parties__subject=user.subject)
    ordered = found.select_related("case", "issued__opening").distinct()
    return list(ordered.order_by("-queued_at", "-pk"))


def letters_of(case: CaseRecord) -> list[Dispatch]:
    """The letters of one file, the last first."""
    found = Dispatch.objects.filter(is_letter=True, case=case)
    return list(found.select_related("case", "issued__opening").order_by("-queued_at", "-pk"))


def redress_of(letter: IssuedLetter, *, now: datetime) -> Redress:
    """Where the notification of a letter stands."""
    calendar = CALENDARS[letter.case.calendar]
    opening = letter.first_opening()
    available = calendar.day(letter.issued_at)
    opened = calendar.day(opening.at) if opening else None
    since = notified_on(available, opened, today=calendar.day(now))
    return Redress(
        available_on=available,
        opened_at=opening.at if opening else None,
        opened_by=opening.by.full_name if opening else "",
        opened_in_time_until=opened_in_time_until(available),
        notified_on=since,
        last_days=tuple(
            (home, appeal_until(since, calendar=calendar, residence=home)) for home in Residence
        )
        if since and letter.states_remedies
        else (),
    )


def spelled(code: str) -> str:
    """A code as it is kept, however it was typed."""
    return code.translate(LOOKALIKES).upper()


def checked(code: str, *, today: date) -> Checked | None:
    """What anybody may know of the letter of that code; None if there is none.

    The same two queries are made either way.
    """
    key = digest_of(spelled(code))
    files = list(
        LetterFile.objects.filter(letter__code_digest=key)
        .order_by("-language")
        .values_list("language", "digest")
    )
    letter = (
        IssuedLetter.objects.filter(code_digest=key)
        .select_related("about__permit")
        .defer("twin")
        .first()
    )
    if letter is None:
        return None
    return Checked(letter.dated_on, _force(letter, today=today), tuple(files))


def _force(letter: IssuedLetter, *, today: date) -> Force:
    force = force_of(letter.name, then=letter.state_then, now=letter.about.state)
    permit: PermitRecord | None = getattr(letter.about, "permit", None)
    if letter.name in GIVES_PERMIT and permit is not None and permit.valid_until < today:
        return Force.ENDED
    return force
