"""A file as a page shows it: where it stands, its clocks, what was done, what may be done now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ecluse.domain.actors import CONFLICTS, Actor
from ecluse.domain.clocks.clock import Clock, due_on
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.domain.machines import MACHINES, Kind, acts
from ecluse.domain.machines.files import Act, CaseFile
from ecluse.domain.machines.files import Item as DomainItem
from ecluse.domain.machines.machine import Action
from ecluse.domain.machines.steps import why_not as machine_refuses
from ecluse.portal.accounts.models import User
from ecluse.portal.cases import labels, storage
from ecluse.portal.cases.letters import letter_title
from ecluse.portal.cases.models import ActRow, CaseRecord, Item
from ecluse.portal.cases.parties import actors_of, is_person_of
from ecluse.portal.cases.standing import Standing, all_clocks, standing

SOME_REASON = "…"
Pages = Mapping[tuple[str, str], str]
"""The address name of the page of an action that has its own, by kind and action."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that the roles of this person do; `why_not` says why it cannot be done now."""

    item_id: str
    action: str
    label: str
    address: str
    why_not: str | None


@dataclass(frozen=True, slots=True)
class ClockLine:
    """One clock in words."""

    title: str
    object: str
    article: str
    started_on: date
    due_on: date | None
    state: str
    kind: str
    note: str


