"""Make the results of a permit or of a data request public, and say so on the register.

The first one completes the eighteen months of EHDS art. 61(4); others may follow, or come before
the permit has ended. Titles and summaries are cleaned as every text of the register is.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import transaction
from django.utils import timezone

from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.portal.accounts.models import User
from ecluse.portal.audit.actions import record
from ecluse.portal.cases.actions import perform
from ecluse.portal.cases.conditions import RUNNING
from ecluse.portal.cases.models import CaseRecord, Item
from ecluse.portal.cases.parties import is_person_of
from ecluse.portal.cases.standing import FILE
from ecluse.portal.permits.models import PermitRecord
from ecluse.portal.register.asked import asked_of
from ecluse.portal.register.models import Result
from ecluse.portal.register.redaction import without_persons
from ecluse.portal.register.rows import Kind

RULE: Final = "results-public"
ACTION: Final = "publish-results"
ANSWERED: Final = ("checking", "answered")
LONGEST_TITLE, LONGEST_SUMMARY = 300, 4000


@dataclass(frozen=True, slots=True)
class Found:
    """What was found: where it is read, if anywhere yet, and in plain words."""

    title: str
    link: str
    summary: str
    public_on: date


@transaction.atomic
def publish(case: CaseRecord, found: Found, *, by: User, now: datetime) -> Result:
    """Put a result on the register. Raises NotAllowed, InvalidInput.

    NotAllowed: `by` is not of the file, or the file has no permit and no answer yet.
    """
    item, number = _line_of(case)
    if not is_person_of(by, case):
        raise NotAllowed("Only the persons of a file make its results public.")
    _check(found, today=timezone.localtime(now).date())
    if item.clock_rows.filter(RUNNING, rule=RULE).exists():
        perform(item, ACTION, by=by, now=now)
    names = asked_of(case).names
    made = Result.objects.create(
        number=number,
        kind=item.kind,
        title=without_persons(found.title, names),
        link=found.link,
        summary=without_persons(found.summary, names),
        public_on=found.public_on,
        by=by,
        recorded_at=now,
    )
    details: dict[str, str | int] = {"result": made.pk, "kind": made.kind}
    record("result.published", case.number, by=by.subject, details=details, at=now)
    return made


def _line_of(case: CaseRecord) -> tuple[Item, str]:
    """The object whose results these are, and its number on the register. Raises NotAllowed."""
    permits = PermitRecord.objects.filter(item__case=case).select_related("item__case")
    permit = permits.order_by("granted_at", "pk").last()
    if permit is not None:
        return permit.item, permit.number
    own = Item.objects.select_related("case").get(case=case, item_id=FILE)
    if own.kind != Kind.REQUEST or own.state not in ANSWERED:
        raise NotAllowed(f"File {case.number} has no permit and no answer yet: no results either.")
    return own, case.number


def _check(found: Found, *, today: date) -> None:
    is_long = len(found.title) > LONGEST_TITLE or len(found.summary) > LONGEST_SUMMARY
    if not found.title.strip() or not found.summary.strip() or is_long:
        raise InvalidInput("Give a title and a summary in plain words, not too long.")
    if found.link and not found.link.startswith("https://"):
        raise InvalidInput("Give a link that begins with https://, or none.")
    if found.public_on > today:
        raise InvalidInput("Results are recorded once they are public: give a day that has come.")
