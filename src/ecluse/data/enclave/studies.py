"""The actions of a study, run one after the other, each once what it needs has run.

An action that fails stops those that need it, and no other. What an action left is kept (`kept`):
sent again, the study takes up where it stopped, or where it was changed.
"""

import dataclasses
import hashlib
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final, NamedTuple

from ecluse.data.enclave import interpreter, summaries
from ecluse.data.enclave.backends import Backend, Machine, Step
from ecluse.data.enclave.collection import RefusedEntry
from ecluse.data.enclave.kept import KeptAction, KeptFile, Shelf, name_of
from ecluse.data.enclave.limits import Limits, narrowed
from ecluse.data.enclave.orders import Folder
from ecluse.data.enclave.sandbox import SandboxResult
from ecluse.domain.documents import ActionProgress, ActionState, JobStatus
from ecluse.domain.errors import InvalidInput
from ecluse.domain.workflows import (
    STUDY_FILE,
    Action,
    Language,
    Workflow,
)

DECLARATIONS: Final = "outputs.toml"


class Ending(StrEnum):
    """What became of an action."""

    RAN = "ran"
    KEPT = "kept"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class ActionResult:
    """How an action ended, in words that may leave the zone, and what it left, which may not.

    `kept` is None where it failed or did not run; `duration_ms` is 0 where it did not run.
    """

    name: str
    ending: Ending
    status: JobStatus
    exit_code: int
    summary: str
    duration_ms: int = 0
    refused: tuple[RefusedEntry, ...] = ()
    kept: KeptAction | None = None


@dataclass(frozen=True, slots=True)
class Bench:
    """What a study works on and with: its unpacked code, its data, its rooms, its ceilings."""

    code: Path
    files: tuple[str, ...]
    data: Folder
    data_name: str
    work: Path
    shelf: Shelf
    limits: Limits
    uid: int
    backend: Backend = field(default_factory=Machine)
    on_tick: Callable[[], None] | None = None
    on_progress: Callable[[str], None] = field(default=lambda _step: None)
    on_actions: Callable[[tuple[ActionProgress, ...]], None] = field(default=lambda _actions: None)


def run_workflow(workflow: Workflow, bench: Bench) -> tuple[ActionResult, ...]:
    """Run the actions and return how each ended, in their order.

    Raises:
        InvalidInput: a script is not among the files.
        SandboxUnavailable, SetupIncomplete, StorageFull, JobFailed: as `sandbox.run`.
    """
    check_scripts(workflow, bench.files)
    results: dict[str, ActionResult] = {}
    for number, action in enumerate(workflow.actions, start=1):
        bench.on_progress(f"{action.name} ({number}/{len(workflow.actions)})")
        bench.on_actions(_progress(workflow, results, running=action.name))
        missing = [need for need in action.needs if results[need].kept is None]
        if missing:
            results[action.name] = _skipped(action, missing[0])
        else:
            results[action.name] = _run(workflow, action, results, bench)
    made = [one.kept.folder.name for one in results.values() if one.kept is not None]
    bench.shelf.prune(but=made)
    bench.on_actions(_progress(workflow, results))
    return tuple(results.values())


def _progress(
    workflow: Workflow, results: Mapping[str, ActionResult], *, running: str = ""
) -> tuple[ActionProgress, ...]:
    """Return where every action of a study is; seconds are whole, so that none carries a word."""
    told = []
    for action in workflow.actions:
        ended = results.get(action.name)
        state = ActionState.RUNNING if action.name == running else ActionState.WAITING
        seconds = 0 if ended is None else round(ended.duration_ms / 1000)
        told.append(
            ActionProgress(
                action.name, state if ended is None else ActionState(ended.ending), seconds
            )
        )
    return tuple(told)


def check_scripts(workflow: Workflow, files: tuple[str, ...]) -> None:
    """Pass if every script is among the files of the study. Raises InvalidInput."""
    for action in workflow.actions:
        if action.script not in files:
            raise InvalidInput(
                f"The script of the action {action.name} is not one of the {len(files)} files "
                "sent: give its path inside the folder, such as analysis.py."
            )


