"""Estimates and invoices as rows of a table: what was announced, done, billed, and what differs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ecluse.domain.documents import FeeLine
from ecluse.domain.fees import Component, Estimate, EstimateLine, FeeState
from ecluse.portal.accounts.models import User
from ecluse.portal.cases.actions import day_of
from ecluse.portal.cases.models import Item
from ecluse.portal.cases.reading import reader_of, why_not
from ecluse.portal.fees.models import EstimateRecord
from ecluse.portal.fees.wording import amount, line_label
from ecluse.portal.holders.models import Holder


@dataclass(frozen=True, slots=True)
class Row:
    """One line in words."""

    label: str
    holder: str
    quantity: int
    price: str
    reduction: str
    amount: str
    ground: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One line of an estimate beside what is billed of it."""

    label: str
    told_quantity: int
    done_quantity: int
    told: str
    owed: str
    less: str


def rows(told: Estimate) -> list[Row]:
    """The lines of an estimate or of an invoice."""
    names = holder_names()
    return [_row(line, names) for line in told.lines]


def holder_names() -> dict[str, str]:
    """The name of each holder, by its short name."""
    return dict(Holder.objects.values_list("slug", "name"))


def _row(line: EstimateLine, names: Mapping[str, str]) -> Row:
    holder = names.get(line.holder, line.holder) if line.holder else ""
    ground = line.ground
    if line.reduction_ground:
        ground = f"{ground} ; {line.reduction_ground}"
    return Row(
        line_label(line),
        holder,
        line.quantity,
        amount(line.price_cents),
        amount(line.reduction_cents) if line.reduction_cents else "–",
        amount(line.amount_cents),
        ground,
    )


def differences(kept: EstimateRecord) -> list[Difference]:
    """Each line announced beside what the work done by now costs, all lines in their order."""
    done = kept.work_done()
    owed = list(kept.owed().lines)
    found = []
    for place, line in enumerate(kept.told().lines):
        units = line.quantity if line.component is Component.HANDLING else done.get(place, 0)
        billed = owed.pop(0).amount_cents if units else 0
        found.append(
            Difference(
                line_label(line),
                line.quantity,
                units,
                amount(line.amount_cents),
                amount(billed),
                amount(billed - line.amount_cents),
            )
        )
    return found


def accepted_fee_lines(item: Item) -> tuple[FeeLine, ...]:
    """The fees that the applicant accepted for this object, as its permit carries them.

    None where nothing was estimated. Source: EHDS art. 62(5), 68(10)(g).
    """
    accepted = EstimateRecord.objects.filter(item=item, state=FeeState.ACCEPTED.value)
    last = accepted.order_by("-round").first()
    return last.told().fee_lines() if last is not None else ()


def may(kept: EstimateRecord, user: User, action: str, *, now: datetime) -> bool:
    """Whether `user` may do a step of the file that this estimate waits for."""
    case = kept.case
    reader = reader_of(case, user, today=day_of(case, now))
    return why_not(reader, kept.item.item_id, action) is None
