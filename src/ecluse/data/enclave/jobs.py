"""One job from its order to its outputs; every step can be done again after a crash."""

import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ecluse.data.enclave import interpreter, summaries
from ecluse.data.enclave.bundles import unpack
from ecluse.data.enclave.collection import RefusedEntry, collect
from ecluse.data.enclave.isolation import require_isolation
from ecluse.data.enclave.limits import Limits
from ecluse.data.enclave.orders import SealedData
from ecluse.data.enclave.sandbox import SandboxResult, run
from ecluse.domain.documents import JobStatus, OutputFile
from ecluse.domain.errors import InvalidInput

_JOB_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class JobResult:
    """How a job ended, in words that may leave the zone, and its outputs, which may not yet."""

    exit_code: int
    outputs: tuple[OutputFile, ...]
    log_summary: str
    duration_ms: int
    timed_out: bool
    status: JobStatus
    refused: tuple[RefusedEntry, ...]
    blobs: Path


def run_job(  # noqa: PLR0913 - one argument per line of the job's order
    *,
    job_number: str,
    code_zip: Path,
    entry: str,
    data: Path | SealedData,
    work: Path,
    limits: Limits,
    uid: int,
    on_tick: Callable[[], None] | None = None,
) -> JobResult:
    """Run the bundle's `entry` on `data` and return how it ended.

    `work` is this job's own folder: what an attempt that was cut short left there is removed
    first, so the same call can be made again. The log stays there (`run/stdout`, `run/stderr`);
    output files end in `work`/blobs, named by the digest of their content.

    Raises:
        InvalidInput: the bundle could do harm, or `entry` is not a Python file in it.
        SandboxUnavailable: isolation cannot be proved here.
    """
    require_isolation()
    if _JOB_NUMBER.fullmatch(job_number) is None:
        raise InvalidInput("The job's number has other characters than A-Z a-z 0-9 _ . -")
    folders = clear(work)
    files = unpack(code_zip, folders.code)
    check_entry(entry, files)
    result = run(
        [interpreter.PYTHON, f"/code/{entry}"],
        data=data,
        code=folders.code,
        limits=limits,
        uid=uid,
        work=folders.run,
        on_tick=on_tick,
    )
    return _job_result(result, files, folders, limits)


@dataclass(frozen=True, slots=True)
class JobFolders:
    """The folders of one job."""

    code: Path
    run: Path
    blobs: Path


def clear(work: Path) -> JobFolders:
    """Remove what an earlier attempt left in `work` and return the folders of the new one."""
    work.mkdir(mode=0o700, parents=True, exist_ok=True)
    folders = JobFolders(work / "code", work / "run", work / "blobs")
    for folder in (folders.code, folders.run, folders.blobs):
        if folder.exists():
            shutil.rmtree(folder)
    return folders


def check_entry(entry: str, files: Sequence[str]) -> None:
    """Pass if `entry` is a Python file of the bundle. Raises InvalidInput."""
    if entry not in files or not entry.endswith(".py"):
        raise InvalidInput(
            f"The entry is not one of the {len(files)} files of the bundle, or not a .py file: "
            "give its path inside the bundle, such as analysis.py."
        )


def _job_result(
    result: SandboxResult, files: Sequence[str], folders: JobFolders, limits: Limits
) -> JobResult:
    collection = collect(result.outputs_path, folders.blobs, limits)
    exit_code = summaries.plain_exit_code(result.exit_code)
    summary = summaries.summarise(
        exit_code, result.stderr_path, files=files, code_folder=folders.code
    )
    if result.timed_out:
        summary = f"stopped after {limits.wall_seconds} s"
    return JobResult(
        exit_code=exit_code,
        outputs=tuple(OutputFile(file.name, file.size, file.digest) for file in collection.files),
        log_summary=summary,
        duration_ms=result.duration_ms,
        timed_out=result.timed_out,
        status=_status(result),
        refused=(*result.refused, *collection.refused),
        blobs=folders.blobs,
    )


def _status(result: SandboxResult) -> JobStatus:
    if result.timed_out:
        return JobStatus.TIMED_OUT
    if result.killed:
        return JobStatus.KILLED
    return JobStatus.SUCCEEDED if result.exit_code == 0 else JobStatus.FAILED
