"""A snapshot under examination: its rows as views of the connection, and its rules."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

import duckdb

from ecluse.data import lake
from ecluse.data.engines import quoted
from ecluse.data.lake import LakeTable, Snapshot
from ecluse.data.quality.reports import CheckResult, Status, Unit
from ecluse.data.quality.rules import Rules, checks, rules
from ecluse.data.schemas import TableSchema

PREFIX: Final = "quality_"
"""How the names of our own views and temporary tables begin."""

PERSONS: Final = PREFIX + "persons"


@dataclass(slots=True)
class Examination:
    """One examination: what is read, by which rules, on which day, and what was made on the way.

    `fresh`: the slices of each table to look at row by row, where not all.
    """

    connection: duckdb.DuckDBPyConnection
    snapshot: Snapshot
    rules: Rules
    on: date
    fresh: Mapping[str, frozenset[str]]
    made: list[str] = field(default_factory=list)

    def schemas(self) -> list[TableSchema]:
        """Return the schemas of the tables that the snapshot has."""
        known = self.snapshot.model.tables
        return [known[name] for name in self.snapshot.tables if name in known]

    def has(self, table: str, *columns: str) -> bool:
        """Whether the snapshot has a table with all these columns."""
        found = self.snapshot.tables.get(table)
        return found is not None and set(columns) <= set(found.columns)

    def looked_at(self, table: str, *, with_former: bool = False) -> LakeTable:
        """Return a table cut to the slices to look at; `with_former` adds the one before each."""
        whole = self.snapshot.tables[table]
        if table not in self.fresh:
            return whole
        slices = whole.slices
        wanted = {
            name
            for rank, name in enumerate(slices)
            if name in self.fresh[table]
            or (with_former and set(slices[rank + 1 : rank + 2]) & self.fresh[table])
        }
        return replace(whole, parts=tuple(part for part in whole.parts if part.slice in wanted))

    def show(self, table: LakeTable, name: str) -> str:
        """Return the quoted name of a view of a table, or of some of its parts, made as `name`."""
        made = f"VIEW {quoted(name)}"
        if made not in self.made:
            lake.read_table(self.connection, self.snapshot, table).create_view(name, replace=True)
            self.made.append(made)
        return quoted(name)

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a query whose names are `quoted` and whose values are bound."""
        return self.connection.execute(sql, list(values)).fetchall()

    def row(self, sql: str, values: Sequence[object] = ()) -> tuple[Any, ...]:
        """Return the only row of a query."""
        return self.rows(sql, values)[0]

    def keep(self, name: str, sql: str, values: Sequence[object] = ()) -> None:
        """Keep the rows of a query as a temporary table, until the examination ends."""
        self.connection.execute(f"CREATE TEMP TABLE {quoted(name)} AS {sql}", list(values))
        self.made.append(f"TABLE {quoted(name)}")

    def judge(
        self,
        check: str,
        *,
        table: str,
        column: str = "",
        violations: int,
        examined: int,
        unit: Unit = Unit.ROWS,
    ) -> CheckResult:
        """Return the result of a check, judged by its threshold for this table and column."""
        kind = checks()[check]
        threshold = self.rules.thresholds.get((check, table, column), kind.threshold)
        is_passed = 100 * violations <= Decimal(threshold) * examined
        return CheckResult(
            check=check,
            dimension=kind.dimension,
            table=table,
            column=column,
            unit=unit,
            violations=violations,
            examined=examined,
            threshold=threshold,
            status=Status.PASSED if is_passed else kind.severity,
        )


def view(table: str) -> str:
    """Return the quoted name of the view of a table: of the slices to look at."""
    return quoted(PREFIX + table)


@contextmanager
def examining(
    connection: duckdb.DuckDBPyConnection,
    snapshot: Snapshot,
    *,
    on: date,
    fresh: Mapping[str, frozenset[str]],
) -> Iterator[Examination]:
    """Give an examination of `snapshot`; what it makes on the connection is removed at its end."""
    expected = rules(snapshot.model.name)
    examination = Examination(connection, snapshot, expected, on, fresh)
    try:
        for name in snapshot.tables:
            _show_or_none(examination, name)
        yield examination
    finally:
        for made in reversed(examination.made):
            connection.execute(f"DROP {made}")


def _show_or_none(examination: Examination, name: str) -> None:
    """Show the slices to look at; where there are none, the table without its rows."""
    table = examination.looked_at(name)
    if table.parts:
        examination.show(table, PREFIX + name)
        return
    whole = lake.read(examination.connection, examination.snapshot, name)
    whole.limit(0).create_view(PREFIX + name, replace=True)
    examination.made.append(f"VIEW {view(name)}")
