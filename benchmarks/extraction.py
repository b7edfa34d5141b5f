"""One study extracted by Écluse and by its peers, from the same delivery, in one run.

    python -m benchmarks.extraction --rows 2M,10M [--folder /tmp] [--peers PYTHON] [--only ours]

The delivery has monthly claims in the shape of the SNDS, as Parquet files in the order of the flow:
ER_PRS_F (`rows`), ER_PHA_F (0.45 line an act), the registers of persons and of drugs. The study:
persons with three deliveries or more of class A10 on different days of 2022, not opted out, and all
their deliveries of 2021 to 2023 under project pseudonyms, written as Parquet.

ours     the order's road: the lake's parts checked and read, filters off, receipt counted
scan     the bare scan of the columns that the study needs, once for the cohort, once for the rows
plain    one DuckDB query on the delivered files
polars   the same, lazily, with the streaming engine
pandas   the same, month by month
spark    the same on PySpark local[2], flattening the nine keys first as SCALPEL3 does

Each runs in a process of its own. Peers are given the pseudonyms ready made, and opted-out persons
as identities. All that extract must give one checksum. `--peers` names a Python that has polars,
pandas and pyspark: they are no dependency of the product. `--heavy-rows` bounds the sizes that
pandas and Spark are asked for.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

NINE = (
    *("FLX_DIS_DTD", "FLX_TRT_DTD", "FLX_EMT_TYP", "FLX_EMT_NUM", "FLX_EMT_ORD"),
    *("ORG_CLE_NUM", "DCT_ORD_NUM", "PRS_ORD_NUM", "REM_TYP_AFF"),
)
MONTHS = 36
PACKS = 2_000
FIRST_PACK = 3_400_930_000_000
DIABETES_PACKS = 60
ROWS_A_PERSON = 100
MEMORY = "1GiB"
CARE = (date(2021, 1, 1), date(2023, 12, 31))
COHORT = (date(2022, 1, 1), date(2022, 12, 31))
NOW = datetime(2026, 2, 2, 9, tzinfo=UTC)
EXTRACTORS = ("ours", "plain", "polars", "pandas", "spark")
HEAVY = ("pandas", "spark")


@dataclass(frozen=True)
class Measure:
    """What one process took: seconds of wall and of processor, peak memory in MiB, and details."""

    what: str
    rows: int
    seconds: float
    cpu_seconds: float
    peak_mib: int
    checksum: str
    details: dict[str, float]


# -- the delivery ---------------------------------------------------------------------------------


def generate(folder: Path, rows: int) -> None:
    """Write a delivery of `rows` acts over 36 months of flow."""
    import numpy as np  # noqa: PLC0415 - peers' processes have no need of it
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    persons, a_month = max(1_000, rows // ROWS_A_PERSON), rows // MONTHS
    folder.mkdir(parents=True)
    _write_registers(folder, persons)
    names = _names(persons)
    for month in range(MONTHS):
        random = np.random.default_rng(month)
        flow = date(2021 + (month + 1) // 12, 1 + (month + 1) % 12, 1)
        number = np.arange(a_month, dtype=np.int32)
        lag = random.integers(1, 60, a_month).astype("timedelta64[D]")
        care = (np.datetime64(flow) - lag).astype("datetime64[D]")
        claim = {
            "FLX_DIS_DTD": np.full(a_month, np.datetime64(flow)),
            "FLX_TRT_DTD": np.datetime64(flow) - (number % 28).astype("timedelta64[D]"),
            "FLX_EMT_TYP": np.ones(a_month, np.int32),
            "FLX_EMT_NUM": number % 97,
            "FLX_EMT_ORD": number % 31,
            "ORG_CLE_NUM": pa.array([f"01C{one:03d}000" for one in range(90)]).take(
                pa.array(number % 90)
            ),
            "DCT_ORD_NUM": number // 3,
            "PRS_ORD_NUM": number % 3 + 1,
            "REM_TYP_AFF": np.ones(a_month, np.int32),
        }
        person = random.integers(0, persons, a_month)
        acts = {
            **claim,
            "BEN_NIR_PSA": names.take(pa.array(person)),
            "BEN_RNG_GEM": np.ones(a_month, np.int32),
            "EXE_SOI_DTD": care,
            "PRS_NAT_REF": np.full(a_month, 3313, np.int32),
            "PRS_ACT_QTE": np.ones(a_month),
            "PRS_PAI_MNT": random.integers(1, 9_999, a_month) / 100,
        }
        (folder / f"{flow:%Y-%m}").mkdir()
        pq.write_table(
            pa.table(acts), folder / f"{flow:%Y-%m}" / "ER_PRS_F.parquet", compression="zstd"
        )
        is_drug = random.random(a_month) < 0.45
        drugs = {name: _taken(values, is_drug) for name, values in claim.items()}
        pack = random.integers(0, PACKS, a_month)[is_drug]
        # One person in ten is diabetic, and then receives these packs half of the time.
        is_treated = (person[is_drug] % 10 == 0) & (random.random(len(pack)) < 0.5)
        drugs["PHA_PRS_C13"] = FIRST_PACK + np.where(
            is_treated, pack % DIABETES_PACKS, DIABETES_PACKS + pack % (PACKS - DIABETES_PACKS)
        )
        drugs["PHA_ACT_QSN"] = (1 + pack % 4).astype(np.int32)
        pq.write_table(
            pa.table(drugs), folder / f"{flow:%Y-%m}" / "ER_PHA_F.parquet", compression="zstd"
        )


def _taken(values: Any, mask: Any) -> Any:
    return values.filter(mask) if hasattr(values, "filter") else values[mask]


def _names(persons: int) -> Any:
    import pyarrow as pa  # noqa: PLC0415

    spread = 11_400_714_819_323_198_485
    return pa.array([f"P{one * spread % 2**64:016x}" for one in range(persons)])


def _write_registers(folder: Path, persons: int) -> None:
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    names = _names(persons)
    identity = pa.array([f"N{one:016d}" for one in range(persons)])
    register = {"BEN_NIR_PSA": names, "BEN_RNG_GEM": pa.array([1] * persons, pa.int32())}
    register |= {"BEN_NIR_ANO": identity, "BEN_IDT_ANO": identity}
    register["BEN_IDT_TOP"] = pa.array(["1"] * persons)
    pq.write_table(pa.table(register), folder / "IR_BEN_R.parquet")
    classes = ["A10BA02" if one < DIABETES_PACKS else "C09AA05" for one in range(PACKS)]
    drugs = {"PHA_CIP_C13": [FIRST_PACK + one for one in range(PACKS)], "PHA_ATC_C07": classes}
    pq.write_table(pa.table(drugs), folder / "IR_PHA_R.parquet")


# -- ours -----------------------------------------------------------------------------------------


def load(folder: Path, lake: Path) -> None:
    """Load the delivery, by the product's own loader, and write the pseudonyms for the peers."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    from ecluse.data.lake import Lake  # noqa: PLC0415
    from ecluse.data.loading import load_delivery  # noqa: PLC0415
    from ecluse.data.pseudonyms import Label  # noqa: PLC0415

    load_delivery(folder, lake=Lake(lake), dataset="claims", model="snds", now=NOW)
    persons = pq.read_table(folder / "IR_BEN_R.parquet")
    identities = persons["BEN_IDT_ANO"].combine_chunks()
    made = _key().project("FR-2026-0001").of(Label.PERSON, _whole(identities))
    listed = [one.endswith("77") for one in identities.to_pylist()]
    table = {"BEN_NIR_PSA": persons["BEN_NIR_PSA"], "pseudonym": made, "is_out": pa.array(listed)}
    pq.write_table(pa.table(table), lake / "names.parquet")


