"""CSV to lake against plain DuckDB CSV to Parquet, on the same files in one run.

    python -m benchmarks.lake_load --rows 1M,4M [--repeats 3] [--folder FOLDER] [--json]

Each size is a delivery of monthly claims in the shape of the SNDS (ER_PRS_F, 30 columns, `;`,
dd/mm/yyyy, 4 M lines a month) and its register; 5 % of the claimants are not in the register and
some lines cannot be read. `plain` is the engine's own conversion of the same files, told only what
it cannot guess: no person, no key, no order, bad lines dropped unseen. Both write zstd. Each
measure runs in a process of its own, plain before and after each load; the ratio is that of the
best of each side, since what else a machine does can only slow either down.
"""

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from ecluse.data.lake import Lake
from ecluse.data.loading.limits import Limits
from ecluse.data.loading.loads import Target, load
from ecluse.data.schemas import model

MONTH_ROWS = 4_000_000
LINES_PER_PERSON = 25
MEMORY = "2GiB"
THREADS = 2
BAD_LINES = (
    "01/02/2023;16/01/2023;1;14\n",
    ";".join(["01/02/2023", "31/31/2023", *["1"] * 28]) + "\n",
)


@dataclass(frozen=True)
class Measure:
    """What one process took: seconds of wall and of processor, peak memory in MiB."""

    what: str
    rows: int
    gigabytes: float
    seconds: float
    cpu_seconds: float
    peak_mib: int


def claims_sql(*, rows: int, first: int, month: date, persons: int) -> str:
    """Return the query of one month of claims; of 21 claimants, one is not in the register."""
    flow = f"DATE '{month}'"
    day = f"({flow} - INTERVAL 1 MONTH + to_days(CAST(hash(i) % 28 AS INTEGER)))"
    care = f"strftime({day} - to_days(CAST(hash(i, 1) % 60 AS INTEGER)), '%d/%m/%Y')"
    person = f"hash(i, 2) % {persons + persons // 20}"
    return f"""
    SELECT strftime({flow}, '%d/%m/%Y') AS FLX_DIS_DTD, strftime({day}, '%d/%m/%Y') AS FLX_TRT_DTD,
        1 AS FLX_EMT_TYP, 1 + hash(i, 3) % 100 AS FLX_EMT_NUM, hash(i, 4) % 30 AS FLX_EMT_ORD,
        '01C' || lpad(CAST(hash(i, 5) % 90 AS VARCHAR), 3, '0') || '000' AS ORG_CLE_NUM,
        i // 3 + 1 AS DCT_ORD_NUM, i % 3 + 1 AS PRS_ORD_NUM, 1 AS REM_TYP_AFF,
        {psa(person)} AS BEN_NIR_PSA, 1 AS BEN_RNG_GEM, 1940 + {person} % 80 AS BEN_NAI_ANN,
        1 + {person} % 2 AS BEN_SEX_COD, hash(i, 6) % 99 AS BEN_AMA_COD,
        lpad(CAST(hash(i, 7) % 95 AS VARCHAR), 3, '0') AS BEN_RES_DPT, 1 AS RGM_GRG_COD,
        {care} AS EXE_SOI_DTD, {care} AS EXE_SOI_DTF, strftime({day}, '%Y%m') AS EXE_SOI_AMD,
        CASE WHEN hash(i, 8) % 2 = 0 THEN '01/01/1600' ELSE {care} END AS PRE_PRE_DTD,
        [3313, 1111, 1112, 1321, 3312][CAST(1 + hash(i, 9) % 5 AS INTEGER)] AS PRS_NAT_REF,
        CASE WHEN hash(i, 10) % 50 = 0 THEN -1 ELSE 1 END AS PRS_ACT_QTE,
        (hash(i, 11) % 10000) / 100 AS PRS_PAI_MNT, (hash(i, 12) % 10000) / 100 AS BSE_REM_BSE,
        (hash(i, 13) % 10000) / 100 AS BSE_REM_MNT, 0 AS CPL_MAJ_TOP, 0 AS DPN_QLF,
        0 AS PRS_DPN_QLP, 1 + hash(i, 14) % 30 AS PSE_SPE_COD,
        'P' || lpad(CAST(hash(i, 15) % 3000 AS VARCHAR), 8, '0') AS PFS_EXE_NUM
    FROM range({first}, {first + rows}) AS line(i)
    """  # noqa: S608 — made of our own numbers


def psa(person: str) -> str:
    """Return the expression of a pseudonym of 17 characters."""
    spread = f"({person})::UHUGEINT * 11400714819323198485 % 18446744073709551616"
    return f"'P' || lpad(to_hex({spread}), 16, '0')"


