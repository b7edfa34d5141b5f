"""The agent's orders obeyed by a cluster, through a `kubectl` that checks what it is told."""

import sys
import zipfile
from pathlib import Path

import pytest

from ecluse.data.enclave.clusters import ClusterRoom
from ecluse.data.enclave.jobs import JobResult, run_job
from ecluse.data.enclave.kubernetes import Cluster
from ecluse.data.enclave.limits import Limits
from ecluse.data.enclave.orders import SealedData
from ecluse.data.extraction import ExtractFiles
from ecluse.domain.documents import JobStatus
from ecluse.domain.errors import SandboxUnavailable
from ecluse.trust.zone.sealed_files import draw_data_key

COUNT = """
import os
rows = open(os.environ["DATA"] + "/care.csv").read().splitlines()
open(os.environ["OUTPUTS"] + "/counts.csv", "w").write(f"n\\n{len(rows) - 1}\\n")
"""
KEY = draw_data_key()
KUBECTL = Path(__file__).with_name("fake_kubectl.py")


class Stop(Exception):
    """The job is not wanted any more."""


def room(folder: Path, scenario: str = "plain") -> ClusterRoom:
    (folder / "project").mkdir(exist_ok=True)
    return ClusterRoom(
        cluster=Cluster("registry.example/ecluse@sha256:" + "a" * 64, "projects"),
        volume=folder / "volume",
        project="FR-2026-0001",
        job="FR-2026-0001-J1",
        kubectl=(
            sys.executable,
            str(Path(__file__).with_name("fake_kubectl.py")),
            str(folder),
            scenario,
        ),
    )


@pytest.fixture
def data(tmp_path: Path) -> SealedData:
    """A sealed extract of three persons."""
    folder = tmp_path / "extract"
    folder.mkdir()
    ExtractFiles(folder, KEY).write("care.csv", b"person\na\nb\nc\n")
    return SealedData(folder, KEY)


def run(
    folder: Path, data: SealedData, code: str, *, scenario: str = "plain", on_tick: object = None
) -> JobResult:
    """Run one script in the cluster; its volume is seen from here as `project`."""
    (folder / "volume").mkdir()
    (folder / "volume" / "FR-2026-0001").symlink_to(folder / "project")
    with zipfile.ZipFile(folder / "bundle.zip", "w") as archive:
        archive.writestr("analysis.py", code)
    backend = room(folder, scenario)
    return run_job(
        job_number="FR-2026-0001-J1",
        code_zip=folder / "bundle.zip",
        entry="analysis.py",
        data=data,
        work=folder / "work",
        limits=Limits(),
        uid=61184,
        backend=backend,
        on_tick=on_tick,  # type: ignore[arg-type]
    )


def test_a_job_runs_in_the_cluster_and_its_results_come_back(
    tmp_path: Path, data: SealedData
) -> None:
    result = run(tmp_path, data, COUNT)

    (output,) = result.outputs
    body = (result.blobs / output.digest.removeprefix("sha256:")).read_text()
    assert (result.status, output.name, body) == (JobStatus.SUCCEEDED, "counts.csv", "n\n3\n")
    assert (tmp_path / "applied.json").read_text() == (
        '["Namespace", "NetworkPolicy", "ResourceQuota", "ServiceAccount", "Secret", "Job"]'
    )


def test_nothing_of_a_job_stays_in_the_cluster_or_on_its_volume(
    tmp_path: Path, data: SealedData
) -> None:
    run(tmp_path, data, COUNT)

    assert (tmp_path / "deleted").read_text() == (
        "job,secret fr-2026-0001-j1-analysis -n ecluse-fr-2026-0001 --ignore-not-found"
    )
    assert list((tmp_path / "project").iterdir()) == []


def test_an_action_that_fails_says_its_code_and_leaves_nothing(
    tmp_path: Path, data: SealedData
) -> None:
    result = run(tmp_path, data, "raise SystemExit(2)")

    assert (result.status, result.exit_code, result.outputs) == (JobStatus.FAILED, 2, ())


def test_a_job_that_lasts_too_long_is_said_so(tmp_path: Path, data: SealedData) -> None:
    result = run(tmp_path, data, COUNT, scenario="late")

    assert (result.status, result.timed_out) == (JobStatus.TIMED_OUT, True)


def test_a_job_that_is_stopped_is_removed_from_the_cluster(
    tmp_path: Path, data: SealedData
) -> None:
    def stop() -> None:
        raise Stop

    with pytest.raises(Stop):
        run(tmp_path, data, COUNT, scenario="endless", on_tick=stop)

    assert (tmp_path / "deleted").is_file()


def test_a_cluster_that_lets_no_job_be_made_runs_none(tmp_path: Path, data: SealedData) -> None:
    with pytest.raises(SandboxUnavailable, match="ask its operator"):
        run(tmp_path, data, COUNT, scenario="closed")

    assert not (tmp_path / "applied.json").exists()


def test_a_cluster_that_does_not_answer_runs_none(tmp_path: Path) -> None:
    silent = ClusterRoom(
        Cluster("registry.example/ecluse@sha256:" + "a" * 64, "projects"),
        tmp_path,
        "FR-2026-0001",
        "J1",
        kubectl=("/nowhere/kubectl",),
    )

    with pytest.raises(SandboxUnavailable, match="does not answer"):
        silent.require_isolation()
