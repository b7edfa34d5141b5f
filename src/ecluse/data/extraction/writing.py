"""One table of an extract, from the lake to a Parquet file whose bytes depend on nothing else.

Rows are ordered by person, in the order of the pseudonyms, then by their delivered content alone,
so that neither the order of the lake nor the number of threads shows in the file.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
from duckdb import (
    ColumnExpression,
    ConstantExpression,
    DuckDBPyRelation,
    Expression,
    FunctionExpression,
)

from ecluse.data.extraction.naming import Kept, Namer
from ecluse.data.extraction.plans import TablePlan
from ecluse.data.extraction.precision import coarse
from ecluse.data.pseudonyms import PERSON_PSEUDONYM
from ecluse.data.schemas import Column

ROWS_PER_GROUP: Final = 122_880
RANK: Final = "kept_rank"
KEY: Final = "kept_key"


@dataclass(frozen=True, slots=True)
class Written:
    """What one file holds: rows, and whether each person kept, by rank, has one."""

    row_count: int
    seen: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes tables for the persons kept, under the pseudonyms of one project.

    `salt` is a secret text of the project: it puts rows that are alike but for what they name in an
    order that does not show the names.
    """

    connection: duckdb.DuckDBPyConnection
    kept: Kept
    namer: Namer
    salt: str

    def write(
        self, plan: TablePlan, rows: DuckDBPyRelation, file: BinaryIO, *, ranks: pa.Table
    ) -> Written:
        """Write the rows of the persons of `ranks` (kept_key, kept_rank); of all, if of none."""
        if plan.is_about_persons:
            kept = self.connection.from_arrow(ranks)
            rows = rows.join(kept, ColumnExpression("person_key") == ColumnExpression(KEY))
        ordered = self._ordered(plan, rows)
        seen = np.zeros(len(self.kept), np.bool_)
        row_count = 0
        with _writer(file, _schema(plan, ordered)) as writer:
            for batch in regrouped(ordered.to_arrow_reader(ROWS_PER_GROUP)):
                if plan.is_about_persons:
                    seen[batch.column(RANK).to_numpy()] = True
                writer.write_batch(self._named(plan, batch), row_group_size=ROWS_PER_GROUP)
                row_count += batch.num_rows
        return Written(row_count, seen)

    def _ordered(self, plan: TablePlan, rows: DuckDBPyRelation) -> DuckDBPyRelation:
        """Return the rank and the columns delivered, in an order that tells nothing."""
        rank = [ColumnExpression(RANK)] if plan.is_about_persons else []
        selected = rows.select(*rank, *(_delivered(plan, column) for column in plan.columns))
        plain = [column.name for column in plan.columns if plan.label(column) is None]
        by = [*rank, *(ColumnExpression(name) for name in plain)]
        by += [self._shuffled(column.name) for column in plan.columns if plan.label(column)]
        ordered = selected.sort(*by) if by else selected
        names = [column.name for column in plan.columns]
        return ordered.select(*rank, *(ColumnExpression(name) for name in names))

    def _shuffled(self, name: str) -> Expression:
        """Return a number that orders values without showing their order."""
        return FunctionExpression("hash", ColumnExpression(name), ConstantExpression(self.salt))

    def _named(self, plan: TablePlan, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return the batch with pseudonyms in place of ranks and of what names."""
        arrays, names = [], []
        if plan.is_about_persons:
            arrays.append(self.kept.named(batch.column(RANK)))
            names.append(PERSON_PSEUDONYM)
        for column in plan.columns:
            label, values = plan.label(column), batch.column(column.name)
            arrays.append(values if label is None else self.namer.of(label, values))
            names.append(column.name)
        return pa.RecordBatch.from_arrays(arrays, names=names)


def _delivered(plan: TablePlan, column: Column) -> Expression:
    if plan.label(column) is not None:
        return ColumnExpression(column.name).cast("VARCHAR").alias(column.name)
    coarsening = plan.coarsening(column)
    if coarsening is None:
        return ColumnExpression(column.name)
    return coarse(column, coarsening).alias(column.name)


def _schema(plan: TablePlan, ordered: DuckDBPyRelation) -> pa.Schema:
    """Return the columns of the file; pseudonyms are codes into the texts of a batch."""
    coded = pa.dictionary(pa.int32(), pa.string())
    labelled = {column.name for column in plan.columns if plan.label(column) is not None}
    schema = ordered.limit(0).to_arrow_table().schema
    fields = [
        pa.field(PERSON_PSEUDONYM, coded)
        if field.name == RANK
        else field.with_type(coded if field.name in labelled else field.type)
        for field in schema
    ]
    return pa.schema(fields)


def _writer(file: BinaryIO, schema: pa.Schema) -> pq.ParquetWriter:
    # Without the Arrow schema, codes read back as the texts that they stand for.
    return pq.ParquetWriter(file, schema, compression="zstd", store_schema=False)


def regrouped(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield the same rows in batches of one size: the engine cuts them as its threads end."""
    waiting: list[pa.RecordBatch] = []
    count = 0
    for batch in batches:
        waiting.append(batch)
        count += batch.num_rows
        while count >= ROWS_PER_GROUP:
            whole = pa.concat_batches(waiting)
            yield whole.slice(0, ROWS_PER_GROUP)
            waiting = [whole.slice(ROWS_PER_GROUP)]
            count -= ROWS_PER_GROUP
    if count:
        yield pa.concat_batches(waiting)