def _whole(values: Any) -> Any:
    return values.chunk(0) if hasattr(values, "chunk") else values


def _key() -> Any:
    from ecluse.data.pseudonyms import PseudonymKeys  # noqa: PLC0415
    from ecluse.trust.pseudonyms.keys import FIRST, SECOND, FileKey  # noqa: PLC0415

    return PseudonymKeys(FileKey(FIRST, bytes(range(32))), FileKey(SECOND, bytes(range(32, 64))))


def extract_ours(_folder: Path, lake: Path, target: Path) -> dict[str, float]:
    """Extract as the agent does; time each step."""
    from ecluse.data.extraction import extract  # noqa: PLC0415
    from ecluse.data.lake import Lake  # noqa: PLC0415

    steps: list[tuple[str, float, float]] = []

    def tell(step: str, _done: int, _total: int) -> None:
        steps.append((step.partition(" ")[0], time.perf_counter(), time.process_time()))

    receipt = extract(
        _warrant(Lake(lake)),
        lake=Lake(lake),
        key=_key(),
        target=target / "extract",
        clock=lambda: NOW,
        on_progress=tell,
    )
    tell("end", 1, 1)
    taken: dict[str, float] = {}
    for (name, begun, cpu), (_, ended, cpu_after) in pairwise(steps):
        taken[name] = taken.get(name, 0.0) + ended - begun
        taken[f"{name}_cpu"] = taken.get(f"{name}_cpu", 0.0) + cpu_after - cpu
    taken["persons"] = receipt.attrition[-1].person_count or 0
    taken["rows_out"] = receipt.tables[0].row_count_out or 0
    return taken