def generate(folder: Path, rows: int) -> None:
    """Write the register and the months of a delivery of `rows` claims."""
    persons = max(1000, rows // LINES_PER_PERSON)
    folder.mkdir(parents=True)
    with duckdb.connect(config={"threads": THREADS, "memory_limit": MEMORY}) as connection:
        register = f"""
        SELECT {psa("p")} AS BEN_NIR_PSA, 1 AS BEN_RNG_GEM, 'N' || p AS BEN_NIR_ANO,
            'N' || p AS BEN_IDT_ANO, '00' AS BEN_CDI_NIR, 1 + p % 2 AS BEN_SEX_COD
        FROM range({persons}) AS person(p)
        """  # noqa: S608 — made of our own numbers
        connection.sql(register).write_csv(str(folder / "IR_BEN_R.csv"), sep=";")
        for number, first in enumerate(range(0, rows, MONTH_ROWS)):
            month = date(2015 + (number + 1) // 12, 1 + (number + 1) % 12, 1)
            file = folder / f"{month:%Y-%m}" / "ER_PRS_F.csv"
            file.parent.mkdir()
            count = min(MONTH_ROWS, rows - first)
            query = claims_sql(rows=count, first=first, month=month, persons=persons)
            connection.sql(query).write_csv(str(file), sep=";")
            with file.open("a", encoding="utf-8") as target:
                target.writelines(BAD_LINES)


def convert_plainly(folder: Path, target: Path) -> None:
    """Convert every file with the engine alone."""
    target.mkdir()
    with duckdb.connect(config={"threads": THREADS, "memory_limit": MEMORY}) as connection:
        connection.execute("SET temp_directory = ?", [str(target / "spill")])
        for number, file in enumerate(sorted(folder.rglob("*.csv"))):
            read = connection.read_csv(
                str(file), sep=";", header=True, date_format="%d/%m/%Y", ignore_errors=True
            )
            read.write_parquet(str(target / f"{number}.parquet"), compression="zstd")


def load_in_lake(folder: Path, target: Path) -> None:
    """Load the delivery."""
    where = Target(Lake(target), "claims", model("snds"), datetime(2026, 1, 5, tzinfo=UTC))
    report = load(folder, where, limits=Limits(memory=MEMORY, threads=THREADS))
    assert report.rows_read == report.rows_loaded + report.rows_quarantined
    assert report.rows_quarantined == len(BAD_LINES) * len(list(folder.glob("*/")))


WORK: dict[str, Callable[[Path, Path], None]] = {"plain": convert_plainly, "load": load_in_lake}


def in_own_process(what: str, rows: int, folder: Path, target: Path) -> Measure:
    """Run one measure in a new process and return what it took."""
    command = [sys.executable, "-m", "benchmarks.lake_load", "--work", what]
    done = subprocess.run(
        [*command, str(folder), str(target)], check=True, capture_output=True, text=True
    )
    shutil.rmtree(target)
    taken = json.loads(done.stdout)
    size = sum(file.stat().st_size for file in folder.rglob("*.csv")) / 1e9
    return Measure(what, rows, size, taken["seconds"], taken["cpu_seconds"], taken["peak_mib"])


def work(what: str, folder: Path, target: Path) -> None:
    """Do one measure in this process and print what it took."""
    begun, cpu = time.perf_counter(), time.process_time()
    WORK[what](folder, target)
    taken = {
        "seconds": time.perf_counter() - begun,
        "cpu_seconds": time.process_time() - cpu,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    print(json.dumps(taken))


def measure(rows: int, folder: Path, *, repeats: int) -> list[Measure]:
    """Return plain, then load and plain `repeats` times, on one delivery of `rows` claims."""
    delivery = folder / f"delivery-{rows}"
    generate(delivery, rows)
    try:
        return [
            in_own_process(what, rows, delivery, folder / f"{what}-{rows}")
            for what in ("plain", *("load", "plain") * repeats)
        ]
    finally:
        shutil.rmtree(delivery)


def summary(measures: list[Measure]) -> dict[str, float]:
    """Return the ratio of one size: how much of the plain conversion's speed the load has."""
    plain = [item for item in measures if item.what == "plain"]
    loads = [item for item in measures if item.what == "load"]
    seconds = min(item.seconds for item in loads)
    cpu_seconds = min(item.cpu_seconds for item in loads)
    return {
        "rows": loads[0].rows,
        "load_gigabytes_per_second": loads[0].gigabytes / seconds,
        "ratio": min(item.seconds for item in plain) / seconds,
        "cpu_ratio": min(item.cpu_seconds for item in plain) / cpu_seconds,
        "load_peak_mib": max(item.peak_mib for item in loads),
        "load_microseconds_per_row": seconds / loads[0].rows * 1e6,
    }


def parse_rows(text: str) -> list[int]:
    """Return `10M,100M` as numbers."""
    return [int(float(part.rstrip("M")) * 1e6) for part in text.split(",")]


def show(measures: list[Measure], summaries: list[dict[str, float]]) -> None:
    """Print the measures as a table."""
    print(f"{'':6} {'rows':>12} {'GB':>7} {'s':>8} {'CPU s':>8} {'GB/s':>6} {'MiB':>6}")
    for item in measures:
        speed = item.gigabytes / item.seconds
        print(
            f"{item.what:6} {item.rows:12,} {item.gigabytes:7.2f} {item.seconds:8.2f} "
            f"{item.cpu_seconds:8.2f} {speed:6.3f} {item.peak_mib:6}"
        )
    for found in summaries:
        print(
            f"{found['rows']:,} rows: {found['ratio']:.2f} of the plain speed "
            f"({found['cpu_ratio']:.2f} in processor time)"
        )
    first, last = summaries[0], summaries[-1]
    slope = last["load_microseconds_per_row"] / first["load_microseconds_per_row"]
    print(f"slope from {first['rows']:,} to {last['rows']:,} rows: {slope:.3f}")


def main() -> None:
    """Run the benchmark, or one of its measures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=parse_rows, default=[1_000_000, 4_000_000])
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--work", nargs=3, metavar=("WHAT", "FOLDER", "TARGET"))
    chosen = parser.parse_args()
    if chosen.work:
        what, folder, target = chosen.work
        work(what, Path(folder), Path(target))
        return
    with tempfile.TemporaryDirectory(dir=chosen.folder, prefix="lake-load-") as folder:
        sizes = [measure(rows, Path(folder), repeats=chosen.repeats) for rows in chosen.rows]
    summaries = [summary(measures) for measures in sizes]
    measures = [item for size in sizes for item in size]
    if chosen.json:
        print(json.dumps({"measures": [asdict(m) for m in measures], "sizes": summaries}, indent=1))
    else:
        show(measures, summaries)


if __name__ == "__main__":
    main()
