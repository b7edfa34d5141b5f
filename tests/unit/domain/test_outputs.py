"""The second gate: two independent votes, on exactly the bytes that were checked."""

from dataclasses import replace

import pytest

from ecluse.domain import outputs
from ecluse.domain.documents import Decision, FileVerdict, Verdict
from ecluse.domain.errors import NotAllowed, OutOfScope
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


def test_nothing_is_decided_before_the_second_vote() -> None:
    assert outputs.state_after([]) is outputs.State.SUBMITTED
    assert outputs.state_after([vote(SARAH)]) is outputs.State.ONE_VOTE
    assert outputs.state_after([vote(SARAH, Decision.REJECT)]) is outputs.State.ONE_VOTE


def test_two_approvals_release_and_one_rejection_rejects() -> None:
    rejection = vote(MARC, Decision.REJECT)

    assert outputs.state_after([vote(SARAH), vote(MARC)]) is outputs.State.RELEASED
    assert outputs.state_after([vote(SARAH), rejection]) is outputs.State.REJECTED


def test_a_checker_does_not_see_the_other_vote_before_both_are_in() -> None:
    assert outputs.visible_votes([vote(SARAH)], viewer=MARC) == ()
    assert outputs.visible_votes([vote(SARAH)], viewer=SARAH) == (vote(SARAH),)
    assert len(outputs.visible_votes([vote(SARAH), vote(MARC)], viewer=PI)) == 2


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
        ({"votes": (vote(SARAH),)}, OutOfScope, "Two approvals"),
        ({"votes": (vote(SARAH), vote(MARC, Decision.REJECT))}, OutOfScope, "Two approvals"),
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
