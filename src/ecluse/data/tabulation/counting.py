"""The numbers of a plan as they are, counted in the lake. Nothing here may leave the stage."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

import duckdb
from duckdb import DuckDBPyRelation

from ecluse.data.engines import quoted
from ecluse.data.tabulation.holdings import Asked
from ecluse.domain.errors import JobFailed
from ecluse.domain.tabulation import Cell, CellContent, Holding, Variable, tree

Levels = tuple[tuple[Variable, int], ...]
"""Variables and the level at which each is counted, 1 under the total."""
LARGEST: Final = 3


@dataclass(frozen=True, slots=True)
class Counts:
    """What is in each cell of one source that is not empty; a cell not listed holds nobody.

    Not for publication: `protecting` alone turns counts into tables.
    """

    cells: Mapping[Cell, CellContent]


@dataclass(frozen=True, slots=True)
class Differences:
    """By cell: the persons that two counts share, those of the first alone, of the second alone."""

    cells: Mapping[Cell, tuple[int, int, int]]


def count_cells(holdings: DuckDBPyRelation, asked: Asked) -> Counts:
    """Return the content of every cell of the tables. Raises JobFailed."""
    try:
        return Counts(dict(_cells(holdings, asked)))
    except duckdb.Error as error:
        raise _stopped(error) from None


def count_differences(
    first: tuple[DuckDBPyRelation, Asked], second: tuple[DuckDBPyRelation, Asked]
) -> Differences:
    """Return, for every cell that both ask for, how many persons are in the one and not the other.

    Raises JobFailed.
    """
    cells: dict[Cell, tuple[int, int, int]] = {}
    try:
        for levels in sorted(set(depths(first[1])) & set(depths(second[1])), key=str):
            cells.update(_differences(first[0], second[0], levels))
    except duckdb.Error as error:
        raise _stopped(error) from None
    return Differences(cells)


def _stopped(error: duckdb.Error) -> JobFailed:
    return JobFailed(
        f"The tables were not counted ({type(error).__name__}): give more memory, or ask for fewer "
        "variables."
    )


def _differences(
    one: DuckDBPyRelation, other: DuckDBPyRelation, levels: Levels
) -> Iterator[tuple[Cell, tuple[int, int, int]]]:
    keys = [quoted(f"{variable.name} {level}") for variable, level in levels]
    tagged = [
        _placed_persons(relation, keys).project(f"*, {tag} AS seen")
        for relation, tag in ((one, 1), (other, 2))
    ]
    each = ", ".join(["person_key", *keys])
    seen = tagged[0].union(tagged[1]).aggregate(f"{each}, sum(seen) AS seen", each)
    facts = [f"count(*) FILTER (seen = {tag})" for tag in (3, 1, 2)]
    for row in seen.aggregate(", ".join([*keys, *facts]), ", ".join(keys)).fetchall():
        yield _cell(levels, row[: len(keys)]), tuple(map(int, row[len(keys) :]))  # type: ignore[misc]


def _placed_persons(relation: DuckDBPyRelation, keys: Sequence[str]) -> DuckDBPyRelation:
    if keys:
        relation = relation.filter(" AND ".join(f"{key} IS NOT NULL" for key in keys))
    return relation.project(", ".join(["person_key", *keys])).distinct()


def depths(asked: Asked) -> Iterator[Levels]:
    """Yield the levels to count together, totals left out, each combination once."""
    trees = {variable.name: tree(variable.categories()) for variable in asked.variables}
    seen = set()
    for table in asked.tables:
        used = [variable for variable in asked.variables if variable.name in table.by]
        for levels in product(*(range(trees[variable.name].depth + 1) for variable in used)):
            kept = tuple((v.name, level) for v, level in zip(used, levels, strict=True) if level)
            if kept not in seen:
                seen.add(kept)
                yield tuple((asked.plan.variable(name), level) for name, level in kept)


def _cells(holdings: DuckDBPyRelation, asked: Asked) -> Iterator[tuple[Cell, CellContent]]:
    for levels in depths(asked):
        keys = [f"{variable.name} {level}" for variable, level in levels]
        for row in _grouped(holdings, keys, asked.measures).fetchall():
            ranks, content = row[: len(keys)], row[len(keys) :]
            yield _cell(levels, ranks), _content(content, asked.measures)


def _grouped(
    holdings: DuckDBPyRelation, keys: Sequence[str], measures: Sequence[str]
) -> DuckDBPyRelation:
    """Return one row a cell: keys, persons, then total, magnitude, largest, lowest of measures."""
    names = [quoted(key) for key in keys]
    if names:
        holdings = holdings.filter(" AND ".join(f"{name} IS NOT NULL" for name in names))
    sums = [f"sum({quoted(name)}) AS {quoted(name)}" for name in measures]
    by_person = ", ".join(["person_key", *names])
    each = holdings.aggregate(", ".join([by_person, *sums]), by_person)
    facts = ["count(*)"]
    for name in map(quoted, measures):
        top = f"max(abs({name}), {LARGEST})"
        facts += [f"sum({name})", f"sum(abs({name}))", top, f"min({name})"]
    return each.aggregate(", ".join([*names, *facts]), ", ".join(names))


def _cell(levels: Sequence[tuple[Variable, int]], ranks: Sequence[int]) -> Cell:
    return tuple(
        (variable.name, variable.categories()[rank].code)
        for (variable, _), rank in zip(levels, ranks, strict=True)
    )


def _content(row: Sequence[object], measures: Sequence[str]) -> CellContent:
    facts = iter(row)
    persons = int(str(next(facts)))
    if not persons:
        return CellContent(0)
    held = {}
    for name in measures:
        total, magnitude, largest, lowest = (next(facts) for _ in range(4))
        top = tuple(int(value) for value in largest)  # type: ignore[attr-defined]  # a list
        held[name] = Holding(int(str(total)), int(str(magnitude)), top, int(str(lowest)))
    return CellContent(persons, held)
