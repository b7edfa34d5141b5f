"""The evidence that a holder was late: written once by the daily job, frozen, journalled."""

from datetime import date, datetime

from django.db import transaction

from ecluse.domain.codec import JSON
from ecluse.portal.audit.actions import record
from ecluse.portal.cases.actions import SOFTWARE
from ecluse.portal.cases.models import ActRow, ClockRow, Dispatch, Lapse
from ecluse.portal.holders.models import DelayEvidence, HolderCall
from ecluse.trust import canonical

SUPPLY = "supply"
NOTED = ("ask", "acknowledge", "ask-extension", "extend", "refuse-extension", "return-supply")


def keep(*, now: datetime) -> int:
    """Freeze the evidence of every delay of a holder that is not kept yet; how many.

    Source: EHDS art. 63(4), on a holder that withholds data or passes its deadline.
    """
    seen = Lapse.objects.filter(
        clock__rule=SUPPLY, clock__item__holder_call__isnull=False, delay_evidence__isnull=True
    )
    return sum(_keep(lapse, now=now) for lapse in list(seen.order_by("pk")))


@transaction.atomic
def _keep(lapse: Lapse, *, now: datetime) -> bool:
    call = HolderCall.objects.select_related("holder", "dataset", "permit", "item__case").get(
        item__clock_rows=lapse.clock_id
    )
    body = canonical.encode(_facts(call, lapse))
    digest = canonical.digest(body)
    _, is_new = DelayEvidence.objects.get_or_create(
        lapse=lapse, defaults={"call": call, "body": body, "digest": digest, "made_at": now}
    )
    if is_new:
        details: dict[str, str | int] = {"call": call.number, "holder": call.holder.slug}
        record(
            "holder-call.overdue",
            call.item.case.number,
            by=SOFTWARE,
            digest=digest,
            details=details,
            at=now,
        )
    return is_new


def _facts(call: HolderCall, lapse: Lapse) -> dict[str, JSON]:
    """What an enforcement procedure needs, of the call and its clock; nothing of the study."""
    clock: ClockRow = lapse.clock
    acts = ActRow.objects.filter(item=call.item, action__in=NOTED).order_by("at", "pk")
    reminders = Dispatch.objects.filter(clock=clock).order_by("queued_at", "pk")
    return {
        "call": call.number,
        "permit": call.permit.number,
        "holder": call.holder.name,
        "holder_id": call.holder.legal_id,
        "dataset": call.dataset.slug,
        "tables": call.tables,
        "article": clock.article,
        "asked_on": clock.started_on.isoformat(),
        "due_on": lapse.due_on.isoformat(),
        "seen_late_on": lapse.seen_on.isoformat(),
        "extended_on": _day(clock.extended_on),
        "extension_reason": clock.extension_reason,
        "acts": [
            {"action": act.action, "role": act.role, "at": act.at.isoformat(), "reason": act.reason}
            for act in acts
        ],
        "reminders": [one.queued_at.isoformat() for one in reminders],
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
