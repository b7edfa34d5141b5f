"""What each person holds in each smallest cell: the rows that all tables of a source are made of.

Values are few beside rows: each set of values is placed in its category once, by the rule itself.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from types import TracebackType
from typing import Final, Self

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from duckdb import ColumnExpression, DuckDBPyConnection, DuckDBPyRelation

from ecluse.data.engines import quoted
from ecluse.data.filters import clean
from ecluse.data.lake import Snapshot
from ecluse.domain.errors import InvalidInput, JobFailed
from ecluse.domain.tabulation import (
    OTHER,
    MeasureKind,
    Noise,
    Source,
    TableOrder,
    TabulationPlan,
    Variable,
    Years,
    tree,
)

PersonKeys = npt.NDArray[np.int32]
"""Keys of persons of one snapshot, each once, rising."""
EVENTS: Final = "events"
HUNDREDTHS: Final = 18
_NAMES = count(1)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is counted together: a source, its variables, its amounts."""

    plan: TabulationPlan
    source: Source | None
    tables: tuple[TableOrder, ...]

    @property
    def variables(self) -> tuple[Variable, ...]:
        """The variables of these tables by name, which is also the order within a cell."""
        used = {name for table in self.tables for name in table.by}
        return tuple(self.plan.variable(name) for name in sorted(used))

    def is_of_events(self, variable: Variable) -> bool:
        """Say whether a person may be in several categories of a variable."""
        return self.plan.is_of_events(variable, self.source)

    @property
    def amounts(self) -> tuple[str, ...]:
        """The columns added up, sorted."""
        columns = {measure.column for table in self.tables for measure in table.measures}
        return tuple(sorted(column for column in columns if column))

    @property
    def measures(self) -> tuple[str, ...]:
        """The measures that are counted beside persons: events, and each amount."""
        kinds = {measure.kind for table in self.tables for measure in table.measures}
        counted = kinds & {MeasureKind.EVENTS, MeasureKind.MEAN}
        return (*([EVENTS] if counted else []), *(f"total_{column}" for column in self.amounts))


@dataclass(slots=True)
class Holdings:
    """The holdings of one snapshot, each made once and dropped at the end.

    A relation of holdings has a row for each person and smallest cell: `person_key`; for each
    variable `v`, `v 1`, `v 2`… the rank of its category at each level below the total, NULL under
    its leaf; `events`; each amount in hundredths, as `total_…`.
    """

    connection: DuckDBPyConnection
    snapshot: Snapshot
    _made: dict[tuple[object, ...], DuckDBPyRelation] = field(default_factory=dict)
    _names: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for name in self._names:
            self.connection.execute(f"DROP TABLE IF EXISTS {quoted(name)}")

    def of(self, persons: PersonKeys, asked: Asked) -> DuckDBPyRelation:
        """Return what these persons hold of what is asked.

        Raises:
            NotFound: the snapshot has no such table.
            InvalidInput: a table has no such column.
            JobFailed: the engine stopped; its words may quote a row, so they are not given.
        """
        noise = asked.plan.protection if isinstance(asked.plan.protection, Noise) else None
        who = hashlib.sha256(persons.tobytes()).hexdigest()
        key = (who, asked.source, asked.variables, asked.amounts, noise)
        if key not in self._made:
            try:
                self._made[key] = self.stored(self._count(persons, asked))
            except duckdb.Error as error:
                raise JobFailed(
                    f"The tables were not counted ({type(error).__name__}): check that amounts "
                    "are numbers, or give more memory."
                ) from None
        return _with_levels(self.connection, self._made[key], asked)

    def stored(self, rows: DuckDBPyRelation) -> DuckDBPyRelation:
        """Return the rows as a table, read once, that is dropped at the end."""
        name = f"tabulated {next(_NAMES)}"
        rows.create(quoted(name))
        self._names.append(name)
        return self.connection.table(quoted(name))

    def _count(self, persons: PersonKeys, asked: Asked) -> DuckDBPyRelation:
        among = self.connection.from_arrow(pa.table({"person_key": pa.array(persons, pa.int32())}))
        rows = among.project("person_key, 1 AS events")
        if asked.source is not None:
            rows = _events(self, among, asked)
        for variable in asked.variables:
            if asked.is_of_events(variable):
                rows = _placed(self.connection, rows, variable)
        # Events of one kind are added up before persons are looked up: they are many.
        own = [variable.name for variable in asked.variables if asked.is_of_events(variable)]
        rows = _summed(rows, own, asked)
        for variable in asked.variables:
            if not asked.is_of_events(variable):
                rows = _of_person(self.connection, self.snapshot, rows, (among, variable))
        if isinstance(asked.plan.protection, Noise):
            return _bounded(rows, asked, asked.plan.protection.cells_per_person)
        return rows


