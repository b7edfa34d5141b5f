"""What keeping the lake costs: `python -m benchmarks.lake_store [--rows 5M]`.

In one run, on the same claims: every file hashed again, small parts merged, a study's scans in
clear and encrypted, persons erased. Ratios matter more than seconds: the machine may be shared.
"""

import argparse
import json
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from ecluse.data.engines import connect
from ecluse.data.lake import Draft, Lake, Snapshot, Staging, read, verify
from ecluse.data.lake.compaction import compact
from ecluse.data.lake.erasure import erase_persons
from ecluse.data.lake.manifests import NAMES, PERSONS, Part
from ecluse.data.lake.rekeying import change_key
from ecluse.data.schemas import model
from ecluse.trust.zone.lake_keys import draw_lake_key

NOW = datetime(2026, 1, 5, tzinfo=UTC)
MONTHS = 12
SMALL_PARTS = 8
ROWS_A_PERSON = 100
ERASED = 10
CLAIMS = """
SELECT (i % $persons)::INTEGER AS person_key,
    make_date(2022, $month, 1) + (hash(i, $part) % 28)::INTEGER AS event_date,
    hash(i, $month, $part) AS event_key,
    printf('PSA%014d', i % $persons) AS BEN_NIR_PSA,
    make_date(2022, $month, 1) AS FLX_DIS_DTD,
    (1000 + hash(i + 1) % 400)::SMALLINT AS PRS_NAT_REF,
    (hash(i + 2) % 100)::SMALLINT AS PSE_SPE_COD,
    printf('%09d', hash(i + 3) % 60000) AS PFS_EXE_NUM,
    (hash(i + 4) % 9000)::INTEGER / 100 AS PRS_PAI_MNT
FROM range($rows) AS claims(i) ORDER BY ALL
"""
PEOPLE = (
    "SELECT i::INTEGER AS person_key, printf('IDENTITY%09d', i) AS person_id, "
    "printf('OPT%013d', i) AS opt_out_id FROM range($persons) AS persons(i)"
)
NAMED = (
    "SELECT printf('PSA%014d', i) AS pseudonym, 1 AS birth_rank, "
    "printf('IDENTITY%09d', i) AS identity, i::INTEGER AS person_key "
    "FROM range($persons) AS persons(i)"
)
SCANS = {
    "persons by code": "PRS_NAT_REF BETWEEN 1000 AND 1010",
    "one person": "person_key = 777",
    "every column": "true",
}


@dataclass(frozen=True, slots=True)
class Measure:
    """One line: what was done, seconds, and the figure that it gives."""

    what: str
    seconds: float
    figure: str


