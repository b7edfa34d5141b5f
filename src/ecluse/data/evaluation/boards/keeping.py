"""One board: it judges submissions on one slice, and opens the other once.

What leaves is a `ScoreRelease` or a `BoardResult`, never a label, a prediction or the score of a
submission that did not move the board.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final, Protocol, Self

from ecluse.data.evaluation.arrays import Bools, Floats
from ecluse.data.evaluation.boards import ladders, predictions, results
from ecluse.data.evaluation.boards.labels import Labels
from ecluse.data.evaluation.boards.memory import Judged, Kept, Memory
from ecluse.data.evaluation.boards.scoring import METHODS, Scoring
from ecluse.data.evaluation.boards.slices import final_slice
from ecluse.domain.clocks.calendars import legal_day
from ecluse.domain.documents import (
    BoardClosing,
    BoardOpening,
    BoardResult,
    ScoreRelease,
    Submission,
)
from ecluse.domain.errors import NotAllowed, OutOfScope, Replayed
from ecluse.domain.evaluations import secrecy
from ecluse.domain.evaluations.secrecy import (
    MILLION,
    Fault,
    FaultCode,
    Level,
    Purpose,
    SubmissionStatus,
)
from ecluse.trust import durable

MEMORY: Final = "board.db"
FILES: Final = "submissions"
SEED_BYTES: Final = 8


class Predictor(Protocol):
    """What runs a model on secret inputs, where the level of the board asks for models."""

    def __call__(self, model: Path, target: Path) -> tuple[Fault, ...]:
        """Write the predictions of a model at `target`; or return why there are none."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A submission as it came: the document, its digest, its first instant and its file."""

    submission: Submission
    digest: str
    issued_at: datetime
    file: Path


