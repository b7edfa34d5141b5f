"""A sitting as its pages show it: to each reader what they may see, and no vote before its time."""

from dataclasses import dataclass
from datetime import date

from ecluse.domain import committees
from ecluse.domain.committees import SETTLED, VOTING, Deliberation, Phase
from ecluse.portal.accounts.models import User
from ecluse.portal.cases import desk
from ecluse.portal.cases.conditions import RUNNING
from ecluse.portal.cases.models import CaseRecord, ClockRow
from ecluse.portal.committees import labels, storage
from ecluse.portal.committees.models import Entry, Seat, Sitting, State


@dataclass(frozen=True, slots=True)
class AgendaLine:
    """A file of the agenda for one reader; `is_closed`: they have an interest in it."""

    entry: Entry
    number: str
    title: str
    phase: str
    badge: str
    due_on: date | None
    is_closed: bool
    has_declared: bool


@dataclass(frozen=True, slots=True)
class VoteLine:
    """A vote in words, or how many said the same."""

    turn: int
    who: str
    choice: str
    note: str


@dataclass(frozen=True, slots=True)
class EntryText:
    """The deliberation on one file for one reader: what they see, what they may do next."""

    phase: Phase
    quorum: int
    taking_part: int
    leader: str
    votes: list[VoteLine]
    voted: int
    opinion: str
    reason: str
    steps: list[tuple[str, str]]
    clocks: list[tuple[str, date | None]]
    address: str


def visible_numbers(user: User, sitting: Sitting) -> frozenset[str]:
    """The files of the agenda that the reader may know."""
    on_it = CaseRecord.objects.filter(items__agenda_entries__sitting=sitting)
    return frozenset(on_it.visible_to(user).values_list("number", flat=True))


def agenda(sitting: Sitting, user: User) -> list[AgendaLine]:
    """Every file of the agenda for this reader, in its order."""
    known = visible_numbers(user, sitting)
    return [_line(entry, file, user, known) for entry, file in storage.every(sitting)]


def _line(entry: Entry, file: Deliberation, user: User, known: frozenset[str]) -> AgendaLine:
    case = entry.item.case
    is_closed = case.number not in known
    words, badge = labels.PHASES[entry.phase]
    due = ClockRow.objects.filter(RUNNING, item=entry.item, rule="committee-opinion").first()
    return AgendaLine(
        entry,
        case.number,
        "" if is_closed else case.title,
        str(words),
        badge,
        due.due_on if due else None,
        is_closed,
        user.subject in file.cleared | file.conflicted,
    )


def entry_text(entry: Entry, user: User) -> EntryText:
    """One file for one reader: who is no member reads no vote, and the opinion once signed."""
    file = storage.load(entry)
    names = {seat.member.subject: seat.member.full_name for seat in _seats(entry)}
    is_known = user.subject in file.cleared or entry.sitting.state == State.SIGNED
    leader = committees.presiding(file)
    return EntryText(
        phase=file.phase,
        quorum=committees.quorum(file),
        taking_part=len(committees.deliberating(file)),
        leader=names.get(leader or "", ""),
        votes=[
            VoteLine(vote.turn, names[vote.member], str(labels.CHOICES[vote.choice]), vote.note)
            for vote in committees.visible_votes(file, user.subject)
        ],
        voted=len(committees.counted(file, file.turn)) if file.phase in VOTING else 0,
        opinion=str(labels.CHOICES[file.opinion]) if file.opinion and is_known else "",
        reason=file.reason if is_known or file.phase is Phase.POSTPONED else "",
        steps=_steps(entry, file, user),
        clocks=_clocks(entry),
        address=desk.address_of(entry.item.case, entry.item),
    )


def _seats(entry: Entry) -> list[Seat]:
    return list(entry.sitting.seats.select_related("member"))


def _clocks(entry: Entry) -> list[tuple[str, date | None]]:
    """The running clocks of the object: the committee's and authority's beside the decision's."""
    rows = ClockRow.objects.filter(RUNNING, item=entry.item).order_by("due_on", "pk")
    return [(row.rule, row.due_on) for row in rows]


def _steps(entry: Entry, file: Deliberation, user: User) -> list[tuple[str, str]]:
    """What the reader may do next on the file, with its words."""
    if entry.sitting.is_over or user.subject not in file.members:
        return []
    found = [] if file.phase in SETTLED else ["declare"]
    if entry.sitting.state == State.OPEN:
        found = [*_member_steps(file, user.subject), *_leader_steps(file, user.subject), *found]
    return [(name, str(labels.STEPS[name])) for name in found]


def _member_steps(file: Deliberation, subject: str) -> list[str]:
    has_voted = any(v.member == subject and v.turn == file.turn for v in file.votes)
    may_vote = file.phase in VOTING and subject in committees.deliberating(file)
    return ["vote"] if may_vote and not has_voted else []


def _leader_steps(file: Deliberation, subject: str) -> list[str]:
    found: list[str] = []
    if committees.presiding(file) == subject:
        found += ["open-vote"] if file.phase in (Phase.LISTED, Phase.DISCUSSION) else []
        found += ["close-vote"] if file.phase in VOTING else []
        found += ["write"] if file.phase is Phase.CONCLUDED else []
    if subject in file.chairs and subject in file.present and file.phase not in SETTLED:
        found.append("postpone")
    return found