def _warrant(lake: Any) -> Any:
    """Return the order of the study with its permit and opt-outs, as verified."""
    from ecluse.data.extraction import Warrant  # noqa: PLC0415
    from ecluse.data.filters import filters  # noqa: PLC0415
    from ecluse.domain import documents as d  # noqa: PLC0415
    from ecluse.domain.cohorts import AtLeast, Events, cohort_of  # noqa: PLC0415

    snapshot = lake.snapshot("claims")
    tables = (d.TableScope("ER_PHA_F", ("PHA_PRS_C13", "PHA_ACT_QSN", "event_date")),)
    permit = d.Permit(
        permit_number="FR-2026-0001",
        application_number="A-1",
        title="Benchmark",
        organisation="Benchmark",
        persons=(d.AuthorisedPerson("one@x.example", "One", is_principal_investigator=True),),
        purposes=("research",),
        purpose_text="Measure.",
        datasets=(d.DatasetScope("claims", tables, *CARE),),
        data_format=d.DataFormat.PSEUDONYMISED,
        applies_opt_out_exception=False,
        opt_out_exception_reason=None,
        valid_from=date(2026, 1, 1),
        valid_until=date(2027, 1, 1),
        environment="",
        fees=(),
        conditions=(),
        minimum_count=10,
        assessed_by=(),
        decided_by="two@x.example",
        decided_at=NOW,
    )
    events = Events("drug_atc", ("A10",)).during(*COHORT)
    order = d.ExtractionOrder(
        order_number="FR-2026-0001-E1",
        permit_number=permit.permit_number,
        permit_digest="sha256:" + "1" * 64,
        dataset="claims",
        snapshot=snapshot.snapshot_id,
        tables=tables,
        cohort=cohort_of(AtLeast(events, 3)),
        care_from=CARE[0],
        care_to=CARE[1],
        flux_until=date(2024, 12, 1),
        pseudonym_domain=permit.permit_number,
        opt_out_list_digest="sha256:" + "2" * 64,
        ordered_by="one@x.example",
        filters=tuple(d.FilterSwitch(one.name, d.FilterState.OFF) for one in filters("snds")),
    )
    opt_outs = d.OptOutList(permit.permit_number, NOW, _opted_out(snapshot))
    proofs = ("sha256:" + digit * 64 for digit in "312")
    order_digest, permit_digest, list_digest = proofs
    return Warrant(order, order_digest, permit, permit_digest, opt_outs, list_digest)


def _opted_out(snapshot: Any) -> tuple[str, ...]:
    import pyarrow.compute as pc  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    paths = snapshot.paths(snapshot.persons)
    persons = pq.ParquetDataset(paths).read(["person_id", "opt_out_id"])
    listed = persons.filter(pc.ends_with(persons["person_id"], "77"))
    return tuple(sorted(set(listed["opt_out_id"].drop_null().to_pylist())))


