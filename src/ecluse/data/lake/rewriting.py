"""Parts written again from other parts: sorted by person, proved to hold the same rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import duckdb
import numpy as np
from duckdb import ColumnExpression, ConstantExpression, FunctionExpression

from ecluse.data.lake.manifests import Act, Part, Snapshot
from ecluse.data.lake.publication import OWN, Draft
from ecluse.data.lake.staging import PERSON_KEY, Staging
from ecluse.domain.codec import JSON

ROWS_A_PART: Final = 1_000_000
"""What a part holds at most, unless one person alone, or nobody, has more rows in its slice."""


@dataclass(frozen=True, slots=True)
class Checksum:
    """What the same rows give in any order: their number and the sum of their 64-bit hashes.

    Comparable within one version of DuckDB: it proves a copy, it does not name a content.
    """

    rows: int
    sum: int

    def __add__(self, other: "Checksum") -> "Checksum":
        return Checksum(self.rows + other.rows, self.sum + other.sum)

    def __str__(self) -> str:
        return f"{self.rows}:{self.sum:x}"


def checksum(rows: duckdb.DuckDBPyRelation, columns: Sequence[str]) -> Checksum:
    """Return the checksum of `rows` over `columns`, in that order."""
    hashed = FunctionExpression("hash", *(ColumnExpression(name) for name in columns))
    count, total = rows.aggregate(
        [FunctionExpression("count"), FunctionExpression("sum", hashed)]
    ).fetchall()[0]
    return Checksum(int(count), int(total or 0))


def write_sorted(
    staging: Staging,
    rows: duckdb.DuckDBPyRelation,
    *,
    table: str,
    slice_name: str,
    rows_a_part: int = ROWS_A_PART,
) -> list[Part]:
    """Seal `rows` as parts sorted by person, date and event; no person lies in two of them.

    Rows of nobody come last. Without any row, one empty part keeps the columns.
    """
    order = ", ".join(name for name in OWN if name in rows.columns)
    pieces = (piece.order(order) if order else piece for piece in _pieces(rows, rows_a_part))
    return [write_part(staging, piece, table=table, slice_name=slice_name) for piece in pieces]


def write_part(
    staging: Staging, rows: duckdb.DuckDBPyRelation, *, table: str, slice_name: str
) -> Part:
    """Seal `rows` as one part, in the order that they have."""
    file = staging.writing(f"{table}-{slice_name}.parquet")
    rows.write_parquet(str(file), compression="zstd")
    return staging.seal(file, table=table, slice_name=slice_name)


def amended(
    former: Snapshot, changed: Mapping[str, Sequence[Part]], *, report: JSON, act: Act
) -> Draft:
    """Return a draft of `former` where the tables of `changed` have these parts instead."""
    parts = {table.name: changed.get(table.name, table.parts) for table in former.every_table()}
    return Draft(
        model=former.model,
        tables={name: parts[name] for name in former.tables},
        persons=parts[former.persons.name],
        names=parts[former.names.name],
        quarantine=former.quarantine_path,
        report=report,
        act=act,
    )


def _pieces(rows: duckdb.DuckDBPyRelation, rows_a_part: int) -> Iterator[duckdb.DuckDBPyRelation]:
    """Cut rows between persons, so that each piece is sorted within bounded memory."""
    cuts = _cuts(rows, rows_a_part) if PERSON_KEY in rows.columns else []
    if not cuts:
        yield rows
        return
    key = ColumnExpression(PERSON_KEY)
    firsts: list[int | None] = [None, *cuts]
    lasts: list[int | None] = [*cuts, None]
    for first, last in zip(firsts, lasts, strict=True):
        piece = rows
        if first is not None:
            piece = piece.filter((key >= ConstantExpression(first)) | key.isnull())
        if last is not None:
            piece = piece.filter(key < ConstantExpression(last))
        yield piece


def _cuts(rows: duckdb.DuckDBPyRelation, rows_a_part: int) -> list[int]:
    """Return the keys at which a new part begins."""
    named = rows.filter(ColumnExpression(PERSON_KEY).isnotnull())
    counted = named.aggregate(f"{PERSON_KEY}, count(*) AS row_count").order(PERSON_KEY)
    found = counted.fetchnumpy()
    keys, counts = np.asarray(found[PERSON_KEY]), np.asarray(found["row_count"])
    parts = (np.cumsum(counts) - 1) // rows_a_part
    begins = np.flatnonzero(np.diff(parts)) + 1
    return [int(key) for key in keys[begins]]
