"""A committee at work on one file: interests, quorum, blind votes, discussion, final vote.

Nobody sees a vote of another before that vote is closed, and whoever has an interest in the file
neither sees nor counts. Source: code des relations entre le public et l'administration (CRPA) art.
R133-10 to R133-13; the four opinions are those of the CESREES (arrêté du 5 mai 2021).
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.domain.parameters import COMMITTEE_QUORUM_PERCENT, MINUTES_SIGNERS

WHOLE = 100


class Choice(StrEnum):
    """What a member votes; the committee's opinion is never an abstention."""

    FAVOURABLE = "favourable"
    WITH_RECOMMENDATIONS = "with-recommendations"
    RESERVED = "reserved"
    UNFAVOURABLE = "unfavourable"
    ABSTENTION = "abstention"


class Phase(StrEnum):
    """Where the committee stands on one file."""

    LISTED = "listed"
    FIRST_VOTE = "first-vote"
    DISCUSSION = "discussion"
    FINAL_VOTE = "final-vote"
    CONCLUDED = "concluded"
    POSTPONED = "postponed"


VOTING: Final = frozenset({Phase.FIRST_VOTE, Phase.FINAL_VOTE})
SETTLED: Final = frozenset({Phase.CONCLUDED, Phase.POSTPONED})
AGREEING: Final = frozenset({Choice.FAVOURABLE, Choice.WITH_RECOMMENDATIONS})
"""Opinions that let a declaration of conformity go on."""


@dataclass(frozen=True, slots=True)
class Vote:
    """One member's vote. `turn` 0 is the first, blind; each later turn is a final vote."""

    member: str
    turn: int
    choice: Choice
    note: str = ""


@dataclass(frozen=True, slots=True)
class Deliberation:
    """The committee on one file. Members are named by the subject of their account.

    `chairs` are who presides, then who replaces them. `cleared` declared to have no interest in
    the file, `conflicted` that they have one: it is never taken back.
    """

    members: frozenset[str]
    chairs: tuple[str, ...]
    present: frozenset[str] = frozenset()
    cleared: frozenset[str] = frozenset()
    conflicted: frozenset[str] = frozenset()
    phase: Phase = Phase.LISTED
    turn: int = 0
    votes: tuple[Vote, ...] = ()
    needs_quorum: bool = True
    opinion: Choice | None = None
    reason: str = ""


