"""Suspensions that are forged, replayed, late, or out of order: what binds is what was signed."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ecluse.domain.documents import Refusal, Revocation, Signer, Suspension
from ecluse.trust import keys
from tests.unit.data.agent.worlds import MADE_AT, SENT_AT, World
from tests.unit.data.studies import PERMIT

BEGAN = SENT_AT - timedelta(days=2)
SUSPENSION = Suspension(PERMIT.permit_number, BEGAN, "Access from an unknown place.")
LIFTED = replace(SUSPENSION, lifted_at=SENT_AT - timedelta(days=1))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def refused(world: World) -> list[str]:
    """The codes of the refusals that the public site was sent."""
    bodies = world.bodies(world.public, Refusal)
    return [body.code for body in bodies if isinstance(body, Refusal)]


def test_a_suspended_permit_extracts_nothing(world: World) -> None:
    world.send(world.grant())
    world.send(SUSPENSION)

    world.step()

    assert (refused(world), world.zone.projects.exists()) == (["suspended"], False)


def test_lifting_opens_again_for_a_new_order(world: World) -> None:
    world.send(SUSPENSION)
    order = world.grant()
    world.step()
    world.send(LIFTED)
    world.send(order)

    world.step()

    assert (refused(world), len(world.extracts())) == ([], 1)


def test_a_forged_lifting_opens_nothing(world: World) -> None:
    stranger = keys.create_key(world.zone.path.parent / "stranger", Signer.PORTAL, now=MADE_AT)
    world.send(SUSPENSION)
    world.post(world.sign(LIFTED, key=stranger), world.public)
    world.send(world.grant())

    world.step()

    assert sorted(refused(world)) == ["suspended", "unknown-key"]


@pytest.mark.parametrize("signer", [Signer.CHECKING_ROOM, Signer.REGISTER, Signer.AGENT])
def test_no_other_signer_lifts_a_suspension(world: World, signer: Signer) -> None:
    world.send(SUSPENSION)
    world.post(world.sign(LIFTED, key=world.keys[signer], issuer=signer), world.public)
    world.send(world.grant())

    world.step()

    assert sorted(refused(world)) == ["suspended", "wrong-signer"]


def test_the_suspension_played_again_after_its_lifting_suspends_nothing(world: World) -> None:
    first = world.sign(SUSPENSION)
    world.post(first, world.public)
    world.send(LIFTED)
    world.post(first, world.public)
    world.send(world.grant())

    world.step()

    assert (refused(world), len(world.extracts())) == (["replayed"], 1)


def test_a_lifting_that_arrives_before_its_suspension_still_ends_it(world: World) -> None:
    world.send(LIFTED)
    world.send(SUSPENSION)
    world.send(world.grant())

    world.step()

    assert (refused(world), len(world.extracts())) == ([], 1)


def test_a_lifting_played_again_does_not_lift_the_next_suspension(world: World) -> None:
    lifting = world.sign(LIFTED)
    world.send(SUSPENSION)
    world.post(lifting, world.public)
    world.send(replace(SUSPENSION, suspended_at=SENT_AT))
    world.post(lifting, world.public)
    world.send(world.grant())

    world.step()

    assert sorted(refused(world)) == ["replayed", "suspended"]


def test_a_suspension_after_a_revocation_leaves_it_revoked_even_lifted(world: World) -> None:
    world.send(Revocation(PERMIT.permit_number, BEGAN, "Misuse."))
    world.send(SUSPENSION)
    world.send(LIFTED)
    world.send(world.grant())

    world.step()

    assert refused(world) == ["revoked"]


def test_a_suspension_of_another_permit_stops_nothing(world: World) -> None:
    world.send(replace(SUSPENSION, permit_number="FR-2026-0002"))
    world.send(world.grant())

    world.step()

    assert len(world.extracts()) == 1


def test_a_suspension_lifted_before_it_began_is_refused(world: World) -> None:
    data = world.sign(LIFTED)
    early = data.replace(b'"lifted_at":"2026-01-31', b'"lifted_at":"2026-01-01')
    world.post(early, world.public)

    world.step()

    assert early != data
    assert refused(world) == ["malformed"]


def test_a_suspension_reaches_the_checking_room_after_its_permit(world: World) -> None:
    world.send(world.grant())
    world.send(SUSPENSION)
    world.send(LIFTED)

    world.step()

    kinds = [one.kind for one in world.delivered(world.checking)]
    assert kinds[:3] == ["Permit", "Suspension", "Suspension"]
