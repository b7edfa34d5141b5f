"""The second gate as people pass it: two independent reviews, then exactly the bytes asked."""

import pytest
from django.test import Client

from ecluse.domain.documents import Decision, Release
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.portal.accounts.models import User
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.mailbox.models import OutgoingDocument
from ecluse.portal.mailbox.reading import body_of
from ecluse.portal.outputs import actions
from ecluse.portal.outputs.models import Request, RequestVote
from ecluse.portal.outputs.reviewing import Opinion
from ecluse.trust import canonical
from tests.unit.portal.outputs.asking import NO, Agent, asked, group, vote
from tests.unit.portal.zone import NOW, TABLE, Zone, checked_job


@pytest.fixture
def request_(zone: Zone, people: dict[str, User]) -> Request:
    return asked(checked_job(zone, people["pi"]), people["pi"])


def test_two_approvals_sign_a_release_of_exactly_the_bytes_asked(
    request_: Request,
    people: dict[str, User],
) -> None:
    vote(request_, people["sarah"])
    released = vote(request_, people["marc"])

    assert released.state == "releasing"
    assert released.release is not None
    release = body_of(released.release, Release)
    assert [(file.name, file.digest) for file in release.files] == [
        ("counts.csv", canonical.digest(TABLE))
    ]
    assert {v.checker for v in release.votes} == {people["sarah"].subject, people["marc"].subject}
    assert "site:public" in released.release.audience


def test_a_release_says_how_to_cite_it(request_: Request, people: dict[str, User]) -> None:
    vote(request_, people["sarah"])
    released = vote(request_, people["marc"])

    assert released.release is not None
    citation = body_of(released.release, Release).citation
    assert "snds-synthetic" in citation
    assert "l’autorisation FR-2026-0001" in citation
    assert "sortie FR-2026-0001-R1 du 2026-02-01" in citation


def test_the_request_is_released_once_the_secure_zone_says_so(
    zone: Zone, request_: Request, people: dict[str, User]
) -> None:
    vote(request_, people["sarah"])
    vote(request_, people["marc"])

    assert Agent(zone).confirm(request_).state == "released"
    assert JournalEntry.objects.filter(action="output.released").count() == 1


def test_one_approval_releases_nothing(request_: Request, people: dict[str, User]) -> None:
    one = vote(request_, people["sarah"])

    assert one.state == "one-review"
    assert not OutgoingDocument.objects.filter(kind="Release").exists()


def test_one_rejection_releases_nothing(request_: Request, people: dict[str, User]) -> None:
    vote(request_, people["sarah"], NO)
    read = vote(request_, people["marc"])

    assert read.state == "reviewed"
    assert not OutgoingDocument.objects.filter(kind="Release").exists()


def test_nobody_votes_twice_before_all_have_voted(
    request_: Request, people: dict[str, User]
) -> None:
    vote(request_, people["sarah"])

    with pytest.raises(NotAllowed, match="already voted"):
        vote(request_, people["sarah"])


def test_who_decided_the_permit_never_checks_its_outputs(
    request_: Request,
    people: dict[str, User],
) -> None:
    with pytest.raises(NotAllowed, match="somebody else"):
        vote(request_, people["decider"])


def test_the_author_never_votes(request_: Request, people: dict[str, User]) -> None:
    with pytest.raises(NotAllowed):
        vote(request_, people["pi"])


def test_a_rejection_says_why(request_: Request, people: dict[str, User]) -> None:
    with pytest.raises(InvalidInput, match="why"):
        vote(request_, people["sarah"], Opinion(Decision.REJECT, " "))


def test_a_decided_request_takes_no_further_vote(
    request_: Request,
    people: dict[str, User],
) -> None:
    vote(request_, people["sarah"])
    vote(request_, people["marc"])

    with pytest.raises(NotAllowed):
        vote(request_, people["decider"])
    assert OutgoingDocument.objects.filter(kind="Release").count() == 1


@pytest.mark.parametrize("names", [("unknown.csv",), ("counts.csv", "unknown.csv"), ()])
def test_only_files_that_the_job_left_may_be_asked(
    zone: Zone, people: dict[str, User], names: tuple[str, ...]
) -> None:
    job = checked_job(zone, people["pi"])

    with pytest.raises(InvalidInput):
        actions.ask(job, [group(*names)], by=people["pi"], now=NOW)
    assert Request.objects.count() == 0


def test_a_blocked_file_stops_the_request_before_any_checker(
    zone: Zone, people: dict[str, User]
) -> None:
    made = asked(checked_job(zone, people["pi"]), people["pi"], "counts.csv", "rows.csv")

    assert made.state == "blocked"
    assert not OutgoingDocument.objects.filter(kind="OutputRequest").exists()


def test_a_person_has_one_open_request_of_a_project(
    request_: Request, people: dict[str, User]
) -> None:
    assert request_.job is not None
    with pytest.raises(InvalidInput, match="is open"):
        asked(request_.job, people["pi"])


def test_a_checker_does_not_see_the_first_vote_before_voting(
    request_: Request,
    people: dict[str, User],
    client: Client,
) -> None:
    vote(request_, people["sarah"], Opinion(Decision.REJECT, "Cells are small."))
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
    response = client.post(f"/outputs/{request_.number}/", {"decision_0": "approve"})

    assert response.status_code == status
    assert RequestVote.objects.count() == 0


def test_each_vote_is_journalled_without_saying_which(
    request_: Request,
    people: dict[str, User],
) -> None:
    vote(request_, people["sarah"])
    entry = JournalEntry.objects.get(action="output.voted")

    assert entry.actor == people["sarah"].subject
    assert b"approve" not in bytes(entry.body)
