"""Boards whose inputs are secret: the model comes, runs without network, and tells nothing more."""

from dataclasses import replace
from pathlib import Path

import pytest

from ecluse.data.agent import boards
from ecluse.domain.documents import OutputFile, Refusal, ScoreRelease
from ecluse.domain.errors import InvalidInput
from ecluse.domain.evaluations.secrecy import Fault, FaultCode, Level
from tests.attacks.sandboxes import needs_bubblewrap
from tests.model_files import graph, node, sigmoid, table
from tests.unit.data.agent.board_worlds import OUTCOMES, BoardWorld
from tests.unit.data.evaluation.boarding import RULES, case_names
from tests.unit.data.studies import PERMIT

SECRET = replace(RULES, level=Level.NOTHING_PUBLIC, explorations=0)


def given(folder: Path) -> tuple[Path, Path]:
    """Labels, and inputs of one feature that tells the outcome: 2 with it, -2 without."""
    names = case_names(len(OUTCOMES))
    labels = table(folder / "labels.parquet", {"case": names, "outcome": OUTCOMES})
    ages = [4.0 * outcome - 2.0 for outcome in OUTCOMES]
    return labels, table(folder / "inputs.parquet", {"case": names, "age": ages})


@pytest.fixture
def world(tmp_path: Path) -> BoardWorld:
    return BoardWorld(tmp_path)


@pytest.fixture
def board(world: BoardWorld, tmp_path: Path) -> str:
    """The digest of a board on secret inputs."""
    labels, inputs = given(tmp_path)
    made = boards.prepare(world.zone, PERMIT.permit_number, labels, inputs=inputs)
    digest = world.send(world.opening(labels_digest=made.digest, rules=SECRET))
    world.step()
    return digest


def submit(world: BoardWorld, board: str, model: bytes) -> None:
    """Send a model."""
    path = world.public.path / "model.onnx"
    path.write_bytes(model)
    file = OutputFile(path.name, len(model), world.public.store_blob(path))
    world.send(world.submission(board, file=file))
    world.step()


@needs_bubblewrap
def test_a_model_is_run_on_the_inputs_and_scored(world: BoardWorld, board: str) -> None:
    """1 / (1 + exp(-2)) is over .5 and 1 / (1 + exp(2)) under it: all 400 are right."""
    submit(world, board, sigmoid())

    (answer,) = world.told(ScoreRelease)
    assert isinstance(answer, ScoreRelease)
    assert (answer.status, answer.shown_millionths, answer.left) == ("scored", 1_000_000, 9)


@needs_bubblewrap
def test_a_model_that_fails_is_told_that_and_no_more(world: BoardWorld, board: str) -> None:
    """The logarithm of -2 is no number: which cases failed, and how many, stays unsaid."""
    submit(world, board, graph([node("Log", "x")]))

    (answer,) = world.told(ScoreRelease)
    assert isinstance(answer, ScoreRelease)
    assert (answer.status, answer.faults) == ("failed", (Fault(FaultCode.MODEL_FAILED, 0),))
    assert (answer.left, answer.failures_left) == (10, 2)


def test_a_pickle_in_disguise_is_not_run(world: BoardWorld, board: str) -> None:
    submit(world, board, b"\x80\x04cposix\nsystem\n.")

    (answer,) = world.told(ScoreRelease)
    assert isinstance(answer, ScoreRelease)
    assert answer.faults == (Fault(FaultCode.MODEL_FAILED, 0),)
    assert world.told(Refusal) == []


def test_inputs_of_other_cases_are_refused(world: BoardWorld, tmp_path: Path) -> None:
    labels, _ = given(tmp_path)
    short = table(tmp_path / "short.parquet", {"case": ["c000000"], "age": [1.0]})

    with pytest.raises(InvalidInput, match="one row for each case"):
        boards.prepare(world.zone, PERMIT.permit_number, labels, inputs=short)


def test_labels_without_their_columns_are_refused(world: BoardWorld, tmp_path: Path) -> None:
    wrong = table(tmp_path / "wrong.parquet", {"case": ["a"], "label": [1]})

    with pytest.raises(InvalidInput, match="needs the columns"):
        boards.prepare(world.zone, PERMIT.permit_number, wrong, inputs=None)
