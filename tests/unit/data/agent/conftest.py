"""A zone with its two mailboxes, and an order that it obeyed."""

from pathlib import Path

import pytest

from ecluse.domain.documents import ExtractionOrder
from tests.unit.data.agent.worlds import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A zone and its two mailboxes, in a folder of their own."""
    return World(tmp_path)


@pytest.fixture
def order(world: World) -> ExtractionOrder:
    """An order that was obeyed: the extract is there, sealed."""
    order = world.grant()
    world.send(order)
    world.step()
    return order
