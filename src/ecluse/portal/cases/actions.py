"""The one door through which a file moves: `perform`. Pages and other apps call nothing else.

One transaction: the file is held, rebuilt as a value, `machines.acts.act` judges, and what changed
is written with the letters and messages to send and the entry of the journal; or nothing is.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from ecluse.domain.actors import Actor
from ecluse.domain.clocks.calendars import CALENDARS
from ecluse.domain.clocks.tracks import Track
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.domain.machines import Kind, acts
from ecluse.domain.machines.files import Act, CaseFile, Outcome, open_file
from ecluse.portal.accounts.models import User
from ecluse.portal.audit.actions import record
from ecluse.portal.cases import storage
from ecluse.portal.cases.models import ActRow, CaseRecord, Dispatch, Item, Party, SavedFilter
from ecluse.portal.cases.parties import role_for
from ecluse.portal.cases.standing import FILE, standing

QUIET = frozenset({"save-draft"})
"""Acts that leave clocks and no trace: a draft is its applicant's own until it is submitted."""
UNFILED = frozenset({"draft", "deleted"})
SOFTWARE = "system"
MOST_FILTERS = 20


@dataclass(frozen=True, slots=True)
class Content:
    """What an act says: its reason, the last day chosen, the digest of what it is about."""

    reason: str = ""
    until_on: date | None = None
    digest: str | None = None
    details: Mapping[str, str | int] = field(default_factory=dict)


NOTHING = Content()


@transaction.atomic
def open_case(
    kind: Kind,
    *tracks: Track,
    number: str,
    by: User,
    now: datetime,
    as_actor: Actor = Actor.DATA_USER,
) -> CaseRecord:
    """A new file, a draft of `by`, on the calendar of this hub.

    `as_actor` is what they are on it: who asks for data, a data holder, a person concerned.
    """
    calendar = CALENDARS[settings.ECLUSE_CALENDAR]
    file = open_file(kind, *tracks, calendar=calendar)
    case = CaseRecord.objects.create(
        number=number,
        kind=kind.value,
        calendar=settings.ECLUSE_CALENDAR,
        opened_at=now,
        turn=as_actor.value,
        turn_since=now,
    )
    Party.objects.create(case=case, subject=by.subject, role=as_actor.value)
    storage.store(case, CaseFile({}, calendar), file, now=now)
    _write_standing(case, file, now=now)
    return case


@transaction.atomic
def add_part(parent: Item, kind: Kind, *, now: datetime) -> Item:
    """A draft change, appeal or call about an object of a file. Raises NotAllowed."""
    case = hold(parent.case)
    before = storage.load(case)
    after, item_id = acts.add(before, kind, parent.item_id)
    storage.store(case, before, after, now=now)
    return case.items.select_related("case").get(item_id=item_id)


@transaction.atomic
def name_members(case: CaseRecord, subjects: Collection[str]) -> None:
    """Write again who is named in the file beside its applicant."""
    members = case.parties.filter(role=Actor.PROJECT_MEMBER.value)
    members.exclude(subject__in=subjects).delete()
    applicants = case.parties.filter(role=Actor.DATA_USER.value).values_list("subject", flat=True)
    Party.objects.bulk_create(
        (
            Party(case=case, subject=subject, role=Actor.PROJECT_MEMBER.value)
            for subject in sorted(set(subjects) - set(applicants))
        ),
        ignore_conflicts=True,
    )


def hold(case: CaseRecord) -> CaseRecord:
    """Read the file again and hold it until the transaction ends."""
    return CaseRecord.objects.select_for_update(of=("self",), no_key=True).get(pk=case.pk)


@transaction.atomic
def perform(
    item: Item,
    action: str,
    *,
    by: User,
    now: datetime,
    content: Content = NOTHING,
    as_actor: Actor | None = None,
) -> ActRow | None:
    """Do `action` on one object of a file, as what `by` is on that file; None for a quiet act.

    `as_actor` is for an app that knows what `by` is on this object where the file does not: a
    person of the data holder that is called. It has checked it.

    Raises:
        NotAllowed: not now, not this role, not this person, or a law's limit is passed.
        InvalidInput: no reason where one is due, a day out of order.
    """
    held = hold(item.case)
    fresh = Item.objects.select_related("case").get(pk=item.pk)
    role = as_actor or role_for(fresh, action, by)
    done = _act_of(fresh, action, role, by.subject, now=now, content=content)
    return _write(held, done, by=by, now=now, content=content)


@transaction.atomic
def perform_by_software(
    item: Item, action: str, *, now: datetime, content: Content = NOTHING
) -> ActRow | None:
    """Do what falls to the software: time that passed, signed receipts. Never from a request.

    Raises NotAllowed, InvalidInput: see `perform`.
    """
    held = hold(item.case)
    fresh = Item.objects.select_related("case").get(pk=item.pk)
    done = _act_of(fresh, action, Actor.SYSTEM, SOFTWARE, now=now, content=content)
    return _write(held, done, by=None, now=now, content=content)


