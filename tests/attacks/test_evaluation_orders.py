"""Orders to run an evaluation that a hostile portal or zone's hand would twist."""

from pathlib import Path

import pytest

from tests.unit.data.agent.evaluation_worlds import Evaluations
from tests.unit.data.studies import PERMIT

OTHER = "sha256:" + "0" * 64


@pytest.fixture
def world(tmp_path: Path) -> Evaluations:
    return Evaluations(tmp_path)


def test_the_same_signed_order_again_is_refused(world: Evaluations) -> None:
    data = world.sign(world.order(world.lock()))
    world.post(data, world.public)
    world.step()
    world.post(data, world.public)
    world.step()

    assert world.refused() == ["replayed"]
    assert len(world.receipts()) == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"model": OTHER}, "out-of-scope"),
        ({"dataset": OTHER}, "out-of-scope"),
        ({"evaluation_number": "EV-2026-00002"}, "out-of-scope"),
        ({"lock_digest": OTHER}, "out-of-scope"),
        ({"permit_digest": OTHER}, "out-of-scope"),
        ({"ordered_by": "somebody@else.example"}, "not-allowed"),
    ],
)
def test_an_order_on_other_bytes_or_of_a_stranger_is_refused(
    world: Evaluations, changes: dict[str, object], code: str
) -> None:
    world.send(world.order(world.lock(), **changes))
    world.step()

    assert world.refused() == [code]
    assert not (world.zone.evaluations(PERMIT.permit_number) / "orders").exists()


def test_a_model_that_changed_in_the_zone_is_not_run(world: Evaluations) -> None:
    (model,) = (world.zone.evaluations(PERMIT.permit_number) / "models").iterdir()
    model.write_bytes(model.read_bytes() + b" ")
    world.send(world.order(world.lock()))
    world.step()

    assert world.refused() == ["refused"]
    assert "not those of the lock any more" in world.reasons()