class Board:
    """A board in `folder`. Use as a context, or `close_memory` it.

    `run_model` is needed where all of the reference set is secret. `on_progress` is told each step.

    Raises:
        InvalidInput: the rules cannot work, or the labels are too few for two slices.
        Replayed: another opening made a board of this number.
    """

    def __init__(
        self,
        folder: Path,
        opening: BoardOpening,
        labels: Labels,
        *,
        opening_digest: str,
        run_model: Predictor | None = None,
        on_progress: Callable[[str], None] = lambda _step: None,
    ) -> None:
        secrecy.check_rules(opening.rules)
        self._folder, self._opening, self._rules = folder, opening, opening.rules
        self._digest, self._run, self._told = opening_digest, run_model, on_progress
        self._ranks, self._labels = labels.rank(), labels
        self._memory = Memory(folder / MEMORY, opening_digest=opening_digest)
        kept = self._memory.kept()
        if kept.opening_digest != opening_digest:
            raise Replayed(f"Board {opening.board_number} was opened by another document.")
        self._final = self._slice(kept)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close_memory()

    def close_memory(self) -> None:
        """Close the file of the board's memory."""
        self._memory.close()

    def submit(self, asked: Asked) -> ScoreRelease:
        """Return what a submission is told; the same document again is told the same.

        Raises:
            NotAllowed: the board is closed, not open yet, or a budget is spent.
            OutOfScope: the submission names another opening, or no claim to explore.
            Replayed: another document bore its number.
        """
        already = self._memory.answer(asked.digest)
        if already is not None:
            return already
        with self._memory.writing():
            judged = self._judge(asked)
            self._told("board: judged")
            self._memory.keep(judged, digest=asked.digest)
        self._told("board: recorded")
        return judged.answer

    def close(self, closing: BoardClosing, *, digest: str) -> BoardResult:
        """Open the final slice for the last submission of each entity, once.

        Raises:
            Replayed: another document closed this board.
            OutOfScope: the closing names another opening.
        """
        self._check_opening(closing.board_digest)
        self._memory.begin_closing(digest)
        kept = self._memory.kept()
        if kept.closing_digest != digest:
            raise Replayed(
                f"Board {closing.board_number} was closed by another document: its final slice is "
                "opened once."
            )
        self._told("board: closing")
        if kept.result is None:
            self._memory.keep_result(self._result(digest))
            self._told("board: result")
        result = self._memory.kept().result
        assert result is not None  # noqa: S101 - written just above
        return result

    def _judge(self, asked: Asked) -> Judged:
        one, kept = asked.submission, self._memory.kept()
        self._check(one, kept)
        at = secrecy.instant_of(asked.issued_at, latest=kept.latest_at)
        period = secrecy.period_of(self._rules, self._opening.opened_on, day=legal_day(at))
        usage = self._memory.usage(one.entity, period)
        empty = _empty(asked, period)
        earlier = self._memory.earlier(one)
        if earlier is not None:
            return Judged(one, self._repeat(empty, earlier, usage), at)
        secrecy.check_budget(self._rules, usage, purpose=one.purpose)
        found, faults = self._read(asked)
        if found is None:
            return Judged(one, self._fail(empty, faults, usage), at)
        usage = replace(usage, answered=usage.answered + 1, counted=usage.counted + 1)
        judge = self._compete if one.purpose is Purpose.COMPETE else self._explore
        scored = Judged(one, self._with_budget(empty, usage), at)
        return judge(scored, found[~self._final], kept, usage)

    def _repeat(
        self, empty: ScoreRelease, earlier: ScoreRelease, usage: secrecy.Usage
    ) -> ScoreRelease:
        told = self._with_budget(empty, usage)
        shown = earlier.shown_millionths
        return replace(told, status=SubmissionStatus.REPEATED, shown_millionths=shown)

    def _fail(
        self, empty: ScoreRelease, faults: tuple[Fault, ...], usage: secrecy.Usage
    ) -> ScoreRelease:
        told = self._with_budget(empty, replace(usage, failed=usage.failed + 1))
        return replace(told, status=SubmissionStatus.FAILED, faults=faults)

    def _compete(self, judged: Judged, found: Floats, kept: Kept, _usage: secrecy.Usage) -> Judged:
        best = None
        if kept.best is not None and kept.best_file is not None:
            read = partial(self._stored, kept.best_file, ~self._final)
            best = ladders.Best(kept.best, read)
        scoring = self._scoring(~self._final)
        told = ladders.climb(scoring, self._rules, found, best)
        shown = ladders.millionths(told.shown)
        answer = replace(judged.answer, shown_millionths=shown, has_moved=told.has_moved)
        records = self._memory.records()
        if told.has_moved:
            records.append((judged.submission.entity, answer))
        standings = ladders.live_standings(records, scoring, self._rules)
        answer = replace(answer, standings=standings)
        return replace(judged, answer=answer, best=told.shown if told.has_moved else None)

    def _explore(self, judged: Judged, found: Floats, kept: Kept, usage: secrecy.Usage) -> Judged:
        claimed = (judged.submission.claimed_millionths or 0) / MILLION
        shown, has_explored = ladders.explore(
            self._scoring(~self._final),
            self._rules,
            found,
            claimed=claimed,
            explored=usage.explored,
            secret=kept.secret,
        )
        answer = replace(judged.answer, shown_millionths=ladders.millionths(shown))
        return replace(judged, answer=answer, has_explored=has_explored)

    def _check(self, one: Submission, kept: Kept) -> None:
        self._check_opening(one.board_digest)
        if kept.closing_digest is not None:
            raise NotAllowed(f"Board {one.board_number} is closed: it takes no more submissions.")
        if self._memory.is_number_used(one.submission_number):
            raise Replayed(f"Submission {one.submission_number} was judged for another document.")
        secrecy.entity_number(one.entity)
        claim = one.claimed_millionths
        is_asked = one.purpose is Purpose.EXPLORE
        if is_asked != (claim is not None) or not 0 <= (claim or 0) <= MILLION:
            raise OutOfScope(
                "An exploratory question says the score that its author measured, from 0 to 1; a "
                "submission in competition says none."
            )

    def _check_opening(self, board_digest: str) -> None:
        if board_digest != self._digest:
            raise OutOfScope("This document names another opening of the board: ask again.")

    def _read(self, asked: Asked) -> tuple[Floats | None, tuple[Fault, ...]]:
        """Return the predictions of a submission, kept for later comparisons; or its faults."""
        target = self._place(asked.submission.file.digest)
        target.parent.mkdir(mode=0o700, exist_ok=True)
        is_secret = self._rules.level is Level.NOTHING_PUBLIC
        faults = self._predict(asked.file, target) if is_secret else self._copy(asked.file, target)
        found = None
        if not faults:
            found, faults = predictions.read_predictions(target, self._ranks)
        if found is None:
            target.unlink(missing_ok=True)
        return found, _uncounted(faults) if is_secret else faults

    def _copy(self, file: Path, target: Path) -> tuple[Fault, ...]:
        if file.stat().st_size > predictions.most_bytes(self._ranks):
            return (Fault(FaultCode.TOO_LARGE, 0),)
        durable.write(target, file.read_bytes())
        return ()

    def _predict(self, model: Path, target: Path) -> tuple[Fault, ...]:
        if self._run is None:
            raise OutOfScope("This zone runs no model for boards: ask its operator.")
        return self._run(model, target)

    def _stored(self, digest: str, cases: Bools) -> Floats:
        found, faults = predictions.read_predictions(self._place(digest), self._ranks)
        if found is None:
            raise OutOfScope(f"A kept submission was altered ({faults[0].code}): restore the zone.")
        return found[cases]

    def _place(self, digest: str) -> Path:
        return self._folder / FILES / f"{digest.removeprefix('sha256:')}.csv"

    def _scoring(self, cases: Bools) -> Scoring:
        threshold = self._rules.threshold_millionths / MILLION
        return Scoring(self._rules.measure, self._labels.outcomes[cases], threshold)

    def _slice(self, kept: Kept) -> Bools:
        seed = int.from_bytes(kept.secret[:SEED_BYTES])
        return final_slice(self._labels.outcomes, percent=self._rules.final_percent, seed=seed)

    def _with_budget(self, answer: ScoreRelease, usage: secrecy.Usage) -> ScoreRelease:
        left = secrecy.left(self._rules, usage)
        return replace(answer, left=left, failures_left=secrecy.failures_left(self._rules, usage))

    def _result(self, closing_digest: str) -> BoardResult:
        scoring = self._scoring(self._final)
        entrants = [
            results.Entrant(entity, number, self._stored(file, self._final))
            for entity, number, file in self._memory.last_files()
        ]
        return BoardResult(
            board_number=self._opening.board_number,
            board_digest=self._digest,
            closing_digest=closing_digest,
            case_count=scoring.outcomes.size,
            event_count=int(scoring.outcomes.sum()),
            submission_count=len(entrants),
            method=METHODS[scoring.measure],
            alpha_millionths=ladders.millionths(results.ALPHA),
            standings=results.final_standings(entrants, scoring),
        )


def _empty(asked: Asked, period: int) -> ScoreRelease:
    """Return an answer that tells nothing yet."""
    one = asked.submission
    return ScoreRelease(
        submission_number=one.submission_number,
        submission_digest=asked.digest,
        board_number=one.board_number,
        board_digest=one.board_digest,
        status=SubmissionStatus.SCORED,
        faults=(),
        shown_millionths=None,
        has_moved=False,
        period=period,
        left=0,
        failures_left=0,
        standings=(),
    )


def _uncounted(faults: tuple[Fault, ...]) -> tuple[Fault, ...]:
    """Return faults without counts, which would tell of secret inputs."""
    return tuple(Fault(fault.code, 0) for fault in faults)
