"""A board from its opening to its signed result: the portal and the agent of the zone, for real."""

from pathlib import Path

import pytest

from ecluse.domain.documents import AGENT, Signer
from ecluse.portal.accounts.models import User
from ecluse.portal.audit import identity
from ecluse.portal.boards import actions
from ecluse.portal.boards.models import Board, Submission
from ecluse.portal.mailbox import blobs
from ecluse.portal.mailbox.actions import receive
from ecluse.portal.mailbox.models import OfferedFile, OutgoingDocument
from ecluse.trust.keys import Keyring
from tests.unit.data.agent.board_worlds import OUTCOMES, BoardWorld
from tests.unit.data.evaluation.boarding import COMPANY, HOSPITAL, RULES, written
from tests.unit.data.studies import NOW
from tests.unit.portal.applications.road import NOW as PORTAL_NOW
from tests.unit.portal.applications.road import at_now, road
from tests.unit.portal.boards.meeting import Meeting, meeting

__all__ = ["at_now", "meeting", "road"]


class Both(BoardWorld):
    """A zone whose public mailbox is the portal's, carried by hand; each believes the other."""

    def __init__(self, folder: Path, meeting: Meeting) -> None:
        super().__init__(folder)
        for path in (self.public.path / "in").iterdir():
            path.unlink()  # the permit is that of the portal
        self.meeting, self.sent, self.taken = meeting, 0, 0
        believed = [
            *(meeting.road.signers.of(one).public() for one in Signer if one is not Signer.AGENT),
            self.keys[Signer.AGENT].public(),
        ]
        Keyring(believed).save(self.zone.keyring)
        Keyring(believed).save(identity.keyring_path())

    def carry(self) -> None:
        """Take what the portal holds to the zone, let the agent act, bring back its answers."""
        for document in OutgoingDocument.objects.filter(sequence__gt=self.sent).order_by(
            "sequence"
        ):
            self.post(bytes(document.data), self.public)
            self.sent = document.sequence
        for digest in OfferedFile.objects.values_list("digest", flat=True):
            found = blobs.find_for(digest, AGENT).read_bytes()
            (self.public.path / "blobs" / digest.removeprefix("sha256:")).write_bytes(found)
        with self.agent() as agent:
            agent.step(NOW)
        told = sorted((self.public.path / "out").glob("*.json"))
        for path in told[self.taken :]:
            receive(path.read_bytes(), now=NOW)
        self.taken = len(told)

    def submit(self, board: Board, *, wrong: int, by: User) -> Submission:
        """A file of which the first `wrong` predictions are wrong."""
        said = [1 - one if rank < wrong else one for rank, one in enumerate(OUTCOMES)]
        content = written(self.cases, said)
        sent = self.meeting.send(board, by=by, chunks=[content], size=len(content))
        self.carry()
        sent.refresh_from_db()
        return sent


@pytest.fixture
def both(tmp_path: Path, meeting: Meeting) -> Both:
    return Both(tmp_path / "zone-side", meeting)


def test_a_board_goes_from_its_opening_to_its_signed_result(both: Both, meeting: Meeting) -> None:
    """400 cases; Louis shares Camille's entity; 20 wrong are surely better than 200 wrong."""
    permit = meeting.road.permit()
    actions.enrol(meeting.camille, HOSPITAL, "Hôpital", by=meeting.preparer, now=PORTAL_NOW)
    actions.enrol(meeting.louis, HOSPITAL, "Hôpital", by=meeting.preparer, now=PORTAL_NOW)
    actions.enrol(meeting.stranger, COMPANY, "Exemple SAS", by=meeting.preparer, now=PORTAL_NOW)
    opened = actions.Opened("Complications du diabète", both.labels.digest, "", RULES)
    board = actions.open_board(permit, opened, by=meeting.preparer, now=PORTAL_NOW)

    first = both.submit(board, wrong=200, by=meeting.camille)
    again = both.submit(board, wrong=200, by=meeting.louis)
    other = both.submit(board, wrong=20, by=meeting.stranger)
    actions.close_board(board, by=meeting.preparer, now=PORTAL_NOW)
    both.carry()
    board.refresh_from_db()

    assert [one.status for one in (first, again, other)] == ["scored", "repeated", "scored"]
    assert [one.answer().left for one in (first, again, other)] == [9, 9, 9]
    assert board.state == "closed"
    assert [(one.band, one.entity) for one in board.standings()] == [(1, COMPANY), (2, HOSPITAL)]
    assert board.result().case_count == 120
