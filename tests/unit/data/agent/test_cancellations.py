"""A job that somebody had stopped: under way, before it began, after it ended; how far one is."""

import shutil
import time

import pytest

from ecluse.domain.documents import (
    ActionState,
    CheckReport,
    ExtractionOrder,
    JobCancellation,
    JobProgress,
    JobReceipt,
    JobStatus,
    Refusal,
    Signer,
)
from ecluse.trust.journal import files
from ecluse.trust.journal.entries import Entry
from tests.unit.data.agent.worlds import SENT_AT, World
from tests.unit.data.studies import NOW, PERMIT

NUMBER = PERMIT.permit_number
JOB = f"{NUMBER}-J1"
WHO = "marie.lemaire@univ.example"
SHORT = {"analysis.py": 'open("/outputs/done.csv", "w").write("n\\n40\\n")\n'}
ENDLESS = {"analysis.py": "import time\ntime.sleep(600)\n"}
pytestmark = pytest.mark.skipif(
    shutil.which("bwrap") is None, reason="bubblewrap is not installed here"
)


def cancellation(order_digest: str) -> JobCancellation:
    return JobCancellation(JOB, NUMBER, order_digest, WHO, SENT_AT)


def receipts(world: World) -> list[JobReceipt]:
    found = world.bodies(world.checking, JobReceipt)
    return [one for one in found if isinstance(one, JobReceipt)]


def told(world: World) -> list[str]:
    lines = files.read(world.zone.journal / files.ENTRIES).lines
    return [Entry.parse(line).action for line in lines]


def test_a_job_that_runs_is_killed_within_five_seconds_and_its_receipt_says_by_whom(
    world: World, order: ExtractionOrder
) -> None:
    digest = world.order_job(order, ENDLESS)
    said: list[float] = []

    def cancel(name: str) -> None:
        for _ in [name] if name == "job: analysis (1/1)" else []:
            world.send(cancellation(digest))
            said.append(time.monotonic())

    with world.agent(on_progress=cancel) as agent:
        agent.step(NOW)
        took = time.monotonic() - said[0]
        agent.step(NOW)

    (receipt,) = receipts(world)
    assert took < 5
    assert (receipt.status, receipt.cancelled_by) == (JobStatus.CANCELLED, WHO)
    assert (receipt.outputs, receipt.log_summary) == ((), "cancelled")
    assert world.bodies(world.checking, CheckReport) == []
    assert world.bodies(world.checking, Refusal) == []
    assert "job.cancelled" in told(world)
    assert not world.zone.job(JOB).exists()


def test_a_job_that_waits_is_dropped_without_being_run(
    world: World, order: ExtractionOrder
) -> None:
    world.send(cancellation(world.order_job(order, ENDLESS)))

    world.step()

    (receipt,) = receipts(world)
    assert (receipt.status, receipt.cancelled_by) == (JobStatus.CANCELLED, WHO)
    assert world.bodies(world.checking, JobProgress) == []


def test_a_job_that_has_ended_is_not_cancelled(world: World, order: ExtractionOrder) -> None:
    digest = world.order_job(order, SHORT)
    world.step()
    world.send(cancellation(digest))

    world.step()

    (refusal,) = world.bodies(world.checking, Refusal)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "out-of-scope"
    assert [one.status for one in receipts(world)] == [JobStatus.SUCCEEDED]


def test_a_cancellation_that_the_checking_room_did_not_sign_stops_nothing(
    world: World, order: ExtractionOrder
) -> None:
    word = cancellation(world.order_job(order, SHORT))
    forged = world.sign(word, world.keys[Signer.PORTAL], issuer=Signer.PORTAL)
    world.post(forged, world.checking)

    world.step()

    assert [one.status for one in receipts(world)] == [JobStatus.SUCCEEDED]


def test_a_cancellation_names_one_order(world: World, order: ExtractionOrder) -> None:
    world.order_job(order, SHORT)
    world.send(cancellation("sha256:" + "0" * 64))

    world.step()

    assert [one.status for one in receipts(world)] == [JobStatus.SUCCEEDED]


def test_the_checking_room_hears_how_far_a_job_is_before_it_ends(
    world: World, order: ExtractionOrder
) -> None:
    world.order_job(order, SHORT)

    world.step()

    kinds = [one.kind for one in world.delivered(world.checking)]
    (notice,) = world.bodies(world.checking, JobProgress)
    assert isinstance(notice, JobProgress)
    assert kinds.index("JobProgress") < kinds.index("JobReceipt")
    assert [(one.name, one.state) for one in notice.actions] == [("analysis", ActionState.RUNNING)]


def test_a_project_without_hours_left_this_week_runs_nothing_and_is_told_why(
    world: World, order: ExtractionOrder
) -> None:
    lines = [f'[quotas.projects."{NUMBER}"]', "weekly_hours = 0"]
    (world.zone.path / "zone.toml").write_text("\n".join(lines))
    world.order_job(order, SHORT)

    world.step()

    (refusal,) = world.bodies(world.checking, Refusal)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "not-allowed"
    assert "may use 0" in refusal.reason
    assert receipts(world) == []


def test_the_report_of_checks_names_its_engine_and_the_figures_it_used(
    world: World, order: ExtractionOrder
) -> None:
    world.order_job(order, SHORT)

    world.step()

    (report,) = world.bodies(world.checking, CheckReport)
    assert isinstance(report, CheckReport)
    assert report.engine.startswith("ecluse ")
    assert report.policy_digest.startswith("sha256:")
