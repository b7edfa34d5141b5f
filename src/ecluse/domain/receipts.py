"""What a receipt may say outside the secure zone: no count, nor difference, under the threshold.

Source: the minimum count of the permit (EHDS art. 73(2)); the same rule as for outputs.
"""

from collections.abc import Sequence
from dataclasses import replace

from ecluse.domain.documents import (
    AttritionStep,
    ExtractedTable,
    ExtractionReceipt,
    OptOutEvidence,
    RemovedPersons,
    RemovedRows,
)

Counts = tuple[int | None, ...]


def published(receipt: ExtractionReceipt, *, minimum: int) -> ExtractionReceipt:
    """Return the receipt that leaves the zone, counts under `minimum` and those that tell one None.

    The whole receipt stays beside the extract, where only the project reads it.
    """
    persons = shown_steps([step.person_count or 0 for step in receipt.attrition], minimum=minimum)
    steps = zip(receipt.attrition, persons, strict=True)
    return replace(
        receipt,
        attrition=tuple(AttritionStep(step.step, count) for step, count in steps),
        tables=tuple(_published_table(table, minimum) for table in receipt.tables),
        opt_outs=receipt.opt_outs and _published_evidence(receipt.opt_outs, persons, minimum),
    )


def shown_steps(counts: Sequence[int], *, minimum: int) -> Counts:
    """Return the counts of steps that may be shown.

    A count is masked when it is under `minimum`, or when so few left, or came (the controls of a
    matching), since the last one shown that the difference would be. The same number again says
    nothing new.
    """
    shown: list[int | None] = []
    last: int | None = None
    for count in counts:
        is_close = last is not None and 0 < abs(last - count) < minimum
        is_shown = count >= minimum and not is_close
        shown.append(count if is_shown else None)
        last = count if is_shown else last
    return tuple(shown)


def shown_parts(parts: Sequence[int], *, minimum: int) -> Counts:
    """Return the parts of a known total that may be shown.

    Where one alone is under `minimum`, the smallest of the others is masked too: the total would
    tell the first. A part of nothing says nothing of anyone.
    """
    masked = {place for place, part in enumerate(parts) if 0 < part < minimum}
    others = [place for place in range(len(parts)) if place not in masked and parts[place]]
    if len(masked) == 1 and others:
        masked.add(min(others, key=lambda place: parts[place]))
    return tuple(None if place in masked else part for place, part in enumerate(parts))


def _published_table(table: ExtractedTable, minimum: int) -> ExtractedTable:
    removed = [one.row_count or 0 for one in table.removed]
    shown = shown_parts([table.row_count_out or 0, *removed], minimum=minimum)
    reasons = zip(table.removed, shown[1:], strict=True)
    return replace(
        table,
        row_count_out=shown[0],
        removed=tuple(RemovedRows(one.reason, count) for one, count in reasons),
    )


def _published_evidence(told: OptOutEvidence, steps: Counts, minimum: int) -> OptOutEvidence:
    """Mask who was left out where too few were; the cohort, where no step shows it."""
    # Who is left is told by a step: it can stand for no masked part.
    shown = shown_parts([one.person_count or 0 for one in told.removed], minimum=minimum)
    reasons = zip(told.removed, shown, strict=True)
    return replace(
        told,
        person_count=told.person_count if told.person_count in steps else None,
        removed=tuple(RemovedPersons(one.reason, count) for one, count in reasons),
    )
