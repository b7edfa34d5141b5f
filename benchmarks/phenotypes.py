"""What the studies of the library find in the synthetic country: `python -m benchmarks.phenotypes`.

A country is written and loaded, and each study is asked of the year given, the filters on. Those it
finds are compared with those whom the truth of the country names: who live with the illness, or to
whom it happens that year. Prints sensitivity and positive predictive value with their counts, and
the seconds of each study. The country is invented: figures say whether a definition reads what it
must, never what it is worth on real persons. A study of stays finds those of the ill who went to
hospital in the year: of those who live with it, its sensitivity is their share, not its worth.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ecluse.data.cohorts import Reading
from ecluse.data.cohorts import duckdb as engine
from ecluse.data.engines import connect
from ecluse.data.lake import Lake, Snapshot, read_names
from ecluse.data.loading import load_delivery
from ecluse.data.synthetic import Country, write_country
from ecluse.data.synthetic.expected import EXPECTED, Truth
from ecluse.domain.errors import EcluseError
from ecluse.domain.studies import STUDIES

BEGINS_EARLIER = {"bladder-cancer-pioglitazone": 2}
"""Years before the one asked when a study of several years begins."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One study: persons found, persons it should find, those of both; or why it cannot be."""

    study: str
    of: str = ""
    found: int = 0
    true: int = 0
    both: int = 0
    seconds: float = 0.0
    why_not: str = ""

    @property
    def sensitivity(self) -> float | None:
        return self.both / self.true if self.true else None

    @property
    def predictive_value(self) -> float | None:
        return self.both / self.found if self.found else None


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, default=10_000)
    parser.add_argument("--year", type=int, default=2017)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="phenotypes-") as folder:
        measures = measure(Path(folder), chosen.persons, chosen.year, chosen.seed)
    if chosen.json:
        print(json.dumps([asdict(item) for item in measures]))
        return
    heads = f"{'found':>7} {'true':>7} {'both':>7} {'Se':>6} {'PPV':>6} {'s':>6}"
    print(f"{'study':<28} {'of those who':<19} {heads}")
    for item in measures:
        print(line(item))


def line(item: Measure) -> str:
    if item.why_not:
        return f"{item.study:<28} {item.why_not}"
    counts = [f"{count:>7}" for count in (item.found, item.true, item.both)]
    shares = [
        f"{'' if share is None else format(share, '.3f'):>6}"
        for share in (item.sensitivity, item.predictive_value)
    ]
    return " ".join([f"{item.study:<28} {item.of:<19}", *counts, *shares, f"{item.seconds:>6.2f}"])


def measure(folder: Path, persons: int, year: int, seed: int) -> list[Measure]:
    made = write_country(
        Country(persons=persons, years=(year - 2, year - 1, year), seed=seed),
        folder / "country",
        national_key=bytes(32),
    )
    lake = Lake(folder / "lake")
    load_delivery(
        made.delivery_path, lake=lake, dataset="country", model="snds", now=datetime.now(UTC)
    )
    return list(measured(lake.snapshot("country"), made.truth_path, year))


def measured(snapshot: Snapshot, truth_path: Path, year: int) -> Iterator[Measure]:
    """Each study of the library, compared in every sense that is known of it."""
    with connect(readable=[snapshot.folder, truth_path]) as connection:
        truth = Truth(connection, truth_path, year)
        keys = person_keys(connection, snapshot, truth_path)
        for name in STUDIES:
            yield from _compared(name, snapshot, connection, truth, keys)


def person_keys(
    connection: duckdb.DuckDBPyConnection, snapshot: Snapshot, path: Path
) -> dict[int, int]:
    """The number in the dataset of each person of the truth who is there."""
    names = read_names(connection, snapshot).project("pseudonym, birth_rank, person_key")
    known = {(pseudonym, rank): key for pseudonym, rank, key in names.fetchall()}
    columns = ["person_index", "pseudonym", "birth_rank"]
    drawn = pq.read_table(path / "persons.parquet", columns=columns).to_pylist()
    found = {
        row["person_index"]: known.get((row["pseudonym"], int(row["birth_rank"]))) for row in drawn
    }
    return {index: key for index, key in found.items() if key is not None}


def _compared(
    name: str,
    snapshot: Snapshot,
    connection: duckdb.DuckDBPyConnection,
    truth: Truth,
    keys: dict[int, int],
) -> Iterator[Measure]:
    year = truth.year
    reading = Reading(date(year - 20, 1, 1), date(year, 12, 31), date(year + 3, 1, 1))
    started = time.perf_counter()
    try:
        cohort = STUDIES[name].cohort(year - BEGINS_EARLIER.get(name, 0))
        rows = engine.run(cohort, snapshot, reading, connection=connection).rows
    except (EcluseError, duckdb.Error) as error:
        yield Measure(name, why_not=f"cannot be asked: {str(error).splitlines()[0][:90]}")
        return
    seconds = round(time.perf_counter() - started, 2)
    for expected in (item for item in EXPECTED if item.study == name):
        wanted = {keys[index] for index in expected.whom(truth) if index in keys}
        found = _found(rows, expected.column)
        yield Measure(
            name, expected.of, len(found), len(wanted), len(found & wanted), seconds=seconds
        )


def _found(rows: pa.Table, column: str) -> set[int]:
    kept = rows.filter(rows[column]) if column else rows
    return set(kept["person_key"].to_pylist())


if __name__ == "__main__":
    main()
