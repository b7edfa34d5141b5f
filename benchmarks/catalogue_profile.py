"""How long describing a whole database takes: `python -m benchmarks.catalogue_profile`.

For each size, in one run: tables of events are written as Parquet files (persons sorted, 30 columns
each: a day, an amount, 4 codes, the rest text), then profiled as `ecluse catalogue profile` does.
Prints the seconds, the rows read a second and the most memory; then how long the portal takes to
read the profile, and how large that file is.
"""
# ruff: noqa: S608 — only our own integers and words stand in these queries

import argparse
import json
import resource
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from multiprocessing import get_context
from pathlib import Path

import duckdb

from ecluse.data.engines import connect
from ecluse.data.quality.table_profiles import profile_files
from ecluse.data.quality.table_profiles.sources import PlainFiles
from ecluse.domain.metadata.table_files import read_tables
from ecluse.domain.metadata.tables.profiles import encode
from ecluse.trust import canonical

SIZES = ("200x50000", "20x5000000")
ROWS_PER_PERSON = 10
TEXTS = 23
COLUMNS = f"""
    i // {ROWS_PER_PERSON} AS person,
    DATE '2015-01-01' + (hash(i) % 3000)::INTEGER AS seen_on,
    (hash(i + 1) % 100000) / 100 AS amount,
    'C' || hash(i + 2) % 40 AS code1, 'C' || hash(i + 3) % 400 AS code2,
    'C' || hash(i + 4) % 4000 AS code3, hash(i + 5) % 3 AS code4,
    {
    ", ".join(
        f"CASE WHEN hash(i + {k}) % {k + 2} > 0 THEN 'x' || i % {k + 7} END AS text{k}"
        for k in range(TEXTS)
    )
}
"""
CODES = frozenset({"code1", "code2", "code3", "code4"})


@dataclass(frozen=True, slots=True)
class Measure:
    """One size: tables, rows of each, seconds to profile and to read, bytes, memory in MiB."""

    tables: int
    rows: int
    profile_seconds: float
    read_seconds: float
    profile_bytes: int
    memory: int

    @property
    def rows_per_second(self) -> float:
        return self.tables * self.rows / self.profile_seconds


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", nargs="+", default=SIZES, help="TABLESxROWS, such as 200x50000")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    measures = [measure(*(int(part) for part in size.split("x"))) for size in chosen.size]
    if chosen.json:
        print(json.dumps([asdict(item) for item in measures]))
        return
    print(
        f"{'tables':>7} {'rows each':>10} {'profile s':>10} {'rows/s':>12} {'MiB':>6} {'read s':>7}"
        f" {'kB':>7}"
    )
    for item in measures:
        print(
            f"{item.tables:>7} {item.rows:>10,} {item.profile_seconds:>10.1f} "
            f"{item.rows_per_second:>12,.0f} {item.memory:>6} {item.read_seconds:>7.2f} "
            f"{item.profile_bytes // 1000:>7,}"
        )


def measure(tables: int, rows: int) -> Measure:
    folder = Path(tempfile.mkdtemp(prefix="ecluse-profile-"))
    try:
        write_tables(folder, tables=tables, rows=rows)
        with get_context("spawn").Pool(1) as pool:  # so that memory is its own too
            seconds, memory = pool.apply(_profile, (folder,))
        written = (folder / "profile.json").read_bytes()
        start = time.perf_counter()
        assert len(read_tables("profile.json", written)) == tables
        return Measure(tables, rows, seconds, time.perf_counter() - start, len(written), memory)
    finally:
        shutil.rmtree(folder)


def write_tables(folder: Path, *, tables: int, rows: int) -> None:
    """Write one table, then as many links to it: each is read in full."""
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute("SET enable_progress_bar = false")
        query = f"SELECT {COLUMNS} FROM range({rows}) AS r(i)"
        connection.execute(f"COPY ({query}) TO '{folder}/table_0.parquet' (COMPRESSION zstd)")
    for rank in range(1, tables):
        (folder / f"table_{rank}.parquet").hardlink_to(folder / "table_0.parquet")


def _profile(folder: Path) -> tuple[float, int]:
    files = sorted(folder.glob("*.parquet"))
    plain = PlainFiles(files=files, person="person", codes=CODES)
    aside = folder / "aside"
    aside.mkdir()
    start = time.perf_counter()
    with connect(memory_limit="2GiB", readable=files, writable=[aside]) as connection:
        made = profile_files(plain, dataset="b", connection=connection, on=date(2026, 1, 4))
    seconds = time.perf_counter() - start
    (folder / "profile.json").write_bytes(canonical.encode(encode(made)))
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
