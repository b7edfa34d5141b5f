"""What the checks of outputs cost: `python -m benchmarks.disclosure [--cells 2500 10000] [--json]`.

For each size, in one run, processor and wall seconds of: all rules on a set of tables of that many
cells with totals, of which the cells under the minimum are hidden (audited by linear programming);
the comparison of a table of 468 cells, over 40 times as many persons, with six tables released;
and a table asked from inside a job, counted and protected. Persons and numbers are drawn at random.
"""

import argparse
import json
import math
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from ecluse.data.disclosure import Predicate, Released, check_outputs, compare, decide
from ecluse.data.results import Results
from ecluse.domain.disclosure import DisclosurePolicy, TableDeclaration

SIZES = (2_500, 10_000)
ROWS, COLUMNS = 24, 39
PER_TABLE = (ROWS + 1) * (COLUMNS + 1)
POLICY = DisclosurePolicy()
ASKED_PERSONS = 200_000
PERSONS_PER_CELL = 40
VARIABLES = {"age": 18, "region": 13, "sex": 2, "year": 3}
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Measured:
    """One size: cells, then seconds of the clock and of the processor."""

    cells: int
    hidden: int
    check_wall: float
    check_cpu: float
    findings: int
    compare_wall: float
    compare_cpu: float


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", type=int, nargs="+", default=SIZES)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    measured = [measure(cells) for cells in chosen.cells]
    asked = asked_table()
    if chosen.json:
        print(json.dumps({"sizes": list(map(asdict, measured)), "asked_seconds": asked}))
        return
    print(f"{'cells':>7} {'hidden':>7} {'check s':>8} {'(cpu)':>7} {'compare s':>10} {'(cpu)':>7}")
    for one in measured:
        print(
            f"{one.cells:>7,} {one.hidden:>7,} {one.check_wall:>8.2f} {one.check_cpu:>7.2f} "
            f"{one.compare_wall:>10.2f} {one.compare_cpu:>7.2f}"
        )
    if len(measured) > 1:
        first, last = measured[0], measured[-1]
        growth = math.log(last.cells / first.cells)
        print(f"slope of the check: {math.log(last.check_cpu / first.check_cpu) / growth:.2f}")
    print(f"a table of 240 cells over {ASKED_PERSONS:,} persons, made: {asked:.2f} s")


def measure(cells: int) -> Measured:
    with tempfile.TemporaryDirectory(prefix="ecluse-disclosure-") as folder:
        files, hidden = write_tables(Path(folder), math.ceil(cells / PER_TABLE))
        declared = {name: TableDeclaration(counts=("persons",)) for name, _ in files}
        verdicts, check_wall, check_cpu = timed(lambda: check_outputs(files, declared, POLICY))
    new, earlier = releases(PERSONS_PER_CELL * cells)
    _, compare_wall, compare_cpu = timed(lambda: list(compare(new, earlier, POLICY)))
    return Measured(
        PER_TABLE * len(files),
        hidden,
        check_wall,
        check_cpu,
        sum(len(verdict.findings) for verdict in verdicts),
        compare_wall,
        compare_cpu,
    )


def write_tables(folder: Path, count: int) -> tuple[list[tuple[str, Path]], int]:
    """Tables of 24 by 39 cells with their totals; one cell in twelve or so is hidden."""
    chance = np.random.default_rng(0)
    files, hidden = [], 0
    for rank in range(count):
        numbers = chance.negative_binomial(2, 0.04, (ROWS, COLUMNS))
        lines = ["row,column,persons"]
        for i, row in enumerate(numbers.tolist()):
            for j, number in enumerate(row):
                is_hidden = 0 < number < POLICY.minimum_count
                hidden += is_hidden
                lines.append(f"r{i},c{j},{'*' if is_hidden else number}")
            lines.append(f"r{i},Total,{sum(row)}")
        lines += [f"Total,c{j},{number}" for j, number in enumerate(numbers.sum(axis=0).tolist())]
        lines.append(f"Total,Total,{int(numbers.sum())}")
        path = folder / f"t{rank}.csv"
        path.write_text("\n".join(lines) + "\n")
        files.append((path.name, path))
    return files, hidden


def releases(persons: int) -> tuple[Released, list[Released]]:
    """Tables of two of four variables over all persons, released before; a new one of three."""
    chance = np.random.default_rng(1)
    values = {name: chance.integers(0, count, persons) for name, count in VARIABLES.items()}
    before = [
        Released(f"R-{rank}", f"P-{rank}", "t.csv", predicates(values, pair))
        for rank, pair in enumerate(combinations(values, 2))
    ]
    return Released("", "P", "t.csv", predicates(values, ("age", "region", "sex"))), before


def predicates(
    values: dict[str, npt.NDArray[np.int64]], by: tuple[str, ...]
) -> tuple[Predicate, ...]:
    """The cells of eleven persons or more."""
    key = sum(values[name] * 1000**rank for rank, name in enumerate(by))
    made = (np.flatnonzero(key == one).astype(np.int32) for one in np.unique(key))
    return tuple(
        Predicate(str(rank), persons)
        for rank, persons in enumerate(made)
        if persons.size >= POLICY.minimum_count
    )


def asked_table() -> float:
    chance = np.random.default_rng(2)
    frame = {
        "person_pseudonym": [f"{number:016x}{0:048x}" for number in range(ASKED_PERSONS)],
        "age": chance.integers(0, 19, ASKED_PERSONS).astype(str),
        "region": chance.integers(0, 11, ASKED_PERSONS).astype(str),
    }
    with tempfile.TemporaryDirectory(prefix="ecluse-disclosure-") as folder:
        Results(Path(folder)).tabulate(frame, name="t", by=["age", "region"])
        data = (Path(folder) / "t.result").read_bytes()
        return timed(lambda: decide(data, POLICY, project="P"))[1]


def timed(work: Callable[[], T]) -> tuple[T, float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    made = work()
    return made, time.perf_counter() - wall, time.process_time() - cpu


if __name__ == "__main__":
    main()
