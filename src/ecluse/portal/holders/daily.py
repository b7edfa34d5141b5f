"""What time brings to calls: those whose permit ended are without object, delays leave evidence."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ecluse.domain.errors import NotAllowed
from ecluse.domain.machines import Kind
from ecluse.domain.machines.permit import IN_FORCE
from ecluse.portal.cases.actions import Content, perform_by_software
from ecluse.portal.cases.models import Item
from ecluse.portal.holders import evidence
from ecluse.portal.holders.models import HolderCall

ENDED: Final = "L’autorisation n’est plus en vigueur : les données ne sont plus demandées."


@dataclass(frozen=True, slots=True)
class Done:
    """How many things a run did."""

    calls_ended: int
    holders_late: int


def run(*, now: datetime) -> Done:
    """Do everything that is due at `now`; nothing twice."""
    return Done(
        calls_ended=sum(_end(call, now=now) for call in _without_permit()),
        holders_late=evidence.keep(now=now),
    )


def _without_permit() -> list[HolderCall]:
    """The calls still awaited on a file of which no permit is in force any more."""
    in_force = Item.objects.filter(kind=Kind.PERMIT.value, state__in=IN_FORCE)
    found = HolderCall.objects.open().exclude(item__case__in=in_force.values("case"))
    return list(found.select_related("item__case", "holder").order_by("pk"))


def _end(call: HolderCall, *, now: datetime) -> bool:
    details: dict[str, str | int] = {"call": call.number, "holder": call.holder.slug}
    try:
        perform_by_software(call.item, "cancel", now=now, content=Content(ENDED, details=details))
    except NotAllowed:
        return False  # somebody acted meanwhile
    return True
