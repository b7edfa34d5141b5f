"""A model brought to the data by an order: run without network, its words kept inside."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from ecluse.data.agent.jobs import TRIALS
from ecluse.data.evaluation.privacy import trials
from ecluse.data.evaluation.privacy.trials import Persons
from ecluse.data.evaluation.reporting import verifying
from ecluse.domain.disclosure import ModelKind
from ecluse.domain.disclosure.model_trials import ModelTrial, ModelVerdict, Tried
from ecluse.domain.evaluations.analysis import Attack
from ecluse.domain.evaluations.parts import ModelFormat
from ecluse.domain.evaluations.protocols import Protocol
from ecluse.trust import canonical
from tests.attacks.sandboxes import needs_bubblewrap
from tests.model_files import graph, node, sigmoid, table
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


def attackable(folder: Path) -> Evaluations:
    """A world whose model is a sigmoid, prepared with who trained it and others."""
    given = files(folder / "given")
    draw = np.random.default_rng(4)
    paths = [folder / "given" / f"{name}.parquet" for name in ("members", "others")]
    for path in paths:
        ages = draw.normal(0.0, 1.0, 200)
        ill = (draw.random(200) < 1 / (1 + np.exp(-ages))).astype(np.int8)
        cases = [f"T{rank:04}" for rank in range(200)]
        table(path, {"case": cases, "age": ages.astype(np.float32), "ill": ill})
    model = folder / "given" / "model.onnx"
    model.write_bytes(sigmoid())
    persons = Persons(*paths, "ill")
    return Evaluations(folder, replace(given, model=model, persons=persons))


def planned(world: Evaluations, *attacks: Attack) -> Protocol:
    """The protocol of that model, which plans these attacks."""
    made = replace(onnx(world.prepared.model), robustness=())
    return replace(made, privacy=replace(made.privacy, attacks=attacks))


@needs_bubblewrap
def test_the_agent_makes_the_attacks_that_a_protocol_plans_and_keeps_what_they_told(
    tmp_path: Path,
) -> None:
    """Without its recipe, a graph cannot be trained again: the report says what was not tried."""
    world = attackable(tmp_path)
    world.send(world.order(world.lock(planned(world, Attack.MEMBERSHIP))))

    world.step()

    assert world.refused() == []
    (trial,) = trials.kept(world.zone.path / TRIALS).values()
    assert (trial.members, trial.others) == (200, 200)
    folder = world.zone.evaluation(PERMIT.permit_number, ORDER)
    report = verifying.verify((folder / "report.zip").read_bytes(), now=NOW).report
    assert report is not None
    told = {one.attack: one for one in report.privacy}
    assert told["membership"].verdict == "pass"
    assert float(told["membership"].value) == pytest.approx(0.5, abs=0.1)
    assert told["lira"].verdict == "refuse"
    assert not list(folder.glob("work*"))


@needs_bubblewrap
def test_no_attack_is_made_that_the_protocol_does_not_plan(tmp_path: Path) -> None:
    world = attackable(tmp_path)
    world.send(world.order(world.lock(planned(world))))

    world.step()

    assert world.refused() == []
    assert trials.kept(world.zone.path / TRIALS) == {}


@needs_bubblewrap
def test_persons_that_cannot_be_attacked_on_refuse_the_order_in_one_sentence(
    tmp_path: Path,
) -> None:
    """Who trained the model without an outcome: what is wrong with the file stays inside."""
    world = attackable(tmp_path)
    (kept,) = world.zone.evaluations(PERMIT.permit_number).glob("models/*-persons")
    told = json.loads((kept / "persons.json").read_bytes())
    (kept / "persons.json").write_text(json.dumps({**told, "outcome": "dead"}))
    world.send(world.order(world.lock(planned(world, Attack.MEMBERSHIP))))

    world.step()

    assert world.refused() == ["invalid-input"]
    assert "dead" not in world.reasons()
    assert "`ecluse evaluate attack`" in world.reasons()