def _run(
    workflow: Workflow, action: Action, before: dict[str, ActionResult], bench: Bench
) -> ActionResult:
    needed = {need: kept for need in action.needs if (kept := before[need].kept) is not None}
    limits = narrowed(bench.limits, action.resources)
    code, seen = _seen(workflow, action, bench)
    name = name_of(action, code=seen, data=bench.data_name, needed=needed, limits=limits)
    if (known := bench.shelf.find(name)) is not None:
        return ActionResult(
            action.name, Ending.KEPT, JobStatus.SUCCEEDED, 0, "kept from an earlier run", kept=known
        )
    step = Step(
        action=action,
        command=interpreter.command(action, _sql_outputs(action)),
        data=bench.data,
        code=code,
        inputs={need: kept.as_input() for need, kept in needed.items()},
        limits=limits,
        uid=bench.uid,
        work=bench.work / action.name,
    )
    result = bench.backend.run(step, bench.on_tick)
    verdict = _verdict(action, result, limits=limits, files=bench.files, code=code)
    told = ActionResult(
        action.name,
        Ending.RAN if verdict.status is JobStatus.SUCCEEDED else Ending.FAILED,
        *verdict,
        duration_ms=result.duration_ms,
        refused=(*result.refused, *_stray(action, result)),
    )
    if told.ending is Ending.FAILED:
        return told
    return dataclasses.replace(
        told, kept=bench.shelf.keep(name, result.outputs_path, _declared(action, result))
    )


class _Verdict(NamedTuple):
    status: JobStatus
    exit_code: int
    summary: str


def _verdict(
    action: Action, result: SandboxResult, *, limits: Limits, files: tuple[str, ...], code: Path
) -> _Verdict:
    exit_code = summaries.plain_exit_code(result.exit_code)
    if result.timed_out:
        return _Verdict(JobStatus.TIMED_OUT, exit_code, f"stopped after {limits.wall_seconds} s")
    summary = summaries.summarise(exit_code, result.stderr_path, files=files, code_folder=code)
    if result.killed:
        return _Verdict(JobStatus.KILLED, exit_code, summary)
    if result.exit_code != 0:
        return _Verdict(JobStatus.FAILED, exit_code, summary)
    missing = action.missing(file.name for file in result.files)
    if missing:
        return _Verdict(JobStatus.FAILED, 1, f"exit code 0, but it left no {', '.join(missing)}")
    return _Verdict(JobStatus.SUCCEEDED, 0, summary)


def _declared(action: Action, result: SandboxResult) -> tuple[KeptFile, ...]:
    return tuple(
        KeptFile(file.name, file.size, file.digest, kind)
        for file in result.files
        if (kind := action.class_of(file.name)) is not None
    )


def _stray(action: Action, result: SandboxResult) -> tuple[RefusedEntry, ...]:
    return tuple(
        RefusedEntry(number, file.name, f"{STUDY_FILE} declares no such output")
        for number, file in enumerate(result.files, start=1)
        if action.class_of(file.name) is None
    )


def _sql_outputs(action: Action) -> tuple[str, ...]:
    """The files that our program writes for an action in SQL, from the tables of their names."""
    if action.language is not Language.SQL:
        return ()
    return tuple(output.pattern for output in action.outputs if output.is_exact)


def _seen(workflow: Workflow, action: Action, bench: Bench) -> tuple[Path, dict[str, str]]:
    """Lay out the files that an action sees; return their folder, and the digest of each.

    All but the scripts of other actions and what describes the study: changing one of these
    changes nothing of what this action makes.
    """
    hidden = {one.script for one in workflow.actions if one is not action}
    hidden |= {STUDY_FILE, DECLARATIONS}
    folder = bench.code.with_name(f"code-{action.name}")
    if folder.exists():
        shutil.rmtree(folder)
    seen = {}
    for name in sorted(set(bench.files) - hidden):
        source, place = bench.code / name, folder / name
        place.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        os.link(source, place)
        seen[name] = hashlib.sha256(source.read_bytes()).hexdigest()
    _let_pass(folder)
    return folder, seen


def _let_pass(folder: Path) -> None:
    """Let the job's uid through the folders, whatever this process's umask."""
    for path in (folder, *folder.rglob("*")):
        if path.is_dir():
            path.chmod(0o755)


def _skipped(action: Action, need: str) -> ActionResult:
    summary = f"not run: {need} failed"
    return ActionResult(action.name, Ending.SKIPPED, JobStatus.FAILED, 1, summary)
