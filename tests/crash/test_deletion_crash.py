"""The agent is killed while it obeys a suspension or destroys data: nothing is half done."""

import signal
from pathlib import Path

from ecluse.domain.documents import (
    DeletionCertificate,
    DeletionOrder,
    Refusal,
    Revocation,
    Suspension,
)
from ecluse.trust.journal import files
from ecluse.trust.journal.entries import Entry
from tests.crash.steps import finish, sampled
from tests.unit.data.agent.worlds import SENT_AT, World
from tests.unit.data.studies import PERMIT

NUMBER = PERMIT.permit_number


def closed(folder: Path) -> World:
    """A world with one extract, whose permit was revoked and whose data are to be destroyed."""
    world = World(folder)
    order = world.grant()
    world.send(order)
    world.step()
    world.send(Revocation(NUMBER, SENT_AT, "Misuse."))
    world.send(DeletionOrder(NUMBER, order.permit_digest, SENT_AT, "nora.blanc@hub.example"))
    return world


def check_certified_once(world: World) -> bool:
    """One certificate that names the one key and the one extract; nothing of them is left."""
    found = world.bodies(world.public, DeletionCertificate)
    (certificate,) = found
    assert isinstance(certificate, DeletionCertificate)
    assert (len(certificate.extracts), len(certificate.key_ids)) == (1, 1)
    assert len(certificate.extracts[0].files) > 1
    assert (world.extracts(), world.zone.extract_keys().ids(NUMBER)) == ([], ())
    lines = files.read(world.zone.journal / files.ENTRIES).lines
    told = [Entry.parse(line).action for line in lines]
    return told.count("permit.data-destroyed") == 1


def test_an_agent_killed_while_it_obeys_a_suspension_extracts_nothing(tmp_path: Path) -> None:
    first = World(tmp_path / "first")
    first.send(first.grant())
    first.send(Suspension(NUMBER, SENT_AT, "A doubt."))
    points = sampled(12)
    worlds = [first.copied(tmp_path / str(point)) for point in points]

    deaths = [finish(tmp_path / str(point), point)[0] for point in points]
    ends = [finish(tmp_path / str(point))[0] for point in points]

    codes = [[one.code for one in world.bodies(world.public, Refusal)] for world in worlds]  # type: ignore[union-attr]
    assert set(deaths) == {-signal.SIGKILL}
    assert set(ends) == {0}
    assert codes == [["suspended"]] * len(worlds)
    assert not any(world.zone.projects.exists() for world in worlds)


def test_an_agent_killed_at_any_point_of_a_destruction_certifies_all_of_it(tmp_path: Path) -> None:
    first = closed(tmp_path / "first")
    first.copied(tmp_path / "whole")
    _, count = finish(tmp_path / "whole")
    points = sampled(count)
    worlds = [first.copied(tmp_path / str(point)) for point in points]

    deaths = [finish(tmp_path / str(point), point)[0] for point in points]
    ends = [finish(tmp_path / str(point))[0] for point in points]

    assert count > 12
    assert set(deaths) == {-signal.SIGKILL}
    assert set(ends) == {0}
    assert all(check_certified_once(world) for world in worlds)