def scan(_folder: Path, lake: Path, _target: Path) -> dict[str, float]:
    """Read the columns of the cohort, then those of the rows, and nothing more."""
    from duckdb import (  # noqa: PLC0415
        ColumnExpression,
        ConstantExpression,
        Expression,
        FunctionExpression,
    )

    from ecluse.data.engines import connect  # noqa: PLC0415
    from ecluse.data.lake import Lake, read  # noqa: PLC0415

    snapshot = Lake(lake).snapshot("claims")
    needs = ("person_key", "event_date", "FLX_DIS_DTD", "PHA_PRS_C13")

    def touched(name: str) -> Expression:
        column = ColumnExpression(name)
        if name in {"event_date", "FLX_DIS_DTD"}:
            return FunctionExpression("count_if", column > ConstantExpression(COHORT[0]))
        return FunctionExpression("sum", column)

    begun, cpu = time.perf_counter(), time.process_time()
    with connect(readable=[snapshot.folder]) as connection:
        for columns in (needs, (*needs, "PHA_ACT_QSN")):
            # Neither can be answered from the statistics of the files, as a maximum would be.
            read(connection, snapshot, "ER_PHA_F").aggregate(
                [touched(name) for name in columns]
            ).fetchall()
    return {"scan": time.perf_counter() - begun, "scan_cpu": time.process_time() - cpu}


# -- peers ----------------------------------------------------------------------------------------

PLAIN = """
WITH lines AS (
    SELECT a.BEN_NIR_PSA, a.EXE_SOI_DTD, d.PHA_PRS_C13, d.PHA_ACT_QSN
    FROM read_parquet('{folder}/*/ER_PHA_F.parquet') AS d
    JOIN read_parquet('{folder}/*/ER_PRS_F.parquet') AS a USING ({nine})
    WHERE a.EXE_SOI_DTD BETWEEN DATE '{first}' AND DATE '{last}'
), cohort AS (
    SELECT BEN_NIR_PSA FROM lines
    JOIN read_parquet('{folder}/IR_PHA_R.parquet') ON PHA_PRS_C13 = PHA_CIP_C13
    WHERE PHA_ATC_C07 LIKE 'A10%' AND EXE_SOI_DTD BETWEEN DATE '{from_}' AND DATE '{to}'
    GROUP BY 1 HAVING count(DISTINCT EXE_SOI_DTD) >= 3
)
SELECT n.pseudonym AS person_pseudonym, PHA_PRS_C13, PHA_ACT_QSN, EXE_SOI_DTD AS event_date
FROM lines JOIN cohort USING (BEN_NIR_PSA)
JOIN read_parquet('{lake}/names.parquet') AS n USING (BEN_NIR_PSA)
WHERE NOT n.is_out
"""


def extract_plain(folder: Path, lake: Path, target: Path) -> dict[str, float]:
    """Extract by one query of DuckDB on the delivered files."""
    import duckdb  # noqa: PLC0415

    with duckdb.connect(config={"threads": 2, "memory_limit": "4GiB"}) as connection:
        connection.execute("SET temp_directory = ?", [str(target / "spill")])
        query = PLAIN.format(
            folder=folder,
            lake=lake,
            nine=", ".join(NINE),
            first=CARE[0],
            last=CARE[1],
            from_=COHORT[0],
            to=COHORT[1],
        )
        connection.sql(query).write_parquet(str(target / "rows.parquet"), compression="zstd")
    return {}


