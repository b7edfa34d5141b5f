"""Answers to data requests at the second gate: judged as any output, by nobody of the request."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import pytest
from django.test import Client

from ecluse.domain.documents import (
    CheckReport,
    Decision,
    FileVerdict,
    Finding,
    OutputFile,
    OutputRequest,
    Rejection,
    Release,
    Signer,
    TabulationOrder,
    TabulationReceipt,
    Verdict,
)
from ecluse.domain.errors import EcluseError, NotAllowed, OutOfScope, Replayed
from ecluse.domain.roles import Role
from ecluse.domain.tabulation import plan_digest
from ecluse.portal.accounts.models import User
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.mailbox import blobs
from ecluse.portal.mailbox.models import OutgoingDocument
from ecluse.portal.mailbox.reading import body_of
from ecluse.portal.outputs import actions, reviewing
from ecluse.portal.outputs.models import Answer, Request
from ecluse.portal.outputs.reviewing import Opinion
from ecluse.trust import canonical
from tests.unit.data.agent.requests import asked
from tests.unit.domain.build import ASSESSOR, DECIDER, PI
from tests.unit.portal.zone import NOW, Zone, account

TABLE = b"sex,persons\n_T,47\nM,s\nF,s\n_O,0\n"
NOTICE = b"# Answer\n"
REQUEST, ORDER_NUMBER = "DR-2026-00001", "DR-2026-00001-T1"
PREPARER = "nora.blanc@hub.example"
CELLS = Finding("TP", "file", "4 cells, 2 hidden; suppression; policy SNDS-2026")
ORDER = TabulationOrder(
    order_number=ORDER_NUMBER,
    request_number=REQUEST,
    title="Sex of the persons of a clinic",
    persons=(PI,),
    dataset="clinic",
    snapshot="20260105T100000Z-00000000",
    cohort=None,
    plan=asked(),
    policy="SNDS-2026",
    minimum_count=11,
    opt_out_list_digest="sha256:" + "2" * 64,
    assessed_by=(ASSESSOR,),
    decided_by=DECIDER,
    decided_at=datetime(2026, 1, 5, 10, tzinfo=UTC),
    valid_until=date(2026, 7, 5),
    ordered_by=PREPARER,
)
FILES = tuple(
    OutputFile(name, len(content), canonical.digest(content))
    for name, content in (("README.md", NOTICE), ("by_sex.csv", TABLE))
)
REPORT = CheckReport(
    ORDER_NUMBER,
    REQUEST,
    "SNDS-2026, 11 persons",
    (
        FileVerdict("README.md", len(NOTICE), FILES[0].digest, Verdict.PASS, ()),
        FileVerdict("by_sex.csv", len(TABLE), FILES[1].digest, Verdict.REVIEW, (CELLS,)),
    ),
    (),
)


@dataclass(frozen=True)
class Room:
    """The checking room while an answer comes."""

    zone: Zone

    def order(self, order: TabulationOrder = ORDER) -> str:
        """The agent forwards the order; return its digest."""
        return self.zone.receive(order, Signer.PORTAL).digest

    def receipt(self, order_digest: str, **changes: object) -> TabulationReceipt:
        """The agent says what it tabulated."""
        made = TabulationReceipt(
            order_number=ORDER_NUMBER,
            order_digest=order_digest,
            request_number=REQUEST,
            dataset="clinic",
            snapshot=ORDER.snapshot,
            opt_out_list_digest=ORDER.opt_out_list_digest,
            plan_digest=plan_digest(ORDER.plan),
            policy="SNDS-2026",
            answer_digest="c" * 64,
            table_count=1,
            cell_count=4,
            primary_count=1,
            secondary_count=1,
            rounding_base=1,
            epsilon_thousandths=0,
            files=FILES,
            started_at=NOW,
            finished_at=NOW,
        )
        made = replace(made, **changes)  # type: ignore[arg-type]
        self.zone.receive(made)
        return made

    def reported(self, report: CheckReport = REPORT) -> None:
        """Order, receipt, report: the files have not come yet."""
        self.receipt(self.order())
        self.zone.receive(report)

    def answer(self) -> Request:
        """The whole answer; this site asks by itself that it leaves."""
        self.reported()
        for content in (NOTICE, TABLE):
            blobs.take(canonical.digest(content), [content])
        return Request.objects.get()


@pytest.fixture
def room(zone: Zone, people: dict[str, User]) -> Room:
    return Room(zone)


def vote(request: Request, by: User, decision: Decision = Decision.APPROVE) -> Request:
    names = request.files.values_list("name", flat=True)
    opinions = dict.fromkeys(names, Opinion(decision, "Case F."))
    return reviewing.vote(request, opinions, by=by, now=NOW)


def test_the_room_asks_by_itself_that_every_file_leaves(room: Room) -> None:
    request = room.answer()

    body = body_of(request.document, OutputRequest)
    assert (body.job_number, body.permit_number) == (ORDER_NUMBER, REQUEST)
    assert body.requested_by == PREPARER
    assert [file.name for file in body.files] == ["README.md", "by_sex.csv"]
    assert request.document.audience == ["agent:zone-1"]


def test_two_approvals_release_the_answer(room: Room, people: dict[str, User]) -> None:
    request = room.answer()
    vote(request, people["sarah"])
    released = vote(request, people["marc"])

    assert released.release is not None
    body = body_of(released.release, Release)
    assert (body.permit_number, body.requested_by) == (REQUEST, PREPARER)
    assert {(file.name, file.digest) for file in body.files} == {
        (file.name, file.digest) for file in FILES
    }
    assert "site:public" in released.release.audience


def test_one_rejection_sends_word_and_none_of_the_reasons(
    room: Room, people: dict[str, User]
) -> None:
    request = room.answer()
    vote(request, people["sarah"], Decision.REJECT)
    vote(request, people["marc"])
    reviewing.reject(request, "Case F.", by=people["marc"], now=NOW)

    sent = OutgoingDocument.objects.get(kind="Rejection")
    assert body_of(sent, Rejection).job_number == ORDER_NUMBER
    assert b"Case F." not in bytes(sent.data)
    assert set(sent.audience) == {"agent:zone-1", "site:public"}
    assert not OutgoingDocument.objects.filter(kind="Release").exists()
    assert JournalEntry.objects.filter(action="output.rejected").count() == 1


@pytest.mark.parametrize("subject", [PREPARER, ASSESSOR])
def test_an_officer_of_the_request_never_checks_it(room: Room, subject: str) -> None:
    request = room.answer()
    officer = account(subject, Role.CHECKER)

    with pytest.raises(NotAllowed):
        vote(request, officer)


def test_who_decided_or_asked_never_checks(room: Room, people: dict[str, User]) -> None:
    request = room.answer()

    with pytest.raises(NotAllowed):
        vote(request, people["decider"])
    with pytest.raises(NotAllowed):
        vote(request, people["pi"])


def test_a_blocked_file_stops_the_whole_answer(room: Room) -> None:
    small = Finding("R1", "column persons", "a number of persons from 1 to 10 is shown")
    blocked = replace(REPORT.files[1], verdict=Verdict.BLOCKED, findings=(small,))

    with pytest.raises(OutOfScope, match="blocked"):
        room.reported(replace(REPORT, files=(REPORT.files[0], blocked)))
    assert not Request.objects.exists()


@pytest.mark.parametrize(
    "report",
    [
        replace(REPORT, permit_number="DR-2026-00002"),
        replace(REPORT, files=REPORT.files[:1]),
        replace(REPORT, files=(replace(REPORT.files[0], digest="sha256:" + "9" * 64),)),
    ],
    ids=["of another request", "with a file less", "on other bytes"],
)
def test_a_report_on_something_else_is_refused(room: Room, report: CheckReport) -> None:
    with pytest.raises(OutOfScope):
        room.reported(report)
    assert not Request.objects.exists()


def test_a_second_report_does_not_replace_the_first(room: Room) -> None:
    room.answer()

    with pytest.raises(Replayed):
        room.zone.receive(replace(REPORT, policy="laxer"))
    assert Answer.objects.get().report == REPORT


def test_a_receipt_before_its_order_is_refused(room: Room) -> None:
    with pytest.raises(OutOfScope):
        room.receipt("sha256:" + "1" * 64)


@pytest.mark.parametrize("change", [{"plan_digest": "sha256:" + "0" * 64}, {"dataset": "other"}])
def test_a_receipt_of_another_tabulation_is_refused(room: Room, change: dict[str, object]) -> None:
    with pytest.raises(OutOfScope):
        room.receipt(room.order(), **change)


def test_an_order_of_one_person_in_two_offices_is_refused(room: Room) -> None:
    with pytest.raises(EcluseError):
        room.order(replace(ORDER, ordered_by=DECIDER))
    assert not Answer.objects.exists()


def test_a_checker_reads_each_table_with_its_protection(
    room: Room, people: dict[str, User], client: Client
) -> None:
    request = room.answer()
    client.force_login(people["sarah"])

    page = client.get(f"/outputs/{request.number}/").content.decode()

    assert "Sex of the persons of a clinic" in page
    assert "4 cells, 2 hidden" in page
    assert "Masquées pour qu’on ne les recalcule pas" in page
    assert "Toutes les personnes du jeu de données" in page
    assert page.count(">s<") == 2


def test_nobody_votes_on_a_table_that_has_not_come(
    room: Room, people: dict[str, User], client: Client
) -> None:
    room.reported()
    client.force_login(people["sarah"])
    number = Request.objects.get().number

    page = client.get(f"/outputs/{number}/").content.decode()
    answer = client.post(f"/outputs/{number}/", {"decision_0": "approve", "decision_1": "approve"})

    assert "pas encore tous arrivés" in page
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("person", "status"),
    [("sarah", 200), ("auditor", 200), ("pi", 404), ("stranger", 404)],
)
def test_an_answer_is_for_checkers_and_auditors(
    room: Room, people: dict[str, User], client: Client, person: str, status: int
) -> None:
    request = room.answer()
    client.force_login(people[person])

    assert client.get(f"/outputs/{request.number}/").status_code == status
    assert ("DR-2026" in client.get("/outputs/").content.decode()) == (status == 200)


def test_the_auditor_sees_no_number_of_a_table(
    room: Room, people: dict[str, User], client: Client
) -> None:
    request = room.answer()
    client.force_login(people["auditor"])

    assert "_T" not in client.get(f"/outputs/{request.number}/").content.decode()


def test_nobody_takes_an_answer_back(room: Room, people: dict[str, User]) -> None:
    request = room.answer()

    with pytest.raises(NotAllowed):
        actions.withdraw(request, by=people["pi"], now=NOW)
