"""Where the actions of a study run: this machine's sandbox, gVisor, or a cluster; one contract."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ecluse.data.enclave import isolation, sandbox
from ecluse.data.enclave.limits import Limits
from ecluse.data.enclave.orders import Folder
from ecluse.data.enclave.sandbox import SandboxResult
from ecluse.domain.workflows import Action


@dataclass(frozen=True, slots=True)
class Step:
    """One action to run: its command, all that it reads, its ceilings, where its words go."""

    action: Action
    command: tuple[str, ...]
    data: Folder
    code: Path
    inputs: Mapping[str, Folder]
    limits: Limits
    uid: int
    work: Path


class Backend(Protocol):
    """A place where actions run behind walls."""

    def require_isolation(self) -> None:
        """Pass if its walls hold. Raises SandboxUnavailable."""

    def run(self, step: Step, on_tick: Callable[[], None] | None) -> SandboxResult:
        """Run an action to its end; an exception from `on_tick` ends it.

        Raises:
            SandboxUnavailable, StorageFull, JobFailed: as `sandbox.run`.
        """


@dataclass(frozen=True, slots=True)
class Machine:
    """This machine: bubblewrap and Landlock, or gVisor in their place."""

    in_gvisor: bool = False

    def require_isolation(self) -> None:
        """Pass if every wall holds, tested each day. Raises SandboxUnavailable."""
        isolation.require_isolation(in_gvisor=self.in_gvisor)

    def run(self, step: Step, on_tick: Callable[[], None] | None) -> SandboxResult:
        """Run an action in its sandbox. Raises SandboxUnavailable, StorageFull, JobFailed."""
        return sandbox.run(
            step.command,
            data=step.data,
            code=step.code,
            inputs=step.inputs,
            limits=step.limits,
            uid=step.uid,
            work=step.work,
            on_tick=on_tick,
            in_gvisor=self.in_gvisor,
        )
