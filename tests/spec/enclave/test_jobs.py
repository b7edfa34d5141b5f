"""What a data user may expect of the enclave."""

import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecluse.data.enclave import isolation
from ecluse.data.enclave.jobs import JobResult, run_job
from ecluse.data.enclave.limits import Limits
from ecluse.data.enclave.sandbox import uid_for
from ecluse.domain.documents import JobStatus
from ecluse.domain.errors import InvalidInput, SandboxUnavailable

pytestmark = pytest.mark.skipif(
    shutil.which("bwrap") is None, reason="bubblewrap is not installed on this machine"
)


class Bench:
    """A folder of data, and a way to run analyses on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.work = folder / "job"
        (folder / "data").mkdir()
        (folder / "data" / "care.csv").write_text("person,amount\na,10\nb,20\n")

    def run(
        self, *, limits: Limits | None = None, entry: str = "analysis.py", **files: str
    ) -> JobResult:
        """Run the files given (`name__py` stands for `name.py`) and return how it ended."""
        with zipfile.ZipFile(self.folder / "bundle.zip", "w") as bundle:
            for name, text in files.items():
                bundle.writestr(name.replace("__", "."), text)
        return run_job(
            job_number="J-1",
            code_zip=self.folder / "bundle.zip",
            entry=entry,
            data=self.folder / "data",
            work=self.work,
            limits=limits or Limits(wall_seconds=60),
            uid=uid_for(7),
        )

    def content(self, result: JobResult, name: str) -> str:
        """The text of an output."""
        digest = next(file.digest for file in result.outputs if file.name == name)
        return (result.blobs / digest.removeprefix("sha256:")).read_text()


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


COUNT = """
import duckdb
rows = duckdb.sql("SELECT count(*), sum(amount) FROM '/data/care.csv'").fetchall()[0]
open("/outputs/total.csv", "w").write("persons,amount\\n%d,%d\\n" % rows)
"""


def test_an_analysis_reads_the_extract_and_leaves_files(bench: Bench) -> None:
    result = bench.run(analysis__py=COUNT)

    assert result.status is JobStatus.SUCCEEDED
    assert bench.content(result, "total.csv") == "persons,amount\n2,30\n"


def test_an_analysis_has_numpy_and_pyarrow_and_its_own_modules(bench: Bench) -> None:
    analysis = """
import numpy, pyarrow.csv, tools
table = pyarrow.csv.read_csv("/data/care.csv")
open("/outputs/mean", "w").write(tools.shown(numpy.mean(table["amount"].to_numpy())))
"""
    tools = "def shown(value): return f'{value:.1f}'\n"

    result = bench.run(analysis__py=analysis, tools__py=tools)

    assert bench.content(result, "mean") == "15.0"


def test_an_analysis_has_the_cohort_language_and_the_packages_of_statistics(bench: Bench) -> None:
    analysis = """
import pandas, scipy.stats, statsmodels.api
from ecluse.domain.cohorts import AtLeast
mean = pandas.read_csv("/data/care.csv")["amount"].mean()
open("/outputs/mean", "w").write(f"{mean} {AtLeast.__name__}")
"""

    result = bench.run(analysis__py=analysis)

    assert bench.content(result, "mean") == "15.0 AtLeast"


def test_an_analysis_sees_nothing_of_the_sites(bench: Bench) -> None:
    analysis = """
import importlib.util
found = [importlib.util.find_spec(name) for name in ("ecluse.portal", "ecluse.cli", "django")]
open("/outputs/found", "w").write(str(found))
"""

    result = bench.run(analysis__py=analysis)

    assert bench.content(result, "found") == "[None, None, None]"


def test_the_words_of_an_analysis_stay_inside(bench: Bench) -> None:
    analysis = """
