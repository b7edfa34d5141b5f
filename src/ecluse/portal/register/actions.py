"""Follow the journal into the register and the figures of the report; state what no file tells.

`follow` reads the entries after the last one followed. Writers of the journal wait for one another
until they commit, so the entries come in order and whole: each is followed once, in the transaction
that moves the position. Pages call it before they read, the daily job too: nothing is out of date.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Final

from django.contrib.postgres.search import SearchVector
from django.db import transaction
from django.db.models import Max, Value
from django.db.models.expressions import Combinable
from django.utils import timezone

from ecluse.domain.errors import InvalidInput, NotFound
from ecluse.portal.accounts.models import User
from ecluse.portal.audit.actions import record
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.cases.models import CaseRecord
from ecluse.portal.permits.models import PermitRecord
from ecluse.portal.register import facts
from ecluse.portal.register.models import SEARCH, Counted, Position, Publication, Statement
from ecluse.portal.register.rows import PublicRow, rows_of

ONLY: Final = 1
"""The key of the one position."""
STATED: Final = frozenset(
    {
        *("fine", "fine-cents", "user-audit", "environment-audit", "rights-request"),
        *("stakeholders", "quality-label", "publication", "product", "other-revenue-cents"),
    }
)
"""The figures that the hub states itself."""
LONGEST_ABOUT = 300
AT_ONCE = 1000
"""How many entries one transaction follows."""


def follow() -> int:
    """Follow the journal to its last entry; how many entries were new. Safe to run at once."""
    last = JournalEntry.objects.aggregate(last=Max("sequence"))["last"] or 0
    position = Position.objects.filter(pk=ONLY).first()
    if position is not None and position.sequence >= last:
        return 0
    return sum(iter(_follow, 0))


@transaction.atomic
def _follow() -> int:
    """Follow the next entries; how many, none at the end."""
    Position.objects.get_or_create(pk=ONLY)
    position = Position.objects.select_for_update().get(pk=ONLY)
    after = JournalEntry.objects.filter(sequence__gt=position.sequence).order_by("sequence")
    entries = list(after[:AT_ONCE])
    if not entries:
        return 0
    Counted.objects.bulk_create(
        Counted(
            sequence=entry.sequence,
            counter=fact.counter,
            label=fact.label,
            value=fact.value,
            year=fact.year,
        )
        for entry in entries
        for fact in facts.facts_of(entry)
    )
    for number, at in _files(entries).items():
        publish(number, at=at)
    position.sequence = entries[-1].sequence
    position.save(update_fields=["sequence"])
    return len(entries)


def _files(entries: Iterable[JournalEntry]) -> dict[str, datetime]:
    """The files that the entries are about, or whose permit they are, with the last instant."""
    last = {entry.subject: entry.at for entry in entries}
    of_permits = PermitRecord.objects.filter(number__in=last).values_list(
        "number", "item__case__number"
    )
    for permit, file in of_permits:
        last[file] = max(last[permit], last.get(file, last[permit]))
    known = CaseRecord.objects.filter(number__in=last).order_by("pk")
    return {number: last[number] for number in known.values_list("number", flat=True)}


def publish(number: str, *, at: datetime) -> int:
    """Write the lines of a file as they are now; how many changed. No line is ever removed."""
    case = CaseRecord.objects.get(number=number)
    return sum(_write(row, at=at) for row in rows_of(case))


def _write(row: PublicRow, *, at: datetime) -> bool:
    known = Publication.objects.filter(number=row.number).first()
    if known is not None and known.row() == row:
        return False
    values = asdict(row) | {"changed_at": at}
    published, _ = Publication.objects.update_or_create(number=row.number, defaults=values)
    Publication.objects.filter(pk=published.pk).update(search=_vector(row))
    return True


def _vector(row: PublicRow) -> Combinable:
    first = SearchVector(Value(row.title), weight="A", config=SEARCH)
    who = " ".join((row.organisation, *row.holders, *row.datasets))
    second = SearchVector(Value(who), weight="B", config=SEARCH)
    third = SearchVector(Value(f"{row.summary} {row.reason}"), weight="C", config=SEARCH)
    return first + second + third


@dataclass(frozen=True, slots=True)
class Stated:
    """Something that no file tells: how many, or euro cents for amounts, and on which day."""

    counter: str
    label: str
    value: int
    on: date
    about: str


@transaction.atomic
def state(what: Stated, *, by: User, now: datetime) -> Statement:
    """State something for the report of its year. Raises NotAllowed, InvalidInput."""
    by.require("case.assign")
    if what.counter not in STATED:
        raise InvalidInput(f"{what.counter} is counted: state one of {', '.join(sorted(STATED))}.")
    about = what.about.strip()
    has_come = what.on <= timezone.localtime(now).date()
    if what.value < 1 or not 0 < len(about) <= LONGEST_ABOUT or not has_come:
        raise InvalidInput("State at least one, on a day that has come, and say what it is about.")
    values = asdict(what) | {"about": about}
    made = Statement.objects.create(**values, by=by, stated_at=now)
    details = _details(made, made.value)
    record("report.stated", f"statement {made.pk}", by=by.subject, details=details, at=now)
    return made


@transaction.atomic
def withdraw(pk: int, *, by: User, now: datetime) -> Statement:
    """Take a statement back, once. Raises NotAllowed, NotFound."""
    by.require("case.assign")
    held = Statement.objects.select_for_update(of=("self",)).filter(withdrawn_at__isnull=True)
    found = held.filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such statement, or it was withdrawn already.")
    found.withdrawn_at = now
    found.save(update_fields=["withdrawn_at"])
    details = _details(found, -found.value)
    record("report.withdrawn", f"statement {found.pk}", by=by.subject, details=details, at=now)
    return found


def _details(one: Statement, value: int) -> dict[str, str | int]:
    on = one.on.isoformat()
    return {"counter": one.counter, "label": one.label, "on": on, "value": value}
