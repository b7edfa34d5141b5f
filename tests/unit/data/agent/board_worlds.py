"""A leaderboard on its way: a permit, labels in the zone, an opening, submissions."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from ecluse.data.agent import boards
from ecluse.data.evaluation.boards import prepare_labels
from ecluse.domain.documents import (
    BoardClosing,
    BoardOpening,
    Body,
    OutputFile,
    ScoreRelease,
    Submission,
)
from tests.unit.data.agent.worlds import SENT_AT, World
from tests.unit.data.evaluation.boarding import HOSPITAL, RULES, case_names, opening, written
from tests.unit.data.studies import PERMIT

BOARD = "B-2026-0001"
OUTCOMES = [0, 1] * 200


class BoardWorld(World):
    """A world in which a board is about to open; `permit_digest` is that of its permit."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.permit_digest = self.send(PERMIT)
        self.cases = case_names(len(OUTCOMES))
        place = self.zone.boards(PERMIT.permit_number) / boards.LABELS
        self.labels = prepare_labels(self.cases, OUTCOMES, place)

    def opening(self, **changes: object) -> BoardOpening:
        """The opening of the board under the permit."""
        made = replace(
            opening(RULES, self.labels.digest),
            permit_number=PERMIT.permit_number,
            permit_digest=self.permit_digest,
        )
        return replace(made, **changes)  # type: ignore[arg-type]

    def file(self, *, wrong: int) -> OutputFile:
        """A file of predictions of which the first `wrong` are wrong, at the public site."""
        said = np.array(OUTCOMES, np.float64)
        said[:wrong] = 1.0 - said[:wrong]
        content = written(self.cases, said)
        path = self.public.path / "predictions.csv"
        path.write_bytes(content)
        return OutputFile(path.name, len(content), self.public.store_blob(path))

    def submission(self, board_digest: str, *, wrong: int = 80, **changes: object) -> Submission:
        """A submission of such a file."""
        made = Submission(
            submission_number=f"{BOARD}-S1",
            board_number=BOARD,
            board_digest=board_digest,
            purpose=changes.pop("purpose", "compete"),  # type: ignore[arg-type]
            entity=HOSPITAL,
            submitted_by="camille.moreau@univ.example",
            file=self.file(wrong=wrong),
            claimed_millionths=None,
        )
        return replace(made, **changes)  # type: ignore[arg-type]

    def closing(self, board_digest: str) -> BoardClosing:
        """The end of the board."""
        return BoardClosing(BOARD, board_digest, "nora.blanc@hub.example", SENT_AT)

    def told(self, kind: type[Body] = ScoreRelease) -> list[Body]:
        """The answers of a kind that reached the public site."""
        return self.bodies(self.public, kind)