def extract_polars(folder: Path, lake: Path, target: Path) -> dict[str, float]:
    """Extract by one lazy query of Polars."""
    import polars as pl  # noqa: PLC0415

    acts = pl.scan_parquet(f"{folder}/*/ER_PRS_F.parquet").select(
        *NINE, "BEN_NIR_PSA", "EXE_SOI_DTD"
    )
    acts = acts.filter(pl.col("EXE_SOI_DTD").is_between(*CARE))
    lines = pl.scan_parquet(f"{folder}/*/ER_PHA_F.parquet").join(acts, on=list(NINE))
    atc = pl.scan_parquet(f"{folder}/IR_PHA_R.parquet")
    codes = atc.filter(pl.col("PHA_ATC_C07").str.starts_with("A10")).select("PHA_CIP_C13")
    treated = lines.filter(pl.col("EXE_SOI_DTD").is_between(*COHORT)).join(
        codes, left_on="PHA_PRS_C13", right_on="PHA_CIP_C13", how="semi"
    )
    days = treated.group_by("BEN_NIR_PSA").agg(pl.col("EXE_SOI_DTD").n_unique().alias("days"))
    cohort = days.filter(pl.col("days") >= 3)
    names = pl.scan_parquet(f"{lake}/names.parquet").filter(~pl.col("is_out"))
    kept = names.join(cohort, on="BEN_NIR_PSA", how="semi")
    rows = lines.join(kept, on="BEN_NIR_PSA").select(
        pl.col("pseudonym").alias("person_pseudonym"),
        *("PHA_PRS_C13", "PHA_ACT_QSN"),
        pl.col("EXE_SOI_DTD").alias("event_date"),
    )
    rows.sink_parquet(target / "rows.parquet", compression="zstd")
    return {}


def extract_pandas(folder: Path, lake: Path, target: Path) -> dict[str, float]:
    """Extract with pandas, month by month."""
    import pandas as pd  # noqa: PLC0415

    months = []
    for month in sorted(folder.glob("*/")):
        columns = [*NINE, "BEN_NIR_PSA", "EXE_SOI_DTD"]
        acts = pd.read_parquet(month / "ER_PRS_F.parquet", columns=columns)
        drugs = pd.read_parquet(month / "ER_PHA_F.parquet").merge(acts, on=list(NINE))
        days = pd.to_datetime(drugs["EXE_SOI_DTD"])
        inside = drugs[days.between(*(pd.Timestamp(day) for day in CARE))]
        months.append(inside[["BEN_NIR_PSA", "EXE_SOI_DTD", "PHA_PRS_C13", "PHA_ACT_QSN"]])
    lines = pd.concat(months)
    atc = pd.read_parquet(folder / "IR_PHA_R.parquet")
    codes = atc[atc["PHA_ATC_C07"].str.startswith("A10")]["PHA_CIP_C13"]
    treated = lines[lines["PHA_PRS_C13"].isin(codes)]
    days = pd.to_datetime(treated["EXE_SOI_DTD"])
    treated = treated[days.between(*(pd.Timestamp(day) for day in COHORT))]
    counts = treated.groupby("BEN_NIR_PSA")["EXE_SOI_DTD"].nunique()
    names = pd.read_parquet(lake / "names.parquet")
    names = names[~names["is_out"] & names["BEN_NIR_PSA"].isin(counts[counts >= 3].index)]
    rows = lines.merge(names, on="BEN_NIR_PSA").rename(
        columns={"pseudonym": "person_pseudonym", "EXE_SOI_DTD": "event_date"}
    )
    wanted = ["person_pseudonym", "PHA_PRS_C13", "PHA_ACT_QSN", "event_date"]
    rows[wanted].to_parquet(target / "rows.parquet", compression="zstd")
    return {}


def extract_spark(folder: Path, lake: Path, target: Path) -> dict[str, float]:
    """Flatten every month into one wide table, as SCALPEL3 does, then filter it."""
    from pyspark.sql import SparkSession  # noqa: PLC0415
    from pyspark.sql import functions as f  # noqa: PLC0415

    builder = SparkSession.builder.master("local[2]").appName("extraction")
    builder = builder.config("spark.driver.memory", "6g").config("spark.ui.enabled", "false")
    builder = builder.config("spark.sql.shuffle.partitions", "16")
    spark = builder.config("spark.local.dir", str(target)).getOrCreate()
    acts = spark.read.parquet(f"{folder}/*/ER_PRS_F.parquet")
    drugs = spark.read.parquet(f"{folder}/*/ER_PHA_F.parquet")
    atc = spark.read.parquet(f"{folder}/IR_PHA_R.parquet")
    flat = acts.join(drugs, list(NINE), "left")
    flat = flat.join(atc, f.col("PHA_PRS_C13") == f.col("PHA_CIP_C13"), "left")
    flat.write.parquet(str(target / "flat"), compression="snappy")
    flattened = time.perf_counter()
    flat = spark.read.parquet(str(target / "flat")).where(f.col("PHA_PRS_C13").isNotNull())
    lines = flat.where(f.col("EXE_SOI_DTD").between(*CARE))
    treated = lines.where(f.col("EXE_SOI_DTD").between(*COHORT)).where(
        f.col("PHA_ATC_C07").startswith("A10")
    )
    days = treated.groupBy("BEN_NIR_PSA").agg(f.countDistinct("EXE_SOI_DTD").alias("days"))
    cohort = days.where("days >= 3").select("BEN_NIR_PSA")
    names = spark.read.parquet(f"{lake}/names.parquet").where("NOT is_out")
    rows = lines.join(cohort, "BEN_NIR_PSA").join(names, "BEN_NIR_PSA")
    rows.select(
        f.col("pseudonym").alias("person_pseudonym"),
        *("PHA_PRS_C13", "PHA_ACT_QSN"),
        f.col("EXE_SOI_DTD").alias("event_date"),
    ).write.parquet(str(target / "rows"), compression="zstd")
    spark.stop()
    return {"after_flattening": time.perf_counter() - flattened}


