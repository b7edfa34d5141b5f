"""A request is released once, its recall is passed on, and the zone keeps to its policies."""

from dataclasses import replace

import pytest

from ecluse.domain.documents import (
    CheckReport,
    ExtractionOrder,
    Recall,
    RecallReason,
    Release,
    ReleaseReceipt,
)
from ecluse.trust import canonical
from tests.unit.data.agent.test_gate_two import (
    BYTES,
    CODE,
    TWO_VOTES,
    approve,
    refused,
    released,
)
from tests.unit.data.agent.worlds import World
from tests.unit.data.studies import NOW
from tests.unit.domain import build


@pytest.fixture
def report(world: World) -> CheckReport:
    """The checks of a job that was run on an extract."""
    order: ExtractionOrder = world.grant()
    world.send(order)
    world.step()
    world.order_job(order, CODE)
    world.step()
    (report,) = world.bodies(world.checking, CheckReport)
    assert isinstance(report, CheckReport)
    return report


def last_release(world: World) -> str:
    """The digest of the release that the public site got."""
    return canonical.digest(world.documents(world.public, "Release")[-1])


def recall(world: World, by: str = build.SARAH) -> Recall:
    """A recall of what the public site got."""
    (release,) = world.bodies(world.public, Release)
    assert isinstance(release, Release)
    number, permit = release.request_number, release.permit_number
    return Recall(number, permit, last_release(world), RecallReason.ERROR, by, NOW)


def test_the_checking_room_is_told_which_release_left(world: World, report: CheckReport) -> None:
    approve(world, report, TWO_VOTES)

    (receipt,) = world.bodies(world.checking, ReleaseReceipt)
    assert isinstance(receipt, ReleaseReceipt)
    assert receipt.release_digest == last_release(world)


def test_a_request_signed_twice_is_released_once(world: World, report: CheckReport) -> None:
    approve(world, report, TWO_VOTES)
    approve(world, report, TWO_VOTES)

    assert refused(world) == ["replayed"]
    assert len(world.bodies(world.public, Release)) == 1
    assert released(world) == [BYTES]


def test_a_refused_release_may_be_signed_again(world: World, report: CheckReport) -> None:
    blob = world.zone.blob(report.files[0].digest)
    content = blob.read_bytes()
    blob.write_bytes(b"changed")
    approve(world, report, TWO_VOTES)
    blob.write_bytes(content)
    approve(world, report, TWO_VOTES)

    assert refused(world) == ["out-of-scope"]
    assert released(world) == [BYTES]


def test_a_recall_goes_on_to_the_public_site(world: World, report: CheckReport) -> None:
    approve(world, report, TWO_VOTES)
    world.send(recall(world))
    world.step()

    assert refused(world) == []
    assert len(world.bodies(world.public, Recall)) == 1


def test_a_person_of_the_project_recalls_nothing(world: World, report: CheckReport) -> None:
    approve(world, report, TWO_VOTES)
    world.send(recall(world, by=build.PI))
    world.step()

    assert refused(world) == ["not-allowed"]
    assert world.bodies(world.public, Recall) == []


def test_a_recall_of_another_release_is_refused(world: World, report: CheckReport) -> None:
    approve(world, report, TWO_VOTES)
    world.send(replace(recall(world), release_digest="sha256:" + "0" * 64))
    world.step()

    assert refused(world) == ["out-of-scope"]


def test_a_holder_who_wants_three_checkers_gets_three(world: World, report: CheckReport) -> None:
    (world.zone.path / "review-policies.toml").write_text("[default]\nreviewers = 3\n")
    approve(world, report, TWO_VOTES)

    assert (refused(world), released(world)) == (["out-of-scope"], [])


def test_a_machine_that_no_policy_trusts_lets_nothing_out(
    world: World, report: CheckReport
) -> None:
    approve(world, report, (), is_machine_decided=True)

    assert (refused(world), released(world)) == (["out-of-scope"], [])


def test_a_machine_lets_out_no_file_that_the_engine_did_not_make(
    world: World, report: CheckReport
) -> None:
    (world.zone.path / "review-policies.toml").write_text("[default]\nfast_lane = true\n")
    approve(world, report, (), is_machine_decided=True)

    assert (refused(world), released(world)) == (["out-of-scope"], [])