row = open("/data/care.csv").read()
print(row)
raise ValueError(row)
"""

    result = bench.run(analysis__py=analysis)

    assert result.status is JobStatus.FAILED
    assert result.log_summary == "exit code 1: ValueError at analysis.py line 4"


def test_a_job_past_its_time_is_stopped_and_says_so(bench: Bench) -> None:
    result = bench.run(analysis__py="import time; time.sleep(300)", limits=Limits(wall_seconds=1))

    assert result.status is JobStatus.TIMED_OUT
    assert result.timed_out
    assert result.log_summary == "stopped after 1 s"


def test_files_that_cannot_be_taken_are_named_with_the_reason(bench: Bench) -> None:
    analysis = """
import os
os.symlink("/data/care.csv", "/outputs/link.csv")
open("/outputs/fine.csv", "w").write("n\\n50\\n")
"""

    result = bench.run(analysis__py=analysis)

    assert [file.name for file in result.outputs] == ["fine.csv"]
    assert [(entry.name, entry.reason) for entry in result.refused] == [
        ("link.csv", "not a plain file: symbolic link")
    ]


def test_a_job_is_run_again_from_nothing_after_an_attempt_cut_short(bench: Bench) -> None:
    (bench.work / "code").mkdir(parents=True)
    (bench.work / "code" / "stale.py").write_text("stale")
    (bench.work / "run" / "outputs").mkdir(parents=True)
    (bench.work / "run" / "outputs" / "stale.csv").write_text("stale")

    first = bench.run(analysis__py=COUNT)
    second = bench.run(analysis__py=COUNT)

    assert first.outputs == second.outputs
    assert [file.name for file in second.outputs] == ["total.csv"]
    assert not (bench.work / "code" / "stale.py").exists()


def test_a_job_leaves_the_data_as_they_were(bench: Bench) -> None:
    before = (bench.folder / "data" / "care.csv").read_bytes()

    result = bench.run(analysis__py="open('/data/care.csv', 'w').write('changed')")

    assert result.log_summary == "exit code 1: OSError at analysis.py line 1"
    assert (bench.folder / "data" / "care.csv").read_bytes() == before


def test_the_entry_must_be_in_a_language_of_the_zone(bench: Bench) -> None:
    with pytest.raises(InvalidInput, match=r"Give study.toml, or a script in .py, .R or .sql"):
        bench.run(analysis__py="", notes__txt="", entry="notes.txt")


@pytest.mark.parametrize("entry", ["missing.py", "../analysis.py", "-c"])
def test_the_entry_must_be_a_file_of_the_bundle(bench: Bench, entry: str) -> None:
    with pytest.raises(InvalidInput, match="The entry is not one of the 2 files"):
        bench.run(analysis__py="", notes__txt="", entry=entry)


def test_no_job_runs_where_the_sandbox_cannot_be_built(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(SandboxUnavailable, match="bubblewrap is missing"):
        bench.run(analysis__py=COUNT)


WITHOUT_FILTER = """#!/bin/sh
count=$#
while [ "$count" -gt 0 ]; do
  option=$1
  shift
  count=$((count - 1))
  if [ "$option" = --seccomp ]; then
    shift
    count=$((count - 1))
  else
    set -- "$@" "$option"
  fi
done
exec %s "$@"
"""


@pytest.fixture
def _no_filter(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine whose bubblewrap applies no filter of system calls."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        program = Path(name) / "bwrap"
        program.write_text(WITHOUT_FILTER % shutil.which("bwrap"))
        for path in (Path(name), program):
            path.chmod(0o755)
        monkeypatch.setenv("PATH", f"{name}:/usr/bin:/bin")
        isolation.forget()
        yield
        isolation.forget()


@pytest.mark.usefixtures("_no_filter")
def test_no_job_runs_on_a_machine_where_one_wall_is_missing(bench: Bench) -> None:
    with pytest.raises(SandboxUnavailable, match=r"no job runs.*network-families") as refused:
        bench.run(analysis__py=COUNT)

    assert "run `ecluse enclave check`" in str(refused.value)
    assert not bench.work.exists()


def test_two_jobs_have_two_identities() -> None:
    assert uid_for(1) != uid_for(2)
    assert 61184 <= uid_for(10**9) <= 65519
