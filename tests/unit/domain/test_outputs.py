"""The second gate: two independent votes, on exactly the bytes that were checked."""

from dataclasses import replace
from datetime import date

import pytest

from ecluse.domain import outputs
from ecluse.domain.documents import Decision, FileVerdict, Finding, Verdict
from ecluse.domain.errors import NotAllowed, OutOfScope
from ecluse.domain.reviews.policies import ReviewPolicy
from tests.unit.domain.build import (
    ASSESSOR,
    DECIDER,
    FILE,
    MARC,
    PERMIT,
    PI,
    RELEASE,
    REPORT,
    REQUEST,
    SARAH,
    release,
    vote,
)


def test_nothing_is_approved_before_the_second_vote() -> None:
    assert not outputs.approve([])
    assert not outputs.approve([vote(SARAH)])
    assert not outputs.reject([vote(SARAH, Decision.REJECT)])


def test_two_approvals_approve_and_one_rejection_rejects() -> None:
    rejection = vote(MARC, Decision.REJECT)

    assert outputs.approve([vote(SARAH), vote(MARC)])
    assert not outputs.approve([vote(SARAH), rejection])
    assert outputs.reject([vote(SARAH), rejection])


@pytest.mark.parametrize("checker", [PI, ASSESSOR, DECIDER])
def test_persons_of_the_project_or_of_its_decision_never_check_it(checker: str) -> None:
    with pytest.raises(NotAllowed, match="somebody else"):
        outputs.check_checker(checker, PERMIT)


def test_the_same_checker_never_votes_twice() -> None:
    with pytest.raises(NotAllowed, match="already voted"):
        outputs.check_checker(SARAH, PERMIT, [vote(SARAH)])


def test_a_blocked_file_cannot_be_asked() -> None:
    blocked = FileVerdict(FILE.name, FILE.size, FILE.digest, Verdict.BLOCKED, ())
    report = replace(REPORT, files=(blocked,))

    with pytest.raises(OutOfScope, match="blocked"):
        outputs.check_request({(FILE.name, FILE.digest)}, report)


def test_a_release_that_proves_itself_passes() -> None:
    assert outputs.check_release(RELEASE, REQUEST, REPORT, PERMIT) is None


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"permit_number": "FR-2026-0002"}, OutOfScope, "one job and permit"),
        ({"job_number": "FR-2026-0001-J2"}, OutOfScope, "one job and permit"),
        ({"request_number": "FR-2026-0001-R2"}, OutOfScope, "R2"),
        ({"requested_by": "louis.bernard@univ.example"}, OutOfScope, "who asked"),
        ({"files": ()}, OutOfScope, "not the files asked"),
        ({"files": (replace(FILE, digest="sha256:" + "b" * 64),)}, OutOfScope, "not the files"),
        ({"votes": (vote(SARAH),)}, OutOfScope, "2 approvals"),
        ({"votes": (vote(SARAH), vote(MARC, Decision.REJECT))}, OutOfScope, "2 approvals"),
        ({"votes": (vote(SARAH), vote(SARAH))}, NotAllowed, "already voted"),
        ({"votes": (vote(SARAH), vote(PI))}, NotAllowed, "person of this project"),
        ({"votes": (vote(ASSESSOR), vote(MARC))}, NotAllowed, "assessed or decided"),
    ],
)
def test_a_release_that_does_not_prove_itself_is_refused(
    change: dict[str, object], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        outputs.check_release(release(**change), REQUEST, REPORT, PERMIT)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"job_number": "FR-2026-0001-J2"}, "one job and permit"),
        ({"requested_by": "stranger@x.example"}, "who asked"),
    ],
)
def test_a_request_of_another_job_or_of_a_stranger_releases_nothing(
    change: dict[str, object], said: str
) -> None:
    request = replace(REQUEST, **change)  # type: ignore[arg-type]
    asked = release(requested_by=request.requested_by)

    with pytest.raises(OutOfScope, match=said):
        outputs.check_release(asked, request, REPORT, PERMIT)


LEFT_TO_THE_ENGINE = ReviewPolicy(fast_lane=True)
MADE = Finding("M1", "file", "made by the engine from 512 persons")
DECIDABLE = replace(
    REPORT,
    files=(FileVerdict(FILE.name, FILE.size, FILE.digest, Verdict.PASS, (MADE,)),),
)


def test_a_machine_releases_where_the_policy_says_so_what_the_engine_made_and_compared() -> None:
    alone = release(votes=(), is_machine_decided=True)

    assert (
        outputs.check_release(alone, REQUEST, DECIDABLE, PERMIT, policy=LEFT_TO_THE_ENGINE) is None
    )


@pytest.mark.parametrize(
    ("policy", "change"),
    [
        (ReviewPolicy(), {}),
        (LEFT_TO_THE_ENGINE, {"findings": ()}),
        (LEFT_TO_THE_ENGINE, {"verdict": Verdict.REVIEW}),
    ],
    ids=["policy silent", "file of the author", "something found"],
)
def test_a_machine_releases_nothing_else(policy: ReviewPolicy, change: dict[str, object]) -> None:
    file = replace(DECIDABLE.files[0], **change)  # type: ignore[arg-type]
    alone = release(votes=(), is_machine_decided=True)

    with pytest.raises(OutOfScope):
        outputs.check_release(
            alone, REQUEST, replace(DECIDABLE, files=(file,)), PERMIT, policy=policy
        )


def test_a_holder_may_ask_for_three_checkers_and_name_them() -> None:
    three = ReviewPolicy(reviewers=3)
    named = ReviewPolicy(accredited={SARAH: date(2026, 12, 31), MARC: date(2026, 1, 4)})

    with pytest.raises(OutOfScope, match="3 approvals"):
        outputs.check_release(RELEASE, REQUEST, REPORT, PERMIT, policy=three)
    with pytest.raises(NotAllowed, match="ended on 2026-01-04"):
        outputs.check_release(RELEASE, REQUEST, REPORT, PERMIT, policy=named)
