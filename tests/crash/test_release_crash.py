"""The agent is cut at each of its points while a release is let out: once, and never lost.

Cut in its own process, by what no part of it catches: `test_agent_crash` kills the process itself.
"""

from contextlib import suppress
from pathlib import Path

from ecluse.domain.documents import CheckReport, OutputFile, Release, ReleaseReceipt
from ecluse.trust import canonical
from ecluse.trust.journal import files
from ecluse.trust.journal.entries import Entry
from tests.unit.data.agent.test_gate_two import BYTES, CODE, TWO_VOTES, ask, released
from tests.unit.data.agent.worlds import World
from tests.unit.data.studies import NOW
from tests.unit.domain import build


def approved(folder: Path) -> World:
    """A zone where a job was checked; its request and its release wait in the mailbox."""
    world = World(folder)
    order = world.grant()
    world.send(order)
    world.step()
    world.order_job(order, CODE)
    world.step()
    (report,) = world.bodies(world.checking, CheckReport)
    assert isinstance(report, CheckReport)
    request, digest = ask(world, report)
    world.send(
        Release(
            request.request_number,
            report.job_number,
            build.RELEASE.permit_number,
            build.RELEASE.requested_by,
            digest,
            canonical.digest(world.documents(world.checking, "CheckReport")[-1]),
            tuple(OutputFile(one.name, one.size, one.digest) for one in report.files),
            TWO_VOTES,
        )
    )
    return world


def check_left_once(world: World) -> bool:
    """One release and one receipt with one identifier each, one entry of journal, the bytes."""
    releases = [one for one in world.delivered(world.public) if one.kind == "Release"]
    receipts = [
        one for one in world.delivered(world.checking) if isinstance(one.body, ReleaseReceipt)
    ]
    lines = files.read(world.zone.journal / files.ENTRIES).lines
    told = [Entry.parse(line).action for line in lines]
    assert len({one.id for one in releases}) == len(releases) == 1
    assert len({one.id for one in receipts}) == len(receipts) == 1
    assert told.count("output.released") == 1
    assert released(world) == [BYTES]
    return True


class Cut(BaseException):
    """What no part of the agent catches."""


def step(world: World, deadly: int = 0) -> int:
    """Do one step, or as much of it as there is before the deadly point; return the points met."""
    count = 0

    def at_a_point(_name: str) -> None:
        nonlocal count
        count += 1
        if count == deadly:
            raise Cut

    with suppress(Cut), world.agent(on_progress=at_a_point) as agent:
        agent.step(NOW)
    return count


def test_a_release_cut_at_any_point_leaves_once(tmp_path: Path) -> None:
    first = approved(tmp_path / "first")
    points = range(1, step(first.copied(tmp_path / "whole")) + 1)
    worlds = [first.copied(tmp_path / str(point)) for point in points]

    cuts = [step(world, point) for world, point in zip(worlds, points, strict=True)]
    ends = [step(world) for world in worlds]

    assert cuts == list(points)
    assert len(ends) == len(points) > 8
    assert all(check_left_once(world) for world in worlds)
