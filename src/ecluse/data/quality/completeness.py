"""Which columns are empty, how often, in which period.

A table delivered by months or years is told by the footers of its parts, so no row is read: a
Parquet file says how many values of each column are missing. A part whose footer does not say it
is read instead. A table delivered whole is read once, and cut by the year of its events.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import duckdb

from ecluse.data import lake
from ecluse.data.engines import quoted
from ecluse.data.lake import LakeTable, Part
from ecluse.data.quality.examinations import Examination, view
from ecluse.data.quality.reports import CheckResult, ColumnQuality, Unit
from ecluse.data.schemas import Column, TableSchema

OWN: Final = ("person_key", "event_date", "event_key")
EVENT_DATE: Final = "event_date"
UNDATED: Final = "undated"
Missing = dict[str, dict[str, int]]
"""Missing values by column, then by period."""


@dataclass(frozen=True, slots=True)
class Emptiness:
    """What a table is cut by, with the rows of each period, and what is missing in each."""

    rows: Mapping[str, int]
    missing: Missing

    def total(self, column: str) -> int:
        """Return how many values of a column are missing."""
        return sum(self.missing[column].values())


def emptiness(examination: Examination, schema: TableSchema, table: LakeTable) -> Emptiness:
    """Return the missing values of each column of a table, by period."""
    is_dated = examination.snapshot.model.is_dated(schema) and EVENT_DATE in table.columns
    if schema.slicing == "whole" and is_dated and table.rows:
        return _by_year(examination, table)
    return _by_slice(examination, table)


def columns(schema: TableSchema, table: LakeTable, found: Emptiness) -> tuple[ColumnQuality, ...]:
    """Return the delivered columns of a table with their missing values."""
    return tuple(
        ColumnQuality(
            name=name,
            title_fr=known.title_fr if known else "",
            title_en=known.title_en if known else "",
            missing=found.total(name),
            missing_by_period=tuple(found.missing[name][period] for period in found.rows),
        )
        for name, known in _delivered(schema, table)
    )


def check(
    examination: Examination, schema: TableSchema, table: LakeTable, found: Emptiness
) -> Iterator[CheckResult]:
    """Give the checks of required columns, absent or empty, and of columns without any value."""
    required = examination.rules.table(schema.name).required
    wanted = tuple(dict.fromkeys((*schema.key, *required)))
    absent = [name for name in wanted if name not in table.columns]
    yield examination.judge(
        "missing-column",
        table=schema.name,
        violations=len(absent),
        examined=len(wanted),
        unit=Unit.COLUMNS,
    )
    for name in wanted:
        if name in table.columns:
            yield examination.judge(
                "missing-value",
                table=schema.name,
                column=name,
                violations=found.total(name),
                examined=table.rows,
            )
    delivered = [name for name, _ in _delivered(schema, table)]
    empty = [name for name in delivered if table.rows and found.total(name) == table.rows]
    yield examination.judge(
        "empty-column",
        table=schema.name,
        violations=len(empty),
        examined=len(delivered),
        unit=Unit.COLUMNS,
    )


def required_tables(examination: Examination) -> Iterator[CheckResult]:
    """Give the check of the tables without which the dataset is unusable."""
    wanted = examination.rules.tables_required
    if wanted:
        absent = [name for name in wanted if name not in examination.snapshot.tables]
        yield examination.judge(
            "missing-table",
            table="",
            violations=len(absent),
            examined=len(wanted),
            unit=Unit.TABLES,
        )


def _delivered(schema: TableSchema, table: LakeTable) -> Iterator[tuple[str, Column | None]]:
    for name in table.columns:
        if name not in OWN:
            yield name, schema.column(name)


def _by_year(examination: Examination, table: LakeTable) -> Emptiness:
    counts = ", ".join(f"count(*) - count({quoted(name)})" for name in table.columns)
    years = examination.rows(
        f"""
        SELECT coalesce(year(event_date)::VARCHAR, ?) AS period, count(*), {counts}
        FROM {view(table.name)} GROUP BY ALL ORDER BY 1
        """,  # noqa: S608 — every name is quoted
        [UNDATED],
    )
    return Emptiness(
        rows={year: int(rows) for year, rows, *_ in years},
        missing={
            column: {year: int(missing[rank]) for year, _, *missing in years}
            for rank, column in enumerate(table.columns)
        },
    )


def _by_slice(examination: Examination, table: LakeTable) -> Emptiness:
    told = _told_by_footers(examination, table)
    rows = dict.fromkeys(table.slices, 0)
    missing: Missing = {column: dict.fromkeys(table.slices, 0) for column in table.columns}
    for part in table.parts:
        rows[part.slice] += part.rows
        counts = told.get(part.file.name) or _counted(examination, table, part)
        for column in table.columns:
            # A column that a part lacks is NULL in all its rows.
            missing[column][part.slice] += counts.get(column, part.rows)
    return Emptiness(rows, missing)


def _told_by_footers(examination: Examination, table: LakeTable) -> dict[str, dict[str, int]]:
    """Return missing values by file name and column; nothing for a file that does not tell all."""
    paths = [str(path) for path in examination.snapshot.paths(table)]
    try:
        found = examination.rows(
            """
            SELECT parse_filename(file_name), path_in_schema, sum(stats_null_count),
                   bool_and(stats_null_count IS NOT NULL)
            FROM parquet_metadata(?) GROUP BY ALL
            """,
            [paths],
        )
    except duckdb.Error:
        # An encrypted file keeps its footer to itself: its rows are read instead.
        return {}
    told: dict[str, dict[str, int]] = {}
    for file, column, count, _ in found:
        told.setdefault(file, {})[column] = int(count or 0)
    silent = {file for file, _, _, is_told in found if not is_told}
    return {file: counts for file, counts in told.items() if file not in silent}


def _counted(examination: Examination, table: LakeTable, part: Part) -> dict[str, int]:
    alone = replace(table, parts=(part,))
    relation = lake.read_table(examination.connection, examination.snapshot, alone)
    names = relation.columns
    counts = relation.aggregate(
        ", ".join(f"count(*) - count({quoted(name)})" for name in names)
    ).fetchall()[0]
    return dict(zip(names, (int(count) for count in counts), strict=True))