def quorum(file: Deliberation) -> int:
    """How many members must deliberate: half of them, rounded up; 1 at a second call (R133-10)."""
    if not file.needs_quorum:
        return 1
    return -(-len(file.members) * COMMITTEE_QUORUM_PERCENT.value // WHOLE)


def deliberating(file: Deliberation) -> frozenset[str]:
    """Who takes part: present, and declared without interest in the file."""
    return (file.present & file.cleared) - file.conflicted


def presiding(file: Deliberation) -> str | None:
    """Who leads the deliberation: the chair, else the replacement; None if neither takes part."""
    return next((one for one in file.chairs if one in deliberating(file)), None)


def declare(file: Deliberation, member: str, *, has_interest: bool) -> Deliberation:
    """The member said whether they have an interest in the file; an interest undoes their votes.

    Raises NotAllowed: no member, settled already, or they said once that they have one.
    """
    _check_member(file, member)
    if file.phase in SETTLED:
        raise NotAllowed("The committee is done with this file: nothing more is declared on it.")
    if member in file.conflicted:
        raise NotAllowed("An interest once declared is not taken back.")
    if has_interest:
        return replace(file, conflicted=file.conflicted | {member}, cleared=file.cleared - {member})
    return replace(file, cleared=file.cleared | {member})


def open_vote(file: Deliberation, *, by: str) -> Deliberation:
    """The first vote, or after the discussion a final one. Raises NotAllowed."""
    _check_presides(file, by)
    _check_quorum(file, len(deliberating(file)))
    if file.phase is Phase.LISTED:
        return replace(file, phase=Phase.FIRST_VOTE)
    if file.phase is Phase.DISCUSSION:
        return replace(file, phase=Phase.FINAL_VOTE, turn=file.turn + 1)
    raise NotAllowed(f"No vote can be opened on a file that is {file.phase.value}.")


def cast(file: Deliberation, member: str, choice: Choice, note: str = "") -> Deliberation:
    """The member's vote in the open turn, once. Raises NotAllowed."""
    if file.phase not in VOTING:
        raise NotAllowed("No vote is open on this file.")
    if member not in deliberating(file):
        raise NotAllowed("Only members present who declared no interest in the file vote on it.")
    if any(vote.member == member and vote.turn == file.turn for vote in file.votes):
        raise NotAllowed("Each member votes once a turn: it cannot be changed.")
    return replace(file, votes=(*file.votes, Vote(member, file.turn, choice, note.strip())))


def close_vote(file: Deliberation, *, by: str) -> Deliberation:
    """What follows the vote: the discussion, or the opinion if a final vote has a majority.

    Raises NotAllowed: not who presides, no open vote, or too few voted.
    """
    _check_presides(file, by)
    if file.phase not in VOTING:
        raise NotAllowed("No vote is open on this file.")
    _check_quorum(file, len(counted(file, file.turn)))
    opinion = majority(file) if file.phase is Phase.FINAL_VOTE else None
    if opinion is None:
        return replace(file, phase=Phase.DISCUSSION)
    return replace(file, phase=Phase.CONCLUDED, opinion=opinion)


def counted(file: Deliberation, turn: int) -> tuple[Vote, ...]:
    """The votes of a turn that count: not those of members who have an interest."""
    return tuple(v for v in file.votes if v.turn == turn and v.member not in file.conflicted)


def majority(file: Deliberation) -> Choice | None:
    """What more than half of the votes cast say, or half of them with who presides; else None.

    Abstentions are not cast. Source: CRPA art. R133-11.
    """
    cast_votes = [v for v in counted(file, file.turn) if v.choice is not Choice.ABSTENTION]
    if not cast_votes:
        return None
    leader = presiding(file)
    tally = Counter(vote.choice for vote in cast_votes)
    halves = {choice for choice, number in tally.items() if 2 * number == len(cast_votes)}
    decisive = {v.choice for v in cast_votes if v.member == leader} & halves
    most = {choice for choice, number in tally.items() if 2 * number > len(cast_votes)}
    return next(iter(most or decisive), None)


def write_opinion(file: Deliberation, reason: str, *, by: str) -> Deliberation:
    """The reasons of the opinion, in words. Raises NotAllowed, InvalidInput if they are empty."""
    _check_presides(file, by)
    if file.phase is not Phase.CONCLUDED:
        raise NotAllowed("Reasons are written once the final vote has given an opinion.")
    if not reason.strip():
        raise InvalidInput("The opinion of the committee is reasoned: write why.")
    return replace(file, reason=reason.strip())


def postpone(file: Deliberation, reason: str, *, by: str) -> Deliberation:
    """Leave the file to another sitting; even a chair who has an interest may, nothing is judged.

    Raises NotAllowed, InvalidInput without a reason.
    """
    if by not in file.chairs or by not in file.present:
        raise NotAllowed("Who presides the sitting, or replaces them, postpones a file.")
    if file.phase in SETTLED:
        raise NotAllowed("The committee is done with this file.")
    if not reason.strip():
        raise InvalidInput("A file is postponed for a reason: write it.")
    return replace(file, phase=Phase.POSTPONED, reason=reason.strip())


def visible_votes(file: Deliberation, reader: str) -> tuple[Vote, ...]:
    """The votes that a reader sees: their own, and of members those of the turns closed.

    Nothing for who has an interest in the file, has not said yet, or is no member.
    """
    if reader not in file.cleared:
        return ()
    open_turn = file.turn if file.phase in VOTING else None
    return tuple(v for v in file.votes if v.turn != open_turn or v.member == reader)


def check_signature(
    files: Iterable[Deliberation], signers: tuple[str, ...], *, by: str
) -> tuple[str, ...]:
    """Who has signed the minutes once `by` has.

    Raises NotAllowed: not present, signed already, nobody who presides among the signers, or a
    file that only signers with an interest in it would answer for. Source: CRPA art. R133-13.
    """
    listed = tuple(files)
    if not listed or by not in listed[0].present or by in signers:
        raise NotAllowed("Minutes are signed once each by members who were present.")
    signed = (*signers, by)
    if len(signed) < MINUTES_SIGNERS.value:
        return signed
    if not set(signed) & set(listed[0].chairs):
        raise NotAllowed("Who presided the sitting, or replaced them, is one of the signers.")
    for file in listed:
        if file.phase is Phase.CONCLUDED and speaker(file, signed) is None:
            raise NotAllowed("Each signer has an interest in one same file: another member signs.")
    return signed


def with_present(file: Deliberation, members: Iterable[str]) -> Deliberation:
    """The deliberation as if these members were there: all who came, once the sitting is over."""
    return replace(file, present=frozenset(members))


def speaker(file: Deliberation, signers: Iterable[str]) -> str | None:
    """The signer who gives the opinion in the committee's name; None if each has an interest."""
    return next((one for one in signers if one not in file.conflicted), None)


def _check_member(file: Deliberation, member: str) -> None:
    if member not in file.members:
        raise NotAllowed("Only members called to this sitting take part in it.")


def _check_presides(file: Deliberation, by: str) -> None:
    leader = presiding(file)
    if leader is None:
        raise NotAllowed("Nobody who may preside takes part in this file: postpone it.")
    if by != leader:
        raise NotAllowed("Who presides the deliberation on this file does that.")


def _check_quorum(file: Deliberation, number: int) -> None:
    if number < quorum(file):
        raise NotAllowed(
            f"The quorum on this file is {quorum(file)} members without interest (CRPA art."
            f" R133-10): there are {number}. Wait for others, or postpone it."
        )
