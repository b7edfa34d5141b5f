"""What falls to the software each day: what lapsed, what is public, evidence, reminders.

Each thing is done in its own transaction and judged by `act` at that moment: safe to run twice, or
after days without a run, and a person who acts meanwhile wins.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from ecluse.domain.actors import Actor
from ecluse.domain.clocks.rules import Shape
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.domain.machines import MACHINES, Kind
from ecluse.domain.machines.letters import DUE_SOON, OVERDUE, REMINDERS
from ecluse.portal.audit.actions import record
from ecluse.portal.cases import storage
from ecluse.portal.cases.actions import SOFTWARE, day_of, perform_by_software
from ecluse.portal.cases.conditions import RUNNING
from ecluse.portal.cases.models import ClockRow, Dispatch, Item, Lapse

AFTER = -1
"""The reminder that belongs to the first day after the due day."""
EARLIEST = timedelta(days=1)
"""Somewhere it is already tomorrow: candidates are sought a day ahead, then judged there."""
PUBLISHED = {"received": "publish-application", "decided": "publish-decision"}
"""What the register shows by itself, by the state of the case: the act is only to be recorded."""


@dataclass(frozen=True, slots=True)
class Done:
    """How many things a run did."""

    lapsed: int
    published: int
    late: int
    reminded: int


def run(*, now: datetime) -> Done:
    """Do everything that is due at `now`; nothing twice."""
    return Done(
        lapsed=sum(_act(item, action, now=now) for item, action in _lapsed(now)),
        published=sum(_act(item, action, now=now) for item, action in _to_publish()),
        late=sum(_keep_evidence(row, now=now) for row in _late(now)),
        reminded=sum(_remind(row, now=now) for row in _reminded()),
    )


def _act(item: Item, action: str, *, now: datetime) -> bool:
    try:
        perform_by_software(item, action, now=now)
    except (NotAllowed, InvalidInput):
        return False  # not yet where the file is treated, or somebody acted meanwhile
    return True


def _lapsed(now: datetime) -> Iterator[tuple[Item, str]]:
    """Yield the objects that the software may move because a clock lapsed, with the action."""
    before = now.date() + EARLIEST
    for kind, machine in MACHINES.items():
        for row in machine.actions:
            if Actor.SYSTEM not in row.by or not row.after_lapse:
                continue
            late = ClockRow.objects.filter(RUNNING, rule__in=row.after_lapse, due_on__lt=before)
            found = Item.objects.filter(
                kind=kind.value, state__in=row.sources, pk__in=late.values("item")
            )
            for item in list(found.select_related("case").order_by("pk")):
                yield item, row.name


def _to_publish() -> Iterator[tuple[Item, str]]:
    found = Item.objects.filter(kind=Kind.CASE.value, state__in=PUBLISHED)
    for item in list(found.select_related("case").order_by("pk")):
        yield item, PUBLISHED[item.state]


def _late(now: datetime) -> list[ClockRow]:
    before = now.date() + EARLIEST
    found = ClockRow.objects.filter(RUNNING, due_on__lt=before, lapse__isnull=True)
    return list(found.select_related("item__case").order_by("pk"))


@transaction.atomic
def _keep_evidence(row: ClockRow, *, now: datetime) -> bool:
    """Write that the clock passed its due day, once, in the journal too."""
    case = row.item.case
    today = day_of(case, now)
    shape = storage.law_of(row.rule).rule(row.rule).shape
    if row.due_on is None or row.due_on >= today or shape is Shape.AT_LEAST:
        return False
    _, is_new = Lapse.objects.get_or_create(
        clock=row, defaults={"due_on": row.due_on, "seen_on": today}
    )
    if is_new:
        details = {"item": row.item.item_id, "rule": row.rule, "due_on": row.due_on.isoformat()}
        record("clock.lapsed", case.number, by=SOFTWARE, details=details, at=now)
    return is_new


def _reminded() -> list[ClockRow]:
    found = ClockRow.objects.filter(RUNNING, rule__in=REMINDERS, due_on__isnull=False)
    return list(found.select_related("item__case").order_by("pk"))


def _remind(row: ClockRow, *, now: datetime) -> bool:
    """Queue the one reminder of today, if it has not gone: of those missed, the last alone."""
    today = day_of(row.item.case, now)
    days = reminder_of(row, today=today)
    if days is None:
        return False
    _, is_new = Dispatch.objects.get_or_create(
        clock=row,
        due_on=row.due_on,
        days_before=days,
        defaults={
            "case": row.item.case,
            "name": DUE_SOON if days >= 0 else OVERDUE,
            "is_letter": False,
            "queued_at": now,
        },
    )
    return is_new


def reminder_of(row: ClockRow, *, today: date) -> int | None:
    """Which reminder of a running clock belongs to today, by its days before; None before any."""
    if row.due_on is None:
        return None
    left = (row.due_on - today).days
    if left < 0:
        return AFTER
    return min((days for days in REMINDERS.get(row.rule, ()) if left <= days), default=None)
