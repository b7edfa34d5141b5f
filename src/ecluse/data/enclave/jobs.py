"""One job from its order to its outputs; every step can be done again after a crash."""

import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ecluse.data.enclave.backends import Backend, Machine
from ecluse.data.enclave.bundles import unpack
from ecluse.data.enclave.collection import RefusedEntry
from ecluse.data.enclave.kept import Shelf, identity
from ecluse.data.enclave.limits import Limits
from ecluse.data.enclave.orders import Folder, SealedData
from ecluse.data.enclave.studies import ActionResult, Bench, Ending, run_workflow
from ecluse.domain.documents import ActionProgress, JobStatus, OutputFile
from ecluse.domain.errors import InvalidInput
from ecluse.domain.workflows import (
    STUDY_FILE,
    OutputClass,
    Workflow,
    read_workflow,
    single_script,
)

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
    actions: tuple[ActionResult, ...]


def run_job(  # noqa: PLR0913 - one argument per line of the job's order
    *,
    job_number: str,
    code_zip: Path,
    entry: str,
    action: str | None = None,
    data: Folder,
    work: Path,
    limits: Limits,
    uid: int,
    kept: Path | None = None,
    backend: Backend | None = None,
    on_tick: Callable[[], None] | None = None,
    on_progress: Callable[[str], None] = lambda _step: None,
    on_actions: Callable[[tuple[ActionProgress, ...]], None] = lambda _actions: None,
) -> JobResult:
    """Run the bundle on `data` and return how it ended.

    `entry` is `study.toml`, which names the actions to run, or one script; with `action`, that one
    alone is run, and those it needs. `work` is this job's own
    folder: what an attempt that was cut short left there is removed first, so the same call can be
    made again. The logs stay there (`run/<action>/stdout`, `stderr`); results end in `work`/blobs,
    named by the digest of their content. `backend` is where actions run: this machine without it.
    `kept` is the folder of the project where the actions that ran are kept; without it they are
    kept for this job alone. `on_actions` is told where every action is each time one begins, and
    at the end.

    Raises:
        InvalidInput: the bundle could do harm, or `entry` cannot be run.
        SandboxUnavailable: isolation cannot be proved here.
    """
    backend = backend or Machine()
    backend.require_isolation()
    if _JOB_NUMBER.fullmatch(job_number) is None:
        raise InvalidInput("The job's number has other characters than A-Z a-z 0-9 _ . -")
    folders = clear(work)
    files = unpack(code_zip, folders.code)
    workflow = read_entry(entry, folders.code, files)
    workflow = workflow if action is None else workflow.only(action)
    bench = Bench(
        code=folders.code,
        files=files,
        data=data,
        data_name=identity(data),
        work=folders.run,
        shelf=Shelf(kept or work / "kept", data.key if isinstance(data, SealedData) else None),
        limits=limits,
        uid=uid,
        backend=backend,
        on_tick=on_tick,
        on_progress=on_progress,
        on_actions=on_actions,
    )
    return _job_result(run_workflow(workflow, bench), folders.blobs)


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


def read_entry(entry: str, code: Path, files: Sequence[str]) -> Workflow:
    """Return the actions that an entry of the unpacked bundle stands for. Raises InvalidInput."""
    if entry not in files:
        raise InvalidInput(
            f"The entry is not one of the {len(files)} files of the bundle: give {STUDY_FILE}, or "
            "the path of a script inside the bundle, such as analysis.py."
        )
    if entry == STUDY_FILE:
        return read_workflow((code / entry).read_bytes())
    return single_script(entry)


def _job_result(actions: tuple[ActionResult, ...], blobs: Path) -> JobResult:
    """Sum up the actions: the first that failed tells how the job ended."""
    failed = next((one for one in actions if one.ending is Ending.FAILED), None)
    status = JobStatus.SUCCEEDED if failed is None else failed.status
    return JobResult(
        exit_code=0 if failed is None else failed.exit_code,
        outputs=tuple(_outputs(actions, blobs)),
        log_summary=_told(actions),
        duration_ms=sum(one.duration_ms for one in actions),
        timed_out=status is JobStatus.TIMED_OUT,
        status=status,
        refused=tuple(entry for one in actions for entry in one.refused),
        blobs=blobs,
        actions=actions,
    )


def _outputs(actions: tuple[ActionResult, ...], blobs: Path) -> Iterator[OutputFile]:
    """Yield the results, and only them, having copied each to `blobs`; persons stay."""
    blobs.mkdir(mode=0o700)
    for action in actions:
        for file in action.kept.files if action.kept is not None else ():
            if action.kept is not None and file.kind is OutputClass.RESULTS:
                action.kept.copy(file, blobs)
                yield OutputFile(file.name, file.size, file.digest)


def _told(actions: tuple[ActionResult, ...]) -> str:
    """One line for outside; of a single script, how it ended alone."""
    if len(actions) == 1:
        return actions[0].summary
    return " · ".join(f"{one.name}: {one.summary}" for one in actions)
