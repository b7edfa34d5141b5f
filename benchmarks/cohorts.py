"""What a cohort costs beside a bare scan of the columns that it reads, on the synthetic country.

    python -m benchmarks.cohorts [--persons 2000,10000] [--memory 1GiB,512MiB] [--json]

For each size, in one run: a country of two years is made and loaded, then one study (treated or in
hospital for diabetes, index day, eight variables) is asked of it, with no filter and with those
that documentation advises. The bare scan reads the same columns of the same parts and adds them
up, which is the least that any engine does. Each is done in its own process, the best of three.
"""

import argparse
import json
import resource
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from duckdb import ColumnExpression, FunctionExpression

from ecluse.data.cohorts import Reading, duckdb
from ecluse.data.engines import connect
from ecluse.data.filters import DEFAULTS, State, Switch, Switches, filters
from ecluse.data.lake import Lake, Snapshot, read
from ecluse.data.loading import load_delivery
from ecluse.data.synthetic import Country, write_country
from ecluse.domain.cohorts import (
    AgeOn,
    AtLeast,
    CodeAt,
    Cohort,
    Count,
    Counted,
    DayIs,
    DeathDay,
    Events,
    ExposedDays,
    Exposure,
    IndexDay,
    SexIs,
    Step,
    Total,
    Variable,
)

YEARS = (2021, 2022)
OFF = Switches(tuple(Switch(found.name, State.OFF) for found in filters("snds")))
DRUGS = Events("drug_atc", ("A10",), but_not=("A10BX06",))
STAYS = Events("stay_main_diagnosis", ("E10", "E11", "E12", "E13", "E14"))
LISTED = Events("long_term_illness", ("E10", "E11", "E14"))
AFTER = DRUGS.around(IndexDay(), from_days=0, to_days=365)
STUDY = Cohort(
    steps=(
        Step("Traités ou hospitalisés", AtLeast(DRUGS.in_year(2021), 3) | AtLeast(STAYS)),
        Step("Sans exonération ancienne", ~AtLeast(LISTED.during(None, date(2010, 12, 31)))),
    ),
    index=(DRUGS | STAYS).first(),
    variables=(
        Variable("age", AgeOn(IndexDay()), "Âge"),
        Variable("sex", SexIs(), "Sexe"),
        Variable("died_on", DayIs(DeathDay()), "Décès"),
        Variable("deliveries", Count(AFTER), "Délivrances"),
        Variable("boxes", Total(AFTER, "PHA_ACT_QSN"), "Boîtes"),
        Variable("first_drug", CodeAt(DRUGS), "Première classe"),
        Variable("stays", Count(STAYS, Counted.EVENTS), "Séjours"),
        Variable(
            "exposed",
            ExposedDays(
                Exposure(DRUGS, covered_days=30, grace_days=30),
                IndexDay(),
                IndexDay().plus(365),
            ),
            "Jours exposés",
        ),
    ),
)
READ = {
    "ER_PHA_F": ("person_key", "event_date", "FLX_DIS_DTD", "PHA_PRS_C13", "PHA_ACT_QSN"),
    "T_MCOaaB": ("person_key", "event_date", "DGN_PAL"),
    "IR_IMB_R": ("person_key", "event_date", "MED_MTF_COD", "IMB_ALD_DTF"),
    "IR_BEN_R": ("person_key", "BEN_SEX_COD", "BEN_NAI_ANN", "BEN_NAI_MOI", "BEN_DCD_DTE"),
}


