"""Turns, questions, machines, incidents, recalls: what happens around the two reviews."""

from dataclasses import replace
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from ecluse.domain.documents import (
    Decision,
    Finding,
    OutputRequest,
    Recall,
    RecallReason,
    Revocation,
    Signer,
    Suspension,
    Verdict,
)
from ecluse.domain.errors import InvalidInput, NotAllowed, Replayed
from ecluse.domain.reviews.review import FileKind
from ecluse.portal.accounts.models import User
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.enclaves import actions as enclaves
from ecluse.portal.enclaves.models import Job
from ecluse.portal.mailbox.models import OutgoingDocument
from ecluse.portal.mailbox.reading import body_of
from ecluse.portal.outputs import actions, leaving, reviewing, stopping
from ecluse.portal.outputs.evidence import evidence
from ecluse.portal.outputs.models import Request, RequestVote
from ecluse.portal.outputs.reviewing import Opinion
from tests.unit.portal.outputs.asking import (
    NO,
    YES,
    Agent,
    asked,
    group,
    releases,
    three_files,
    vote,
)
from tests.unit.portal.zone import NOW, Zone, bundle, checked_job

FILES = ("ages.csv", "counts.csv", "extremes.csv")
MIXED = {"ages.csv": YES, "counts.csv": YES, "extremes.csv": NO}
MADE = Finding("M1", "file", "made by the engine from 512 persons")


@pytest.fixture
def three(zone: Zone, people: dict[str, User]) -> Request:
    """A request on three files, one of which tells an extreme."""
    return asked(three_files(zone, people["pi"]), people["pi"], *FILES)


@pytest.fixture
def released(zone: Zone, people: dict[str, User]) -> Request:
    """A request whose files left."""
    request = asked(checked_job(zone, people["pi"]), people["pi"])
    vote(request, people["sarah"])
    vote(request, people["marc"])
    return Agent(zone).confirm(request)


def returned(request: Request, people: dict[str, User]) -> Request:
    """Both refuse one file of three; the request goes back to its author."""
    reviewing.vote(request, MIXED, by=people["sarah"], now=NOW)
    reviewing.vote(request, MIXED, by=people["marc"], now=NOW)
    return reviewing.send_back(request, "The maximum is one person's.", by=people["marc"], now=NOW)


def journal(request: Request) -> list[str]:
    """The actions written of a request, oldest first."""
    rows = JournalEntry.objects.filter(subject=f"request {request.number}").order_by("sequence")
    return list(rows.values_list("action", flat=True))


def test_one_file_of_three_is_refused_and_the_two_others_leave_at_the_next_turn(
    zone: Zone, three: Request, people: dict[str, User]
) -> None:
    mended = returned(three, people)
    actions.compose(mended, [group("ages.csv", "counts.csv")], by=people["pi"], now=NOW)
    again = actions.submit(mended, by=people["pi"], now=NOW)
    vote(again, people["sarah"])
    vote(again, people["marc"])

    (release,) = releases()
    assert (again.turn, Agent(zone).confirm(again).state) == (2, "released")
    assert [file.name for file in release.files] == ["ages.csv", "counts.csv"]


def test_a_file_that_did_not_change_keeps_its_votes_and_one_that_did_loses_them(
    three: Request, people: dict[str, User]
) -> None:
    mended = returned(three, people)
    actions.compose(
        mended,
        [group("ages.csv"), group("counts.csv", name="Annexe", kind=FileKind.SUPPORTING)],
        by=people["pi"],
        now=NOW,
    )

    kept = RequestVote.objects.values_list("file__name", flat=True)
    assert sorted(kept) == ["ages.csv", "ages.csv"]


def test_each_move_is_journalled_once_in_order(
    zone: Zone, three: Request, people: dict[str, User]
) -> None:
    returned(three, people)

    assert journal(three) == [
        "output.drafted",
        "output.requested",
        "output.screened",
        "output.passed",
        "output.voted",
        "output.voted",
        "output.returned",
    ]


def test_checkers_who_disagree_see_each_other_and_may_vote_again(
    three: Request, people: dict[str, User], client: Client
) -> None:
    vote(three, people["sarah"])
    reviewing.vote(three, MIXED, by=people["marc"], now=NOW)
    client.force_login(people["sarah"])
    page = client.get(f"/outputs/{three.number}/").content.decode()

    agreed = vote(three, people["marc"])

    assert "pas d’accord sur\N{NO-BREAK SPACE}: extremes.csv" in page
    assert agreed.state == "releasing"


