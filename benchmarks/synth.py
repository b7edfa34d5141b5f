"""Claim lines generated a second, at two sizes in one run; memory; the same bytes or not.

    python benchmarks/synth.py [--json] [--full] [--workers N] [--years 2021-2023]

Lines are rows of ER_PRS_F; the tables that refine them are counted apart. `--full` makes a million
persons instead. Nothing here is a test: a machine that is busy gives a lower figure.
"""

import argparse
import json
import os
import resource
import shutil
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from ecluse.data.synthetic import Country, write_country

SIZES = (20_000, 100_000)
FULL = 1_000_000
KEY = bytes(32)


@dataclass(frozen=True, slots=True)
class Measure:
    """One run. Seconds are of the clock; memory is the largest of any one process, in MiB.

    Where the processors are shared, lines over `cpu_seconds` tell more than `lines_per_second`.
    """

    persons: int
    years: int
    workers: int
    seconds: float
    cpu_seconds: float
    claim_lines: int
    refinement_lines: int
    lines_per_second: int
    bytes_written: int
    largest_process_mib: int


def measure(persons: int, years: tuple[int, ...], *, workers: int, folder: Path) -> Measure:
    """Make a country in `folder`, then delete it."""
    target = folder / str(persons)
    begun, cpu = time.perf_counter(), _cpu_seconds()
    report = write_country(Country(persons, years), target, national_key=KEY, workers=workers)
    seconds = time.perf_counter() - begun
    written = sum(file.stat().st_size for file in target.rglob("*") if file.is_file())
    shutil.rmtree(target)
    return Measure(
        persons=persons,
        years=len(years),
        workers=workers,
        seconds=round(seconds, 2),
        cpu_seconds=round(_cpu_seconds() - cpu, 2),
        claim_lines=report.claim_lines,
        refinement_lines=report.refinement_lines,
        lines_per_second=round(report.claim_lines / seconds),
        bytes_written=written,
        largest_process_mib=_largest_mib(),
    )


def _cpu_seconds() -> float:
    """Return the processor time of this process and of those that ended."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def _largest_mib() -> int:
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(kind).ru_maxrss for kind in kinds) // 1024


def _show(measures: list[Measure], ratio: float | None) -> None:
    for item in measures:
        print(
            f"{item.persons:>9,} persons x {item.years} years, {item.workers} processes: "
            f"{item.claim_lines:,} claim lines (+ {item.refinement_lines:,} refinements) in "
            f"{item.seconds} s ({item.cpu_seconds} s of processor) = "
            f"{item.lines_per_second:,} lines/s; "
            f"{item.bytes_written / 1e9:.2f} GB; largest process {item.largest_process_mib} MiB"
        )
    if ratio is not None:
        print(f"speed of the larger over the smaller: {ratio:.2f}")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--full", action="store_true", help="one million persons")
    parser.add_argument("--workers", type=int, default=min(os.cpu_count() or 1, 2))
    parser.add_argument("--years", default="2021-2023")
    parser.add_argument("--folder", help="where to write; needs about 80 MB per 1,000 persons")
    chosen = parser.parse_args()
    first, last = map(int, chosen.years.split("-"))
    years = tuple(range(first, last + 1))
    with TemporaryDirectory(dir=chosen.folder) as folder:
        measures = [
            measure(persons, years, workers=chosen.workers, folder=Path(folder))
            for persons in ((FULL,) if chosen.full else SIZES)
        ]
    speeds = [item.lines_per_second for item in measures]
    ratio = speeds[1] / speeds[0] if len(speeds) > 1 else None
    if chosen.json:
        data = {"measures": [asdict(item) for item in measures], "ratio": ratio}
        json.dump(data, sys.stdout, indent=2)
        print()
    else:
        _show(measures, ratio)


if __name__ == "__main__":
    main()
