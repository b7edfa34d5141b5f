"""A model brought to the data by an order: run without network, its words kept inside."""

from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ecluse.data.agent.jobs import TRIALS
from ecluse.data.evaluation.privacy import trials
from ecluse.data.evaluation.reporting import verifying
from ecluse.domain.disclosure import ModelKind
from ecluse.domain.disclosure.model_trials import ModelTrial, ModelVerdict, Tried
from ecluse.domain.evaluations.analysis import Attack
from ecluse.domain.evaluations.parts import ModelFormat
from ecluse.domain.evaluations.protocols import Protocol
from ecluse.trust import canonical
from tests.attacks.sandboxes import needs_bubblewrap
from tests.model_files import graph, node, sigmoid
from tests.unit.data.agent.evaluation_worlds import ORDER, Evaluations, files, plan
from tests.unit.data.evaluation.reporting import small
from tests.unit.data.studies import NOW, PERMIT


def world_of(folder: Path, model: bytes) -> Evaluations:
    """A world whose model is a graph of one feature, tried on damaged inputs too."""
    given = files(folder / "given")
    path = folder / "given" / "model.onnx"
    path.write_bytes(model)
    return Evaluations(folder, replace(given, model=path, perturbed={"missing": given.inputs}))


def onnx(model: str) -> Protocol:
    """The protocol of the small study, of a graph that reads `age`."""
    made = plan(model)
    return replace(
        made,
        index_test=replace(made.index_test, format=ModelFormat.ONNX),
        run=replace(made.run, features=("age",)),
        robustness=(small.missing(),),
    )


def ordered(world: Evaluations) -> None:
    world.send(world.order(world.lock(onnx(world.prepared.model))))
    world.step()


@needs_bubblewrap
def test_a_model_is_run_on_the_inputs_and_reported_with_what_attacks_told(tmp_path: Path) -> None:
    """The sigmoid keeps the order of the four scores: the area is .75; nothing is lost."""
    world = world_of(tmp_path, sigmoid())
    told = tuple(Tried(one, "0.1", "0", "0.2", ModelVerdict.PASS, one.value) for one in Attack)
    kind = ModelKind.LINEAR
    trials.keep(ModelTrial(world.prepared.model, kind, 500, 500, told), world.zone.path / TRIALS)

    ordered(world)

    assert world.refused() == []
    folder = world.zone.evaluation(PERMIT.permit_number, ORDER)
    predicted = pq.read_table(folder / "predictions.parquet")
    assert predicted["prediction"][0].as_py() == pytest.approx(0.525, abs=1e-4)
    held = {"predictions": canonical.digest_file(folder / "predictions.parquet")}
    found = verifying.verify((folder / "report.zip").read_bytes(), presented=held, now=NOW)
    assert found.passed
    assert found.report is not None
    assert float(found.report.figure("auroc").value) == pytest.approx(0.75)  # type: ignore[union-attr]
    assert [(one.perturbation, float(one.value)) for one in found.report.losses] == [
        ("missing", 0.0)
    ]
    assert len(found.report.privacy) == len(Attack)


def test_predictions_that_are_not_those_of_the_report_fail_its_verification(
    tmp_path: Path,
) -> None:
    world = Evaluations(tmp_path)
    world.send(world.order(world.lock()))
    world.step()
    (blob,) = world.zone.blobs.iterdir()
    held = {"predictions": "sha256:" + "0" * 64}

    found = verifying.verify(blob.read_bytes(), presented=held, now=NOW)

    assert not found.passed
    (digests,) = [one for one in found.checks if one.name == "digests"]
    assert digests.told == ("the predictions given is not the one that was evaluated",)


@pytest.mark.parametrize("model", [b"\x80\x04cposix\nsystem\n.", graph([node("Log", "y")])])
def test_what_a_refused_model_says_of_itself_stays_inside(tmp_path: Path, model: bytes) -> None:
    world = world_of(tmp_path, model)

    ordered(world)

    assert world.refused() == ["invalid-input"]
    assert world.reasons().startswith("The model or its inputs were refused")
    orders = world.zone.evaluations(PERMIT.permit_number) / "orders"
    assert list(orders.iterdir()) == []
