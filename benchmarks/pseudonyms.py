"""Two levels of HMAC-SHA-256 over distinct identifiers: ours beside other ways, in one run.

    python -m benchmarks.pseudonyms [--sizes 1000000,4000000] [--json]

Each way gives the pseudonyms of the same identifiers of 64 characters (what names a person of the
SNDS) as an Arrow column of 64 hexadecimal characters, and the same digest of them all, or it stops.
`ours` works on two processors; `ours, one processor` is what each of them does. The engine's way
keeps the padded keys in a one-row table, as it must: written in a query, they would be in its logs.
Each way runs in a process of its own.
"""

import argparse
import hashlib
import hmac
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

import duckdb
import numpy as np
import pyarrow as pa

from ecluse.data.pseudonyms import Label, PseudonymKeys, columns
from ecluse.trust.pseudonyms.keys import FIRST, SECOND, FileKey

PROJECT = PseudonymKeys(FileKey(FIRST, b"1" * 32), FileKey(SECOND, b"2" * 32)).project("FR-1")
PURPOSE = "ecluse pseudonym\0person\0FR-1"
KEYS = tuple(key.derive(PURPOSE) for key in (PROJECT.keys.first, PROJECT.keys.second))


@dataclass(frozen=True)
class Measure:
    """Seconds of wall and of processor for one way, peak memory, and the digest of what it gave."""

    way: str
    persons: int
    seconds: float
    cpu_seconds: float
    peak_mib: int
    digest: str


def identifiers(count: int) -> pa.Array:
    """Return `count` identifiers of 64 characters, always the same."""
    drawn = np.random.default_rng(1).integers(0, 256, 32 * count, np.uint8)
    return columns._as_text(drawn.tobytes(), count)


def ours(values: pa.Array) -> pa.Array:
    return PROJECT.of(Label.PERSON, values)


def ours_one_processor(values: pa.Array) -> pa.Array:
    columns.SHARED_FROM = columns.MOST
    return PROJECT.of(Label.PERSON, values)


def python_hmac(values: pa.Array) -> pa.Array:
    first, second = KEYS
    levels = (hmac.digest(first, value.encode(), "sha256") for value in values.to_pylist())
    return pa.array([hmac.digest(second, one, "sha256").hex() for one in levels])


def engine(values: pa.Array) -> pa.Array:
    """The engine's own SHA-256 over the padded keys and the values."""
    connection = duckdb.connect(config={"threads": 2})
    pads = {
        f"{name}{level}": [bytes(byte ^ pad for byte in key.ljust(64, b"\0"))]
        for level, key in enumerate(KEYS)
        for name, pad in (("i", 0x36), ("o", 0x5C))
    }
    rows = connection.from_arrow(pa.table({"value": values})).cross(
        connection.from_arrow(pa.table(pads))
    )
    first = "unhex(sha256(o0 || unhex(sha256(i0 || encode(value)))))"
    made = rows.project(f"sha256(o1 || unhex(sha256(i1 || {first})))")
    return made.to_arrow_table().column(0)


WAYS: dict[str, Callable[[pa.Array], pa.Array]] = {
    "ours": ours,
    "ours, one processor": ours_one_processor,
    "Python's hmac": python_hmac,
    "DuckDB's sha256": engine,
}


def measure_here(way: str, count: int) -> Measure:
    values = identifiers(count)
    begun, used = time.perf_counter(), _cpu()
    made = WAYS[way](values)
    seconds, cpu = time.perf_counter() - begun, _cpu() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    whole = hashlib.sha256()
    for chunk in made.chunks if isinstance(made, pa.ChunkedArray) else [made]:
        whole.update("".join(chunk.to_pylist()).encode())
    return Measure(way, count, round(seconds, 3), round(cpu, 3), peak, whole.hexdigest())


def measure(way: str, count: int) -> Measure:
    program = [sys.executable, "-m", "benchmarks.pseudonyms", "--way", way, "--sizes", str(count)]
    done = subprocess.run(program, capture_output=True, check=True, text=True)
    return Measure(**json.loads(done.stdout))


def _cpu() -> float:
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def show(measures: list[Measure]) -> None:
    print(f"{'way':22}{'persons':>10}{'s':>8}{'cpu s':>8}{'k/s':>8}{'k/cpu-s':>9}{'MiB':>7}")
    for one in measures:
        print(
            f"{one.way:22}{one.persons:>10}{one.seconds:>8.2f}{one.cpu_seconds:>8.2f}"
            f"{one.persons / one.seconds / 1e3:>8.0f}{one.persons / one.cpu_seconds / 1e3:>9.0f}"
            f"{one.peak_mib:>7}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="1000000,4000000")
    parser.add_argument("--way")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    sizes = [int(size) for size in options.sizes.split(",")]
    if options.way:
        print(json.dumps(asdict(measure_here(options.way, sizes[0]))))
        return
    measures = [measure(way, size) for size in sizes for way in WAYS]
    for size in sizes:
        assert len({one.digest for one in measures if one.persons == size}) == 1
    if options.json:
        print(json.dumps({"processors": os.cpu_count(), "measures": [*map(asdict, measures)]}))
    else:
        show(measures)


if __name__ == "__main__":
    main()
