"""The same orders behind gVisor: the walls hold, files come back, the code of the end is told."""

from pathlib import Path

import pytest

from ecluse.data.enclave import gvisor, interpreter, isolation
from ecluse.data.enclave.limits import Limits
from ecluse.data.enclave.orders import SealedData
from ecluse.data.enclave.sandbox import LAST_UID, SandboxResult, run
from ecluse.data.extraction import ExtractFiles
from ecluse.domain.errors import SandboxUnavailable
from ecluse.trust.zone.sealed_files import draw_data_key

needs_gvisor = pytest.mark.skipif(gvisor.find() is None, reason="runsc is not installed here")
CODE = """
import os, sys
rows = open("/data/care.csv").read().splitlines()
open("/outputs/counts.csv", "w").write(f"kernel,n\\n{os.uname().release},{len(rows) - 1}\\n")
os.symlink("/etc/passwd", "/outputs/link.csv")
sys.exit(3)
"""


def ran(folder: Path, code: str, limits: Limits | None = None) -> SandboxResult:
    """Run a script on a sealed file of two persons."""
    key = draw_data_key()
    for name in ("data", "code"):
        (folder / name).mkdir()
    ExtractFiles(folder / "data", key).write("care.csv", b"person\na\nb\n")
    (folder / "code" / "analysis.py").write_text(code)
    return run(
        [interpreter.PYTHON, "/code/analysis.py"],
        data=SealedData(folder / "data", key),
        code=folder / "code",
        limits=limits or Limits(),
        uid=LAST_UID,
        work=folder / "work",
        in_gvisor=True,
    )


@needs_gvisor
def test_every_wall_of_the_self_test_holds() -> None:
    report = isolation.isolation_report(in_gvisor=True)

    assert report.broken() == ()
    assert len(report.controls) == 18
    assert report.landlock == 0


@needs_gvisor
def test_a_job_sees_another_kernel_and_leaves_its_plain_files(tmp_path: Path) -> None:
    result = ran(tmp_path, CODE)

    assert result.exit_code == 3, result.stderr_path.read_text()
    assert [file.name for file in result.files] == ["counts.csv"]
    assert [entry.name for entry in result.refused] == ["link.csv"]
    assert result.files[0].size == len("kernel,n\n4.4.0,2\n")


@needs_gvisor
def test_a_job_that_lasts_too_long_is_ended(tmp_path: Path) -> None:
    result = ran(tmp_path, "import time\ntime.sleep(60)\n", Limits(wall_seconds=3))

    assert result.timed_out
    assert result.duration_ms < 20_000


def test_where_it_is_asked_for_and_missing_no_job_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gvisor, "find", lambda: None)

    with pytest.raises(SandboxUnavailable, match="runsc"):
        ran(tmp_path, CODE)