def test_the_author_reads_why_once_the_request_is_returned(
    three: Request, people: dict[str, User], client: Client
) -> None:
    client.force_login(people["pi"])
    reviewing.vote(three, MIXED, by=people["sarah"], now=NOW)
    before = client.get(f"/outputs/{three.number}/").content.decode()
    reviewing.vote(three, MIXED, by=people["marc"], now=NOW)
    reviewing.send_back(three, "One person's maximum.", by=people["marc"], now=NOW)

    after = client.get(f"/outputs/{three.number}/").content.decode()

    assert "Too few." not in before
    assert "Too few." in after
    assert "One person&#39;s maximum." in after


def test_supporting_files_and_code_are_read_and_never_leave(
    zone: Zone, people: dict[str, User]
) -> None:
    job = checked_job(zone, people["pi"])
    groups = [group("counts.csv"), group("rows.csv", name="Appui", kind=FileKind.SUPPORTING)]
    request = actions.ask(job, groups, by=people["pi"], now=NOW)
    vote(request, people["sarah"])
    vote(request, people["marc"])

    (release,) = releases()
    assert [file.name for file in release.files] == ["counts.csv"]
    assert len(evidence(request, shows_content=True)) == 2


def test_a_group_says_what_it_holds_and_why_before_it_is_sent(
    zone: Zone, people: dict[str, User]
) -> None:
    job = checked_job(zone, people["pi"])
    silent = replace(group("counts.csv"), controls="  ")

    with pytest.raises(InvalidInput, match="Each group"):
        actions.ask(job, [silent], by=people["pi"], now=NOW)


def test_a_draft_is_read_by_nobody_else(
    zone: Zone, people: dict[str, User], client: Client
) -> None:
    job = checked_job(zone, people["pi"])
    draft = actions.draft(job, [group("counts.csv")], by=people["pi"], now=NOW)
    client.force_login(people["sarah"])

    assert client.get(f"/outputs/{draft.number}/").status_code == 404


def test_a_question_is_read_by_the_author_and_by_the_other_checker_only_once_all_voted(
    three: Request, people: dict[str, User], client: Client
) -> None:
    actions.remark(three, "Over which years?", by=people["sarah"], now=NOW)
    actions.remark(three, "I doubt.", is_private=True, by=people["sarah"], now=NOW)
    client.force_login(people["pi"])
    author = client.get(f"/outputs/{three.number}/").content.decode()
    client.force_login(people["marc"])
    before = client.get(f"/outputs/{three.number}/").content.decode()
    vote(three, people["sarah"], NO)
    vote(three, people["marc"], NO)

    after = client.get(f"/outputs/{three.number}/").content.decode()

    assert ("Over which years?" in author, "I doubt." in author) == (True, False)
    assert ("Over which years?" in before, "I doubt." in before) == (False, False)
    assert ("Over which years?" in after, "I doubt." in after) == (True, True)


def test_the_desk_shows_the_median_of_the_time_from_opening_to_handing_in(
    three: Request, people: dict[str, User]
) -> None:
    opinions = dict.fromkeys(FILES, YES)
    reviewing.open_for(three, by=people["sarah"], now=NOW)
    reviewing.open_for(three, by=people["marc"], now=NOW)
    later, much_later = NOW + timedelta(minutes=10), NOW + timedelta(minutes=30)
    reviewing.open_for(three, by=people["sarah"], now=later)
    reviewing.vote(three, opinions, by=people["sarah"], now=later)
    reviewing.vote(three, opinions, by=people["marc"], now=much_later)

    assert reviewing.median_time() == timedelta(minutes=20)
    assert journal(three).count("output.opened") == 2


def test_bytes_that_left_once_leave_again_without_a_second_decision(
    released: Request, people: dict[str, User]
) -> None:
    assert released.job is not None
    again = asked(released.job, people["pi"])

    first, second = releases()
    assert again.state == "releasing"
    assert second.votes == first.votes
    assert second.request_number == "FR-2026-0001-R2"
    assert journal(again)[-2:] == ["output.approved-again", "output.releasing"]


