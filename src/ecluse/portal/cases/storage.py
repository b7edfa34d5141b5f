"""Between rows and values: read a file as `CaseFile`, write back what an act changed."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from ecluse.domain.actors import Actor
from ecluse.domain.clocks import clock as clocks
from ecluse.domain.clocks.calendars import CALENDARS, Calendar
from ecluse.domain.clocks.clock import Clock, Extended
from ecluse.domain.clocks.clock import Suspension as Pause
from ecluse.domain.clocks.ehds import EHDS
from ecluse.domain.clocks.france import FRANCE
from ecluse.domain.clocks.gdpr import GDPR
from ecluse.domain.clocks.rules import Resumption, RuleSet
from ecluse.domain.clocks.tracks import Track
from ecluse.domain.errors import NotFound
from ecluse.domain.machines import Kind
from ecluse.domain.machines import files as domain_files
from ecluse.domain.machines.files import CaseFile
from ecluse.portal.cases.models import ActedAs, CaseRecord, ClockRow, Item, Suspension

LAWS = (EHDS, FRANCE, GDPR)

History = dict[str, list[Clock]]
"""The clocks of an object by rule, oldest first; the last one is the one that counts."""


def load(case: CaseRecord) -> CaseFile:
    """The file as the domain knows it: four queries, whatever its size."""
    calendar = CALENDARS[case.calendar]
    items = case.items.select_related("parent").order_by("number")
    rows = items.prefetch_related("clock_rows__suspension_rows")
    acted: dict[str, frozenset[Actor]] = {}
    for subject, role in case.acted_rows.values_list("subject", "role"):
        acted[subject] = acted.get(subject, frozenset()) | {Actor(role)}
    values = {row.item_id: _item(row, calendar) for row in rows}
    return CaseFile(values, calendar, acted)


def _item(row: Item, calendar: Calendar) -> domain_files.Item:
    history: History = {}
    for clock_row in sorted(row.clock_rows.all(), key=lambda one: one.pk):
        history.setdefault(clock_row.rule, []).append(read_clock(clock_row, calendar))
    return domain_files.Item(
        row.item_id,
        Kind(row.kind),
        row.state,
        Track(row.track),
        row.parent.item_id if row.parent else None,
        {rule: found[-1] for rule, found in history.items()},
        tuple(clock for found in history.values() for clock in found[:-1]),
    )


def read_clock(row: ClockRow, calendar: Calendar) -> Clock:
    """The clock that a row repeats. Raises NotFound for a rule that no law has any more."""
    law = law_of(row.rule)
    rule = law.rule(row.rule)
    extension = None
    if row.extended_on is not None:
        extension = Extended(row.extended_on, row.extension_reason or "", row.extended_until_on)
    pauses = sorted(row.suspension_rows.all(), key=lambda one: one.from_on)
    return Clock(
        rule,
        law.counting,
        calendar,
        row.started_on,
        row.fixed_end_on,
        tuple(
            Pause(p.from_on, p.reason, rule.resumption(p.reason) or Resumption.RESTART, p.until_on)
            for p in pauses
        ),
        extension,
        row.completed_on,
        row.voided_on,
        row.void_reason or "",
    )


def law_of(rule_id: str) -> RuleSet:
    """The law that has the rule. Raises NotFound."""
    for law in LAWS:
        if rule_id in law.rules:
            return law
    raise NotFound(f"No law of this hub has the rule {rule_id!r}: update this software.")


def store(case: CaseRecord, before: CaseFile, after: CaseFile, *, now: datetime) -> None:
    """Write the objects, clocks and roles that differ; what did not change is not touched."""
    rows = {row.item_id: row for row in case.items.prefetch_related("clock_rows__suspension_rows")}
    for item in after.items.values():
        if before.items.get(item.item_id) == item and item.item_id in rows:
            continue
        row = _write_item(case, item, rows, now=now)
        rows[row.item_id] = row
        _write_clocks(row, item)
    _write_acted(case, before.acted, after.acted)


def _write_item(
    case: CaseRecord, item: domain_files.Item, rows: Mapping[str, Item], *, now: datetime
) -> Item:
    row = rows.get(item.item_id)
    if row is None:
        parent = rows[item.parent_id] if item.parent_id else None
        return Item.objects.create(
            case=case,
            number=len(rows) + 1,
            item_id=item.item_id,
            kind=item.kind.value,
            state=item.state,
            track=item.track.value,
            parent=parent,
            since=now,
        )
    if row.state != item.state:
        row.since = now
    row.state, row.track = item.state, item.track.value
    row.save(update_fields=["state", "track", "since"])
    return row


def _write_clocks(row: Item, item: domain_files.Item) -> None:
    stored: dict[str, list[ClockRow]] = {}
    for one in sorted(row.clock_rows.all(), key=lambda each: each.pk):
        stored.setdefault(one.rule, []).append(one)
    # The clocks that end are written before those that start: one runs at a time.
    pairs = [
        (clock, known[rank] if rank < len(known) else None)
        for rule, found in history(item).items()
        for known in (stored.get(rule, []),)
        for rank, clock in enumerate(found)
    ]
    for clock, clock_row in sorted(pairs, key=lambda pair: pair[1] is None):
        _write_clock(row, clock, clock_row)


def history(item: domain_files.Item) -> History:
    """The clocks of an object by rule, oldest first."""
    found: History = {}
    for clock in (*item.past, *item.clocks.values()):
        found.setdefault(clock.rule.rule_id, []).append(clock)
    return found


def _write_clock(item: Item, clock: Clock, row: ClockRow | None) -> None:
    values = _values(clock)
    if row is None:
        row = ClockRow.objects.create(item=item, **values)
    elif any(getattr(row, name) != value for name, value in values.items()):
        for name, value in values.items():
            setattr(row, name, value)
        row.save()
    _write_pauses(row, clock.suspensions)


def _values(clock: Clock) -> dict[str, date | str | None]:
    extension = clock.extension
    is_void = clock.voided_on is not None
    return {
        "rule": clock.rule.rule_id,
        "article": clock.rule.article,
        "started_on": clock.started_on,
        "fixed_end_on": clock.fixed_end,
        "extended_on": extension.asked_on if extension else None,
        "extension_reason": extension.reason if extension else None,
        "extended_until_on": extension.until_on if extension else None,
        "due_on": clocks.due_on(clock),
        "completed_on": clock.completed_on,
        "voided_on": clock.voided_on,
        "void_reason": clock.void_reason if is_void else None,
    }


def _write_pauses(row: ClockRow, pauses: Sequence[Pause]) -> None:
    stored = sorted(row.suspension_rows.all(), key=lambda one: one.from_on)
    for known, pause in zip(stored, pauses, strict=False):
        if known.until_on != pause.until_on:
            known.until_on = pause.until_on
            known.save(update_fields=["until_on"])
    for pause in pauses[len(stored) :]:
        Suspension.objects.create(
            clock=row, from_on=pause.from_on, until_on=pause.until_on, reason=pause.reason
        )


def _write_acted(
    case: CaseRecord, before: Mapping[str, frozenset[Actor]], after: Mapping[str, frozenset[Actor]]
) -> None:
    ActedAs.objects.bulk_create(
        ActedAs(case=case, subject=subject, role=role.value)
        for subject, roles in after.items()
        for role in sorted(roles - before.get(subject, frozenset()))
    )