WORK: dict[str, Callable[[Path, Path, Path], dict[str, float]]] = {
    "ours": extract_ours,
    "scan": scan,
    "plain": extract_plain,
    "polars": extract_polars,
    "pandas": extract_pandas,
    "spark": extract_spark,
}
WRITTEN = {"ours": "extract/ER_PHA_F.parquet", "spark": "rows/*.parquet"}

# -- the run --------------------------------------------------------------------------------------


def checksum(what: str, target: Path) -> str:
    """Return rows, persons and the sum of a hash of every row delivered."""
    import duckdb  # noqa: PLC0415

    if what not in EXTRACTORS:
        return ""
    path = target / WRITTEN.get(what, "rows.parquet")
    told = """
        SELECT count(*), count(DISTINCT person_pseudonym), sum(hash(person_pseudonym,
            PHA_PRS_C13::BIGINT, PHA_ACT_QSN::INTEGER, event_date::DATE)::HUGEINT)
        FROM read_parquet(?)
    """
    with duckdb.connect() as connection:
        (row,) = connection.execute(told, [str(path)]).fetchall()
    return "/".join(map(str, row))


def in_own_process(what: str, rows: int, python: str, folders: tuple[Path, Path, Path]) -> Measure:
    """Run one measure in a new process and return what it took."""
    shutil.rmtree(folders[2], ignore_errors=True)
    folders[2].mkdir()
    command = [python, str(Path(__file__).resolve()), "--work", what, *map(str, folders)]
    began = time.perf_counter()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        seen = Seen(process.pid)
        while process.poll() is None:
            seen.look()
            time.sleep(0.05)
        out, error = process.communicate()
    seconds = time.perf_counter() - began
    if process.returncode:
        raise SystemExit(f"{what}: {error[-2000:]}")
    taken = json.loads(out.strip().splitlines()[-1])
    found = checksum(what, folders[2])
    details = {**taken["details"], "inside": taken["seconds"]}
    shutil.rmtree(folders[2])
    return Measure(what, rows, seconds, seen.cpu_seconds, seen.peak_mib, found, details)