def test_what_was_recalled_is_judged_again(released: Request, people: dict[str, User]) -> None:
    leaving.recall(released, RecallReason.ERROR, by=people["sarah"], now=NOW)
    assert released.job is not None

    assert asked(released.job, people["pi"]).state == "in-review"


def test_a_release_that_the_zone_refuses_is_tried_again_with_the_same_votes(
    zone: Zone, three: Request, people: dict[str, User]
) -> None:
    vote(three, people["sarah"])
    vote(three, people["marc"])
    failed = Agent(zone).refuse(three)
    note = failed.note
    again = leaving.retry(failed, by=people["sarah"], now=NOW)

    first, second = releases()
    assert (failed.state, note) == ("release-failed", "out-of-scope: A file changed.")
    assert (again.state, second) == ("releasing", first)
    assert Agent(zone).confirm(again).state == "released"


def test_the_zone_says_only_once_that_files_left(
    zone: Zone, released: Request, people: dict[str, User]
) -> None:
    with pytest.raises(Replayed):
        Agent(zone).confirm(released)


def test_a_recall_takes_a_code_out_and_no_word(released: Request, people: dict[str, User]) -> None:
    recalled = leaving.recall(released, RecallReason.DISCLOSURE, by=people["sarah"], now=NOW)

    sent = OutgoingDocument.objects.get(kind="Recall")
    assert recalled.state == "recalled"
    assert body_of(sent, Recall).reason is RecallReason.DISCLOSURE
    assert set(sent.audience) == {"agent:zone-1", "site:public"}


@pytest.mark.parametrize("who", ["pi", "decider", "auditor"])
def test_only_a_checker_of_no_part_recalls(
    released: Request, people: dict[str, User], who: str
) -> None:
    with pytest.raises(NotAllowed):
        leaving.recall(released, RecallReason.ERROR, by=people[who], now=NOW)


def test_an_incident_stops_the_votes_until_somebody_else_lifts_it(
    three: Request, people: dict[str, User]
) -> None:
    vote(three, people["sarah"])
    stopping.freeze(three, "A laptop was lost.", by=people["marc"], now=NOW)
    with pytest.raises(NotAllowed):
        vote(three, people["marc"])
    with pytest.raises(NotAllowed):
        stopping.unfreeze(three, by=people["marc"], now=NOW)
    stopping.unfreeze(three, by=people["auditor"], now=NOW)

    assert vote(three, people["marc"]).state == "releasing"


def test_a_suspended_permit_holds_its_requests_and_lifting_lets_them_go_on(
    zone: Zone, three: Request, people: dict[str, User]
) -> None:
    vote(three, people["sarah"])
    begun = NOW - timedelta(hours=1)
    zone.receive(Suspension("FR-2026-0001", begun, "Inquiry."), Signer.PORTAL)
    with pytest.raises(NotAllowed, match="suspended"):
        vote(three, people["marc"])
    zone.receive(Suspension("FR-2026-0001", begun, "Inquiry.", NOW), Signer.PORTAL)

    assert vote(three, people["marc"]).state == "releasing"


def test_a_revocation_closes_what_was_open(
    zone: Zone, three: Request, people: dict[str, User]
) -> None:
    vote(three, people["sarah"])
    zone.receive(Revocation("FR-2026-0001", NOW, "Misuse."), Signer.PORTAL)

    three.refresh_from_db()
    assert three.state == "closed"
    assert journal(three)[-1] == "output.closed"


def test_a_request_outlives_the_last_day_of_its_permit_until_its_data_are_deleted(
    three: Request, people: dict[str, User]
) -> None:
    last_day = NOW.replace(year=2027, month=7, day=4, hour=12)
    vote(three, people["sarah"])

    assert stopping.close_ended(now=last_day) == 0
    assert stopping.close_ended(now=last_day + timedelta(days=1)) == 1


def test_the_daily_command_says_how_many_it_closed(three: Request) -> None:
    said = StringIO()
    call_command("close_ended", stdout=said)

    assert said.getvalue().strip() == "closed=0"
    assert Request.objects.get(pk=three.pk).state == "in-review"


def left_to_the_engine(home: Path, **more: str) -> None:
    """The holder of the dataset lets the engine decide, but for what is drawn."""
    lines = ["[default]", 'version = "2026"', "fast_lane = true", "sample_percent = 1"]
    lines += [f"{key} = {value}" for key, value in more.items()]
    (home / "checking" / "review-policies.toml").write_text("\n".join(lines))


