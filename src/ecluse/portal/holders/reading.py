"""A call as its reader sees it: what they may do now, and why not; its clocks; what was done."""

from dataclasses import dataclass, replace
from datetime import date

from django.urls import reverse

from ecluse.domain.actors import Actor
from ecluse.domain.clocks.clock import due_on
from ecluse.domain.machines import MACHINES, Kind
from ecluse.portal.accounts.models import User
from ecluse.portal.cases import labels
from ecluse.portal.cases import reading as case_reading
from ecluse.portal.cases.conditions import RUNNING
from ecluse.portal.cases.models import ActRow, ClockRow
from ecluse.portal.cases.reading import ClockLine, Offer, Reader
from ecluse.portal.holders.actions import BY_HOLDER, BY_HUB
from ecluse.portal.holders.models import HolderCall

SUPPLY = "supply"
OFFERED = (
    *("acknowledge", "ask-extension", "supply", "extend", "refuse-extension"),
    *("receive", "return-supply", "make-available", "cancel"),
)
EXTENSIONS = ("ask-extension", "extend", "refuse-extension")


@dataclass(frozen=True, slots=True)
class CallText:
    """A call in words, for one reader."""

    state: str
    badge: str
    turn: str
    due_on: date | None
    is_late: bool
    clocks: list[ClockLine]
    timeline: list[tuple[str, object, str, str]]
    offers: list[Offer]
    awaited_extension: str


@dataclass(frozen=True, slots=True)
class Brief:
    """A call as a line of a list."""

    state: str
    badge: str
    due_on: date | None
    is_late: bool


def brief(call: HolderCall, *, today: date) -> Brief:
    """The call as a line of a list."""
    running = ClockRow.objects.filter(RUNNING, item=call.item, rule=SUPPLY)
    due = running.values_list("due_on", flat=True).first()
    state = call.item.state
    words = labels.state_label(Kind.HOLDER_CALL, state)
    return Brief(words, badge(state), due, is_late=due is not None and due < today)


def call_text(call: HolderCall, user: User, *, today: date) -> CallText:
    """The call in words for its reader."""
    reader = reader_of(call, user, today=today)
    item = reader.file.item(call.item.item_id)
    clock = item.clocks.get(SUPPLY)
    due = due_on(clock) if clock is not None and clock.is_running else None
    return CallText(
        labels.state_label(Kind.HOLDER_CALL, item.state),
        badge(item.state),
        labels.actor_label(item.owner),
        due,
        is_late=due is not None and due < today,
        clocks=case_reading.clock_lines(reader, item_id=item.item_id),
        timeline=_timeline(call),
        offers=_offers(call, reader),
        awaited_extension=awaited_extension(call),
    )


def reader_of(call: HolderCall, user: User, *, today: date) -> Reader:
    """Who reads the call: what they are on its file, and on the call itself."""
    reader = case_reading.reader_of(call.item.case, user, today=today)
    if not call.holder.has(user):
        return reader
    return replace(reader, actors=tuple(sorted({*reader.actors, Actor.DATA_HOLDER})))


def why_not(call: HolderCall, reader: Reader, action: str) -> str | None:
    """Why the reader cannot do `action` on the call now; None if they can."""
    if action in BY_HUB and Actor.DATA_HOLDER in reader.actors:
        return labels.actor_label(Actor.DECIDER)
    return case_reading.why_not(reader, call.item.item_id, action)


def _offers(call: HolderCall, reader: Reader) -> list[Offer]:
    machine = MACHINES[Kind.HOLDER_CALL]
    mine = [
        action
        for action in OFFERED
        if any(set(row.by) & set(reader.actors) for row in machine.named(action))
        and not (action in BY_HOLDER and Actor.DATA_HOLDER not in reader.actors)
    ]
    found = [
        Offer(
            call.item.item_id,
            action,
            labels.action_label(action),
            reverse("holders:act", args=[call.number, action]),
            why_not(call, reader, action),
        )
        for action in mine
        if not machine.is_final(call.item.state)
    ]
    return sorted(found, key=lambda offer: offer.why_not is not None)


def awaited_extension(call: HolderCall) -> str:
    """The reasons of an extension that the holder asked and nobody decided yet, or nothing."""
    acts = ActRow.objects.filter(item=call.item, action__in=EXTENSIONS).order_by("at", "pk")
    last = acts.last()
    return last.reason if last is not None and last.action == "ask-extension" else ""


def _timeline(call: HolderCall) -> list[tuple[str, object, str, str]]:
    rows = ActRow.objects.filter(item=call.item).select_related("item").order_by("at", "pk")
    return [
        (
            labels.action_label(row.action),
            row.at,
            f"{labels.actor_label(row.role)} — {row.reason}"
            if row.reason
            else labels.actor_label(row.role),
            "done",
        )
        for row in rows
    ]


def badge(state: str) -> str:
    """The kind of badge of a state of a call."""
    kinds = {"received": "success", "available": "success", "cancelled": "neutral"}
    return kinds.get(state, "info")