class Seen:
    """What a process and its descendants took, looked at while they run: Spark's work is Java's."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._cpu: dict[int, float] = {}
        self.peak_mib = 0

    @property
    def cpu_seconds(self) -> float:
        """Seconds of processor of all of them."""
        return sum(self._cpu.values())

    def look(self) -> None:
        """Add what they take now; one that ends between two looks loses its last moments."""
        pages = 0
        for pid in self._family(self._pid):
            try:
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                pages += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue
            ticks = int(fields[11]) + int(fields[12])
            self._cpu[pid] = ticks / os.sysconf("SC_CLK_TCK")
        self.peak_mib = max(self.peak_mib, pages * os.sysconf("SC_PAGE_SIZE") // 2**20)

    def _family(self, pid: int) -> list[int]:
        found = [pid]
        for file in Path(f"/proc/{pid}/task").glob("*/children"):
            try:
                children = map(int, file.read_text().split())
            except (FileNotFoundError, ProcessLookupError):
                continue
            for child in children:
                found += self._family(child)
        return found


def work(what: str, folder: Path, lake: Path, target: Path) -> None:
    """Do one measure in this process and print what it took."""
    begun = time.perf_counter()
    details = WORK[what](folder, lake, target)
    print(json.dumps({"seconds": time.perf_counter() - begun, "details": details}))


def measure(rows: int, folder: Path, chosen: argparse.Namespace) -> list[Measure]:
    """Return what each contender took on one delivery, after a warming scan that is not kept."""
    delivery, lake = folder / f"delivery-{rows}", folder / f"lake-{rows}"
    generate(delivery, rows)
    begun = time.perf_counter()
    load(delivery, lake)
    print(f"{rows:,} rows: loaded in {time.perf_counter() - begun:.0f} s", file=sys.stderr)
    places = (delivery, lake, folder / "target")
    try:
        in_own_process("scan", rows, sys.executable, places)
        return [
            in_own_process(what, rows, _python(what, chosen), places)
            for what in chosen.only
            if not (what in HEAVY and rows > chosen.heavy_rows)
        ]
    finally:
        shutil.rmtree(delivery)
        shutil.rmtree(lake)


def _python(what: str, chosen: argparse.Namespace) -> str:
    return chosen.peers if what in {"polars", "pandas", "spark"} else sys.executable


def show(measures: list[Measure]) -> None:
    """Print the measures of one size, and how they stand to ours."""
    by_name = {one.what: one for one in measures}
    ours = by_name.get("ours")
    print(f"{'':7} {'rows':>13} {'s':>8} {'CPU s':>8} {'MiB':>6}  to ours")
    for one in measures:
        ratio = "" if ours is None else f"{one.seconds / ours.seconds:7.2f}"
        print(
            f"{one.what:7} {one.rows:13,} {one.seconds:8.2f} {one.cpu_seconds:8.2f} "
            f"{one.peak_mib:6} {ratio}  {json.dumps(_rounded(one.details))}"
        )
    sums = {one.checksum for one in measures if one.what in EXTRACTORS}
    print(f"checksums: {sums if len(sums) != 1 else 'equal ' + sums.pop()}")
    if ours is not None and "scan" in by_name:
        bare = by_name["scan"].details
        engine = ours.details["cohort"] + ours.details["table"]
        cpu = ours.details["cohort_cpu"] + ours.details["table_cpu"]
        wall, busy = engine / bare["scan"], cpu / bare["scan_cpu"]
        print(f"engine time: {wall:.2f} of the bare scan, {busy:.2f} in processor time")


def _rounded(details: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 2) for name, value in details.items()}


def parse_rows(text: str) -> list[int]:
    """Return `2M,10M` as numbers."""
    return [int(float(part.rstrip("M")) * 1e6) for part in text.split(",")]


def main() -> None:
    """Run the benchmark, or one of its measures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=parse_rows, default=[2_000_000, 10_000_000])
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--peers", default=sys.executable)
    parser.add_argument("--only", type=lambda text: text.split(","), default=list(WORK))
    parser.add_argument("--heavy-rows", type=float, default=1e9)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--work", nargs=4, metavar=("WHAT", "DELIVERY", "LAKE", "TARGET"))
    chosen = parser.parse_args()
    if chosen.work:
        what, *places = chosen.work
        work(what, *map(Path, places))
        return
    with tempfile.TemporaryDirectory(dir=chosen.folder, prefix="extraction-") as folder:
        sizes = [measure(rows, Path(folder), chosen) for rows in chosen.rows]
    if chosen.json:
        print(json.dumps([[asdict(one) for one in size] for size in sizes], indent=1))
        return
    for size in sizes:
        show(size)
    ours = [one for size in sizes for one in size if one.what == "ours"]
    if len(ours) > 1:
        slope = (ours[-1].seconds / ours[-1].rows) / (ours[0].seconds / ours[0].rows)
        print(f"slope of ours from {ours[0].rows:,} to {ours[-1].rows:,} rows: {slope:.3f}")


if __name__ == "__main__":
    main()
