"""Duties towards leaderboards: open one, judge what is submitted, close it.

Each is done under a permit in force. The board's own memory makes an answer final before it is
signed, so that a killed agent counts a submission once and gives one answer to it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final, cast

import pyarrow.parquet as pq

from ecluse.data.agent.arrivals import watch
from ecluse.data.agent.board_models import ModelRunner
from ecluse.data.agent.rooms import Answer, Outcome, Room
from ecluse.data.agent.zones import Zone, checked_number
from ecluse.data.evaluation.boards import (
    Board,
    Labels,
    labels_file,
    prepare_labels,
    read_labels,
)
from ecluse.data.evaluation.boards.keeping import Asked
from ecluse.data.evaluation.boards.labels import CASE, OUTCOME
from ecluse.data.evaluation.running.tables import read_table
from ecluse.domain import permits
from ecluse.domain.documents import BoardClosing, BoardOpening, Submission
from ecluse.domain.errors import (
    InvalidInput,
    NotAllowed,
    NotFound,
    OutOfScope,
    Replayed,
    Unreachable,
)
from ecluse.trust import durable
from ecluse.trust.documents import Verified

LABELS: Final = "labels"
INCOMING: Final = "incoming"
INPUTS: Final = "inputs"
KEPT: Final = "kept"
MOST_BYTES: Final = 512 * 1024 * 1024
"""Of a submitted file; predictions are held to what their cases need."""


def open_board(room: Room, verified: Verified, *, now: datetime) -> Outcome:
    """Open a board on labels that were prepared here.

    Raises:
        Refused: the permit is not in force, or a board has this number.
        NotFound: no labels of this digest were prepared.
        InvalidInput: the rules cannot work on these labels.
    """
    opening = cast(BoardOpening, verified.document.body)
    if room.state.by_number("BoardOpening", opening.board_number):
        raise Replayed(f"Board {opening.board_number} was opened: give another its own number.")
    with _board(room, opening, verified.digest, now=now):
        return Outcome(action="board.opened")


def score(room: Room, verified: Verified, *, now: datetime) -> Outcome:
    """Judge a submission once, and tell its entity what the board tells.

    Raises:
        Refused: the permit is not in force, or the document names no opening received here.
        NotAllowed: the board is closed or a budget is spent.
        Unreachable: the file is not at the public site yet: the submission waits.
    """
    submission = cast(Submission, verified.document.body)
    opening, _ = room.find(BoardOpening, submission.board_digest)
    _check_same(opening, submission.board_number)
    with _board(room, opening, submission.board_digest, now=now) as board:
        file = _fetch(room, opening, submission)
        asked = Asked(submission, verified.digest, verified.document.issued_at, file)
        answer = board.submit(asked)
    file.unlink(missing_ok=True)
    return Outcome((Answer(answer, ("public",)),), action="board.answered")


def close_board(room: Room, verified: Verified, *, now: datetime) -> Outcome:
    """Open the final slice, once, and tell how the systems stand on it. Raises Refused."""
    closing = cast(BoardClosing, verified.document.body)
    opening, _ = room.find(BoardOpening, closing.board_digest)
    _check_same(opening, closing.board_number)
    with _board(room, opening, closing.board_digest, now=now) as board:
        result = board.close(closing, digest=verified.digest)
    return Outcome((Answer(result, ("public",)),), action="board.final-slice-opened")


def prepare(zone: Zone, permit_number: str, file: Path, *, inputs: Path | None) -> Labels:
    """Keep the labels of a board in the zone, and its inputs where these are secret too.

    `file` is Parquet with `case` and `outcome`; `inputs` is Parquet with `case` and features, one
    row for each case of the labels.

    Raises:
        InvalidInput: a column is missing, or the labels or inputs fit no board.
    """
    table = read_table(file)
    if not {CASE, OUTCOME} <= set(table.column_names):
        raise InvalidInput(f"{file.name} needs the columns {CASE} and {OUTCOME}.")
    folder = zone.boards(permit_number)
    cases = [str(case) for case in table[CASE].to_pylist()]
    labels = prepare_labels(cases, table[OUTCOME].to_pylist(), folder / LABELS)
    if inputs is not None:
        _keep_inputs(inputs, labels, folder / INPUTS)
    return labels


def _keep_inputs(inputs: Path, labels: Labels, folder: Path) -> None:
    table = read_table(inputs)
    named = table[CASE].to_pylist() if CASE in table.column_names else []
    if sorted(map(str, named)) != list(labels.cases):
        raise InvalidInput(f"{inputs.name} needs one row for each case of the labels.")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with durable.replacing(folder / labels_file(labels.digest)) as sink:
        pq.write_table(table, sink)


@contextmanager
def _board(room: Room, opening: BoardOpening, digest: str, *, now: datetime) -> Iterator[Board]:
    permit = room.permit(opening.permit_digest)
    if permit.permit_number != opening.permit_number:
        raise OutOfScope(f"The permit of board {opening.board_number} bears another number.")
    permits.check_in_force(permit, room.withdrawals(permit.permit_number), now=now)
    folder = room.zone.boards(opening.permit_number)
    labels = read_labels(folder / LABELS, opening.labels_digest)
    place = folder / KEPT / checked_number(opening.board_number)
    _check_not_put_back(room, opening, place)
    run_model = ModelRunner(
        inputs=folder / INPUTS / labels_file(opening.labels_digest),
        work=folder / "running" / checked_number(opening.board_number),
        in_gvisor=room.zone.settings.backend == "gvisor",
        on_tick=watch(room, permit),
    )
    with Board(
        place,
        opening,
        labels,
        opening_digest=digest,
        run_model=run_model,
        on_progress=room.on_progress,
    ) as board:
        yield board


def _check_same(opening: BoardOpening, board_number: str) -> None:
    if opening.board_number != board_number:
        raise OutOfScope(f"That opening is of board {opening.board_number}, not {board_number}.")


def _check_not_put_back(room: Room, opening: BoardOpening, place: Path) -> None:
    """Pass unless a board that was opened has lost its memory: its budgets would begin anew."""
    is_opened = bool(room.state.by_number("BoardOpening", opening.board_number))
    if is_opened and not place.exists():
        raise NotAllowed(
            f"The memory of board {opening.board_number} is gone: put it back from its copy."
        )


def _fetch(room: Room, opening: BoardOpening, submission: Submission) -> Path:
    if not 0 < submission.file.size <= MOST_BYTES:
        raise OutOfScope(f"A submission of {submission.file.size} bytes is not fetched.")
    folder = room.zone.boards(opening.permit_number) / INCOMING
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = folder / submission.file.digest.removeprefix("sha256:")
    room.on_progress("board: fetch")
    try:
        room.mailboxes["public"].fetch_blob(submission.file.digest, target)
    except NotFound:
        raise Unreachable(
            f"The file of submission {submission.submission_number} is not at the public site yet: "
            "it is asked for again."
        ) from None
    return target