def main() -> None:
    """Run everything on a lake of its own, which is removed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", default="2M", help="claims in all: 2M, 20M")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = int(options.rows.upper().replace("M", "000000"))
    folder = Path(tempfile.mkdtemp(prefix="lake-store-"))
    try:
        measures = run(folder, rows)
    finally:
        shutil.rmtree(folder)
    if options.json:
        print(json.dumps([[one.what, one.seconds, one.figure] for one in measures], indent=2))
        return
    for one in measures:
        print(f"{one.what:<44} {one.seconds:8.2f} s   {one.figure}")


def run(folder: Path, rows: int) -> list[Measure]:
    """Return the measures, in the order in which they were made."""
    lake = Lake(folder)
    first = publish(lake, rows)
    size = sum(part.size for part in first.every_part())
    measures = [timed("verify", lambda: verify(first), lambda s: f"{size / s / 1e9:.2f} GB/s")]
    measures.append(
        timed(
            f"compact {MONTHS * SMALL_PARTS} parts into {MONTHS}",
            lambda: compact(lake, "claims", now=NOW),
            lambda s: f"{rows / s / 1e6:.2f} M rows/s",
        )
    )
    clear = lake.snapshot("claims")
    measures += erasures(lake, clear, rows)
    key = draw_lake_key()
    measures.append(
        timed(
            "encrypt",
            lambda: change_key(lake, "claims", to=key, now=NOW),
            lambda s: f"{rows / s / 1e6:.2f} M rows/s",
        )
    )
    sealed = Lake(folder, key=key).snapshot("claims")
    return [*measures, *scans(Lake(folder).snapshot("claims", sealed.former), sealed)]


def publish(lake: Lake, rows: int) -> Snapshot:
    """Publish claims in small parts, as months delivered in pieces leave them."""
    persons = max(1000, rows // ROWS_A_PERSON)
    with lake.staging("claims") as staging, connect(writable=[staging.path], readable=[]) as duck:

        def part(query: str, table: str, name: str, **values: int) -> Part:
            file = staging.writing(f"{table}-{name}-{len(values)}.parquet")
            duck.sql(query, params=values).write_parquet(str(file), compression="zstd")
            return staging.seal(file, table=table, slice_name=name)

        each = rows // (MONTHS * SMALL_PARTS)
        claims = [
            part(CLAIMS, "ER_PRS_F", f"2022-{month:02d}", **values, month=month, part=piece)
            for month in range(1, MONTHS + 1)
            for piece in range(SMALL_PARTS)
            for values in [{"rows": each, "persons": persons}]
        ]
        return lake.publish(staging, draft(staging, claims, part, persons), now=NOW)


def draft(staging: Staging, claims: list[Part], part: Callable[..., Part], persons: int) -> Draft:
    """Return what is published: claims, persons and their names."""
    quarantine = staging.writing("quarantine.csv")
    quarantine.write_text("file,line,column,reason\n")
    return Draft(
        model=model("snds"),
        tables={"ER_PRS_F": claims},
        persons=[part(PEOPLE, PERSONS, "all", persons=persons)],
        names=[part(NAMED, NAMES, "all", persons=persons)],
        quarantine=quarantine,
        report={},
    )


def erasures(lake: Lake, snapshot: Snapshot, rows: int) -> list[Measure]:
    """Erase a few persons, all former snapshots with them, and prove it."""
    ids = [f"IDENTITY{key:09d}" for key in range(5, 5 + ERASED)]
    made = timed(
        f"erase {ERASED} persons from {len(snapshot.every_part())} parts, read again",
        lambda: erase_persons(lake, "claims", ids, reference="benchmark", now=NOW),
        lambda s: f"{rows / s / 1e6:.2f} M rows/s",
    )
    return [made]


def scans(clear: Snapshot, sealed: Snapshot) -> list[Measure]:
    """Return the seconds of each scan of the encrypted rows, and the ratio to those in clear."""
    made = []
    for what, condition in SCANS.items():
        plain, hidden = best_scan(clear, condition), best_scan(sealed, condition)
        made.append(
            Measure(f"scan, encrypted: {what}", hidden, f"{hidden / plain:.1f} times clear")
        )
    return made


def best_scan(snapshot: Snapshot, condition: str) -> float:
    """Return the seconds of the fastest of three scans."""
    return min(timed("", lambda: scan(snapshot, condition), str).seconds for _ in range(3))


def scan(snapshot: Snapshot, condition: str) -> None:
    """Read the rows of a condition, all columns of them."""
    with connect(readable=[snapshot.folder]) as connection:
        rows = read(connection, snapshot, "ER_PRS_F").filter(condition)
        columns = ", ".join(f"max({name})" for name in rows.columns)
        rows.aggregate(
            "count(DISTINCT person_key)" if "BETWEEN" in condition else columns
        ).fetchall()


def timed(what: str, work: Callable[[], object], figure: Callable[[float], str]) -> Measure:
    """Do the work and return how long it took."""
    begun = time.perf_counter()
    work()
    measure = Measure(what, time.perf_counter() - begun, "")
    return replace(measure, figure=figure(measure.seconds))


if __name__ == "__main__":
    main()
