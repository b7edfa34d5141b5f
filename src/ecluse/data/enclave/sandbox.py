"""A command run on data, with no network, no other file, no right, and an end."""

import errno
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict, cast

from ecluse.data.enclave import gvisor, interpreter, stages
from ecluse.data.enclave.collection import RefusedEntry, TakenFile
from ecluse.data.enclave.launch import SIGNALLED
from ecluse.data.enclave.limits import Limits
from ecluse.data.enclave.opening import opened_bytes
from ecluse.data.enclave.orders import DATA, INPUTS, Folder, SandboxOrder, SealedData
from ecluse.domain.errors import JobFailed, SandboxUnavailable, StorageFull
from ecluse.trust.zone.sealed_files import DataKey

TICK_SECONDS = 0.5
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.ENOMEM)
FIRST_UID = 61184
LAST_UID = 65519


class _Entry(TypedDict):
    position: int
    name: str | None
    reason: str


class _File(TypedDict):
    name: str
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class SandboxResult:
    """How a command ended and where it left its words and its files, all still inside the zone.

    `files` lie in `outputs_path` under their names, sealed if the order asked for it; their sizes
    and digests are those of the content.
    """

    exit_code: int
    duration_ms: int
    timed_out: bool
    killed: bool
    stdout_path: Path
    stderr_path: Path
    outputs_path: Path
    files: tuple[TakenFile, ...]
    refused: tuple[RefusedEntry, ...]
    ceilings: str


def uid_for(number: int) -> int:
    """Return the uid of job `number`, in the range that systemd keeps for dynamic users.

    One uid a job: the kernel counts processes by uid, and two jobs must not signal each other.
    """
    return FIRST_UID + number % (LAST_UID - FIRST_UID + 1)


def run(  # noqa: PLR0913 - the contract of the enclave: every one is a wall of the same room
    command: Sequence[str],
    *,
    data: Folder,
    code: Path,
    limits: Limits,
    uid: int,
    work: Path,
    inputs: Mapping[str, Folder] | None = None,
    on_tick: Callable[[], None] | None = None,
    in_gvisor: bool = False,
    packages: tuple[str, ...] = (),
    loopback: bool = False,
) -> SandboxResult:
    """Run `command` in a sandbox and return how it ended.

    Inside: `data` at /data and each of `inputs` at /inputs/<name>, opened in memory if they are
    sealed, and `code` at /code, all read-only; /outputs and /tmp under a quota; Python at
    /opt/python, its packages at /opt/site. What is sealed has one key, under which the outputs are
    sealed too. `work` must not hold an earlier run. `uid` is used when the caller is root; an
    ordinary user runs the job as himself, in namespaces.

    With `in_gvisor`, gVisor takes the place of bubblewrap and of Landlock. `packages` are shown
    beside those of analysis. With `loopback`, programs of the job may speak by IPv4 to each other,
    and to nobody else. `on_tick` is called about twice a second; an exception from it ends
    the job.

    Raises:
        SandboxUnavailable: the machine cannot build the sandbox. Nothing was run.
        StorageFull: the disk had no room for the logs or the outputs.
        JobFailed: the job's end was not seen (machine out of memory), or its extract is larger than
            a job may hold, or cannot be opened.
    """
    bubblewrap, runsc = _bubblewrap(), _gvisor() if in_gvisor else ""
    _check_uid(uid)
    work.mkdir(mode=0o700, parents=True, exist_ok=True)
    folders = {DATA: data, **{f"{INPUTS}/{name}": one for name, one in (inputs or {}).items()}}
    _check_memory(folders.values(), limits)
    sealed = {place: one for place, one in folders.items() if isinstance(one, SealedData)}
    order = SandboxOrder(
        bubblewrap=bubblewrap,
        command=tuple(command) if in_gvisor else interpreter.walled(command, loopback=loopback),
        binds=(
            *((str(_folder(one)), place) for place, one in folders.items()),
            (str(_readable(code)), "/code"),
            *interpreter.binds(packages),
        ),
        covers=tuple(interpreter.covers()),
        environment=_environment(limits),
        limits=limits,
        uid=uid,
        work=str(work.resolve()),
        sealed=tuple(sealed),
        seals_outputs=bool(sealed),
        data_key=_only_key(sealed.values()),
        gvisor=runsc,
        loopback=loopback,
    )
    return _result(_outcome(order, on_tick), work)


def _bubblewrap() -> str:
    path = shutil.which("bwrap")
    if path is None:
        raise SandboxUnavailable(
            "bubblewrap is missing: install the package `bubblewrap`, then run `ecluse enclave "
            "check`."
        )
    return path


def _gvisor() -> str:
    path = gvisor.find()
    if path is None:
        raise SandboxUnavailable(
            "gVisor is asked for and is missing: install the package `runsc`, or set `backend` "
            "back in zone.toml."
        )
    return path


def _check_uid(uid: int) -> None:
    if not FIRST_UID <= uid <= LAST_UID:
        raise SandboxUnavailable(
            f"uid {uid} could be somebody's: use uid_for(), {FIRST_UID} to {LAST_UID}."
        )


