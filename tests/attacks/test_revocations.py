"""Revocations, permits and opt-out lists that arrive late, twice, or after the clock went back."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ecluse.domain.documents import OptOutList, Permit, Refusal, Revocation
from ecluse.trust.documents import MAX_BYTES
from tests.unit.data.agent.worlds import SENT_AT, World
from tests.unit.data.studies import NOW, OPT_OUTS, PERMIT

REVOCATION = Revocation(PERMIT.permit_number, SENT_AT, "Misuse.")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def refused(world: World) -> list[str]:
    """The codes of the refusals that the public site was sent."""
    bodies = world.bodies(world.public, Refusal)
    return [body.code for body in bodies if isinstance(body, Refusal)]


def test_a_revocation_already_in_the_mailbox_stops_the_order_before_it(world: World) -> None:
    world.send(world.grant())
    world.send(REVOCATION)

    world.step()

    assert (refused(world), world.zone.projects.exists()) == (["revoked"], False)


def test_a_revocation_far_behind_the_order_stops_it_too(world: World) -> None:
    world.send(world.grant())
    for _ in range(120):  # more than a site gives at once
        world.post(b"not a document", world.public)
    world.send(REVOCATION)

    world.step()

    assert "revoked" in refused(world)
    assert not world.zone.projects.exists()


def test_a_revocation_reaches_the_checking_room_after_its_permit(world: World) -> None:
    world.send(world.grant())
    world.send(REVOCATION)

    world.step()

    kinds = [one.kind for one in world.delivered(world.checking)]
    assert kinds == ["Permit", "Revocation"]


def test_a_revocation_binds_when_the_clock_goes_back(world: World) -> None:
    order = world.grant()
    world.send(REVOCATION)
    world.step()
    world.send(order, issued_at=SENT_AT - timedelta(days=2))

    with world.agent() as agent:
        report = agent.step(SENT_AT - timedelta(days=1))

    assert not world.zone.projects.exists()
    assert report.unreachable is not None
    assert list(report.unreachable) == ["clock"]


def test_an_agent_works_again_once_its_clock_is_right(world: World) -> None:
    world.grant()
    world.step()
    with world.agent() as agent:
        agent.step(SENT_AT - timedelta(days=1))

        report = agent.step(NOW)

    assert report.unreachable == {}


@pytest.mark.parametrize(
    "changes",
    [{"minimum_count": 1}, {"valid_until": PERMIT.valid_until + timedelta(days=1)}],
    ids=["lower threshold", "longer"],
)
def test_a_second_permit_under_the_same_number_is_refused(
    world: World, changes: dict[str, object]
) -> None:
    world.send(PERMIT)
    world.send(replace(PERMIT, **changes))  # type: ignore[arg-type]

    world.step()

    permits = list(world.bodies(world.checking, Permit))
    assert (refused(world), permits) == (["replayed"], [PERMIT])


def test_a_second_opt_out_list_for_the_same_permit_is_refused(world: World) -> None:
    order = world.grant()
    shorter = OptOutList(OPT_OUTS.permit_number, OPT_OUTS.as_of, ())
    world.send(replace(order, opt_out_list_digest=world.send(shorter)))

    world.step()

    assert sorted(refused(world)) == ["replayed", "stale-opt-outs"]
    assert not world.zone.projects.exists()


def test_a_document_with_an_endless_identifier_does_not_stop_the_agent(world: World) -> None:
    short = replace(REVOCATION, reason="?")
    room = MAX_BYTES - len(world.sign(short, id="", audience=("",)))
    data = world.sign(short, id="x" * room, audience=("",))  # no refusal could quote it and fit
    world.post(data, world.public)

    world.step()

    assert refused(world) == ["malformed"]


def test_an_identifier_that_is_not_a_uuid_is_refused(world: World) -> None:
    world.post(world.sign(PERMIT, id="../../permit"), world.public)

    world.step()

    assert refused(world) == ["malformed"]
