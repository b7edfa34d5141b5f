"""What the studies of the library find in the synthetic country: `python -m benchmarks.phenotypes`.

A country is written and loaded, and each study is asked of the year given, the filters on. Those it
finds are compared with those who truly live with the illness at the end of that year, as the
generator drew them. Prints sensitivity and positive predictive value with their counts, and the
seconds of each study. The country is invented: figures say whether a definition reads what it must,
never what it is worth on real persons. The country has no hospital outpatient acts nor hospital at
home: studies are asked without these sources. A study of stays finds those of the ill who went to
hospital in the year: its sensitivity is their share, not its worth.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from ecluse.data.cohorts import Reading
from ecluse.data.cohorts import duckdb as engine
from ecluse.data.engines import connect
from ecluse.data.lake import Lake, Snapshot, read_names
from ecluse.data.loading import load_delivery
from ecluse.data.synthetic import Country, write_country
from ecluse.domain.cohorts import AnyEvents, sources
from ecluse.domain.errors import EcluseError
from ecluse.domain.studies import STUDIES

TRUTH = {
    "diabetes": "diabetes",
    "diabetes-types": "diabetes",
    "stroke": "stroke",
    "acute-coronary-syndrome": "ischaemic_heart_disease",
    "heart-failure": "heart_failure",
    "treated-hypertension": "hypertension",
    "cancer-history": "cancer",
    "breast-cancer": "cancer",
    "bladder-cancer-pioglitazone": "diabetes",
    "dementia": "dementia",
}
"""The illness of the country that a study is about; the others are counted alone."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One study: persons found, persons truly ill, those found who are; or why it cannot be."""

    study: str
    found: int = 0
    ill: int | None = None
    both: int | None = None
    seconds: float = 0.0
    why_not: str = ""

    @property
    def sensitivity(self) -> float | None:
        return self.both / self.ill if self.both is not None and self.ill else None

    @property
    def predictive_value(self) -> float | None:
        return self.both / self.found if self.both is not None and self.found else None


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
    print(f"{'study':<28} {'found':>7} {'ill':>7} {'both':>7} {'Se':>6} {'PPV':>6} {'s':>6}")
    for item in measures:
        print(line(item))


def line(item: Measure) -> str:
    if item.why_not:
        return f"{item.study:<28} {item.why_not}"
    counts = [f"{'' if count is None else count:>7}" for count in (item.found, item.ill, item.both)]
    shares = [
        f"{'' if share is None else format(share, '.3f'):>6}"
        for share in (item.sensitivity, item.predictive_value)
    ]
    return " ".join([f"{item.study:<28}", *counts, *shares, f"{item.seconds:>6.2f}"])


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
    snapshot = lake.snapshot("country")
    with connect(readable=[snapshot.folder, made.truth_path]) as connection:
        ill = truth(connection, snapshot, made.truth_path, year)
        return [asked(name, snapshot, connection, year, ill) for name in STUDIES]


def truth(
    connection: duckdb.DuckDBPyConnection, snapshot: Snapshot, path: Path, year: int
) -> dict[str, set[int]]:
    """Persons in the dataset, alive in the year, with each illness before its end."""
    names = read_names(connection, snapshot).project("pseudonym, birth_rank, person_key")
    keys = {(pseudonym, rank): key for pseudonym, rank, key in names.fetchall()}
    drawn = pq.read_table(path / "persons.parquet").to_pylist()
    found = [
        {**row, "person_key": keys.get((row["pseudonym"], int(row["birth_rank"])))} for row in drawn
    ]
    ends = date(year, 12, 31)
    return {
        condition: {
            row["person_key"]
            for row in found
            if row["person_key"] is not None
            and _before(row[condition], ends)
            and not _before(row["died"], date(year - 1, 12, 31))
        }
        for condition in set(TRUTH.values())
    }


def _before(text: str | None, day: date) -> bool:
    return bool(text) and datetime.strptime(str(text), "%d/%m/%Y").date() <= day  # noqa: DTZ007


def without(tree: Any, lacking: frozenset[str]) -> Any:
    """The tree without the events of sources that the country lacks, where others stand beside."""
    if isinstance(tree, AnyEvents):
        kept = tuple(part for part in tree.parts if not sources(part) <= lacking)
        return AnyEvents(tuple(without(part, lacking) for part in kept or tree.parts))
    if isinstance(tree, tuple):
        return tuple(without(item, lacking) for item in tree)
    if is_dataclass(tree) and not isinstance(tree, type):
        changed = {item.name: without(getattr(tree, item.name), lacking) for item in fields(tree)}
        return replace(tree, **changed)
    return tree


def asked(
    name: str,
    snapshot: Snapshot,
    connection: duckdb.DuckDBPyConnection,
    year: int,
    ill: dict[str, set[int]],
) -> Measure:
    begin = year - 2 if name == "bladder-cancer-pioglitazone" else year
    reading = Reading(date(year - 20, 1, 1), date(year, 12, 31), date(year + 3, 1, 1))
    started = time.perf_counter()
    try:
        cohort = STUDIES[name].cohort(begin)
        lacking = sources(cohort) - snapshot.model.sources.keys()
        narrowed = without(cohort, lacking)
        rows = engine.run(narrowed, snapshot, reading, connection=connection).rows
    except (EcluseError, duckdb.Error) as error:
        return Measure(name, why_not=f"cannot be asked: {str(error).splitlines()[0][:90]}")
    seconds = time.perf_counter() - started
    found = set(rows["person_key"].to_pylist())
    condition = TRUTH.get(name)
    if condition is None:
        return Measure(name, len(found), seconds=seconds)
    return Measure(
        name, len(found), len(ill[condition]), len(found & ill[condition]), round(seconds, 2)
    )


if __name__ == "__main__":
    main()
