"""A leaderboard in a folder: labels, an opening, and whoever submits to it."""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ecluse.data.evaluation.boards import Board, prepare_labels
from ecluse.data.evaluation.boards.keeping import Asked
from ecluse.domain.documents import (
    BoardClosing,
    BoardOpening,
    BoardResult,
    OutputFile,
    ScoreRelease,
    Submission,
)
from ecluse.domain.evaluations.secrecy import (
    BoardMeasure,
    BoardRules,
    Level,
    Purpose,
    StepRule,
)
from ecluse.trust import canonical

OPENED_AT = datetime(2026, 2, 1, 9, tzinfo=UTC)
OPENING_DIGEST = "sha256:" + "a" * 64
CLOSING_DIGEST = "sha256:" + "c" * 64
SECRET = bytes(range(32))
HOSPITAL, COMPANY = "552081317", "732829320"
"""Two legal entities, by SIREN."""
RULES = BoardRules(
    level=Level.INPUTS_PUBLIC,
    measure=BoardMeasure.ACCURACY,
    step_rule=StepRule.FIXED,
    threshold_millionths=500_000,
    step_millionths=0,
    final_percent=30,
    submissions=100,
    per_entity=10,
    failures_per_entity=3,
    period_days=30,
    explorations=5,
)


def opening(rules: BoardRules, labels_digest: str) -> BoardOpening:
    """The opening of a board on these labels."""
    return BoardOpening(
        board_number="B-2026-0001",
        title="Complications of diabetes",
        permit_number="FR-2026-0001",
        permit_digest="sha256:" + "b" * 64,
        protocol_digest="",
        labels_digest=labels_digest,
        rules=rules,
        opened_on=date(2026, 2, 1),
        opened_by="nora.blanc@hub.example",
    )


def case_names(count: int) -> list[str]:
    """Names of cases, in their order."""
    return [f"c{rank:06}" for rank in range(count)]


def written(cases: Sequence[str], predictions: Sequence[float] | npt.NDArray[np.float64]) -> bytes:
    """A file of predictions."""
    lines = [f"{case},{float(value):.10g}" for case, value in zip(cases, predictions, strict=True)]
    return "\n".join(["case,prediction", *lines, ""]).encode()


class Trial:
    """A board of one folder, opened again as often as wanted, and what is sent to it."""

    def __init__(
        self,
        folder: Path,
        outcomes: Sequence[int] | npt.NDArray[np.int_],
        **changes: object,
    ) -> None:
        self.folder, self.outcomes = folder, np.asarray(outcomes)
        self.cases = case_names(len(self.outcomes))
        told = [int(one) for one in self.outcomes]
        self.labels = prepare_labels(self.cases, told, folder / "labels")
        self.rules = replace(RULES, **changes)  # type: ignore[arg-type]
        self.opening = opening(self.rules, self.labels.digest)
        self.sent = 0
        self.open().close_memory()
        with sqlite3.connect(folder / "board" / "board.db") as memory:  # the same in every run
            memory.execute("UPDATE board SET secret = ?", (SECRET,))
        self.board = self.open()

    def open(self, on_progress: Callable[[str], None] = lambda _step: None) -> Board:
        """The board, as after a restart."""
        return Board(
            self.folder / "board",
            self.opening,
            self.labels,
            opening_digest=OPENING_DIGEST,
            on_progress=on_progress,
        )

    def asked(self, content: bytes, **changes: object) -> Asked:
        """A submission of a file: `at` says when, other changes are members of the document."""
        at = changes.pop("at", OPENED_AT)
        self.sent += 1
        digest = canonical.digest(content)
        file = self.folder / "sent.csv"
        file.write_bytes(content)
        made = Submission(
            submission_number=f"B-2026-0001-S{self.sent}",
            board_number="B-2026-0001",
            board_digest=OPENING_DIGEST,
            purpose=Purpose.COMPETE,
            entity=HOSPITAL,
            submitted_by="camille.moreau@univ.example",
            file=OutputFile("predictions.csv", len(content), digest),
            claimed_millionths=None,
        )
        made = replace(made, **changes)  # type: ignore[arg-type]
        assert isinstance(at, datetime)
        return Asked(made, f"sha256:{self.sent:064}", at, file)

    def submit(self, predictions: object, **changes: object) -> ScoreRelease:
        """Send predictions, one a case in their order, and return what the board tells."""
        values = np.asarray(predictions, np.float64)
        return self.board.submit(self.asked(written(self.cases, values), **changes))

    def right(self, share: float, *, first: int = 0) -> npt.NDArray[np.float64]:
        """Predictions that are wrong on a share 1 - `share` of cases, from the case `first` on."""
        found = self.outcomes.astype(np.float64)
        wrong = (first + np.arange(round((1 - share) * found.size))) % found.size
        found[wrong] = 1.0 - found[wrong]
        return found

    def close(self) -> BoardResult:
        """Close the board."""
        closing = BoardClosing("B-2026-0001", OPENING_DIGEST, "nora.blanc@hub.example", OPENED_AT)
        return self.board.close(closing, digest=CLOSING_DIGEST)
