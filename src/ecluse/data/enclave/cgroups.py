"""Ceilings on memory and processes for a whole job, where the machine lets us set them.

Resource limits of the process hold everywhere but count each process apart; a control group counts
the job as one. Version 2 is preferred, version 1 still met, and neither is writable for an ordinary
user without delegation: `create` then returns a group without folders, and the limits of the
process are the only ones.
"""

import contextlib
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ecluse.data.enclave.limits import Limits

ROOT = Path("/sys/fs/cgroup")
_PREFIX = "ecluse-job-"


@dataclass(frozen=True, slots=True)
class ControlGroup:
    """The folders through which one job's ceilings are set; none where not permitted."""

    version: str
    folders: tuple[Path, ...]

    def join(self) -> None:
        """Put the calling process, of one thread, and all it starts in the group."""
        # The kernel moves a lone thread at once, and a process after a pause of some milliseconds;
        # version 2 knows processes alone.
        entry = "tasks" if self.version == "1" else "cgroup.procs"
        for folder in self.folders:
            (folder / entry).write_text("0", encoding="ascii")

    def kill(self) -> None:
        """End whatever is left of the job."""
        for folder in self.folders:
            for number in _members(folder):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(number, signal.SIGKILL)

    def remove(self) -> None:
        """Give the group back; one that still empties itself is left for the next attempt."""
        for folder in self.folders:
            with contextlib.suppress(OSError):
                folder.rmdir()


def create(name: str, limits: Limits) -> ControlGroup:
    """Return a fresh group holding `limits`, or one without folders where none may be made."""
    full_name = f"{_PREFIX}{name}-{os.getpid()}"
    for version, settings in (("2", _version_2(limits)), ("1", _version_1(limits))):
        folders = []
        try:
            for parent, values in settings:
                folders.append(_folder(parent / full_name, values))
        except OSError:
            ControlGroup(version, tuple(folders)).remove()
            continue
        if folders:
            return ControlGroup(version, tuple(folders))
    return ControlGroup("none", ())


def _folder(folder: Path, values: dict[str, int]) -> Path:
    _remove_orphans(folder.parent)
    folder.mkdir()
    for name, value in values.items():
        (folder / name).write_text(str(value), encoding="ascii")
    return folder


def _remove_orphans(parent: Path) -> None:
    """Remove the groups of stages that were killed before they could."""
    for folder in parent.glob(f"{_PREFIX}*"):
        number = folder.name.rpartition("-")[2]
        if not Path("/proc", number).exists():
            orphan = ControlGroup("orphan", (folder,))
            orphan.kill()
            orphan.remove()


def _version_2(limits: Limits) -> list[tuple[Path, dict[str, int]]]:
    line = next((line for line in _own_groups() if line.startswith("0::")), "")
    if not line or not (ROOT / "cgroup.controllers").exists():
        return []
    parent = (ROOT / line[3:].lstrip("/")).parent
    values = {"memory.max": limits.memory_bytes, "pids.max": limits.processes}
    return [(parent if parent.is_relative_to(ROOT) else ROOT, values)]


def _version_1(limits: Limits) -> list[tuple[Path, dict[str, int]]]:
    wanted = {
        "memory": {"memory.limit_in_bytes": limits.memory_bytes},
        "pids": {"pids.max": limits.processes},
    }
    return [(ROOT / name, values) for name, values in wanted.items() if (ROOT / name).is_dir()]


def _own_groups() -> list[str]:
    try:
        return Path("/proc/self/cgroup").read_text(encoding="ascii").splitlines()
    except OSError:
        return []


def _members(folder: Path) -> Iterator[int]:
    with contextlib.suppress(OSError):
        yield from map(int, (folder / "cgroup.procs").read_text(encoding="ascii").split())
