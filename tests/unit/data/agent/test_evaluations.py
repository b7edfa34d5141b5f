"""The zone opens nothing of a permit whose protocol is registered and not locked."""

from dataclasses import replace
from pathlib import Path

import pytest

from ecluse.domain.documents import (
    EvaluationLock,
    EvaluationProtocol,
    EvaluationWithdrawal,
    Refusal,
)
from ecluse.domain.evaluations import locks
from ecluse.domain.evaluations.protocols import Protocol
from ecluse.trust import protocols
from tests.unit.data.agent.worlds import World
from tests.unit.data.studies import NOW, PERMIT
from tests.unit.domain.evaluations.protocolling import PROTOCOL

DATA = "sha256:" + "d" * 64
OURS = replace(
    PROTOCOL, population=replace(PROTOCOL.population, permit_number=PERMIT.permit_number)
)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def registered(protocol: Protocol = OURS) -> EvaluationProtocol:
    """The protocol as the hub signs it."""
    digest = protocols.digest(protocol)
    number, permit = protocol.identity.number, protocol.population.permit_number
    return EvaluationProtocol(number, permit, digest, protocol)


def locked(protocol: Protocol = OURS) -> EvaluationLock:
    """The lock of the protocol."""
    digest = protocols.digest(protocol)
    return locks.lock_of(protocol, digest=digest, dataset=DATA, by="hub@example", now=NOW)


def refusals(world: World) -> list[str]:
    """The codes of what the zone refused, in order."""
    return [body.code for body in world.bodies(world.public, Refusal) if isinstance(body, Refusal)]


def test_an_extraction_is_refused_before_the_lock(world: World) -> None:
    order = world.grant()
    world.send(registered())
    world.send(order)

    world.step()

    assert refusals(world) == ["out-of-scope"]
    assert world.extracts() == []


def test_an_extraction_is_made_after_the_lock(world: World) -> None:
    order = world.grant()
    world.send(registered())
    world.send(locked())
    world.send(order)

    world.step()

    assert refusals(world) == []
    assert len(world.extracts()) == 1


def test_a_withdrawn_evaluation_holds_nothing_back(world: World) -> None:
    order = world.grant()
    world.send(registered())
    body = registered()
    world.send(
        EvaluationWithdrawal(body.evaluation_number, body.permit_number, body.digest, "a@b.example")
    )
    world.send(order)

    world.step()

    assert len(world.extracts()) == 1


def test_the_protocol_of_another_permit_holds_nothing_back(world: World) -> None:
    order = world.grant()
    world.send(registered(PROTOCOL))
    world.send(order)

    world.step()

    assert len(world.extracts()) == 1


def test_a_protocol_under_another_digest_is_refused(world: World) -> None:
    world.send(replace(registered(), digest=DATA))

    world.step()

    assert refusals(world) == ["invalid-input"]


def test_a_lock_of_a_protocol_never_received_is_refused(world: World) -> None:
    world.send(locked())

    world.step()

    assert refusals(world) == ["out-of-scope"]


def test_a_lock_that_says_something_else_than_its_protocol_is_refused(world: World) -> None:
    world.send(registered())
    world.send(replace(locked(), model=DATA))

    world.step()

    assert refusals(world) == ["invalid-input"]


def test_a_second_lock_is_refused(world: World) -> None:
    world.send(registered())
    world.send(locked())
    world.send(replace(locked(), locked_by="other@example"))

    world.step()

    assert refusals(world) == ["replayed"]


def test_a_protocol_is_not_registered_again_once_locked(world: World) -> None:
    world.send(registered())
    world.send(locked())
    later = replace(OURS, identity=replace(OURS.identity, version="1.1.0"))
    world.send(registered(later))

    world.step()

    assert refusals(world) == ["replayed"]


def test_the_lock_of_a_former_version_is_of_that_version(world: World) -> None:
    later = replace(OURS, identity=replace(OURS.identity, version="1.1.0"))
    world.send(registered())
    world.send(registered(later))
    world.send(locked(later))

    world.step()

    assert refusals(world) == []
