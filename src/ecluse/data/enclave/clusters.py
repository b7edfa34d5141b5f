"""The same orders, obeyed by a cluster: manifests handed to `kubectl`, results read from a volume.

The volume of the projects is mounted on the agent's machine too; sealed files cross it as they are,
and the key travels in the secret of one job, removed with it. What the cluster promises (no
network, encrypted disks, who reads its secrets) is its operator's: the self-test proves nothing
there. A failed action leaves no words: the step that takes them out does not run.
"""

import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ecluse.data.enclave.backends import Step
from ecluse.data.enclave.cluster_steps import OUTCOME
from ecluse.data.enclave.collection import RefusedEntry, TakenFile
from ecluse.data.enclave.kubernetes import (
    Cluster,
    Manifest,
    as_list,
    job_manifest,
    name_of,
    namespace_of,
    project_manifests,
)
from ecluse.data.enclave.orders import DATA, INPUTS, Folder, SandboxOrder, SealedData
from ecluse.data.enclave.sandbox import SandboxResult
from ecluse.domain.errors import JobFailed, SandboxUnavailable

CALL_SECONDS: Final = 30
TICK_SECONDS: Final = 0.5
KILLED: Final = 137
OUT_OF_TIME: Final = "DeadlineExceeded"


@dataclass(frozen=True, slots=True)
class ClusterRoom:
    """The room of one job in a cluster; `volume` is where that of the projects is mounted here.

    `kubectl` is a command line, with the options that name the cluster.
    """

    cluster: Cluster
    volume: Path
    project: str
    job: str
    kubectl: tuple[str, ...] = ("kubectl",)

    def require_isolation(self) -> None:
        """Pass if the cluster answers and lets us make jobs. Raises SandboxUnavailable."""
        room = namespace_of(self.project)
        if self._call("auth", "can-i", "create", "jobs.batch", "-n", room).strip() != "yes":
            raise SandboxUnavailable(
                f"The cluster lets no job be made in {room}: ask its operator."
            )

    def run(self, step: Step, on_tick: Callable[[], None] | None) -> SandboxResult:
        """Run an action as a job of the cluster. Raises SandboxUnavailable, JobFailed."""
        name, room = name_of(self.job, step.action), namespace_of(self.project)
        folder, began = self.volume / self.project / name, time.monotonic()
        shutil.rmtree(folder, ignore_errors=True)
        order = _laid_out(step, folder, name)
        try:
            self._call("apply", "-f", "-", told=json.dumps(as_list(self._manifests(step, order))))
            told = self._wait(name, room, on_tick)
            duration_ms = round((time.monotonic() - began) * 1000)
            return self._result(step, folder / "work", told, duration_ms=duration_ms)
        finally:
            with suppress(SandboxUnavailable):
                self._call("delete", "job,secret", name, "-n", room, "--ignore-not-found")
            shutil.rmtree(folder, ignore_errors=True)

    def _manifests(self, step: Step, order: SandboxOrder) -> Iterator[Manifest]:
        """Yield the room of the project, the secret of the job with its order, the job."""
        yield from project_manifests(self.project, self.cluster)
        name, room = name_of(self.job, step.action), namespace_of(self.project)
        yield {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": name, "namespace": room},
            "type": "Opaque",
            "immutable": True,
            "stringData": {"order.json": order.to_text()},
        }
        yield job_manifest(
            step.action,
            project=self.project,
            job=self.job,
            cluster=self.cluster,
            limits=step.limits,
        )

    def _wait(self, name: str, room: str, on_tick: Callable[[], None] | None) -> dict[str, Any]:
        """Return the status of the job once it has ended."""
        while True:
            status = json.loads(self._call("get", "job", name, "-n", room, "-o", "json"))["status"]
            ended = [
                one
                for one in status.get("conditions", ())
                if one["type"] in ("Complete", "Failed") and one["status"] == "True"
            ]
            if ended:
                found: dict[str, Any] = ended[0]
                return {**found, "exit_code": self._exit_code(name, room)}
            if on_tick is not None:
                on_tick()
            time.sleep(TICK_SECONDS)

    def _exit_code(self, name: str, room: str) -> int | None:
        """Return the exit code of the step that ran the action; None if it never ran."""
        pods = json.loads(
            self._call("get", "pods", "-l", f"job-name={name}", "-n", room, "-o", "json")
        )
        for pod in pods["items"]:
            for step in pod["status"].get("initContainerStatuses", ()):
                ended = step["state"].get("terminated")
                if step["name"] == "job" and ended:
                    return int(ended["exitCode"])
        return None

    def _result(
        self, step: Step, left: Path, told: dict[str, Any], *, duration_ms: int
    ) -> SandboxResult:
        timed_out = told.get("reason") == OUT_OF_TIME
        exit_code = KILLED if timed_out else told["exit_code"]
        if exit_code is None:
            raise JobFailed("The cluster ended the job before the action ran: see its events.")
        outcome: dict[str, list[Any]] = {"files": [], "refused": []}
        if (left / OUTCOME).is_file():
            outcome = json.loads((left / OUTCOME).read_text(encoding="utf-8"))
        elif exit_code == 0:
            raise JobFailed("The cluster ran the action and took no file out: see its events.")
        step.work.mkdir(mode=0o700, parents=True, exist_ok=True)
        _bring(left, step.work)
        return SandboxResult(
            exit_code=exit_code,
            duration_ms=duration_ms,
            timed_out=timed_out,
            killed=timed_out or exit_code == KILLED,
            stdout_path=step.work / "stdout",
            stderr_path=step.work / "stderr",
            outputs_path=step.work / "outputs",
            files=tuple(TakenFile(**file) for file in outcome["files"]),
            refused=tuple(RefusedEntry(**entry) for entry in outcome["refused"]),
            ceilings="cluster",
        )

    def _call(self, *arguments: str, told: str | None = None) -> str:
        try:
            done = subprocess.run(  # noqa: S603 - the operator's own command line
                [*self.kubectl, *arguments],
                input=told,
                capture_output=True,
                text=True,
                timeout=CALL_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            raise SandboxUnavailable(
                f"{self.kubectl[0]} does not answer: set [cluster] in zone.toml right."
            ) from None
        if done.returncode != 0:
            last = done.stderr.strip().rpartition("\n")[2][:300]
            raise SandboxUnavailable(f"The cluster refused {arguments[0]}: {last or 'no reason'}.")
        return done.stdout


def _laid_out(step: Step, folder: Path, name: str) -> SandboxOrder:
    """Copy what an action reads to the volume, as it lies, and return the order of its job."""
    read: dict[str, Folder] = {DATA: step.data, "/code": step.code}
    read |= {f"{INPUTS}/{one}": data for one, data in step.inputs.items()}
    sealed = {place: one for place, one in read.items() if isinstance(one, SealedData)}
    for place, one in read.items():
        source = one.folder if isinstance(one, SealedData) else one
        shutil.copytree(source, folder / place.lstrip("/"))
    keys = {one.key.key_id: one.key for one in sealed.values()}
    if len(keys) > 1:
        raise JobFailed("What the job reads is sealed under different keys: order one extraction.")
    return SandboxOrder(
        bubblewrap="",
        command=(),
        binds=tuple((f"{name}{place}", place) for place in read),
        covers=(),
        environment={},
        limits=step.limits,
        uid=step.uid,
        work=f"{name}/work",
        sealed=tuple(sealed),
        seals_outputs=bool(sealed),
        data_key=next(iter(keys.values()), None),
    )


def _bring(left: Path, work: Path) -> None:
    """Bring what an action left from the volume; of what is missing, nothing."""
    (work / "outputs").mkdir(mode=0o700, exist_ok=True)
    for name in ("stdout", "stderr"):
        if (left / name).is_file():
            shutil.copyfile(left / name, work / name)
        else:
            (work / name).touch()
    if (left / "outputs").is_dir():
        shutil.copytree(left / "outputs", work / "outputs", dirs_exist_ok=True)