def _check_memory(folders: Iterable[Folder], limits: Limits) -> None:
    """Pass if a job may hold in memory all that is sealed. Raises JobFailed."""
    needed = sum(opened_bytes(one.folder) for one in folders if isinstance(one, SealedData))
    if needed > limits.data_bytes:
        raise JobFailed(
            f"The extract takes {needed} bytes opened, and a job may hold {limits.data_bytes} in "
            "memory: order fewer tables or columns, or raise `job_data_bytes` of the zone."
        )


def _only_key(sealed: Iterable[SealedData]) -> DataKey | None:
    keys = {one.key.key_id: one.key for one in sealed}
    if len(keys) > 1:
        raise JobFailed("What the job reads is sealed under different keys: order one extraction.")
    return next(iter(keys.values()), None)


def _folder(one: Folder) -> Path:
    return one.folder.resolve() if isinstance(one, SealedData) else _readable(one)


def _readable(folder: Path) -> Path:
    """Return the folder's own path, sure that a stranger's uid can read all that it holds."""
    path = folder.resolve()
    if not path.is_dir():
        raise SandboxUnavailable("A folder that the job needs is missing: prepare it again.")
    for entry in (path, *path.rglob("*")):
        wanted = 0o005 if entry.is_dir() else 0o004
        if os.geteuid() == 0 and entry.lstat().st_mode & wanted != wanted:
            raise SandboxUnavailable(
                f"A file prepared for the job has mode {entry.lstat().st_mode & 0o777:o}: the "
                "job's own uid cannot read it. Give it 644 (folders 755); the folder above keeps "
                "others out."
            )
    return path


def _environment(limits: Limits) -> dict[str, str]:
    threads = str(limits.threads)
    return {
        "HOME": "/tmp",  # noqa: S108 - the sandbox's own
        "TMPDIR": "/tmp",  # noqa: S108 - the sandbox's own
        "PATH": "/opt/python/bin",
        "LD_LIBRARY_PATH": interpreter.library_path(),
        "R_HOME": interpreter.R_HOME,
        # R's packages are loaded by our own program: some look for an editor and a shell.
        "R_DEFAULT_PACKAGES": "NULL",
        "EDITOR": "none",
        "PAGER": "none",
        "PYTHONPATH": f"/code:{interpreter.SITE}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONNOUSERSITE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "OMP_NUM_THREADS": threads,
        "OPENBLAS_NUM_THREADS": threads,
        "ECLUSE_DATA": "/data",
        "ECLUSE_INPUTS": INPUTS,
        "ECLUSE_OUTPUTS": "/outputs",
        "ECLUSE_THREADS": threads,
        "ECLUSE_MEMORY_BYTES": str(limits.memory_bytes),
    }


def _outcome(order: SandboxOrder, on_tick: Callable[[], None] | None) -> dict[str, object]:
    """Run the stage and read the outcome it reports."""
    with stages.begin(order.to_text()) as stage:
        try:
            reply, complaint = _wait(stage, on_tick)
        except BaseException:
            # The job dies with the stage; nothing of it may outlive this call.
            stage.kill()
            raise
    stages.prepare_next()
    if stage.returncode != 0 or not reply:
        last = complaint.decode(errors="replace").strip().rpartition("\n")[2]
        raise JobFailed(f"The sandbox ended with code {stage.returncode}: {last or 'no reason'}.")
    outcome: dict[str, object] = json.loads(reply)
    return outcome


def _wait(stage: stages.Stage, on_tick: Callable[[], None] | None) -> tuple[bytes, bytes]:
    while True:
        try:
            return stage.communicate(timeout=TICK_SECONDS)
        except subprocess.TimeoutExpired:
            if on_tick is not None:
                on_tick()


def _result(outcome: dict[str, object], work: Path) -> SandboxResult:
    if outcome.get("errno") in _FULL:
        raise StorageFull("The enclave has no room left (disk or memory): free some, then retry.")
    if "unopened" in outcome:
        raise JobFailed(f"The extract cannot be opened: {outcome['unopened']}")
    if "failure" in outcome:
        raise SandboxUnavailable(f"The sandbox cannot be built here: {outcome['failure']}.")
    exit_code, timed_out = outcome["exit_code"], bool(outcome["timed_out"])
    if not isinstance(exit_code, int):
        words = (work / "stderr").read_text(encoding="utf-8", errors="replace")[:300].strip()
        raise SandboxUnavailable(f"bubblewrap did not start the job: {words or 'no reason'}.")
    files = cast(list[_File], outcome["files"])
    refused = cast(list[_Entry], outcome["refused"])
    return SandboxResult(
        exit_code=exit_code,
        duration_ms=int(str(outcome["duration_ms"])),
        timed_out=timed_out,
        killed=timed_out or exit_code - SIGNALLED in set(signal.Signals),
        stdout_path=work / "stdout",
        stderr_path=work / "stderr",
        outputs_path=work / "outputs",
        files=tuple(TakenFile(**file) for file in files),
        refused=tuple(RefusedEntry(**entry) for entry in refused),
        ceilings=str(outcome["ceilings"]),
    )