def _summed(rows: DuckDBPyRelation, variables: list[str], asked: Asked) -> DuckDBPyRelation:
    keys = ", ".join(["person_key", *map(quoted, variables)])
    names = (EVENTS, *(f"total_{column}" for column in asked.amounts))
    sums = ", ".join(f"sum({quoted(name)})::HUGEINT AS {quoted(name)}" for name in names)
    return rows.aggregate(f"{keys}, {sums}", keys)


def _bounded(holdings: DuckDBPyRelation, asked: Asked, most: int) -> DuckDBPyRelation:
    """Return at most so many smallest cells of each person, the same ones each time."""
    names = ", ".join(quoted(variable.name) for variable in asked.variables) or "person_key"
    ranked = f"row_number() OVER (PARTITION BY person_key ORDER BY hash(person_key, {names}))"
    return (
        holdings.project(f"*, {ranked} AS cell_rank")
        .filter(f"cell_rank <= {most}")
        .project("* EXCLUDE (cell_rank)")
    )


def _events(holdings: Holdings, among: DuckDBPyRelation, asked: Asked) -> DuckDBPyRelation:
    """Return the events of the source, added up by person and values of the key columns."""
    source = asked.source
    assert source is not None  # noqa: S101 — asked by the one caller
    rows = clean(holdings.connection, holdings.snapshot, source.table, among=among)
    own = [variable for variable in asked.variables if asked.is_of_events(variable)]
    keyed = {column for variable in own for column in variable.columns}
    coded = {source.code_column} if source.code_column else set()
    check_columns(rows, source.table, (*keyed, *coded, *asked.amounts, "person_key", "event_date"))
    in_period = ColumnExpression("event_date").between(
        duckdb.ConstantExpression(source.first), duckdb.ConstantExpression(source.last)
    )
    rows = rows.filter(in_period).filter("person_key IS NOT NULL")
    columns = [f"{quoted(name)}::VARCHAR AS {quoted(name)}" for name in sorted(keyed | coded)]
    amounts = [_amount(column) for column in asked.amounts]
    rows = rows.project(", ".join(["person_key", *columns, "1 AS events", *amounts]))
    # Stored: the values of each column are asked of it before its rows.
    rows = holdings.stored(_summed(rows, sorted(keyed | coded), asked))
    return _of_codes(holdings.connection, rows, source) if source.code_column else rows


def _amount(column: str) -> str:
    """Return an amount in hundredths; one that is missing adds nothing."""
    cents = f"round(coalesce({quoted(column)}, 0)::DECIMAL({HUNDREDTHS}, 2) * 100)::BIGINT"
    return f"{cents} AS {quoted(f'total_{column}')}"


def _of_codes(
    connection: DuckDBPyConnection, rows: DuckDBPyRelation, source: Source
) -> DuckDBPyRelation:
    """Return the rows whose code begins as one of the source."""
    column = quoted(str(source.code_column))
    found = [row[0] for row in rows.project(column).distinct().fetchall()]
    kept = [code for code in found if code is not None and code.strip().startswith(source.codes)]
    codes = connection.from_arrow(pa.table({str(source.code_column): pa.array(kept, pa.string())}))
    return rows.join(codes, str(source.code_column), how="semi")


