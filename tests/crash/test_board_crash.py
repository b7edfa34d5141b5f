"""The agent is killed while it judges: a submission is counted once, and answered once."""

import signal
import sqlite3
from pathlib import Path

import pytest

from ecluse.domain.documents import BoardResult, Refusal, ScoreRelease
from tests.crash.steps import finish
from tests.unit.data.agent.board_worlds import BOARD, BoardWorld
from tests.unit.data.studies import PERMIT

POINTS = [
    "obeying",
    "board: fetch",
    "board: judged",
    "board: recorded",
    "obeyed",
    "journalled",
    "done",
    "handed over",
]


def run(folder: Path, deadly: str = "") -> int:
    """Run one step, to its end or its death; return the exit code."""
    return finish(folder, deadly)[0]


@pytest.fixture
def world(tmp_path: Path) -> BoardWorld:
    return BoardWorld(tmp_path)


@pytest.fixture
def board(world: BoardWorld) -> str:
    """The digest of a board that was opened."""
    digest = world.send(world.opening())
    world.step()
    return digest


def entries(world: BoardWorld) -> int:
    """How many submissions the board counted."""
    path = world.zone.boards(PERMIT.permit_number) / "kept" / BOARD / "board.db"
    with sqlite3.connect(path) as connection:
        return int(connection.execute("SELECT count(*) FROM entries").fetchone()[0])


@pytest.mark.parametrize("point", POINTS)
def test_an_agent_killed_there_counts_once_and_answers_once(
    tmp_path: Path, world: BoardWorld, board: str, point: str
) -> None:
    world.send(world.submission(board))

    death, end = run(tmp_path, point), run(tmp_path)

    (answer,) = world.told(ScoreRelease)
    assert (death, end) == (-signal.SIGKILL, 0)
    assert answer.left == 9  # type: ignore[union-attr]
    assert entries(world) == 1
    assert world.told(Refusal) == []


def test_what_was_recorded_before_the_death_is_what_is_told_after_it(
    tmp_path: Path, world: BoardWorld, board: str
) -> None:
    """The noise of an exploratory answer is not drawn again."""
    asked = {"purpose": "explore", "claimed_millionths": 990_000}
    world.send(world.submission(board, wrong=380, **asked))
    run(tmp_path, "board: judged")
    run(tmp_path, "board: recorded")
    path = world.zone.boards(PERMIT.permit_number) / "kept" / BOARD / "board.db"
    with sqlite3.connect(path) as connection:
        query = "SELECT json_extract(answer, '$.shown_millionths') FROM entries"
        recorded = connection.execute(query).fetchone()[0]

    run(tmp_path)

    (answer,) = world.told(ScoreRelease)
    assert answer.shown_millionths == recorded  # type: ignore[union-attr]


@pytest.mark.parametrize("point", ["board: closing", "board: result", "journalled"])
def test_an_agent_killed_at_the_end_opens_the_final_slice_once(
    tmp_path: Path, world: BoardWorld, board: str, point: str
) -> None:
    world.send(world.submission(board))
    world.step()
    world.send(world.closing(board))

    death, end = run(tmp_path, point), run(tmp_path)

    assert (death, end) == (-signal.SIGKILL, 0)
    assert len(world.told(BoardResult)) == 1
    assert world.told(Refusal) == []
