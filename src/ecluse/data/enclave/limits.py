"""What one job may use of the machine."""

from dataclasses import dataclass

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
