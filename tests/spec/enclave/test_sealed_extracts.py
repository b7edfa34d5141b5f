"""A job reads a sealed extract as if it were in clear, and nothing of it stays."""

import shutil
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecluse.data.enclave.jobs import JobResult, run_job
from ecluse.data.enclave.limits import Limits
from ecluse.data.enclave.orders import SealedData
from ecluse.data.enclave.sandbox import uid_for
from ecluse.data.extraction import ExtractFiles
from ecluse.domain.documents import JobStatus
from ecluse.domain.errors import JobFailed
from ecluse.trust.zone.sealed_files import DataKey, draw_data_key

pytestmark = pytest.mark.skipif(
    shutil.which("bwrap") is None, reason="bubblewrap is not installed on this machine"
)

ANALYSIS = """
import os
import duckdb, pyarrow.parquet as pq
by_duckdb = duckdb.sql("SELECT sum(amount) FROM '/data/care.parquet'").fetchall()[0][0]
by_arrow = sum(pq.read_table("/data/care.parquet")["amount"].to_pylist())
plain = len(open("/data/care.csv").read().splitlines())
try:
    open("/data/mine", "w")
    writes = 1
except OSError:
    writes = 0
names = " ".join(sorted(os.listdir("/data")))
with open("/outputs/told.csv", "w") as out:
    out.write(f"{by_duckdb},{by_arrow},{plain},{writes},{names}")
"""
HUNT = """
import glob, os
found = []
for path in glob.glob("/proc/*/environ") + glob.glob("/proc/*/mem"):
    found.append(path)
with open("/outputs/told.csv", "w") as out:
    out.write(f"{len(found)},{'KEY' in str(os.environ)}")
"""


class Bench:
    """A sealed extract, and a way to run analyses on it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.key = folder, draw_data_key()
        self.data, self.work = folder / "data", folder / "job"
        self.data.mkdir()
        files = ExtractFiles(self.data, self.key)
        with files.replacing("care.parquet") as file:
            pq.write_table(pa.table({"person": ["a", "b"], "amount": [10, 20]}), file)
        files.write("care.csv", b"person,amount\na,10\nb,20\n")
        for path in self.data.iterdir():
            path.chmod(0o400)

    def run(
        self, code: str, *, limits: Limits | None = None, key: DataKey | None = None
    ) -> JobResult:
        """Run one script on the extract and return how it ended."""
        with zipfile.ZipFile(self.folder / "bundle.zip", "w") as bundle:
            bundle.writestr("analysis.py", code)
        return run_job(
            job_number="J-1",
            code_zip=self.folder / "bundle.zip",
            entry="analysis.py",
            data=SealedData(self.data, key or self.key),
            work=self.work,
            limits=limits or Limits(wall_seconds=60),
            uid=uid_for(7),
        )

    def told(self, result: JobResult) -> str:
        """The text of the only output."""
        (output,) = result.outputs
        return (result.blobs / output.digest.removeprefix("sha256:")).read_text()


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_the_code_of_an_analysis_is_the_same_as_for_an_extract_in_clear(bench: Bench) -> None:
    result = bench.run(ANALYSIS)

    assert result.status is JobStatus.SUCCEEDED
    assert bench.told(result) == "30,30,3,0,care.csv care.parquet"


def test_nothing_opened_is_left_on_the_machine(bench: Bench) -> None:
    bench.run(ANALYSIS)

    left = [path for path in bench.folder.rglob("*") if path.is_file()]
    assert not any(b"PAR1" in path.read_bytes() for path in left)
    assert sorted(path.name for path in bench.data.iterdir()) == ["care.csv", "care.parquet"]
    assert "opened" not in Path("/proc/self/mounts").read_text()


def test_a_job_finds_no_key(bench: Bench) -> None:
    result = bench.run(HUNT)

    assert bench.told(result) == "0,False"


def test_an_extract_larger_than_a_job_may_hold_is_refused_before_it_begins(bench: Bench) -> None:
    with pytest.raises(JobFailed, match="job_data_bytes"):
        bench.run(ANALYSIS, limits=Limits(data_bytes=1000))


def test_an_altered_extract_runs_nothing(bench: Bench) -> None:
    file = bench.data / "care.parquet"
    data = file.read_bytes()
    file.chmod(0o600)
    file.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))

    with pytest.raises(JobFailed, match="altered"):
        bench.run(ANALYSIS)


def test_another_key_runs_nothing(bench: Bench) -> None:
    with pytest.raises(JobFailed, match="cannot be opened"):
        bench.run(ANALYSIS, key=DataKey(bench.key.key_id, bytes(32)))
