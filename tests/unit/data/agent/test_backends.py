"""Jobs of a zone run where its operator set, and their outputs by the figures set."""

import shutil
from pathlib import Path

import pytest

from ecluse.data.agent.backends import backend_of
from ecluse.data.enclave import gvisor
from ecluse.data.enclave.backends import Machine
from ecluse.data.enclave.clusters import ClusterRoom
from ecluse.domain.documents import CheckReport, ExtractionOrder, JobOrder, JobReceipt, Verdict
from ecluse.domain.errors import InvalidInput
from ecluse.trust.zone.settings import ClusterSettings, ZoneSettings
from tests.unit.data.agent.test_turns import JOB
from tests.unit.data.agent.worlds import World

IMAGE = "registry.example/ecluse@sha256:" + "a" * 64
CODE = {
    "analysis.py": """
import glob
import pyarrow.parquet as parquet
rows = parquet.read_table(sorted(glob.glob("/data/*.parquet"))[0])
person = rows["person_pseudonym"][0].as_py()
open("/outputs/t.csv", "w").write(f"group,persons\\n{person[:16]},40\\n")
"""
}


def ran(world: World, settings: str) -> tuple[JobReceipt, CheckReport]:
    """The receipt and the checks of a job that writes the beginning of a pseudonym."""
    (world.zone.path / "zone.toml").write_text(settings)
    order: ExtractionOrder = world.grant()
    world.send(order)
    world.step()
    world.order_job(order, CODE)
    world.step()
    (receipt,) = world.bodies(world.checking, JobReceipt)
    (report,) = world.bodies(world.checking, CheckReport)
    assert isinstance(receipt, JobReceipt)
    assert isinstance(report, CheckReport)
    return receipt, report


def backend(**settings: object) -> object:
    order: JobOrder = JOB
    return backend_of(ZoneSettings(**settings), order)  # type: ignore[arg-type]


def test_the_operator_chooses_where_jobs_run() -> None:
    cluster = ClusterSettings(("kubectl",), IMAGE, "projects", Path("/srv/projects"), "gvisor")

    room = backend(backend="cluster", cluster=cluster)

    assert backend() == Machine()
    assert backend(backend="gvisor") == Machine(in_gvisor=True)
    assert isinstance(room, ClusterRoom)
    assert (room.project, room.job, room.cluster.runtime_class) == ("A", "A-J1", "gvisor")


def test_an_image_that_could_change_runs_nothing() -> None:
    loose = ClusterSettings(("kubectl",), "registry.example/ecluse:latest", "p", Path("/srv"))

    with pytest.raises(InvalidInput, match="by its digest"):
        backend(backend="cluster", cluster=loose)


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed here")
@pytest.mark.parametrize(
    "name",
    [
        "bubblewrap",
        pytest.param(
            "gvisor",
            marks=pytest.mark.skipif(gvisor.find() is None, reason="runsc is not installed here"),
        ),
    ],
)
def test_a_job_runs_there_and_a_pseudonym_of_its_extract_is_met_at_the_gate(
    tmp_path: Path, name: str
) -> None:
    receipt, report = ran(World(tmp_path), f'policy = "SNDS-noise-2026"\nbackend = "{name}"\n')

    assert receipt.status == "succeeded"
    assert report.files[0].verdict is Verdict.BLOCKED
    assert "P1" in {one.rule for one in report.files[0].findings}
    assert report.policy.startswith("SNDS-noise-2026")
