"""Studies that the agent runs: one at each step, each project in its turn, nothing run twice."""

import zipfile
from dataclasses import replace

from ecluse.domain.documents import (
    CheckReport,
    ExtractionOrder,
    JobOrder,
    JobReceipt,
    JobStatus,
    Refusal,
)
from ecluse.trust import canonical
from tests.unit.data.agent.worlds import World
from tests.unit.data.studies import NOW

STUDY = {
    "study.toml": """
[study]
title = "Persons"
[actions.cohort]
sql = "cohort.sql"
outputs.persons = ["cohort.parquet"]
[actions.counts]
python = "counts.py"
needs = ["cohort"]
outputs.results = ["counts.csv"]
""",
    "cohort.sql": 'CREATE TABLE cohort AS SELECT DISTINCT person_pseudonym FROM "ER_PHA_F";',
    "counts.py": """
import pyarrow.parquet as pq
rows = pq.read_table("/inputs/cohort/cohort.parquet").num_rows
open("/outputs/counts.csv", "w").write("drug,persons\\ncelecoxib,%d\\n" % (rows * 0 + 40))
""",
    "outputs.toml": '[file."counts.csv"]\ncounts = ["persons"]\n',
}


def send(world: World, order: ExtractionOrder, number: str, *, entry: str = "study.toml") -> None:
    bundle = world.checking.path / "bundle.zip"
    with zipfile.ZipFile(bundle, "w") as archive:
        for name, text in STUDY.items():
            archive.writestr(name, text)
    receipts = world.documents(world.checking, "ExtractionReceipt")
    world.send(
        JobOrder(
            job_number=number,
            permit_number=order.permit_number,
            permit_digest=order.permit_digest,
            extraction_number=order.order_number,
            extraction_digest=canonical.digest(receipts[-1]),
            code_digest=world.checking.store_blob(bundle),
            entry=entry,
            submitted_by=order.ordered_by,
        )
    )


def test_a_study_runs_on_a_sealed_extract_and_only_its_results_are_shown(
    world: World, order: ExtractionOrder
) -> None:
    send(world, order, "FR-2026-0001-J1")
    world.step()

    (receipt,) = world.bodies(world.checking, JobReceipt)
    (report,) = world.bodies(world.checking, CheckReport)
    assert isinstance(receipt, JobReceipt)
    assert receipt.log_summary == "cohort: exit code 0 · counts: exit code 0"
    assert [file.name for file in receipt.outputs] == ["counts.csv"]
    assert isinstance(report, CheckReport)
    assert [file.name for file in report.files] == ["counts.csv"]
    kept = list((world.zone.path / "jobs").rglob("cohort.parquet"))
    assert len(kept) == 1
    assert kept[0].read_bytes().startswith(b"ecluse-sealed-1\n")


def test_a_study_sent_again_is_answered_from_what_was_kept(
    world: World, order: ExtractionOrder
) -> None:
    send(world, order, "FR-2026-0001-J1")
    world.step()
    send(world, order, "FR-2026-0001-J2")
    world.step()

    first, second = world.bodies(world.checking, JobReceipt)
    assert isinstance(first, JobReceipt)
    assert isinstance(second, JobReceipt)
    assert second.outputs == first.outputs
    assert second.log_summary == (
        "cohort: kept from an earlier run · counts: kept from an earlier run"
    )


def test_what_is_kept_of_a_permit_is_among_what_its_destruction_removes(
    world: World, order: ExtractionOrder
) -> None:
    send(world, order, "FR-2026-0001-J1")
    world.step()

    kept = {path.parents[2] for path in world.zone.path.rglob("cohort.parquet")}

    assert len(kept) == 1
    assert kept <= set(world.zone.holdings("FR-2026-0001"))


def test_one_job_runs_at_each_step_so_that_the_rest_is_heard_between(
    world: World, order: ExtractionOrder
) -> None:
    for number in (1, 2, 3):
        send(world, order, f"FR-2026-0001-J{number}")

    with world.agent() as agent:
        reports = [agent.step(NOW) for _ in range(4)]

    assert [report.done for report in reports] == [1, 1, 1, 0]
    assert [one.status for one in _receipts(world)] == [JobStatus.SUCCEEDED] * 3


def test_a_job_that_is_refused_does_not_hold_up_the_next(
    world: World, order: ExtractionOrder
) -> None:
    send(world, replace(order, order_number="FR-2026-0001-E9"), "FR-2026-0001-J1")
    send(world, order, "FR-2026-0001-J2")

    world.step()

    assert len(world.bodies(world.checking, Refusal)) == 1
    assert [one.job_number for one in _receipts(world)] == ["FR-2026-0001-J2"]


def _receipts(world: World) -> list[JobReceipt]:
    return [one for one in world.bodies(world.checking, JobReceipt) if isinstance(one, JobReceipt)]
