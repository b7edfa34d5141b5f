"""A file on the agenda as the domain's value, and back into its rows."""

from datetime import datetime

from ecluse.domain.committees import Choice, Deliberation, Phase, Vote
from ecluse.portal.accounts.models import User
from ecluse.portal.cases.recusals import Recusal
from ecluse.portal.committees.models import Ballot, Entry, Sitting


def load(entry: Entry) -> Deliberation:
    """Return the deliberation as its rows say it stands."""
    sitting = entry.sitting
    seats = list(sitting.seats.select_related("member"))
    members = frozenset(seat.member.subject for seat in seats)
    interests = entry.interests.select_related("member")
    recused = Recusal.objects.filter(case=entry.item.case).values_list("subject", flat=True)
    conflicted = members & frozenset(recused)
    return Deliberation(
        members=members,
        chairs=(sitting.chair.subject, sitting.deputy.subject),
        present=frozenset(seat.member.subject for seat in seats if seat.is_present),
        cleared=frozenset(one.member.subject for one in interests) - conflicted,
        conflicted=conflicted,
        phase=Phase(entry.phase),
        turn=entry.turn,
        votes=tuple(_vote(row) for row in entry.ballots.select_related("member").order_by("pk")),
        needs_quorum=sitting.recalls_id is None,
        opinion=Choice(entry.opinion) if entry.opinion else None,
        reason=entry.reason,
    )


def _vote(row: Ballot) -> Vote:
    return Vote(row.member.subject, row.turn, Choice(row.choice), row.note)


def every(sitting: Sitting) -> list[tuple[Entry, Deliberation]]:
    """Return every file of the agenda with its deliberation, in their order."""
    found = sitting.entries.select_related("item__case", "sitting__chair", "sitting__deputy")
    return [(entry, load(entry)) for entry in found.order_by("rank")]


def store(entry: Entry, before: Deliberation, after: Deliberation) -> None:
    """Write where the committee stands on the file; votes are written by `keep_vote`."""
    entry.phase, entry.turn = after.phase.value, after.turn
    entry.opinion = after.opinion.value if after.opinion else ""
    entry.reason = after.reason
    if after.phase is Phase.POSTPONED and before.phase is not Phase.POSTPONED:
        entry.is_open = False
    entry.save(update_fields=["phase", "turn", "opinion", "reason", "is_open"])


def keep_vote(entry: Entry, deliberation: Deliberation, *, by: User, at: datetime) -> Ballot:
    """Write the vote that was cast last."""
    vote = deliberation.votes[-1]
    return Ballot.objects.create(
        entry=entry, member=by, turn=vote.turn, choice=vote.choice.value, note=vote.note, at=at
    )
