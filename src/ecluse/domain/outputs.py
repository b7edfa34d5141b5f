"""The documents of the second gate: what a request, a release, a rejection and a recall must prove.

How a request comes to its release is in `reviews`; here is what anybody can verify of the outcome
with the signed documents alone. Source: EHDS art. 55(3), 73(2).
"""

from collections.abc import Collection, Sequence

from ecluse.domain.documents import (
    CheckReport,
    Decision,
    FileVerdict,
    OutputFile,
    OutputRequest,
    Permit,
    Recall,
    Rejection,
    Release,
    TabulationOrder,
    Verdict,
    Vote,
)
from ecluse.domain.errors import NotAllowed, OutOfScope
from ecluse.domain.parameters import INDEPENDENT_CHECKERS
from ecluse.domain.reviews.policies import STRICT, ReviewPolicy

MADE_BY_ENGINE = "M1"
"""The rule by which the engine signs what it computed, wrote and compared itself."""

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


def datasets_of(mandate: Mandate) -> frozenset[str]:
    """Return the datasets whose holders' review policies apply."""
    if isinstance(mandate, Permit):
        return frozenset(scope.dataset for scope in mandate.datasets)
    return frozenset({mandate.dataset})


def barred_from(mandate: Mandate) -> frozenset[str]:
    """Return who may never check these outputs. Source: EHDS art. 55(3)."""
    asked_by = () if isinstance(mandate, Permit) else mandate.persons
    officers = {*mandate.assessed_by, mandate.decided_by}
    return frozenset({*persons_of(mandate), *asked_by, *officers})


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


def approve(votes: Sequence[Vote], reviewers: int = INDEPENDENT_CHECKERS.value) -> bool:
    """Whether all these votes approve, and there are as many as `reviewers`."""
    return len(votes) >= reviewers and all(vote.decision is Decision.APPROVE for vote in votes)


def reject(votes: Sequence[Vote]) -> bool:
    """Whether as many voted as the law asks for, and one refuses."""
    enough = len(votes) >= INDEPENDENT_CHECKERS.value
    return enough and any(vote.decision is Decision.REJECT for vote in votes)


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
    release: Release,
    request: OutputRequest,
    report: CheckReport,
    mandate: Mandate,
    *,
    policy: ReviewPolicy = STRICT,
) -> None:
    """Pass if the release proves itself. Raises OutOfScope or NotAllowed.

    The bytes released are the bytes asked and checked; as many distinct checkers approved as the
    policy asks for, neither of the project nor of its decision; or, where the policy says so, the
    engine alone could judge every file. Source: EHDS art. 55(3), 73(2).
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
    check_approvals(release, mandate, policy=policy)
    if release.is_machine_decided:
        _check_machine_decidable(released, report)


def is_by_engine(file: FileVerdict) -> bool:
    """Whether the engine computed the file itself, and compared it with every earlier release."""
    return any(found.rule == MADE_BY_ENGINE for found in file.findings)


def _check_machine_decidable(
    names_and_digests: Collection[tuple[str, str]], report: CheckReport
) -> None:
    decidable = {
        (file.name, file.digest)
        for file in report.files
        if file.verdict is Verdict.PASS and is_by_engine(file)
    }
    if not set(names_and_digests) <= decidable:
        raise OutOfScope("A file of this release needs the eyes of persons: two must vote.")


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
    if not reject(rejection.votes):
        raise OutOfScope("These votes reject nothing.")


def check_approvals(release: Release, mandate: Mandate, *, policy: ReviewPolicy = STRICT) -> None:
    """Pass if enough independent checkers approved, or the policy asks for none.

    Raises OutOfScope or NotAllowed. Source: EHDS art. 55(3), 73(2).
    """
    if release.is_machine_decided:
        if release.votes or not policy.fast_lane:
            raise OutOfScope(f"Policy {policy.reference} lets no machine decide: two must vote.")
        return
    for index, vote in enumerate(release.votes):
        check_checker(vote.checker, mandate, release.votes[:index])
        policy.check_accredited(vote.checker, on=vote.voted_at.date())
    if not approve(release.votes, policy.reviewers):
        raise OutOfScope(
            f"{policy.reviewers} approvals are needed; the release has {len(release.votes)} votes."
        )


def check_recall(recall: Recall, release: Release, mandate: Mandate) -> None:
    """Pass if a checker takes back exactly this release. Raises OutOfScope or NotAllowed."""
    told = (recall.request_number, recall.permit_number)
    if told != (release.request_number, release.permit_number):
        raise OutOfScope("The recall and the release are not of one request.")
    if recall.recalled_by in barred_from(mandate):
        raise NotAllowed("A person of the project does not recall its results: a checker does.")


def _names_and_digests(files: Sequence[OutputFile]) -> set[tuple[str, str]]:
    return {(file.name, file.digest) for file in files}