@dataclass(frozen=True, slots=True)
class CaseText:
    """A whole file in words, for one reader."""

    standing: Standing
    turn: str
    due_on: date | None
    is_late: bool
    suspended_by: str
    objects: list[tuple[str, str, str]]
    clocks: list[ClockLine]
    timeline: list[tuple[str, datetime, str, str]]
    offers: list[Offer]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads which file on which day, as what they are on it."""

    case: CaseRecord
    file: CaseFile
    user: User
    today: date
    actors: tuple[Actor, ...]
    is_person: bool


def reader_of(case: CaseRecord, user: User, *, today: date) -> Reader:
    """The reader of a file as it stands now."""
    actors = tuple(sorted(actors_of(user, case)))
    return Reader(case, storage.load(case), user, today, actors, is_person_of(user, case))


def case_text(reader: Reader, *, pages: Pages) -> CaseText:
    """The file in words for its reader."""
    where = standing(reader.file)
    due = where.due_on
    objects = [
        (
            labels.kind_label(item.kind),
            labels.state_label(item.kind, item.state),
            labels.badge(item.kind, item.state),
        )
        for item in reader.file.items.values()
    ]
    return CaseText(
        where,
        labels.actor_label(where.turn),
        due,
        is_late=due is not None and due < reader.today,
        suspended_by=_suspended_by(where.clock),
        objects=objects,
        clocks=clock_lines(reader),
        timeline=timeline(reader.case),
        offers=offers(reader, pages=pages),
    )


def _suspended_by(clock: Clock | None) -> str:
    if clock is None or not clock.is_suspended:
        return ""
    pause = clock.suspensions[-1]
    since = date_format(pause.from_on, "j F Y")
    reason = labels.label(labels.SUSPENDED_BY, pause.reason)
    return _("%(reason)s, depuis le %(day)s") % {"reason": reason, "day": since}


def clock_lines(reader: Reader, *, item_id: str | None = None) -> list[ClockLine]:
    """Every clock of the file, or of one of its objects, the running ones first."""
    items = reader.file.items.values() if item_id is None else [reader.file.item(item_id)]
    return [_clock_line(item, clock, reader.today) for item, clock in all_clocks(items)]


def _clock_line(item: DomainItem, clock: Clock, today: date) -> ClockLine:
    due = due_on(clock)
    state, kind = _clock_state(clock, due, today)
    return ClockLine(
        labels.rule_label(clock.rule.rule_id),
        labels.kind_label(item.kind),
        clock.rule.article,
        clock.started_on,
        due,
        state,
        kind,
        _clock_note(clock),
    )


def _clock_state(clock: Clock, due: date | None, today: date) -> tuple[str, str]:
    if clock.completed_on is not None:
        is_late = due is not None and clock.completed_on > due
        return (_("fait en retard"), "warning") if is_late else (_("fait"), "success")
    if clock.voided_on is not None:
        return _("sans objet"), "neutral"
    if clock.is_suspended:
        return _("suspendu"), "warning"
    return (_("en retard"), "error") if due is not None and due < today else (_("court"), "info")


def _clock_note(clock: Clock) -> str:
    if clock.is_suspended:
        return _suspended_by(clock)
    if clock.extension is not None:
        asked = date_format(clock.extension.asked_on, "j F Y")
        return _("prolongé le %(day)s : %(reason)s") % {
            "day": asked,
            "reason": clock.extension.reason,
        }
    return ""


def timeline(case: CaseRecord) -> list[tuple[str, datetime, str, str]]:
    """What was done on the file, the oldest first; who did it is an office, not a name."""
    rows = ActRow.objects.filter(item__case=case).select_related("item").order_by("at", "pk")
    opened = (_("Brouillon ouvert"), case.opened_at, "", "done")
    return [opened, *(_act_line(row) for row in rows)]


def acts_of(item: Item) -> list[tuple[str, datetime, str, str]]:
    """What was done on one object of a file, the oldest first."""
    rows = item.acts.select_related("item").order_by("at", "pk")
    return [_act_line(row) for row in rows]


def _act_line(row: ActRow) -> tuple[str, datetime, str, str]:
    who = labels.actor_label(row.role)
    text = f"{who} — {row.reason}" if row.reason else who
    if row.before != row.after:
        after = labels.state_label(row.item.kind, row.after)
        text = f"{text} → {after}"
    return (labels.action_label(row.action), row.at, text, "done")


def letters(case: CaseRecord) -> list[tuple[str, str]]:
    """The letters of a file: title and day, address."""
    found = case.dispatches.filter(is_letter=True).order_by("queued_at", "pk")
    return [
        (
            f"{letter_title(one.name)} ({date_format(one.queued_at, 'j F Y')})",
            reverse("letters:letter", args=[case.number, one.pk]),
        )
        for one in found
    ]


def offers(reader: Reader, *, pages: Pages) -> list[Offer]:
    """What the roles of the reader do on the file; the possible ones first."""
    found = [
        Offer(
            item.item_id,
            row.name,
            labels.action_label(row.name),
            address,
            why_not(reader, item.item_id, row.name),
        )
        for item in reader.file.items.values()
        for row in rows_for(item, reader.actors)
        if (address := address_of(reader.case, item, row.name, pages)) is not None
    ]
    return sorted(found, key=lambda offer: offer.why_not is not None)


def rows_for(item: DomainItem, actors: tuple[Actor, ...]) -> list[Action]:
    """The rows of an unfinished object that are for one of these actors, one per action."""
    machine = MACHINES[item.kind]
    if machine.is_final(item.state):
        return []
    found = {row.name: row for row in machine.actions if set(row.by) & set(actors)}
    return list(found.values())


def address_of(case: CaseRecord, item: DomainItem, action: str, pages: Pages) -> str | None:
    """The page of an action on an object: its own, or the common one; None if it has none."""
    own = pages.get((item.kind.value, action))
    if own is not None:
        return reverse(own, args=[case.number])
    if action in COMMON.get(item.kind, ()):
        return reverse("cases:act", args=[case.number, item.item_id, action])
    return None


COMMON: Mapping[Kind, tuple[str, ...]] = {
    Kind.APPLICATION: ("start-screening", "go-on-without"),
    Kind.CASE: ("publish-application", "publish-decision"),
    Kind.DECISION_UNIT: (
        *("reroute", "extend", "send-back"),
        *("consult-committee", "record-no-opinion"),
        *("consult-authority", "record-silence"),
        "no-estimate",
    ),
    Kind.PERMIT: (*("agree-fees", "set-fees", "publish-results", "extend-results"),),
}
"""The actions that the common page serves: a reason, sometimes a day, and a letter to read."""


def why_not(reader: Reader, item_id: str, action: str) -> str | None:
    """Why the reader cannot do `action` on that object today, in words; None if they can.

    Raises NotFound: no such object or action.
    """
    item = reader.file.item(item_id)
    machine = MACHINES[item.kind]
    machine.named(action)
    fitting = [
        actor
        for actor in reader.actors
        if machine_refuses(machine, item.state, action, actor, track=item.track) is None
    ]
    if not fitting:
        return _why_no_role(reader, item, action)
    done = Act(item_id, action, fitting[0], reader.user.subject, reader.today, SOME_REASON)
    try:
        acts.act(reader.file, done)
    except InvalidInput:
        return None  # a day is to be named: the page asks it
    except NotAllowed:
        return _why_refused(reader.file, item, action, done)
    return None


def came_too_late(case: CaseRecord, user: User, item_id: str, action: str) -> bool:
    """Whether `user` could have done `action`, had the file not moved on meanwhile."""
    item = storage.load(case).item(item_id)
    machine, actors = MACHINES[item.kind], actors_of(user, case)
    is_theirs = any(set(row.by) & actors for row in machine.named(action))
    refusals = (machine_refuses(machine, item.state, action, a, track=item.track) for a in actors)
    return is_theirs and all(reason is not None for reason in refusals)


def _why_no_role(reader: Reader, item: DomainItem, action: str) -> str:
    rows = MACHINES[item.kind].named(action)
    mine = [row for row in rows if set(row.by) & set(reader.actors)]
    if mine:
        states = dict.fromkeys(source for row in mine for source in row.sources)
        shown = ", ".join(labels.state_label(item.kind, state) for state in states)
        return _("Possible seulement quand l’état est : %(states)s.") % {"states": shown}
    if reader.is_person and Actor.DATA_USER not in reader.actors:
        return _("Vous êtes une personne de ce dossier : quelqu’un d’autre doit agir.")
    who = dict.fromkeys(actor for row in rows for actor in row.by)
    shown = ", ".join(labels.actor_label(actor) for actor in who)
    return _("Réservé à : %(who)s.") % {"who": shown}


def _why_refused(file: CaseFile, item: DomainItem, action: str, done: Act) -> str:
    for other in sorted(file.acted.get(done.person, frozenset())):
        if frozenset({other, done.role}) in CONFLICTS:
            return _("Vous avez agi sur ce dossier pour %(who)s : quelqu’un d’autre doit agir.") % {
                "who": labels.actor_label(other)
            }
    rows = [row for row in MACHINES[item.kind].named(action) if row.applies(item.state, item.track)]
    awaited = {rule for row in rows for rule in (*row.after_lapse, *row.not_while)}
    for clock in item.running():
        if clock.rule.rule_id in awaited:
            return _("Attend la fin de ce délai : %(rule)s.") % {
                "rule": labels.rule_label(clock.rule.rule_id)
            }
    return _("La loi ne le permet pas dans l’état des délais de ce dossier.")
