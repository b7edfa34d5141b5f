"""The rows of a table that an order gives, and why the others are left out."""

from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from operator import and_

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from duckdb import ColumnExpression, ConstantExpression, DuckDBPyRelation, FunctionExpression

from ecluse.data.cohorts import FLOW_DATE, Reading
from ecluse.data.extraction.naming import Kept
from ecluse.data.extraction.plans import TablePlan
from ecluse.data.filters import Cleaning
from ecluse.data.lake import Snapshot, read
from ecluse.domain.documents import Removal, RemovedRows


@dataclass(frozen=True, slots=True)
class Rows:
    """Reads the tables of an order for the persons kept; `close` after the last one."""

    connection: duckdb.DuckDBPyConnection
    snapshot: Snapshot
    reading: Reading
    kept: Kept
    cleaning: Cleaning

    @classmethod
    def of(
        cls,
        connection: duckdb.DuckDBPyConnection,
        snapshot: Snapshot,
        reading: Reading,
        kept: Kept,
    ) -> "Rows":
        """Return a reader of these persons' rows."""
        keys = connection.from_arrow(kept.table())
        among = keys.select(ColumnExpression("kept_key").alias("person_key"))
        cleaning = Cleaning(connection, snapshot, switches=reading.switches, among=among)
        return cls(connection, snapshot, reading, kept, cleaning)

    def close(self) -> None:
        """Forget what the filters kept."""
        self.cleaning.close()

    def given(self, plan: TablePlan) -> DuckDBPyRelation:
        """Return the rows that count, within the cut-off and the care period."""
        rows = self._counting(plan)
        return rows.filter(self._is_inside()) if plan.is_dated else rows

    def removed(
        self, plan: TablePlan, *, row_count: int, seen: npt.NDArray[np.bool_]
    ) -> tuple[RemovedRows, ...]:
        """Return how many rows were left out for each reason; `row_count` were delivered.

        Counted in one reading of a few columns. In a table without dates, the rows of persons who
        have no care in the period (not `seen`, by rank) are outside it.
        """
        left = (plan.table.rows, *self._known(plan, seen), row_count)
        return tuple(
            RemovedRows(reason, before - after)
            for reason, (before, after) in zip(Removal, pairwise(left), strict=True)
            if before != after
        )

    def _counting(self, plan: TablePlan) -> DuckDBPyRelation:
        return self._arrived(self.cleaning.table(plan.table.name))

    def _known(self, plan: TablePlan, seen: npt.NDArray[np.bool_]) -> tuple[int, int, int]:
        """Return the rows of the persons kept, those that had arrived, those of the period."""
        rows = read(self.connection, self.snapshot, plan.table.name)
        conditions = [self._has_arrived()] if FLOW_DATE in rows.columns else []
        if plan.is_about_persons:
            kept = self.kept.table().append_column("is_seen", pa.array(seen))
            is_kept = ColumnExpression("person_key") == ColumnExpression("kept_key")
            rows = rows.join(self.connection.from_arrow(kept), is_kept)
            is_inside = self._is_inside() if plan.is_dated else ColumnExpression("is_seen")
            conditions.append(reduce(and_, [*conditions, is_inside]))
        counts = [FunctionExpression("count_if", condition) for condition in conditions]
        found = rows.aggregate([FunctionExpression("count_star"), *counts]).fetchall()[0]
        every, *others = (int(figure or 0) for figure in found)  # no row: no sum
        arrived = others[0] if FLOW_DATE in rows.columns else every
        return every, arrived, others[-1] if plan.is_about_persons else arrived

    def _is_inside(self) -> duckdb.Expression:
        day = ColumnExpression("event_date")
        first = ConstantExpression(self.reading.care_from)
        last = ConstantExpression(self.reading.care_to)
        return (day >= first) & (day <= last)

    def _arrived(self, rows: DuckDBPyRelation) -> DuckDBPyRelation:
        return rows.filter(self._has_arrived()) if FLOW_DATE in rows.columns else rows

    def _has_arrived(self) -> duckdb.Expression:
        return ColumnExpression(FLOW_DATE) <= ConstantExpression(self.reading.flux_until)
