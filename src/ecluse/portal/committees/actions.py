"""Call a sitting, set its agenda, take part, declare interests, vote: each is one transaction."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from ecluse.domain import committees
from ecluse.domain.actors import Actor, check_separate
from ecluse.domain.committees import SETTLED, Choice, Deliberation
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.domain.machines import Kind
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.applications.actions import next_number
from ecluse.portal.audit.actions import record
from ecluse.portal.cases import actions as cases
from ecluse.portal.cases.conditions import RUNNING
from ecluse.portal.cases.models import ActedAs, CaseRecord, ClockRow, Item
from ecluse.portal.cases.parties import acted_as, is_person_of
from ecluse.portal.cases.recusals import Recusal
from ecluse.portal.committees import storage
from ecluse.portal.committees.models import Entry, Interest, Seat, Sitting, State

OPINION = "committee-opinion"
AWAITING = {Kind.DECISION_UNIT.value, Kind.DECLARATION.value}
FEWEST = 3
"""Members of a committee below which a chair, a replacement and a majority mean nothing."""


@dataclass(frozen=True, slots=True)
class Call:
    """When and where the committee sits, who presides and who replaces them."""

    held_on: date
    place: str
    chair: User
    deputy: User


@transaction.atomic
def call(asked: Call, *, by: User, now: datetime, recalls: Sitting | None = None) -> Sitting:
    """Call every member to a sitting. With `recalls`, again on its agenda, without a quorum.

    Raises NotAllowed, InvalidInput: a day that is past, chairs who are no members, too few members,
    or a sitting that did not lack its quorum.
    """
    by.require("committee.call")
    members = list(User.objects.get_queryset().with_role(Role.COMMITTEE).order_by("pk"))
    _check_call(asked, members, today=timezone.localtime(now).date())
    sitting = Sitting.objects.create(
        number=f"S-{asked.held_on.year}-{next_number(f'sitting-{asked.held_on.year}'):03}",
        held_on=asked.held_on,
        place=asked.place.strip(),
        chair=asked.chair,
        deputy=asked.deputy,
        recalls=recalls,
        called_by=by,
        called_at=now,
    )
    Seat.objects.bulk_create(Seat(sitting=sitting, member=member) for member in members)
    details: dict[str, str | int] = {"held_on": asked.held_on.isoformat(), "members": len(members)}
    record("sitting.called", sitting.number, by=by.subject, details=details, at=now)
    if recalls is not None:
        _carry_over(recalls, sitting, by=by, now=now)
    return sitting


def _check_call(asked: Call, members: Sequence[User], *, today: date) -> None:
    if asked.held_on < today:
        raise InvalidInput(f"{asked.held_on} is past: choose the day of the sitting.")
    if len(members) < FEWEST:
        raise InvalidInput(f"The committee has {len(members)} members: {FEWEST} at least.")
    if asked.chair == asked.deputy or not {asked.chair, asked.deputy} <= set(members):
        raise InvalidInput("Who presides and who replaces them are two members of the committee.")


def _carry_over(former: Sitting, sitting: Sitting, *, by: User, now: datetime) -> None:
    """Put on the new agenda what the former left for want of a quorum, and nothing else."""
    left = [entry.item for entry in former.entries.filter(phase="postponed").order_by("rank")]
    if not former.is_over or not left:
        raise InvalidInput(f"{former.number} left no file: call another sitting.")
    put_on_agenda(sitting, left, by=by, now=now)


@transaction.atomic
def put_on_agenda(sitting: Sitting, items: Iterable[Item], *, by: User, now: datetime) -> int:
    """Put objects whose opinion is awaited on the agenda; how many. Raises NotAllowed."""
    by.require("committee.call")
    held = _hold(sitting)
    _check_planned(held)
    last = held.entries.aggregate(last=Max("rank"))["last"] or 0
    listed = list(items)
    for rank, item in enumerate(listed, start=last + 1):
        cases.hold(item.case)
        if not awaits_opinion(item) or item.agenda_entries.filter(is_open=True).exists():
            raise NotAllowed(f"{item.case.number} awaits no opinion, or is on an agenda already.")
        Entry.objects.create(sitting=held, rank=rank, item=item)
        details: dict[str, str | int] = {"sitting": held.number, "item": item.item_id}
        record("sitting.listed", item.case.number, by=by.subject, details=details, at=now)
    return len(listed)


@transaction.atomic
def take_off_agenda(entry: Entry, *, by: User, now: datetime) -> None:
    """Take a file off the agenda before the sitting opens. Raises NotAllowed."""
    by.require("committee.call")
    _check_planned(_hold(entry.sitting))
    if entry.interests.exists():
        raise NotAllowed("Members declared their interests on this file: let the sitting decide.")
    details: dict[str, str | int] = {"sitting": entry.sitting.number}
    record("sitting.unlisted", entry.item.case.number, by=by.subject, details=details, at=now)
    entry.delete()


@transaction.atomic
def cancel(sitting: Sitting, *, by: User, now: datetime) -> None:
    """Give up a sitting that has not opened: its files can be put on another. Raises NotAllowed."""
    by.require("committee.call")
    held = _hold(sitting)
    _check_planned(held)
    held.state = State.CANCELLED
    held.save(update_fields=["state"])
    held.entries.update(is_open=False)
    record("sitting.cancelled", held.number, by=by.subject, at=now)


def awaits_opinion(item: Item) -> bool:
    """Whether the committee was asked about this object and has not answered."""
    running = ClockRow.objects.filter(RUNNING, item=item, rule=OPINION)
    return item.kind in AWAITING and running.exists()


def candidates() -> list[Item]:
    """Every object whose opinion is awaited and that is on no agenda, the oldest clock first."""
    running = ClockRow.objects.filter(RUNNING, rule=OPINION, item__kind__in=AWAITING)
    waiting = running.exclude(item__agenda_entries__is_open=True).order_by("due_on", "pk")
    return [row.item for row in waiting.select_related("item__case")]


@transaction.atomic
def arrive(sitting: Sitting, *, by: User, now: datetime) -> None:
    """The member is there; the first who presides opens the sitting. Raises NotAllowed."""
    held = _hold(sitting)
    seat = _seat(held, by)
    if held.is_over or seat.is_present:
        raise NotAllowed("The sitting is over, or you are there already.")
    seat.arrived_at, seat.left_at = now, None
    seat.save(update_fields=["arrived_at", "left_at"])
    record("sitting.joined", held.number, by=by.subject, at=now)
    if held.state == State.PLANNED and by in (held.chair, held.deputy):
        held.state, held.opened_at = State.OPEN, now
        held.save(update_fields=["state", "opened_at"])
        record("sitting.opened", held.number, by=by.subject, at=now)


@transaction.atomic
def leave(sitting: Sitting, *, by: User, now: datetime) -> None:
    """The member goes: they count no more for the quorum. Raises NotAllowed."""
    held = _hold(sitting)
    seat = _seat(held, by)
    if held.is_over or not seat.is_present:
        raise NotAllowed("The sitting is over, or you are not there.")
    seat.left_at = now
    seat.save(update_fields=["left_at"])
    record("sitting.left", held.number, by=by.subject, at=now)


@transaction.atomic
def declare(entry: Entry, statement: str, *, by: User, now: datetime) -> Entry:
    """Say which interest one has in a file, or with no words that one has none.

    An interest closes the file to the member, on every page, for ever. Raises NotAllowed.
    """
    said, has_interest = statement.strip(), bool(statement.strip())
    held = _hold(entry.sitting)
    fresh = _entry(entry)
    _seat(held, by)
    _check_over(held)
    after = committees.declare(storage.load(fresh), by.subject, has_interest=has_interest)
    if not has_interest:
        check_may_judge(fresh.item.case, by)
    kept, is_new = Interest.objects.get_or_create(
        entry=fresh, member=by, has_interest=has_interest, defaults={"statement": said, "at": now}
    )
    if is_new:
        if by.subject in after.conflicted:
            Recusal.objects.create(case=fresh.item.case, subject=by.subject, at=now)
        details: dict[str, str | int] = {"interest": "yes" if kept.has_interest else "no"}
        record("sitting.declared", fresh.item.case.number, by=by.subject, details=details, at=now)
    return fresh


def check_may_judge(case: CaseRecord, user: User) -> None:
    """Pass if no role of `user` on the file keeps them from judging it. Raises NotAllowed."""
    if is_person_of(user, case):
        raise NotAllowed("You are a person of this file: say that you have an interest in it.")
    check_separate(Actor.COMMITTEE, acted_as(user, case))


Step = Callable[[Deliberation], Deliberation]


@transaction.atomic
def do(entry: Entry, what: str, step: Step, *, by: User, now: datetime) -> Entry:
    """One step of the deliberation on a file: a vote opened or closed, reasons, a postponement.

    `what` is the verb of the journal. Raises NotAllowed, InvalidInput.
    """
    fresh, before = _sitting_now(entry, by)
    after = step(before)
    storage.store(fresh, before, after)
    details: dict[str, str | int] = {"sitting": fresh.sitting.number, "phase": after.phase.value}
    record(f"sitting.{what}", fresh.item.case.number, by=by.subject, details=details, at=now)
    return fresh


@transaction.atomic
def vote(entry: Entry, choice: Choice, note: str, *, by: User, now: datetime) -> Entry:
    """Cast a vote. The journal says that it was cast, never what it says. Raises NotAllowed."""
    fresh, before = _sitting_now(entry, by)
    check_may_judge(fresh.item.case, by)
    after = committees.cast(before, by.subject, choice, note)
    storage.keep_vote(fresh, after, by=by, at=now)
    ActedAs.objects.get_or_create(
        case=fresh.item.case, subject=by.subject, role=Actor.COMMITTEE.value
    )
    details: dict[str, str | int] = {"sitting": fresh.sitting.number, "turn": after.turn}
    record("sitting.voted", fresh.item.case.number, by=by.subject, details=details, at=now)
    return fresh


def _sitting_now(entry: Entry, by: User) -> tuple[Entry, Deliberation]:
    held = _hold(entry.sitting)
    _seat(held, by)
    if held.state != State.OPEN:
        raise NotAllowed("The sitting is not open: nothing is judged now.")
    fresh = _entry(entry)
    return fresh, storage.load(fresh)


def is_done(sitting: Sitting) -> bool:
    """Whether every file is postponed, or concluded with its reasons."""
    rows = sitting.entries.values_list("phase", "reason")
    return all(phase in {one.value for one in SETTLED} and reason for phase, reason in rows)


def _seat(sitting: Sitting, user: User) -> Seat:
    seat = sitting.seat_of(user)
    if seat is None or Role.COMMITTEE not in user.roles():
        raise NotAllowed("Only members called to this sitting take part in it.")
    return seat


def _check_planned(sitting: Sitting) -> None:
    if sitting.state != State.PLANNED:
        raise NotAllowed(f"{sitting.number} has begun: its agenda stays as it is.")


def _check_over(sitting: Sitting) -> None:
    if sitting.is_over:
        raise NotAllowed(f"{sitting.number} is over.")


def _hold(sitting: Sitting) -> Sitting:
    """Read the sitting again and hold it until the transaction ends."""
    rows = Sitting.objects.select_related("chair", "deputy")
    return rows.select_for_update(of=("self",), no_key=True).get(pk=sitting.pk)


def _entry(entry: Entry) -> Entry:
    found = Entry.objects.select_related("item__case", "sitting__chair", "sitting__deputy")
    return found.get(pk=entry.pk)