def day_of(case: CaseRecord, now: datetime) -> date:
    """The day that it is where the file is treated."""
    return CALENDARS[case.calendar].day(now)


def _act_of(
    item: Item, action: str, role: Actor, person: str, *, now: datetime, content: Content
) -> Act:
    on = day_of(item.case, now)
    return Act(item.item_id, action, role, person, on, content.reason.strip(), content.until_on)


def _write(
    case: CaseRecord, done: Act, *, by: User | None, now: datetime, content: Content
) -> ActRow | None:
    before = storage.load(case)
    outcome = acts.act(before, done)
    storage.store(case, before, outcome.file, now=now)
    _write_standing(case, outcome.file, now=now)
    if done.action in QUIET:
        return None
    row = _write_act(case, done, (before, outcome.file), by=by, now=now)
    _queue(case, row, outcome)
    record(
        f"{before.item(done.item_id).kind.value}.{done.action}",
        case.number,
        by=by.subject if by else SOFTWARE,
        digest=content.digest,
        details={"item": done.item_id, **content.details},
        at=now,
    )
    return row


def _write_act(
    case: CaseRecord,
    done: Act,
    files: tuple[CaseFile, CaseFile],
    *,
    by: User | None,
    now: datetime,
) -> ActRow:
    before, after = (file.item(done.item_id).state for file in files)
    return ActRow.objects.create(
        item=case.item(done.item_id),
        action=done.action,
        role=done.role.value,
        by=by,
        at=now,
        before=before,
        after=after,
        reason=done.reason,
    )


def _queue(case: CaseRecord, act: ActRow, outcome: Outcome) -> None:
    names = [*((name, True) for name in outcome.letters)]
    names += [(name, False) for name in dict.fromkeys(outcome.messages)]
    Dispatch.objects.bulk_create(
        Dispatch(case=case, act=act, name=name, is_letter=is_letter, queued_at=act.at)
        for name, is_letter in names
    )
    if outcome.letters:
        # Robust: a decision stands even where its letter cannot be made yet.
        transaction.on_commit(lambda: _issue_letters(case, at=act.at), robust=True)


def _issue_letters(case: CaseRecord, *, at: datetime) -> None:
    """Make the letters: what does so comes after this app, the assembled site names it."""
    import_string(settings.ECLUSE_ISSUE_LETTERS)(case.pk, now=at)


def _write_standing(case: CaseRecord, file: CaseFile, *, now: datetime) -> None:
    """Repeat on the file whose turn it is and until when, for the lists."""
    where = standing(file)
    if case.turn != where.turn.value:
        case.turn, case.turn_since = where.turn.value, now
    case.due_on = where.due_on
    case.due_rule = where.clock.rule.rule_id if where.clock else ""
    case.is_suspended = where.is_suspended
    if case.filed_at is None and file.item(FILE).state not in UNFILED:
        case.filed_at = now
    case.save()


@transaction.atomic
def assign(cases: Iterable[CaseRecord], to: User, *, by: User, now: datetime) -> int:
    """Give files to one officer; how many. Raises NotAllowed if one of them cannot be, or `to`.

    Nothing is assigned unless all are.
    """
    held = _hold_all(cases)
    for case in held:
        own = case.item(FILE)
        perform(own, "assign", by=by, now=now, content=Content(details={"to": to.subject}))
        _check_can_take(to, own)
    CaseRecord.objects.filter(pk__in=[case.pk for case in held]).update(assignee=to)
    return len(held)


@transaction.atomic
def consult_committee(cases: Iterable[CaseRecord], *, by: User, now: datetime) -> int:
    """Ask the opinion of the committee on the open decisions of these files; how many decisions.

    Nothing is asked unless it can be on all. Raises NotAllowed.
    """
    units = [
        unit
        for case in _hold_all(cases)
        for unit in case.items.select_related("case").filter(kind=Kind.DECISION_UNIT.value)
    ]
    for unit in units:
        perform(unit, "consult-committee", by=by, now=now)
    return len(units)


def _hold_all(cases: Iterable[CaseRecord]) -> list[CaseRecord]:
    """Hold files in one order, before the first entry of the journal, which everybody waits for."""
    chosen = CaseRecord.objects.filter(pk__in=[case.pk for case in cases]).order_by("pk")
    return list(chosen.select_for_update(of=("self",), no_key=True))


def _check_can_take(to: User, item: Item) -> None:
    try:
        role_for(item, "assign", to)
    except NotAllowed as error:
        raise NotAllowed(f"{to.full_name} cannot take {item.case.number}: {error}") from error


@transaction.atomic
def keep_filter(account: User, name: str, query: str) -> SavedFilter:
    """Keep a view of the work list; the same name again replaces it. Raises InvalidInput."""
    others = SavedFilter.objects.filter(account=account).exclude(name=name)
    if others.count() >= MOST_FILTERS:
        raise InvalidInput(f"{MOST_FILTERS} views are kept already: remove one first.")
    kept, _ = SavedFilter.objects.update_or_create(
        account=account, name=name, defaults={"query": query}
    )
    return kept
