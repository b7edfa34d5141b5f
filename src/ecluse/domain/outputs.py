"""Outputs at the second gate: states of a request, votes, and what a release must prove.

checked → submitted → one-vote → approved → released | rejected; withdrawn by the author. Checkers
vote without seeing each other's vote. Source: EHDS art. 55(3), 73(2).
"""

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum

from ecluse.domain.documents import (
    CheckReport,
    Decision,
    OutputFile,
    OutputRequest,
    Permit,
    Rejection,
    Release,
    TabulationOrder,
    Verdict,
    Vote,
)
from ecluse.domain.errors import NotAllowed, OutOfScope
from ecluse.domain.parameters import INDEPENDENT_CHECKERS


class State(StrEnum):
    """Where a request to take outputs out stands."""

    SUBMITTED = "submitted"
    ONE_VOTE = "one-vote"
    RELEASED = "released"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Turn(StrEnum):
    """Whose turn it is; every state has one."""

    CHECKERS = "checkers"
    NOBODY = "nobody"


TURNS: Mapping[State, Turn] = {
    State.SUBMITTED: Turn.CHECKERS,
    State.ONE_VOTE: Turn.CHECKERS,
    State.RELEASED: Turn.NOBODY,
    State.REJECTED: Turn.NOBODY,
    State.WITHDRAWN: Turn.NOBODY,
}


Mandate = Permit | TabulationOrder
"""What outputs are made under: a permit, or the order that answers a data request."""


def number_of(mandate: Mandate) -> str:
    """Return the number that the documents of the second gate call `permit_number`."""
    return mandate.permit_number if isinstance(mandate, Permit) else mandate.request_number


def persons_of(mandate: Mandate) -> frozenset[str]:
    """Return who may ask that outputs leave: the project's persons, or who prepared an answer."""
    if isinstance(mandate, Permit):
        return frozenset(person.subject for person in mandate.persons)
    return frozenset({mandate.ordered_by})


def check_checker(checker: str, mandate: Mandate, votes: Sequence[Vote] = ()) -> None:
    """Pass if this person may check these outputs. Raises NotAllowed.

    Not a person of the project or the data request, nor who assessed, decided or prepared it, nor
    twice the same. Source: EHDS art. 55(3).
    """
    asked_by = () if isinstance(mandate, Permit) else mandate.persons
    if checker in persons_of(mandate) or checker in asked_by:
        raise NotAllowed("You are a person of this project: somebody else must check it.")
    if checker in mandate.assessed_by or checker == mandate.decided_by:
        raise NotAllowed(
            "You assessed or decided this file: somebody else must check its outputs"
            " (EHDS art. 55(3))."
        )
    if any(vote.checker == checker for vote in votes):
        raise NotAllowed("You have already voted: a second checker must vote.")


def state_after(votes: Sequence[Vote]) -> State:
    """The state that the votes give: both must be in before anything is decided."""
    if len(votes) < INDEPENDENT_CHECKERS.value:
        return State.ONE_VOTE if votes else State.SUBMITTED
    approved = all(vote.decision is Decision.APPROVE for vote in votes)
    return State.RELEASED if approved else State.REJECTED


def visible_votes(votes: Sequence[Vote], *, viewer: str) -> tuple[Vote, ...]:
    """The votes that `viewer` may see: their own until all are in, then all."""
    if len(votes) >= INDEPENDENT_CHECKERS.value:
        return tuple(votes)
    return tuple(vote for vote in votes if vote.checker == viewer)


def check_request(names_and_digests: Collection[tuple[str, str]], report: CheckReport) -> None:
    """Pass if every file asked was checked, unchanged, and is not blocked. Raises OutOfScope."""
    checked = {(file.name, file.digest): file.verdict for file in report.files}
    if not names_and_digests:
        raise OutOfScope("The request names no file: choose at least one.")
    for name, digest in names_and_digests:
        verdict = checked.get((name, digest))
        if verdict is None:
            raise OutOfScope(f"{name} is not a checked output of job {report.job_number}.")
        if verdict is Verdict.BLOCKED:
            raise OutOfScope(f"{name} is blocked by the automatic checks: mend it, run again.")


def check_release(
    release: Release, request: OutputRequest, report: CheckReport, mandate: Mandate
) -> None:
    """Pass if the release proves itself. Raises OutOfScope or NotAllowed.

    The bytes released are the bytes asked and checked; two distinct checkers approved, neither of
    the project nor of its decision. Source: EHDS art. 55(3), 73(2).
    """
    numbers = {release.permit_number, request.permit_number, report.permit_number}
    jobs = {release.job_number, request.job_number, report.job_number}
    if numbers != {number_of(mandate)} or len(jobs) > 1:
        raise OutOfScope("The release, the request and the checks are not of one job and permit.")
    if release.request_number != request.request_number:
        raise OutOfScope(f"The release is of request {release.request_number}.")
    subjects = persons_of(mandate)
    if release.requested_by != request.requested_by or request.requested_by not in subjects:
        raise OutOfScope("The release does not name who asked, or no person of the permit asked.")
    asked = {(file.name, file.digest) for file in request.files}
    released = _names_and_digests(release.files)
    if released != asked:
        raise OutOfScope("The files released are not the files asked.")
    check_request(released, report)
    check_approvals(release, mandate)


def check_rejection(rejection: Rejection, request: OutputRequest, mandate: Mandate) -> None:
    """Pass if two independent checkers voted on this request and one refused.

    Raises OutOfScope or NotAllowed. Source: EHDS art. 55(3), 73(2).
    """
    told = (rejection.request_number, rejection.job_number, rejection.permit_number)
    asked = (request.request_number, request.job_number, request.permit_number)
    if told != asked or rejection.permit_number != number_of(mandate):
        raise OutOfScope("The rejection and the request are not of one job and permit.")
    for index, vote in enumerate(rejection.votes):
        check_checker(vote.checker, mandate, rejection.votes[:index])
    if state_after(rejection.votes) is not State.REJECTED:
        raise OutOfScope("These votes reject nothing.")


def check_approvals(release: Release, mandate: Mandate) -> None:
    """Pass if two independent checkers approved. Raises OutOfScope or NotAllowed.

    Source: EHDS art. 55(3), 73(2).
    """
    for index, vote in enumerate(release.votes):
        check_checker(vote.checker, mandate, release.votes[:index])
    if state_after(release.votes) is not State.RELEASED:
        raise OutOfScope(f"Two approvals are needed; the release holds {len(release.votes)} votes.")


def _names_and_digests(files: Sequence[OutputFile]) -> set[tuple[str, str]]:
    return {(file.name, file.digest) for file in files}
