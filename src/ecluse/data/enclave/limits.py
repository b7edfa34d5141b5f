"""What one job may use of the machine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ecluse.domain.workflows import Resources

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB


@dataclass(frozen=True, slots=True)
class Limits:
    """Ceilings of one job; past one, it ends or gets the error of a full machine.

    `data_bytes`: of a sealed extract, which lies opened in memory while the job runs.
    """

    memory_bytes: int = 4 * GIB
    processes: int = 64
    wall_seconds: int = 3600
    cpu_seconds: int = 3600
    threads: int = 2
    open_files: int = 256
    scratch_bytes: int = 512 * MIB
    output_bytes: int = 64 * MIB
    output_files: int = 200
    log_bytes: int = MIB
    data_bytes: int = 8 * GIB


def narrowed(limits: Limits, asked: Resources) -> Limits:
    """Return the ceilings of an action: what it asks, and never more than `limits`."""
    seconds = limits.wall_seconds if asked.minutes is None else asked.minutes * 60
    threads = min(asked.threads or limits.threads, limits.threads)
    return replace(
        limits,
        memory_bytes=min(asked.memory_bytes or limits.memory_bytes, limits.memory_bytes),
        threads=threads,
        wall_seconds=min(seconds, limits.wall_seconds),
        cpu_seconds=min(seconds * threads, limits.cpu_seconds),
    )
