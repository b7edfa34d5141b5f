"""A trained model on its way out: blocked until it was attacked, then two checkers, never fewer."""

import hashlib

import pytest

from ecluse.data.agent.jobs import TRIALS
from ecluse.data.evaluation.privacy import trials
from ecluse.domain.disclosure import ModelKind
from ecluse.domain.disclosure.model_trials import ModelTrial, ModelVerdict, Tried
from ecluse.domain.documents import CheckReport, ExtractionOrder, Verdict
from ecluse.domain.evaluations.analysis import Attack
from tests.unit.data.agent.test_gate_two import TWO_VOTES, approve, refused, released
from tests.unit.data.agent.worlds import World

MODEL = b"the bytes of a graph"
CODE = {"analysis.py": f'open("/outputs/model.onnx", "wb").write({MODEL!r})\n'}


def attacked(world: World, verdict: ModelVerdict) -> None:
    """Keep in the zone what attacks on the model told."""
    digest = f"sha256:{hashlib.sha256(MODEL).hexdigest()}"
    told = tuple(Tried(attack, "0.1", "0", "0.2", verdict, f"{attack}") for attack in Attack)
    trials.keep(ModelTrial(digest, ModelKind.LINEAR, 500, 500, told), world.zone.path / TRIALS)


def checked(world: World, order: ExtractionOrder) -> CheckReport:
    world.order_job(order, CODE)
    world.step()
    (report,) = world.bodies(world.checking, CheckReport)
    assert isinstance(report, CheckReport)
    return report


def test_a_model_that_nobody_attacked_is_blocked(world: World, order: ExtractionOrder) -> None:
    (file,) = checked(world, order).files

    assert file.verdict is Verdict.BLOCKED
    assert "R18" in {one.rule for one in file.findings}


@pytest.mark.parametrize("verdict", [ModelVerdict.REFUSE, ModelVerdict.NEEDS_PROTECTION])
def test_a_model_that_an_attack_tells_of_is_blocked_with_the_reason(
    world: World, order: ExtractionOrder, verdict: ModelVerdict
) -> None:
    attacked(world, verdict)

    (file,) = checked(world, order).files

    assert file.verdict is Verdict.BLOCKED
    assert f"{verdict}: membership" in file.findings[0].explanation


def test_an_attacked_model_leaves_by_two_votes_and_not_by_one_nor_by_the_machine(
    world: World, order: ExtractionOrder
) -> None:
    attacked(world, ModelVerdict.PASS)
    report = checked(world, order)
    assert [file.verdict for file in report.files] == [Verdict.REVIEW]
    approve(world, report, TWO_VOTES[:1])
    approve(world, report, (), is_machine_decided=True)
    assert (len(refused(world)), released(world)) == (2, [])

    approve(world, report, TWO_VOTES)

    assert released(world) == [MODEL]
