"""The agent and leaderboards: what it opens, judges and closes, and what it refuses."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from ecluse.domain.documents import (
    BoardResult,
    Refusal,
    Revocation,
    ScoreRelease,
)
from ecluse.domain.evaluations.secrecy import Purpose
from ecluse.trust.journal import files
from ecluse.trust.journal.entries import Entry
from tests.unit.data.agent.board_worlds import BOARD, BoardWorld
from tests.unit.data.evaluation.boarding import COMPANY, HOSPITAL
from tests.unit.data.studies import NOW, PERMIT


@pytest.fixture
def world(tmp_path: Path) -> BoardWorld:
    return BoardWorld(tmp_path)


@pytest.fixture
def board(world: BoardWorld) -> str:
    """The digest of a board that was opened."""
    digest = world.send(world.opening())
    world.step()
    return digest


def codes(world: BoardWorld) -> list[str]:
    """The codes of what was refused."""
    return [one.code for one in world.told(Refusal)]  # type: ignore[union-attr]


def told(world: BoardWorld) -> list[str]:
    """The actions of the journal."""
    lines = files.read(world.zone.journal / files.ENTRIES).lines
    return [Entry.parse(line).action for line in lines]


def test_a_submission_is_answered_by_a_signed_score(world: BoardWorld, board: str) -> None:
    sent = world.send(world.submission(board))
    world.step()

    (answer,) = world.told()
    assert isinstance(answer, ScoreRelease)
    assert (answer.submission_digest, answer.board_digest) == (sent, board)
    assert (answer.status, answer.left) == ("scored", 9)
    assert told(world).count("board.opened") == told(world).count("board.answered") == 1
    assert codes(world) == []


def test_the_end_is_told_and_journalled_once(world: BoardWorld, board: str) -> None:
    world.send(world.submission(board))
    world.send(world.submission(board, wrong=10, submission_number="S2", entity=COMPANY))
    world.send(world.closing(board))
    world.send(world.closing(board), id="00000000-0000-4000-8000-000000000001")
    world.step()

    (result,) = world.told(BoardResult)
    assert isinstance(result, BoardResult)
    assert [one.entity for one in result.standings] == [COMPANY, HOSPITAL]
    assert [one.band for one in result.standings] == [1, 2]
    assert told(world).count("board.final-slice-opened") == 1
    assert codes(world) == ["replayed"]


def test_the_same_document_twice_is_answered_once(world: BoardWorld, board: str) -> None:
    data = world.sign(world.submission(board))
    world.post(data, world.public)
    world.post(data, world.public)
    world.step()

    assert len(world.told()) == 1
    assert codes(world) == ["replayed"]


def test_two_accounts_of_an_entity_are_one_budget(world: BoardWorld, board: str) -> None:
    world.send(world.submission(board))
    other = world.submission(board, wrong=90, submission_number="S2", submitted_by="b@univ.example")
    world.send(other)
    world.step()

    assert [one.left for one in world.told()] == [9, 8]  # type: ignore[union-attr]


def test_a_submission_waits_for_its_file(world: BoardWorld, board: str) -> None:
    submission = world.submission(board)
    blob = world.public.path / "blobs" / submission.file.digest[7:]
    hidden = blob.rename(blob.with_name("hidden"))
    world.send(submission)
    world.step()
    before = world.told()

    hidden.rename(blob)
    world.step()

    assert (len(before), len(world.told())) == (0, 1)


def test_nothing_is_judged_under_a_permit_that_was_revoked(world: BoardWorld, board: str) -> None:
    world.send(world.submission(board))
    world.send(Revocation(PERMIT.permit_number, NOW - timedelta(hours=1), "Misuse."))
    world.step()

    assert codes(world) == ["revoked"]
    assert world.told() == []


def test_a_board_on_unknown_labels_is_refused(world: BoardWorld) -> None:
    world.send(world.opening(labels_digest="sha256:" + "0" * 64))
    world.step()

    assert codes(world) == ["not-found"]


def test_a_second_opening_of_a_number_is_refused(world: BoardWorld, board: str) -> None:
    world.send(world.opening(title="Another"))
    world.step()

    assert codes(world) == ["replayed"]


def test_a_submission_to_an_opening_never_received_is_refused(world: BoardWorld) -> None:
    world.send(world.submission("sha256:" + "0" * 64))
    world.step()

    assert codes(world) == ["out-of-scope"]


def test_a_submission_that_names_another_board_is_refused(world: BoardWorld, board: str) -> None:
    world.send(world.submission(board, board_number="B-2026-0002"))
    world.step()

    assert codes(world) == ["out-of-scope"]


def test_an_exploratory_question_is_answered_apart(world: BoardWorld, board: str) -> None:
    asked = {"purpose": Purpose.EXPLORE, "claimed_millionths": 800_000}
    world.send(world.submission(board, **asked))
    world.step()

    (answer,) = world.told()
    assert isinstance(answer, ScoreRelease)
    assert (answer.status, answer.has_moved, answer.standings) == ("scored", False, ())
    assert answer.shown_millionths is not None


def test_a_board_whose_memory_is_gone_starts_no_new_budget(world: BoardWorld, board: str) -> None:
    shutil.rmtree(world.zone.boards(PERMIT.permit_number) / "kept")
    world.send(world.submission(board))
    world.step()

    assert codes(world) == ["not-allowed"]


def test_labels_and_boards_are_among_what_the_end_of_a_permit_destroys(
    world: BoardWorld, board: str
) -> None:
    held = world.zone.holdings(PERMIT.permit_number)

    assert world.zone.boards(PERMIT.permit_number) in held
    assert BOARD in {path.name for path in world.zone.boards(PERMIT.permit_number).glob("kept/*")}
