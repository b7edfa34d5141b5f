"""What a quality report costs beside the load that it follows: `python -m benchmarks.quality`.

For each size, in one run: claims and drugs are written as `;` CSV, loaded, and the snapshot that
the load published is measured. Prints the seconds of both and their ratio, which should stay under
a quarter at every size, and the most memory that the report took.
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
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

import duckdb

from ecluse.data.engines import connect
from ecluse.data.lake import Lake
from ecluse.data.loading import load_delivery
from ecluse.data.quality import store

SIZES = (500_000, 2_000_000)
ROWS_PER_PERSON = 40
DRUG_IN = 3
FLOWS = 6

CLAIM = """
    strftime(DATE '2022-02-01' + to_months(flow::INTEGER), '%d/%m/%Y') AS FLX_DIS_DTD,
    strftime(DATE '2022-01-10' + to_months(flow::INTEGER), '%d/%m/%Y') AS FLX_TRT_DTD,
    1 AS FLX_EMT_TYP, (i % 97) AS FLX_EMT_NUM, 1 AS FLX_EMT_ORD, '01C031000' AS ORG_CLE_NUM,
    (i // 4) AS DCT_ORD_NUM, (i % 4) AS PRS_ORD_NUM, 1 AS REM_TYP_AFF
"""
ACT = """
    'P' || lpad((hash(i) % $persons)::VARCHAR, 16, '0') AS BEN_NIR_PSA, 1 AS BEN_RNG_GEM,
    strftime(day, '%d/%m/%Y') AS EXE_SOI_DTD, strftime(day, '%d/%m/%Y') AS EXE_SOI_DTF,
    1111 + hash(i + 2) % 300 AS PRS_NAT_REF, 1 AS PRS_ACT_QTE,
    (hash(i + 3) % 10000) / 100 AS PRS_PAI_MNT, (hash(i + 3) % 9000) / 100 AS BSE_REM_MNT,
    (hash(i + 3) % 9000) / 100 AS BSE_REM_BSE, 1 + hash(i) % 2 AS BEN_SEX_COD,
    1930 + hash(i) % 80 AS BEN_NAI_ANN, hash(i + 6) % 30 AS PSE_SPE_COD,
    'P' || hash(i + 7) % 200000 AS PFS_EXE_NUM, 0 AS CPL_MAJ_TOP, 0 AS DPN_QLF
"""


@dataclass(frozen=True, slots=True)
class Measure:
    """One size: claim and drug rows, seconds, memory in MiB of the process that did the report."""

    rows: int
    load_seconds: float
    report_seconds: float
    report_memory: int

    @property
    def ratio(self) -> float:
        return self.report_seconds / self.load_seconds


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--rows", type=int, nargs="+", default=SIZES, help="claim rows of each size"
    )
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    measures = [measure(rows) for rows in chosen.rows]
    if chosen.json:
        print(json.dumps([{**asdict(item), "ratio": item.ratio} for item in measures]))
        return
    print(f"{'rows':>12} {'load s':>8} {'report s':>9} {'ratio':>6} {'MiB':>6}")
    for item in measures:
        print(
            f"{item.rows:>12,} {item.load_seconds:>8.2f} {item.report_seconds:>9.2f} "
            f"{item.ratio:>6.2f} {item.report_memory:>6}"
        )


def measure(claims: int) -> Measure:
    folder = Path(tempfile.mkdtemp(prefix="ecluse-quality-"))
    try:
        write_delivery(folder / "delivery", claims=claims)
        loaded, rows = _alone(_load, folder)
        reported, memory = _alone(_report, folder)
    finally:
        shutil.rmtree(folder)
    return Measure(rows, loaded, reported, memory)


def write_delivery(folder: Path, *, claims: int) -> None:
    """Write claims over six months of flow, drugs for a claim in three, and the register."""
    folder.mkdir()
    persons = max(1, claims // ROWS_PER_PERSON)
    connection = duckdb.connect(config={"threads": 2})
    source = (
        f"(SELECT i, i * {FLOWS} // {claims} AS flow, "
        f"DATE '2022-01-01' + (i * {FLOWS} // {claims} * 30 + hash(i + 1) % 28)::INTEGER AS day "
        f"FROM range({claims}) AS r(i))"
    )
    act = ACT.replace("$persons", str(persons))
    drug = "3400930000000 + hash(i + 8) % 12000 AS PHA_PRS_C13, 1 AS PHA_ACT_QSN"
    register = (
        "'P' || lpad(i::VARCHAR, 16, '0') AS BEN_NIR_PSA, 1 AS BEN_RNG_GEM, "
        "'A' || lpad(i::VARCHAR, 16, '0') AS BEN_NIR_ANO, "
        "'A' || lpad(i::VARCHAR, 16, '0') AS BEN_IDT_ANO, 1 AS BEN_IDT_TOP, '00' AS BEN_CDI_NIR, "
        "1930 + i % 80 AS BEN_NAI_ANN, '05' AS BEN_NAI_MOI, 1 + i % 2 AS BEN_SEX_COD, "
        "'01/01/1600' AS BEN_DCD_DTE"
    )
    queries = {
        "ER_PRS_F": f"SELECT {CLAIM}, {act} FROM {source}",
        "ER_PHA_F": f"SELECT {CLAIM}, {drug} FROM {source} WHERE i % {DRUG_IN} = 0",
        "IR_BEN_R": f"SELECT {register} FROM range({persons}) AS r(i)",
    }
    for name, query in queries.items():
        connection.execute(f"COPY ({query}) TO '{folder / name}.csv' (DELIMITER ';', HEADER)")


def _alone(work, folder: Path):  # type: ignore[no-untyped-def]  # two shapes of answer
    """Run `work` in a process of its own, so that memory is its own too."""
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(work, (folder,))


def _load(folder: Path) -> tuple[float, int]:
    start = time.perf_counter()
    report = load_delivery(
        folder / "delivery",
        lake=Lake(folder / "lake"),
        dataset="snds",
        model="snds",
        now=datetime.now(UTC),
    )
    seconds = time.perf_counter() - start
    return seconds, sum(table.rows for table in report.snapshot.tables.values())


def _report(folder: Path) -> tuple[float, int]:
    snapshot = Lake(folder / "lake").snapshot("snds")
    start = time.perf_counter()
    with connect(readable=[snapshot.folder]) as connection:
        store(snapshot, connection=connection, on=datetime.now(UTC).date())
    seconds = time.perf_counter() - start
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
