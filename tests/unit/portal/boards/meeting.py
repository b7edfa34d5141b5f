"""Two accounts of a hospital, one of a company, an officer, and a board at each stage."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import pytest

from ecluse.domain.documents import BoardResult, Refusal, ScoreRelease, Signer
from ecluse.domain.documents import Submission as SubmissionBody
from ecluse.domain.evaluations.secrecy import Purpose, Standing, SubmissionStatus
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.boards import actions
from ecluse.portal.boards.models import Board, Submission
from tests.unit.data.evaluation.boarding import COMPANY, HOSPITAL, RULES
from tests.unit.portal.applications.road import NOW, Road

LABELS = "sha256:" + "d" * 64
OPENED = actions.Opened("Complications du diabète", LABELS, "", RULES)
PREDICTIONS = b"case,prediction\nc1,0.5\n"
FIRST = Standing(1, HOSPITAL, "B-2026-0001-S1", 812_000, 760_000, 864_000)
SECOND = Standing(2, COMPANY, "B-2026-0001-S2", 640_000, 588_000, 692_000)


@dataclass(frozen=True)
class Meeting:
    """Who meets over a board."""

    road: Road
    camille: User
    louis: User
    stranger: User
    preparer: User
    assessor: User
    auditor: User
    jeanne: User

    def opened(self) -> Board:
        """A board, Camille and Louis enrolled for the hospital, a stranger for a company."""
        permit = self.road.permit()
        actions.enrol(self.camille, HOSPITAL, "Hôpital", by=self.preparer, now=NOW)
        actions.enrol(self.louis, HOSPITAL, "Hôpital", by=self.preparer, now=NOW)
        actions.enrol(self.stranger, COMPANY, "Exemple SAS", by=self.preparer, now=NOW)
        return actions.open_board(permit, OPENED, by=self.preparer, now=NOW)

    def submitted(self) -> Board:
        """The same, with a file of Camille's on its way."""
        board = self.opened()
        self.send(board)
        return board

    def answered(self) -> Board:
        """The same, the secure zone having told a score."""
        board = self.opened()
        self.tell(self.send(board))
        return board

    def closing(self) -> Board:
        """The same, its end being awaited."""
        return actions.close_board(self.answered(), by=self.preparer, now=NOW)

    def closed(self) -> Board:
        """The same, with its result."""
        board = self.closing()
        self.end(board)
        board.refresh_from_db()
        return board

    def refused(self) -> Board:
        """A board that the secure zone did not open."""
        board = self.opened()
        self.refuse("BoardOpening", board.opening_digest, "not-found")
        board.refresh_from_db()
        return board

    def send(
        self, board: Board, *, by: User | None = None, now: datetime = NOW, **changes: object
    ) -> Submission:
        """A file that is sent, each under its own key."""
        what = actions.Sent("predictions.csv", [PREDICTIONS], len(PREDICTIONS), Purpose.COMPETE)
        what = replace(what, **changes)  # type: ignore[arg-type]
        return actions.submit(board, what, key=uuid.uuid4(), by=by or self.camille, now=now)

    def answer(self, sent: Submission, **changes: object) -> ScoreRelease:
        """What the secure zone tells of it."""
        order: SubmissionBody = sent.order()
        made = ScoreRelease(
            submission_number=sent.number,
            submission_digest=sent.order_digest,
            board_number=order.board_number,
            board_digest=order.board_digest,
            status=SubmissionStatus.SCORED,
            faults=(),
            shown_millionths=812_000,
            has_moved=True,
            period=sent.period,
            left=9,
            failures_left=3,
            standings=(FIRST,),
        )
        return replace(made, **changes)  # type: ignore[arg-type]

    def tell(self, sent: Submission, **changes: object) -> Submission:
        """The answer, received as on the site."""
        self.road.deliver(self.answer(sent, **changes), issuer=Signer.AGENT)
        sent.refresh_from_db()
        return sent

    def end(self, board: Board, **changes: object) -> None:
        """The result, received as on the site."""
        made = BoardResult(
            board_number=board.number,
            board_digest=board.opening_digest,
            closing_digest=board.closing_digest,
            case_count=300,
            event_count=150,
            submission_count=2,
            method="McNemar mid-p; Wilson",
            alpha_millionths=50_000,
            standings=(FIRST, SECOND),
        )
        body = replace(made, **changes)  # type: ignore[arg-type]
        self.road.deliver(body, issuer=Signer.AGENT)

    def refuse(self, kind: str, digest: str, code: str) -> None:
        """A refusal of the secure zone, received as on the site."""
        body = Refusal(kind, str(uuid.uuid4()), digest, code, "See the journal.")
        self.road.deliver(body, issuer=Signer.AGENT)


@pytest.fixture
def meeting(road: Road, account: Callable[..., User]) -> Meeting:
    """Who meets over a board."""
    return Meeting(
        road=road,
        camille=road.camille,
        louis=road.louis,
        stranger=road.stranger,
        preparer=road.preparer,
        assessor=road.assessor,
        auditor=road.auditor,
        jeanne=account(Role.CITIZEN, email="jeanne@example.org"),
    )
