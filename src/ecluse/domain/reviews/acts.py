"""What is done to a request under review: each act gives the next value, with its log.

    review = acts.submit(review, by=author, at=now)
    review = acts.screen(review, screening, at=now)
    review = acts.vote(review, decisions, by=checker, at=now)

Every act raises NotAllowed where the machine has no such move, or this person may not make it.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from ecluse.domain.documents import Decision, Verdict
from ecluse.domain.errors import InvalidInput, NotAllowed, OutOfScope
from ecluse.domain.reviews.judging import is_approved, may_take_fast_lane
from ecluse.domain.reviews.machine import (
    AFTER_THE_END,
    State,
    check_move,
)
from ecluse.domain.reviews.review import (
    FileVote,
    Group,
    Moved,
    Review,
    ReviewFile,
    Screening,
)

SOFTWARE = "ecluse"
"""Who acts where no person does."""


def compose(
    review: Review,
    groups: tuple[Group, ...],
    files: tuple[ReviewFile, ...],
    *,
    by: str,
    at: datetime,
) -> Review:
    """Write or change what a draft or a returned request holds; a changed file loses its votes.

    No move: nothing of a draft concerns anybody else. Raises NotAllowed, InvalidInput.
    """
    _check_author(review, by)
    _check_allowed(review, "compose", at)
    if review.state not in (State.DRAFT, State.RETURNED):
        raise NotAllowed(f"A request that is {review.state.value} is not changed by its author.")
    names = [file.name for file in files]
    if len(names) != len(set(names)) or {file.group for file in files} - {g.name for g in groups}:
        raise InvalidInput("Each file stands once, in a group of the request.")
    same = {(file.name, file.digest, file.kind) for file in review.files}
    kept = {file.name for file in files if (file.name, file.digest, file.kind) in same}
    votes = tuple(vote for vote in review.votes if vote.name in kept)
    return replace(review, groups=groups, files=files, votes=votes)


def submit(review: Review, *, by: str, at: datetime) -> Review:
    """Ask that the files leave; a returned request begins its next turn.

    Raises NotAllowed, InvalidInput: no output, or a group whose texts are empty.
    """
    _check_author(review, by)
    if not review.outputs:
        raise InvalidInput("The request holds no file to release: choose at least one.")
    if not all(group.context.strip() and group.controls.strip() for group in review.groups):
        raise InvalidInput("Each group says what its files are, and why they identify nobody.")
    turn = review.turn + (review.state is State.RETURNED)
    moved = _moved(review, "submit", State.SUBMITTED, by=by, at=at, turn=turn)
    return replace(moved, turn=turn, submitted=(), screening=None)


def screen(review: Review, screening: Screening, *, at: datetime) -> Review:
    """Apply the signed verdicts: a blocked output stops the request, else checkers take it.

    Raises OutOfScope: an output was not screened as its bytes are.
    """
    verdicts = [screening.of(file) for file in review.outputs]
    if any(one is None for one in verdicts):
        raise OutOfScope("An output of this request was never checked as it is: run the job again.")
    begun = _moved(review, "screen", State.SCREENING, by=SOFTWARE, at=at)
    begun = replace(begun, screening=screening)
    if any(one.verdict is Verdict.BLOCKED for one in verdicts if one):
        return _moved(begun, "block", State.BLOCKED, by=SOFTWARE, at=at)
    return _moved(begun, "pass", State.IN_REVIEW, by=SOFTWARE, at=at)


def vote(review: Review, decisions: Mapping[str, Decision], *, by: str, at: datetime) -> Review:
    """Hand in one checker's review: a decision on each pending file, by name.

    Once every review is in, checkers may hand theirs in again: they consolidate.
    Raises NotAllowed, InvalidInput.
    """
    check_checker(review, by, at=at)
    if decisions.keys() != {file.name for file in review.pending}:
        raise InvalidInput("A review says of each file whether it may leave.")
    if by in review.submitted and review.state is not State.REVIEWED:
        raise NotAllowed("You have already voted: another checker must vote.")
    own = tuple(
        FileVote(by, file.name, file.digest, decisions[file.name], at) for file in review.pending
    )
    others = tuple(one for one in review.votes if one.checker != by)
    submitted = tuple(dict.fromkeys((*review.submitted, by)))
    is_full = len(submitted) >= review.policy.reviewers
    to = State.REVIEWED if is_full else State.ONE_REVIEW
    moved = _moved(review, "review", to, by=by, at=at)
    return replace(moved, votes=(*others, *own), submitted=submitted)


def approve(review: Review, *, at: datetime) -> Review:
    """Approve what enough checkers approve. Raises NotAllowed."""
    if not is_approved(review):
        raise NotAllowed(f"{review.policy.reviewers} checkers must approve every file.")
    return _moved(review, "approve", State.APPROVED, by=SOFTWARE, at=at)


def approve_again(review: Review, *, at: datetime) -> Review:
    """Approve a request whose every output already left for this project. Raises NotAllowed."""
    if review.pending or not review.outputs:
        raise NotAllowed("These bytes never left before: checkers must judge them.")
    return _moved(review, "approve-again", State.APPROVED, by=SOFTWARE, at=at)


def approve_by_machine(review: Review, *, at: datetime) -> Review:
    """Approve without a person what the policy leaves to the engine. Raises NotAllowed."""
    if not may_take_fast_lane(review):
        raise NotAllowed("The policy leaves this request to persons.")
    return _moved(review, "approve-by-machine", State.APPROVED, by=SOFTWARE, at=at)


def send_back(review: Review, *, by: str, at: datetime) -> Review:
    """Return a reviewed request to its author, who may mend it. Raises NotAllowed."""
    check_checker(review, by, at=at)
    return _moved(review, "return", State.RETURNED, by=by, at=at)


def reject(review: Review, *, by: str, at: datetime) -> Review:
    """Refuse a reviewed request for good. Raises NotAllowed."""
    check_checker(review, by, at=at)
    return _moved(review, "reject", State.REJECTED, by=by, at=at)


def release(review: Review, *, at: datetime) -> Review:
    """Hand an approved request to the secure zone. Raises NotAllowed."""
    return _moved(review, "release", State.RELEASING, by=SOFTWARE, at=at)


def retry(review: Review, *, by: str, at: datetime) -> Review:
    """Hand over again a request that the secure zone could not release. Raises NotAllowed."""
    check_checker(review, by, at=at)
    return _moved(review, "retry", State.RELEASING, by=by, at=at)


def confirm(review: Review, *, by: str, at: datetime) -> Review:
    """Write that the secure zone let the files out. Raises NotAllowed."""
    return _moved(review, "confirm", State.RELEASED, by=by, at=at)


def fail(review: Review, *, by: str, at: datetime) -> Review:
    """Write that the secure zone let nothing out. Raises NotAllowed."""
    return _moved(review, "fail", State.RELEASE_FAILED, by=by, at=at)


def recall(review: Review, *, by: str, at: datetime) -> Review:
    """Take back what was released. Raises NotAllowed: a person of the project asks it."""
    if by in review.barred:
        raise NotAllowed("You are of this project: a checker recalls its results.")
    return _moved(review, "recall", State.RECALLED, by=by, at=at)


def withdraw(review: Review, *, by: str, at: datetime) -> Review:
    """Take back a request that no checker holds. Raises NotAllowed."""
    _check_author(review, by)
    return _moved(review, "withdraw", State.WITHDRAWN, by=by, at=at)


def freeze(review: Review, *, by: str, at: datetime) -> Review:
    """Stop everything while an incident is looked into. Raises NotAllowed."""
    moved = _moved(review, "freeze", State.FROZEN, by=by, at=at)
    return replace(moved, frozen_from=review.state)


def unfreeze(review: Review, *, by: str, at: datetime) -> Review:
    """Go on where an incident stopped the request. Raises NotAllowed."""
    before = review.frozen_from or State.DRAFT
    return replace(_moved(review, "unfreeze", before, by=by, at=at), frozen_from=None)


def close(review: Review, *, at: datetime) -> Review:
    """End what is not final, since the permit ended. Raises NotAllowed."""
    moved = _moved(review, "close", State.CLOSED, by=SOFTWARE, at=at)
    return replace(moved, frozen_from=None)


def check_checker(review: Review, checker: str, *, at: datetime) -> None:
    """Pass if this person may review this request now. Raises NotAllowed.

    Source: EHDS art. 55(3): not of the project, nor of its permit's decision.
    """
    if checker == review.author or checker in review.barred:
        raise NotAllowed("You are of this project or decided it: somebody else must review it.")
    review.policy.check_accredited(checker, on=at.date())


def _check_author(review: Review, by: str) -> None:
    if by != review.author:
        raise NotAllowed("Only the person who asked may do this.")


def _check_allowed(review: Review, move: str, at: datetime) -> None:
    ended = review.ends_at is not None and review.ends_at <= at
    if ended and move not in AFTER_THE_END:
        raise NotAllowed(f"The permit of request {review.number} has ended: it moves no more.")
    if review.is_suspended and move not in AFTER_THE_END:
        raise NotAllowed(f"The permit of request {review.number} is suspended: wait for its end.")


def _moved(
    review: Review, name: str, to: State, *, by: str, at: datetime, turn: int | None = None
) -> Review:
    """Make one move of the table and log it, once."""
    _check_allowed(review, name, at)
    check_move(name, review.state, to)
    line = Moved(name, review.state, to, by, at, turn or review.turn)
    return replace(review, state=to, log=(*review.log, line))
