"""What answering a data request costs: `python -m benchmarks.tabulation`.

For each size, in one run: a synthetic country is written and loaded, then one plan is answered:
persons by age and sex; persons, claims and amounts by age, sex and year. Then a table of about
10,000 cells with its totals, drawn at random, is protected, and what an attacker can guess of some
of its small cells is computed by a programme of its own for each. Prints seconds.
"""

import argparse
import json
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from itertools import product
from pathlib import Path

import numpy as np

from ecluse.data.engines import connect
from ecluse.data.lake import Lake, read_persons
from ecluse.data.loading import load_delivery
from ecluse.data.synthetic import Country, write_country
from ecluse.data.tabulation import Memory, answer
from ecluse.data.tabulation.attacks import interval
from ecluse.data.tabulation.counting import Counts
from ecluse.data.tabulation.holdings import Asked
from ecluse.data.tabulation.suppression import suppress
from ecluse.data.tabulation.systems import Builder
from ecluse.domain.tabulation import (
    AgeBands,
    Cell,
    CellContent,
    CodeGroup,
    CodeGroups,
    Measure,
    MeasureKind,
    Source,
    Suppression,
    TableOrder,
    TabulationPlan,
    TabulationPolicy,
    Years,
)
from ecluse.domain.tabulation.rules import EMPTY, needs

SIZES = (2_000, 10_000)
YEARS = (2021, 2022, 2023)
SIDE = 20
SAMPLE = 40
PERSONS = (Measure(MeasureKind.PERSONS),)


@dataclass(frozen=True, slots=True)
class Answered:
    """One plan answered: claims read, cells made and hidden, seconds."""

    persons: int
    claims: int
    cells: int
    hidden: int
    seconds: float
    seconds_again: float


@dataclass(frozen=True, slots=True)
class Guarded:
    """One large table protected; `lowest_top` is the least that any small cell sampled may be."""

    cells: int
    at_risk: int
    hidden_for_others: int
    seconds: float
    sampled: int
    lowest_top: float
    audit_seconds: float


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, nargs="+", default=SIZES)
    parser.add_argument("--side", type=int, default=SIDE, help="categories on each of three axes")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    answered = [answered_plan(persons) for persons in chosen.persons]
    guarded = guarded_table(chosen.side)
    if chosen.json:
        print(json.dumps({"answers": list(map(asdict, answered)), "table": asdict(guarded)}))
        return
    print(f"{'persons':>9} {'claims':>10} {'cells':>6} {'hidden':>7} {'s':>7} {'again s':>8}")
    for one in answered:
        print(
            f"{one.persons:>9,} {one.claims:>10,} {one.cells:>6} {one.hidden:>7} "
            f"{one.seconds:>7.2f} {one.seconds_again:>8.2f}"
        )
    print(
        f"{guarded.cells:,} cells, {guarded.at_risk} at risk, {guarded.hidden_for_others} hidden "
        f"for others: {guarded.seconds:.1f} s; of {guarded.sampled} small cells, the attacker must "
        f"think {guarded.lowest_top:.0f} possible at least ({guarded.audit_seconds:.1f} s)"
    )


def answered_plan(persons: int) -> Answered:
    folder = Path(tempfile.mkdtemp(prefix="ecluse-tabulation-"))
    try:
        country = Country(persons=persons, years=YEARS)
        made = write_country(country, folder / "country", national_key=bytes(32), workers=2)
        lake = Lake(folder / "lake")
        load_delivery(
            made.delivery_path, lake=lake, dataset="snds", model="snds", now=datetime.now(UTC)
        )
        snapshot = lake.snapshot("snds")
        with connect(readable=[snapshot.folder]) as connection:
            keys = read_persons(connection, snapshot).fetchnumpy()["person_key"]
            seconds = []
            for _ in range(2):
                start = time.perf_counter()
                given = answer(
                    request(),
                    snapshot,
                    keys,
                    policy=TabulationPolicy(),
                    connection=connection,
                    memory=Memory(folder / "memory"),
                )
                seconds.append(time.perf_counter() - start)
    finally:
        shutil.rmtree(folder)
    counts = given.counts
    hidden = counts.primary + counts.secondary
    return Answered(persons, made.claim_lines, counts.cells, hidden, *seconds)


def request() -> TabulationPlan:
    """Return the plan of the benchmark."""
    age = AgeBands(
        "age", "Age", "IR_BEN_R", "BEN_NAI_ANN", "BEN_NAI_MOI", date(2022, 7, 1), (0, 18, 40, 65)
    )
    sexes = (CodeGroup("M", "Men", ("1",)), CodeGroup("F", "Women", ("2",)))
    sex = CodeGroups("sex", "Sex", "IR_BEN_R", "BEN_SEX_COD", sexes, is_exact=True)
    care = Source("ER_PRS_F", date(YEARS[0], 1, 1), date(YEARS[-1], 12, 31))
    amounts = (
        *PERSONS,
        Measure(MeasureKind.EVENTS),
        Measure(MeasureKind.TOTAL, "PRS_PAI_MNT"),
    )
    tables = (
        TableOrder("people", "People", ("age", "sex"), PERSONS),
        TableOrder("care", "Care", ("age", "sex", "year"), amounts, care),
    )
    variables = (age, sex, Years("year", "Year", YEARS[0], YEARS[-1]))
    return TabulationPlan("D-1", "Benchmark", "all", variables, tables, Suppression())


def guarded_table(side: int) -> Guarded:
    """Protect a table of three variables of `side` categories, other and totals beside them."""
    asked, counts = drawn_table(side)
    builder = Builder()
    builder.add("now", asked, counts)
    system = builder.made()
    guards = [
        guard
        for frame, cell in builder.spots
        for guard in builder.guards(
            frame,
            cell,
            needs(counts.cells.get(cell, EMPTY), TabulationPolicy(), measures=()),
            system.scales,
        )
    ]
    start = time.perf_counter()
    pattern = suppress(system, guards, hidden=np.zeros(system.spot_count, np.bool_))
    seconds = time.perf_counter() - start
    start = time.perf_counter()
    sample = guards[:: max(1, len(guards) // SAMPLE)]
    tops = [interval(system, pattern.hidden, guard.variable)[1] for guard in sample]
    return Guarded(
        system.spot_count,
        int(pattern.primary.sum()),
        int(pattern.secondary.sum()),
        seconds,
        len(sample),
        min(tops),
        time.perf_counter() - start,
    )


def drawn_table(side: int) -> tuple[Asked, Counts]:
    random = np.random.default_rng(5)
    names = ("a", "b", "c")
    codes = [f"c{rank}" for rank in range(side)]
    groups = tuple(CodeGroup(code, code, (code,)) for code in codes)
    variables = tuple(CodeGroups(name, name, "t", name, groups, is_exact=True) for name in names)
    table = TableOrder("t", "T", names, PERSONS)
    plan = TabulationPlan("D-1", "Benchmark", "all", variables, (table,), Suppression())
    cells: dict[Cell, int] = {}
    for leaf in product(codes, repeat=3):
        number = int(random.poisson(40 * np.exp(random.normal(0, 1))))
        for place in product(*((code, None) for code in leaf)):
            cell = tuple((name, code) for name, code in zip(names, place, strict=True) if code)
            cells[cell] = cells.get(cell, 0) + number
    contents = {cell: CellContent(number) for cell, number in cells.items()}
    return Asked(plan, None, plan.tables), Counts(contents)


if __name__ == "__main__":
    main()