@dataclass(frozen=True, slots=True)
class Measure:
    """One size under one limit. Seconds of the clock, the best of three; memory in MiB."""

    persons: int
    drug_rows: int
    memory_limit: str
    scan_seconds: float
    cohort_seconds: float
    cohort_memory: int
    cleaned_seconds: float
    cleaned_memory: int
    selected: int

    @property
    def ratio(self) -> float:
        return self.cohort_seconds / self.scan_seconds


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", default="2000,10000")
    parser.add_argument("--memory", default="1GiB,512MiB")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    measures = [
        item
        for persons in chosen.persons.split(",")
        for item in measure(int(persons), chosen.memory.split(","))
    ]
    if chosen.json:
        print(json.dumps([{**asdict(item), "ratio": item.ratio} for item in measures]))
        return
    print(
        f"{'persons':>9} {'drug rows':>11} {'limit':>7} {'scan s':>7} {'cohort s':>9} {'ratio':>6} "
        f"{'MiB':>5} {'cleaned s':>10} {'MiB':>5} {'selected':>9}"
    )
    for item in measures:
        print(
            f"{item.persons:>9,} {item.drug_rows:>11,} {item.memory_limit:>7} "
            f"{item.scan_seconds:>7.3f} {item.cohort_seconds:>9.3f} {item.ratio:>6.2f} "
            f"{item.cohort_memory:>5} {item.cleaned_seconds:>10.3f} {item.cleaned_memory:>5} "
            f"{item.selected:>9,}"
        )


def measure(persons: int, limits: Sequence[str]) -> list[Measure]:
    with TemporaryDirectory(prefix="ecluse-cohorts-") as name:
        folder = Path(name)
        rows = _alone(_make, folder, str(persons))[0]
        measures = []
        for limit in limits:
            scan = _alone(_scan, folder, limit)
            plain, cleaned = _alone(_plain, folder, limit), _alone(_cleaned, folder, limit)
            measures.append(
                Measure(persons, int(rows), limit, scan[1], *plain[1:], *cleaned[1:], int(plain[0]))
            )
        return measures


def _alone(
    work: Callable[[Path, str], tuple[float, float]], *given: object
) -> tuple[float, float, int]:
    """Return what the work gives, then the MiB of the process that did it alone."""
    with get_context("spawn").Pool(1) as pool:
        value, seconds = pool.apply(work, given)
        memory: int = pool.apply(_largest_mib)
        return value, seconds, memory


def _largest_mib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _make(folder: Path, persons: str) -> tuple[float, float]:
    write_country(Country(int(persons), YEARS), folder, national_key=bytes(32))
    load_delivery(
        folder / "delivery",
        lake=Lake(folder / "lake"),
        dataset="country",
        model="snds",
        now=datetime(2026, 1, 4, tzinfo=UTC),
    )
    shutil.rmtree(folder / "delivery")
    return _snapshot(folder).tables["ER_PHA_F"].rows, 0.0


def _scan(folder: Path, limit: str) -> tuple[float, float]:
    def once() -> float:
        with connect(memory_limit=limit, readable=[_snapshot(folder).folder]) as connection:
            for table, columns in READ.items():
                rows = read(connection, _snapshot(folder), table)
                sums = [FunctionExpression("max", ColumnExpression(name)) for name in columns]
                rows.aggregate(sums).fetchall()
        return 0.0

    return _best(once)


def _plain(folder: Path, limit: str) -> tuple[float, float]:
    return _best(lambda: _ask(folder, limit, OFF))


def _cleaned(folder: Path, limit: str) -> tuple[float, float]:
    return _best(lambda: _ask(folder, limit, DEFAULTS))


def _ask(folder: Path, limit: str, switches: Switches) -> float:
    reading = Reading(date(2021, 1, 1), date(2022, 12, 31), date(2024, 1, 1), switches)
    spill = folder / "spill"
    spill.mkdir(exist_ok=True)
    snapshot = _snapshot(folder)
    with connect(memory_limit=limit, readable=[snapshot.folder], writable=[spill]) as connection:
        return duckdb.run(STUDY, snapshot, reading, connection=connection).rows.num_rows


def _best(once: Callable[[], float]) -> tuple[float, float]:
    times = []
    for _ in range(3):
        begun = time.perf_counter()
        value = once()
        times.append(time.perf_counter() - begun)
    return value, min(times)


def _snapshot(folder: Path) -> Snapshot:
    return Lake(folder / "lake").snapshot("country")


if __name__ == "__main__":
    main()
