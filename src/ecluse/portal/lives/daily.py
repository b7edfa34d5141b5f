"""What time brings to the conditions of permits: those that are late are told, once a day set."""

from datetime import datetime, timedelta

from django.db import transaction

from ecluse.domain.errors import NotAllowed
from ecluse.domain.machines.permit import IN_FORCE
from ecluse.portal.cases.actions import Content, day_of, hold, perform_by_software
from ecluse.portal.lives.models import ConditionRow

TOMORROW = timedelta(days=1)
"""Somewhere it is already tomorrow: candidates are sought a day ahead, then judged there."""


def tell_late(*, now: datetime) -> int:
    """Tell the applicant and who follows the file that conditions are late; how many are.

    Source: EHDS art. 68(10)(h), 63(1).
    """
    found = ConditionRow.objects.filter(
        done_at__isnull=True,
        late_told_at__isnull=True,
        due_on__lt=now.date() + TOMORROW,
        permit__item__state__in=IN_FORCE,
    )
    rows = found.select_related("permit__item__case").order_by("pk")
    return sum(_tell(row, now=now) for row in list(rows))


@transaction.atomic
def _tell(row: ConditionRow, *, now: datetime) -> bool:
    hold(row.permit.item.case)
    held = ConditionRow.objects.select_related("permit__item__case").get(pk=row.pk)
    item = held.permit.item
    is_late = held.due_on is not None and held.due_on < day_of(item.case, now)
    if not is_late or held.done_at is not None or held.late_told_at is not None:
        return False
    details: dict[str, str | int] = {"permit": held.permit.number, "condition": held.number}
    try:
        perform_by_software(item, "tell-late-condition", now=now, content=Content(details=details))
    except NotAllowed:
        return False  # it ended meanwhile
    held.late_told_at = now
    held.save(update_fields=["late_told_at"])
    return True