def made_by_the_engine(zone: Zone, pi: User) -> Job:
    """A job whose report says that the engine made its table, and found nothing."""
    job = checked_job(zone, pi)
    assert job.report is not None
    document = job.report_document
    assert document is not None
    file = replace(job.report.files[0], verdict=Verdict.PASS, findings=(MADE,))
    body = replace(job.report, files=(file,))
    Job.objects.filter(pk=job.pk).update(report_document=None)
    zone.receive(body)
    return Job.objects.with_documents().get(pk=job.pk)


def test_one_click_releases_what_a_policy_leaves_to_the_engine_and_says_that_nobody_decided(
    zone: Zone, people: dict[str, User], tmp_path: Path, client: Client
) -> None:
    left_to_the_engine(tmp_path)
    request = asked(made_by_the_engine(zone, people["pi"]), people["pi"])
    client.force_login(people["sarah"])
    desk = client.get("/outputs/").content.decode()
    client.post("/outputs/dispose/")

    (release,) = releases()
    request.refresh_from_db()
    entry = JournalEntry.objects.get(action="output.approved-by-machine")
    assert "Laisser le logiciel les libérer" in desk
    assert (request.state, release.votes, release.is_machine_decided) == ("releasing", (), True)
    assert entry.actor == "ecluse"


def test_a_sample_goes_to_persons_all_the_same(
    zone: Zone, people: dict[str, User], tmp_path: Path
) -> None:
    left_to_the_engine(tmp_path)
    text = (tmp_path / "checking" / "review-policies.toml").read_text()
    every = text.replace("sample_percent = 1", "sample_percent = 100")
    (tmp_path / "checking" / "review-policies.toml").write_text(every)
    asked(made_by_the_engine(zone, people["pi"]), people["pi"])

    assert reviewing.dispose(by=people["sarah"], now=NOW) == []


def test_without_a_policy_no_machine_decides(zone: Zone, people: dict[str, User]) -> None:
    asked(made_by_the_engine(zone, people["pi"]), people["pi"])

    assert reviewing.dispose(by=people["sarah"], now=NOW) == []


def test_a_table_of_the_author_is_never_left_to_the_engine(
    zone: Zone, people: dict[str, User], tmp_path: Path
) -> None:
    left_to_the_engine(tmp_path)
    asked(checked_job(zone, people["pi"]), people["pi"])

    assert reviewing.dispose(by=people["sarah"], now=NOW) == []


def test_a_holder_names_three_checkers_and_their_last_day(
    zone: Zone, people: dict[str, User], tmp_path: Path
) -> None:
    policy = f'[default]\nreviewers = 3\naccredited = {{"{people["sarah"].subject}" = 2026-01-31}}'
    (tmp_path / "checking" / "review-policies.toml").write_text(policy)
    request = asked(checked_job(zone, people["pi"]), people["pi"])

    with pytest.raises(NotAllowed, match="ended on 2026-01-31"):
        vote(request, people["sarah"])
    with pytest.raises(NotAllowed, match="missing"):
        vote(request, people["marc"])


def test_an_earlier_release_with_the_same_columns_is_named_to_checkers_alone(
    released: Request, zone: Zone, people: dict[str, User]
) -> None:
    assert released.job is not None
    zone.finish(
        job := _another(released.job, people["pi"]),
        {"other.csv": b"sex,persons\nmen,41\nwomen,52\n"},
        frozenset(),
    )
    request = asked(Job.objects.with_documents().get(pk=job.pk), people["pi"], "other.csv")

    (seen,) = evidence(request, shows_content=True)
    (hidden,) = evidence(request, shows_content=False)
    assert (seen.earlier, hidden.earlier) == (("FR-2026-0001-R1",), ())
    assert seen.entropy == pytest.approx(3.96, abs=0.3)


def _another(job: Job, pi: User) -> Job:
    return enclaves.submit_job(job.extract, bundle(), entry="analysis.py", by=pi, now=NOW)


def test_what_is_asked_is_signed_with_the_controls_of_its_group(three: Request) -> None:
    assert three.document is not None
    body = body_of(three.document, OutputRequest)

    assert {file.reason for file in body.files} == {"11 persons or more."}
    assert Opinion(Decision.APPROVE) == YES
