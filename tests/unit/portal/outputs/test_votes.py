"""The second gate as people pass it: two independent votes, then exactly the bytes asked."""

import pytest
from django.test import Client

from ecluse.domain.documents import Decision, Release
from ecluse.domain.errors import InvalidInput, NotAllowed, OutOfScope
from ecluse.portal.accounts.models import User
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.mailbox.models import OutgoingDocument
from ecluse.portal.mailbox.reading import body_of
from ecluse.portal.outputs import actions
from ecluse.portal.outputs.models import Request
from ecluse.trust import canonical
from tests.unit.portal.zone import NOW, TABLE, Zone, checked_job

REASON = {"counts.csv": "Counts of 11 persons or more."}


@pytest.fixture
def request_(zone: Zone, people: dict[str, User]) -> Request:
    return actions.ask(checked_job(zone, people["pi"]), REASON, by=people["pi"], now=NOW)


def vote(request: Request, by: User, decision: Decision = Decision.APPROVE) -> Request:
    return actions.vote(request, decision, comment="Too few.", by=by, now=NOW)


def test_two_approvals_sign_a_release_of_exactly_the_bytes_asked(
    request_: Request,
    people: dict[str, User],
) -> None:
    vote(request_, people["sarah"])
    released = vote(request_, people["marc"])

    assert released.state == "released"
    assert released.release is not None
    release = body_of(released.release, Release)
    assert [(file.name, file.digest) for file in release.files] == [
        ("counts.csv", canonical.digest(TABLE))
    ]
    assert {v.checker for v in release.votes} == {people["sarah"].subject, people["marc"].subject}
    assert "site:public" in released.release.audience


def test_one_approval_releases_nothing(request_: Request, people: dict[str, User]) -> None:
    vote(request_, people["sarah"])

    assert not OutgoingDocument.objects.filter(kind="Release").exists()


def test_one_rejection_releases_nothing(request_: Request, people: dict[str, User]) -> None:
    vote(request_, people["sarah"], Decision.REJECT)
    decided = vote(request_, people["marc"])

    assert decided.state == "rejected"
    assert not OutgoingDocument.objects.filter(kind="Release").exists()


def test_nobody_votes_twice(request_: Request, people: dict[str, User]) -> None:
    vote(request_, people["sarah"])

    with pytest.raises(NotAllowed, match="already voted"):
        vote(request_, people["sarah"])


def test_who_decided_the_permit_never_checks_its_outputs(
    request_: Request,
    people: dict[str, User],
) -> None:
    with pytest.raises(NotAllowed, match=r"55\(3\)"):
        vote(request_, people["decider"])


def test_the_author_never_votes(request_: Request, people: dict[str, User]) -> None:
    with pytest.raises(NotAllowed):
        vote(request_, people["pi"])


def test_a_rejection_says_why(request_: Request, people: dict[str, User]) -> None:
    with pytest.raises(InvalidInput, match="why"):
        actions.vote(request_, Decision.REJECT, comment=" ", by=people["sarah"], now=NOW)


def test_a_decided_request_takes_no_further_vote(
    request_: Request,
    people: dict[str, User],
) -> None:
    vote(request_, people["sarah"])
    vote(request_, people["marc"])

    with pytest.raises(NotAllowed):
        vote(request_, people["decider"])
    assert OutgoingDocument.objects.filter(kind="Release").count() == 1


@pytest.mark.parametrize(
    ("reasons", "error"),
    [
        ({"rows.csv": "Not sensitive."}, OutOfScope),
        ({"unknown.csv": "Not sensitive."}, OutOfScope),
        ({}, OutOfScope),
        ({"counts.csv": "  "}, InvalidInput),
    ],
)
def test_only_checked_files_that_are_not_blocked_may_be_asked(
    zone: Zone,
    people: dict[str, User],
    reasons: dict[str, str],
    error: type[Exception],
) -> None:
    job = checked_job(zone, people["pi"])

    with pytest.raises(error):
        actions.ask(job, reasons, by=people["pi"], now=NOW)
    assert Request.objects.count() == 0


def test_a_job_has_one_open_request(request_: Request, people: dict[str, User]) -> None:
    with pytest.raises(InvalidInput, match="already open"):
        actions.ask(request_.job, REASON, by=people["pi"], now=NOW)

    actions.withdraw(request_, by=people["pi"], now=NOW)

    assert actions.ask(request_.job, REASON, by=people["pi"], now=NOW).number.endswith("R2")


def test_a_checker_does_not_see_the_first_vote_before_voting(
    request_: Request,
    people: dict[str, User],
    client: Client,
) -> None:
    actions.vote(request_, Decision.REJECT, comment="Cells are small.", by=people["sarah"], now=NOW)
    client.force_login(people["marc"])
    before = client.get(f"/outputs/{request_.number}/").content.decode()

    vote(request_, people["marc"])
    after = client.get(f"/outputs/{request_.number}/").content.decode()

    assert "Cells are small." not in before
    assert "Cells are small." in after


def test_only_checkers_see_what_a_file_holds(
    request_: Request,
    people: dict[str, User],
    client: Client,
) -> None:
    client.force_login(people["pi"])
    author_page = client.get(f"/outputs/{request_.number}/").content.decode()
    client.force_login(people["sarah"])
    checker_page = client.get(f"/outputs/{request_.number}/").content.decode()

    assert "women" not in author_page
    assert "women" in checker_page


@pytest.mark.parametrize(
    ("who", "status"),
    [("pi", 200), ("stranger", 404), ("sarah", 200), ("decider", 200), ("auditor", 200)],
)
def test_a_request_is_seen_by_its_project_by_checkers_and_by_auditors(
    request_: Request,
    people: dict[str, User],
    client: Client,
    who: str,
    status: int,
) -> None:
    client.force_login(people[who])

    assert client.get(f"/outputs/{request_.number}/").status_code == status


@pytest.mark.parametrize(("who", "status"), [("pi", 403), ("decider", 403), ("auditor", 403)])
def test_a_vote_by_somebody_else_is_refused_at_the_door(
    request_: Request,
    people: dict[str, User],
    client: Client,
    who: str,
    status: int,
) -> None:
    client.force_login(people[who])
    response = client.post(f"/outputs/{request_.number}/", {"decision": "approve"})

    assert response.status_code == status
    assert request_.votes.count() == 0


def test_each_vote_is_journalled_without_saying_which(
    request_: Request,
    people: dict[str, User],
) -> None:
    vote(request_, people["sarah"])
    entry = JournalEntry.objects.get(action="output.voted")

    assert entry.actor == people["sarah"].subject
    assert b"approve" not in bytes(entry.body)