def _placed(
    connection: DuckDBPyConnection, rows: DuckDBPyRelation, variable: Variable
) -> DuckDBPyRelation:
    """Return the rows with the rank of their leaf of `variable`, under its name.

    Values are few beside rows: each set of values is placed once, by the rule itself.
    """
    columns = tuple(dict.fromkeys(variable.columns))
    names = ", ".join(quoted(column) for column in columns)
    values = rows.project(names).distinct().fetchall()
    ranks = _ranks(variable)
    placed: dict[str, pa.Array] = {
        f"{column} as read": pa.array([row[place] for row in values], pa.string())
        for place, column in enumerate(columns)
    }
    placed["leaf"] = pa.array([ranks[variable.leaf(row)] for row in values], pa.int32())
    same = " AND ".join(
        f"{quoted(column)} IS NOT DISTINCT FROM {quoted(f'{column} as read')}" for column in columns
    )
    joined = rows.join(connection.from_arrow(pa.table(placed)), same)
    excluded = ", ".join(["leaf", *(quoted(f"{column} as read") for column in columns)])
    return joined.project(f"* EXCLUDE ({excluded}), leaf AS {quoted(variable.name)}")


def _of_person(
    connection: DuckDBPyConnection,
    snapshot: Snapshot,
    relation: DuckDBPyRelation,
    wanted: tuple[DuckDBPyRelation, Variable],
) -> DuckDBPyRelation:
    """Return the relation with a variable of the person: other when unknown or contradictory."""
    among, variable = wanted
    assert not isinstance(variable, Years)  # noqa: S101 — years are of events
    table = variable.table
    rows = clean(connection, snapshot, table, among=among)
    check_columns(rows, table, (*variable.columns, "person_key"))
    columns = ", ".join(f"{quoted(name)}::VARCHAR AS {quoted(name)}" for name in variable.columns)
    placed = _placed(connection, rows.project(f"person_key, {columns}"), variable)
    name, other = quoted(variable.name), _ranks(variable)[OTHER]
    only = f"CASE WHEN min({name}) = max({name}) THEN min({name}) ELSE {other} END"
    known = placed.aggregate(f"person_key AS who, {only} AS {name}", "person_key")
    joined = relation.join(known, "person_key = who", how="left")
    return joined.project(f"* EXCLUDE (who, {name}), coalesce({name}, {other}) AS {name}")


def _with_levels(
    connection: DuckDBPyConnection, holdings: DuckDBPyRelation, asked: Asked
) -> DuckDBPyRelation:
    """Return the holdings with the category of each level instead of the leaf, NULL under it."""
    for variable in asked.variables:
        grown = tree(variable.categories())
        leaf = f"{variable.name} leaf"
        columns: dict[str, pa.Array] = {leaf: pa.array(range(len(grown.codes)), pa.int32())}
        for level in range(1, grown.depth + 1):
            ranks = [path[level] if level < len(path) else None for path in grown.paths]
            columns[f"{variable.name} {level}"] = pa.array(ranks, pa.int32())
        mapping = connection.from_arrow(pa.table(columns))
        holdings = holdings.join(mapping, f"{quoted(variable.name)} = {quoted(leaf)}")
    return holdings


def _ranks(variable: Variable) -> dict[str, int]:
    return {category.code: rank for rank, category in enumerate(variable.categories())}


def check_columns(relation: DuckDBPyRelation, table: str, columns: Sequence[str]) -> None:
    """Raise InvalidInput naming the columns that a table lacks."""
    missing = sorted(set(columns) - set(relation.columns))
    if missing:
        raise InvalidInput(
            f"{table} has no column {', '.join(missing)}: correct the plan, or count another table."
        )
