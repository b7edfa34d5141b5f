"""What it costs a job that its extract is sealed: the same job on the same files, sealed or not.

    python -m benchmarks.sealed_extracts [megabytes …]

The job opens one file and ends; the rest of its time is the start of the sandbox and the opening of
the extract in memory.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from ecluse.data.enclave.isolation import require_isolation
from ecluse.data.enclave.limits import Limits
from ecluse.data.enclave.orders import SealedData
from ecluse.data.enclave.sandbox import run, uid_for
from ecluse.data.extraction import ExtractFiles
from ecluse.trust.zone.sealed_files import draw_data_key

SIZES = (1, 100, 1000)
ROUNDS = 3
PIECE = 1_000_000


def main() -> None:
    """Print for each size, in MB, how much longer sealing takes than writing, and both jobs."""
    require_isolation()
    print("MB   writing ×   in clear s   sealed s   opening MB/s")
    for megabytes in map(int, sys.argv[1:]) if sys.argv[1:] else SIZES:
        with tempfile.TemporaryDirectory() as name:
            sealing, clear, sealed = _measure(Path(name), megabytes)
        rate = megabytes / max(sealed - clear, 1e-6)
        print(f"{megabytes:<5}{sealing:>9.2f}{clear:>13.2f}{sealed:>11.2f}{rate:>13.0f}")


def _measure(folder: Path, megabytes: int) -> tuple[float, float, float]:
    (folder / "code").mkdir()
    (folder / "code" / "analysis.py").write_text("open('/data/rows', 'rb').read(1)")
    key, piece = draw_data_key(), bytes(range(250)) * (PIECE // 250)
    spent = {}
    for place, one in (("sealed", key), ("clear", None)):
        (folder / place).mkdir()
        begun = time.monotonic()
        with ExtractFiles(folder / place, one).replacing("rows") as file:
            for _ in range(megabytes):
                file.write(piece)
        spent[place] = time.monotonic() - begun
    (folder / "clear" / "rows").chmod(0o644)
    times = [
        _least(lambda data=data: _job(folder, data))
        for data in (folder / "clear", SealedData(folder / "sealed", key))
    ]
    return spent["sealed"] / spent["clear"], times[0], times[1]


def _least(job: Callable[[], float]) -> float:
    return min(job() for _ in range(ROUNDS))


def _job(folder: Path, data: Path | SealedData) -> float:
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(dir=folder) as work:
        result = run(
            ["/opt/python/bin/python3", "/code/analysis.py"],
            data=data,
            code=folder / "code",
            limits=Limits(),
            uid=uid_for(7),
            work=Path(work) / "run",
        )
    if result.exit_code:
        raise SystemExit("The job failed.")
    return time.monotonic() - begun


if __name__ == "__main__":
    main()
