"""The report of an evaluation at the second gate: judged as any output of its project."""

from dataclasses import dataclass, replace

import pytest
from django.test import Client

from ecluse.domain.documents import (
    CheckReport,
    Decision,
    EvaluationOrder,
    EvaluationReceipt,
    FileVerdict,
    Finding,
    OutputFile,
    OutputRequest,
    Rejection,
    Release,
    Revocation,
    Signer,
    Verdict,
)
from ecluse.domain.errors import NotAllowed, OutOfScope
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.mailbox import blobs
from ecluse.portal.mailbox.models import OutgoingDocument
from ecluse.portal.mailbox.reading import body_of
from ecluse.portal.outputs import reviewing
from ecluse.portal.outputs.models import Request
from ecluse.portal.outputs.reviewing import Opinion
from ecluse.trust import canonical
from tests.unit.domain.build import ASSESSOR, PERMIT, PI
from tests.unit.portal.zone import NOW, Zone, account

BUNDLE = b"PK the bytes of a bundle"
NUMBER = "EV-2026-00001-O1"
DIGEST = "sha256:" + "4" * 64
OTHER = "sha256:" + "0" * 64
ORDER = EvaluationOrder(
    order_number=NUMBER,
    evaluation_number="EV-2026-00001",
    title="Risque de complication du diabète",
    permit_number=PERMIT.permit_number,
    permit_digest=DIGEST,
    lock_digest=DIGEST,
    model=DIGEST,
    dataset=DIGEST,
    deviations=(),
    ordered_by=PI,
)
FILE = OutputFile("report.zip", len(BUNDLE), canonical.digest(BUNDLE))
WORDS = Finding("T3", "words", "a report of 3 tables and 20 figures, each checked")
REPORT = CheckReport(
    NUMBER,
    PERMIT.permit_number,
    "SNDS-2026, 11 persons",
    (FileVerdict(FILE.name, FILE.size, FILE.digest, Verdict.REVIEW, (WORDS,)),),
    (),
)


@dataclass(frozen=True)
class Room:
    """The checking room while the report of an evaluation comes."""

    zone: Zone

    def receipt(self, **changes: object) -> None:
        """The agent forwards the order, and says what it ran."""
        digest = self.zone.receive(ORDER, Signer.PORTAL).digest
        made = EvaluationReceipt(
            order_number=NUMBER,
            order_digest=digest,
            evaluation_number=ORDER.evaluation_number,
            permit_number=ORDER.permit_number,
            lock_digest=DIGEST,
            predictions=DIGEST,
            report=DIGEST,
            files=(FILE,),
            started_at=NOW,
            finished_at=NOW,
        )
        self.zone.receive(replace(made, **changes))  # type: ignore[arg-type]

    def asked(self) -> Request:
        """The whole report; this site asks by itself that it leaves."""
        self.receipt()
        self.zone.receive(REPORT)
        blobs.take(FILE.digest, [BUNDLE])
        return Request.objects.get()


@pytest.fixture
def room(zone: Zone, people: dict[str, User]) -> Room:
    zone.open_workspace()
    return Room(zone)


def vote(request: Request, by: User, decision: Decision = Decision.APPROVE) -> Request:
    said = {FILE.name: Opinion(decision, "Page 2.")}
    return reviewing.vote(request, said, by=by, now=NOW)


def test_the_room_asks_by_itself_in_the_name_of_who_ordered(room: Room) -> None:
    request = room.asked()

    body = body_of(request.document, OutputRequest)  # type: ignore[arg-type]
    assert (body.job_number, body.permit_number) == (NUMBER, PERMIT.permit_number)
    assert body.requested_by == PI
    assert request.mandate == PERMIT


def test_two_approvals_release_the_report(room: Room, people: dict[str, User]) -> None:
    request = room.asked()
    vote(request, people["sarah"])
    released = vote(request, people["marc"])

    assert released.release is not None
    body = body_of(released.release, Release)
    assert (body.files, body.requested_by) == ((FILE,), PI)
    assert not body.is_machine_decided


def test_a_rejection_is_told_to_the_public_site(room: Room, people: dict[str, User]) -> None:
    request = room.asked()
    vote(request, people["sarah"], Decision.REJECT)
    vote(request, people["marc"])
    reviewing.reject(request, "Page 2.", by=people["marc"], now=NOW)

    sent = OutgoingDocument.objects.get(kind="Rejection")
    assert body_of(sent, Rejection).job_number == NUMBER
    assert b"Page 2." not in bytes(sent.data)


@pytest.mark.parametrize("subject", [PI, ASSESSOR])
def test_a_person_of_the_project_or_its_officer_never_checks_it(room: Room, subject: str) -> None:
    request = room.asked()
    checker = User.objects.filter(email=subject).first() or account(subject, Role.CHECKER)

    with pytest.raises(NotAllowed):
        vote(request, checker)


def test_a_revoked_permit_closes_the_request(room: Room) -> None:
    request = room.asked()
    room.zone.receive(Revocation(PERMIT.permit_number, NOW, "Fin."), Signer.PORTAL)
    request.refresh_from_db()

    assert request.state == "closed"


def test_a_receipt_of_another_lock_is_refused(room: Room) -> None:
    with pytest.raises(OutOfScope, match="another order"):
        room.receipt(lock_digest=OTHER)


def test_an_order_under_a_permit_that_never_came_is_refused(zone: Zone) -> None:
    with pytest.raises(OutOfScope, match="never came here"):
        zone.receive(ORDER, Signer.PORTAL)


def test_a_checker_reads_what_was_locked_beside_the_report(
    room: Room, people: dict[str, User]
) -> None:
    request, client = room.asked(), Client()
    client.force_login(people["sarah"])

    shown = client.get(f"/outputs/{request.number}/").content.decode()

    assert "Écarts déclarés" in shown
    assert "EV-2026-00001" in shown
