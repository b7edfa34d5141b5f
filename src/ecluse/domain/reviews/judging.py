"""What the votes say, who may see them, and what a machine may decide alone."""

import hashlib
from enum import StrEnum

from ecluse.domain.documents import Decision, Verdict, Vote
from ecluse.domain.reviews.machine import WITH_CHECKERS, State
from ecluse.domain.reviews.review import FileVote, Review, ReviewFile

_PERCENT = 100


class Phase(StrEnum):
    """How far the checkers of a turn may see each other."""

    AUTHOR = "author"
    INDEPENDENT = "independent"
    CONSOLIDATING = "consolidating"
    COMPLETE = "complete"


def phase(review: Review) -> Phase:
    """Return the phase: independent until every review that the policy asks for is in."""
    state = review.frozen_from if review.state is State.FROZEN else review.state
    if state in (State.DRAFT, State.RETURNED):
        return Phase.AUTHOR
    if state in (*WITH_CHECKERS, State.SUBMITTED, State.SCREENING):
        is_full = len(review.submitted) >= review.policy.reviewers
        is_open = is_full or not review.policy.is_blind
        return Phase.CONSOLIDATING if is_open else Phase.INDEPENDENT
    return Phase.COMPLETE


def visible_votes(review: Review, *, viewer: str) -> tuple[FileVote, ...]:
    """Return the votes that a checker may see now: in the independent phase, their own."""
    if phase(review) is Phase.INDEPENDENT:
        return tuple(vote for vote in review.votes if vote.checker == viewer)
    return review.votes


def votes_for_author(review: Review) -> tuple[FileVote, ...]:
    """Return the votes that the author may see: none while checkers are at work."""
    at_work = phase(review) in (Phase.INDEPENDENT, Phase.CONSOLIDATING)
    return () if at_work else review.votes


def approves(review: Review, checker: str) -> bool:
    """Whether this checker's review of this turn approves every pending file, as its bytes are."""
    approved = {
        (vote.name, vote.digest)
        for vote in review.votes
        if vote.checker == checker and vote.decision is Decision.APPROVE
    }
    return checker in review.submitted and all(
        (file.name, file.digest) in approved for file in review.pending
    )


def is_approved(review: Review) -> bool:
    """Whether as many checkers as the policy asks for approve every pending file."""
    agreeing = [checker for checker in review.submitted if approves(review, checker)]
    return bool(review.pending) and len(agreeing) >= review.policy.reviewers


def signed_votes(review: Review) -> tuple[Vote, ...]:
    """Return one vote per checker for the signed document, first given first.

    Once approved, those who approve every file; else all, where any refused file refuses.
    """
    agreed = is_approved(review)
    return tuple(
        Vote(checker, _decision(review, checker), _last_vote(review, checker).voted_at)
        for checker in review.submitted
        if approves(review, checker) or not agreed
    )


def _decision(review: Review, checker: str) -> Decision:
    return Decision.APPROVE if approves(review, checker) else Decision.REJECT


def _last_vote(review: Review, checker: str) -> FileVote:
    own = (vote for vote in review.votes if vote.checker == checker)
    return max(own, key=lambda vote: vote.voted_at)


def conflicting(review: Review) -> tuple[ReviewFile, ...]:
    """Return the files on which the checkers of this turn disagree."""
    return tuple(file for file in review.pending if len(_decisions(review, file)) > 1)


def _decisions(review: Review, file: ReviewFile) -> set[Decision]:
    return {
        vote.decision
        for vote in review.votes
        if vote.checker in review.submitted and (vote.name, vote.digest) == (file.name, file.digest)
    }


def is_machine_decidable(review: Review) -> bool:
    """Whether the engine alone could decide every pending file.

    It made each of them from its own figures, found nothing in it, and compared it with every
    earlier release.
    """
    screening = review.screening
    if screening is None or not review.pending:
        return False
    said = [screening.of(file) for file in review.pending]
    return all(one is not None and one.verdict is Verdict.PASS and one.is_by_engine for one in said)


def is_sampled(review: Review) -> bool:
    """Whether persons look at this one all the same: a draw that nobody can steer or repeat."""
    report = review.screening.report_digest if review.screening else ""
    drawn = hashlib.sha256(f"{review.number} {review.turn} {report}".encode()).digest()
    return int.from_bytes(drawn[:8]) % _PERCENT < review.policy.sample_percent


def may_take_fast_lane(review: Review) -> bool:
    """Whether a machine may let this request out: its policy says so, and no person must look."""
    return review.policy.fast_lane and is_machine_decidable(review) and not is_sampled(review)
