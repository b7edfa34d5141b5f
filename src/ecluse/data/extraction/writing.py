"""One table of an extract, from the lake to a Parquet file whose bytes depend on nothing else.

Rows are ordered by their delivered content alone, so that neither the order of the lake nor the
number of threads shows in the file.
"""

from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from duckdb import ColumnExpression, DuckDBPyRelation

from ecluse.data.cohorts.reading import ORDERABLE_DATE
from ecluse.data.extraction.plans import PERSON_PSEUDONYM, TablePlan
from ecluse.data.pseudonyms import Label, ProjectPseudonyms
from ecluse.domain.documents import ExtractedTable
from ecluse.trust import canonical, durable

ROWS_PER_GROUP: Final = 122_880


def write_table(
    plan: TablePlan,
    rows: DuckDBPyRelation,
    named: pa.Table,
    *,
    project: ProjectPseudonyms,
    connection: duckdb.DuckDBPyConnection,
    path: Path,
) -> ExtractedTable:
    """Write one table for the persons of `named` and return what the receipt says of it.

    `rows` are those of the care period and the cut-off, whoever they concern.
    """
    if plan.is_about_persons:
        kept = connection.from_arrow(named)
        rows = rows.join(kept, ColumnExpression("person_key") == ColumnExpression("kept_key"))
    row_count = _write(_ordered(plan, rows, project, connection), path)
    return ExtractedTable(
        table=plan.schema.name,
        row_count_in=plan.table.rows,
        row_count_out=row_count,
        columns=tuple(column.name for column in plan.delivered()),
        columns_dropped=plan.dropped,
        digest=canonical.digest_file(path),
    )


def _ordered(
    plan: TablePlan,
    rows: DuckDBPyRelation,
    project: ProjectPseudonyms,
    connection: duckdb.DuckDBPyConnection,
) -> DuckDBPyRelation:
    """Return the delivered columns, replaced where they name, in an order that tells nothing."""
    replaced = rows
    for column in plan.columns:
        label = plan.label(column)
        if label is not None:
            pairs = _pairs(rows, column.name, project, label, connection)
            replaced = replaced.join(
                pairs, ColumnExpression(column.name) == _raw(column.name), how="left"
            )
    names = [column.name for column in plan.delivered()]
    delivered = replaced.select(
        *(ColumnExpression(name) for name in ([PERSON_PSEUDONYM] if plan.is_about_persons else [])),
        *(
            ColumnExpression(column.name)
            if plan.label(column) is None
            else ColumnExpression(_pseudonym(column.name)).alias(column.name)
            for column in plan.columns
        ),
        *([ColumnExpression(ORDERABLE_DATE).alias(_DAY)] if plan.is_dated else []),
    )
    first = [PERSON_PSEUDONYM] if plan.is_about_persons else []
    by = [*first, *([_DAY] if plan.is_dated else []), *names]
    ordered = delivered.sort(*(ColumnExpression(name) for name in dict.fromkeys(by)))
    return ordered.select(*(ColumnExpression(name) for name in names))


_DAY: Final = "ecluse day"
"""The day rows are sorted by; the space keeps it apart from every delivered name."""


def _raw(name: str) -> duckdb.Expression:
    return ColumnExpression(f"{name} raw")


def _pseudonym(name: str) -> str:
    return f"{name} pseudonym"


def _pairs(
    rows: DuckDBPyRelation,
    name: str,
    project: ProjectPseudonyms,
    label: Label,
    connection: duckdb.DuckDBPyConnection,
) -> DuckDBPyRelation:
    """Return each distinct value of a column beside its pseudonym: hashed once, in this process."""
    value = ColumnExpression(name)
    distinct = rows.select(value).distinct().filter(value.isnotnull())
    found = distinct.select(value, value.cast("VARCHAR").alias("text")).to_arrow_table()
    pseudonyms = project.of(label, found.column("text").to_pylist())
    return connection.from_arrow(
        pa.table(
            {
                f"{name} raw": found.column(name),
                _pseudonym(name): pa.array(pseudonyms, pa.string()),
            }
        )
    )


def _write(rows: DuckDBPyRelation, path: Path) -> int:
    """Write the rows in their order, group by group; return their number."""
    row_count = 0
    with durable.replacing(path) as file:
        reader = rows.to_arrow_reader(ROWS_PER_GROUP)
        with pq.ParquetWriter(file, reader.schema, compression="zstd") as writer:
            for batch in reader:
                writer.write_table(pa.Table.from_batches([batch]), row_group_size=ROWS_PER_GROUP)
                row_count += batch.num_rows
    return row_count
