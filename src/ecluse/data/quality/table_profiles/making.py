"""A profile made: of the tables of a snapshot, or of plain files."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import Final

import duckdb

from ecluse.data import lake
from ecluse.data.engines import OnProgress, storage_failures
from ecluse.data.lake import Snapshot
from ecluse.data.quality.table_profiles import details
from ecluse.data.quality.table_profiles.counting import Counts, Filled, Told, counts
from ecluse.data.quality.table_profiles.details import Sampled
from ecluse.data.quality.table_profiles.sources import (
    VIEW,
    ColumnSource,
    Look,
    PlainFiles,
    TableSource,
    of_files,
    of_snapshot,
)
from ecluse.domain.disclosure import DisclosurePolicy
from ecluse.domain.errors import JobFailed
from ecluse.domain.metadata.tables.profiles import (
    FORMAT,
    VERSION,
    ColumnProfile,
    DatasetProfile,
    TableProfile,
)

ROWS_IN_FULL: Final = 2_000_000
"""Beyond, ranges and codes are of a share of the persons: what is frequent shows as well."""


def _silent(step: str, done: int, total: int) -> None:
    """Say nothing."""


def profile_snapshot(
    snapshot: Snapshot,
    *,
    connection: duckdb.DuckDBPyConnection,
    on: date,
    only: Collection[str] = (),
    tell: OnProgress = _silent,
) -> DatasetProfile:
    """Return the profile of the tables of a snapshot, or of `only` some.

    The connection must be able to read the folder of the dataset.

    Raises:
        NotFound: a table is not in the snapshot.
        JobFailed: a part cannot be read, or memory is short.
    """
    told = Told(DisclosurePolicy().minimum_count)
    with storage_failures(snapshot.folder):
        sources = of_snapshot(snapshot, connection=connection, only=only)
        total = len(only or snapshot.tables)
        tables = _tables(sources, connection, told, total=total, tell=tell)
        ((persons,),) = _persons(connection, snapshot)
    return DatasetProfile(
        format=FORMAT,
        version=VERSION,
        dataset=snapshot.dataset,
        snapshot=snapshot.snapshot_id,
        measured_on=on,
        minimum_count=told.minimum,
        rounding=told.rounding,
        persons=told.count(persons, persons=persons),
        tables=tables,
    )


def _persons(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot) -> list[tuple[int, ...]]:
    return lake.read_persons(connection, snapshot).aggregate("count(*)").fetchall()


def profile_files(
    plain: PlainFiles,
    *,
    dataset: str,
    connection: duckdb.DuckDBPyConnection,
    on: date,
    tell: OnProgress = _silent,
) -> DatasetProfile:
    """Return the profile of Parquet or CSV files, one a table.

    Text files are set aside in the connection: it must be able to write a folder of its own where
    they do not fit in its memory.

    Raises:
        InvalidInput: a file is of another kind, or no file has the column of the person.
        JobFailed: a file cannot be read, or memory is short.
    """
    told = Told(DisclosurePolicy().minimum_count)
    sources = of_files(plain, connection=connection)
    tables = _tables(sources, connection, told, total=len(plain.files), tell=tell)
    largest = [table.persons for table in tables if table.persons is not None]
    is_of_one = len(tables) == 1 and plain.person is not None
    return DatasetProfile(
        format=FORMAT,
        version=VERSION,
        dataset=dataset,
        snapshot="",
        measured_on=on,
        minimum_count=told.minimum,
        rounding=told.rounding,
        persons=largest[0] if is_of_one and largest else None,
        tables=tables,
    )


def _tables(
    sources: Iterable[TableSource],
    connection: duckdb.DuckDBPyConnection,
    told: Told,
    *,
    total: int,
    tell: OnProgress,
) -> tuple[TableProfile, ...]:
    """Profile each table in turn."""
    found = []
    try:
        for rank, source in enumerate(sources):
            tell(source.name, rank, total)
            source.relation.create_view(VIEW, replace=True)
            found.append(_table(source, connection, told))
            connection.execute(f"DROP VIEW {VIEW}")
    except duckdb.Error as error:
        # `from None`: the engine's message can quote the row it was reading.
        raise JobFailed(
            f"Table {len(found) + 1} of {total} could not be read ({type(error).__name__}): check "
            "that its file is whole and of one form, or give more memory."
        ) from None
    return tuple(found)


def _table(source: TableSource, connection: duckdb.DuckDBPyConnection, told: Told) -> TableProfile:
    counted = counts(source, connection)
    one_in = -(-counted.rows // ROWS_IN_FULL) if source.person else 1
    sampled = Sampled(source, connection, told, max(1, one_in))
    lowest, highest = (None, None)
    if source.event_date:
        lowest, highest = details.span(sampled, source.event_date)
    return TableProfile(
        name=source.name,
        title_fr=source.title_fr,
        title_en=source.title_en,
        group=source.group,
        rows=told.count(counted.rows, persons=counted.persons),
        persons=told.count(counted.persons, persons=counted.persons) if source.person else None,
        lowest=lowest,
        highest=highest,
        sampled=sampled.one_in,
        columns=tuple(_columns(sampled, counted)),
    )


def _columns(sampled: Sampled, counted: Counts) -> Iterator[ColumnProfile]:
    for column, filled in zip(sampled.source.columns, counted.filled, strict=True):
        yield _column(sampled, counted, column, filled)


def _column(
    sampled: Sampled, counted: Counts, column: ColumnSource, filled: Filled
) -> ColumnProfile:
    # A column that fewer persons fill holds nothing to tell: no question is asked.
    look = column.look if filled.persons_with >= sampled.told.minimum else Look.NOTHING
    lowest, highest = (None, None)
    if look is Look.DATES:
        lowest, highest = details.span(sampled, column.name)
    elif look is Look.YEARS:
        lowest, highest = details.years(sampled, column.name)
    return ColumnProfile(
        name=column.name,
        title_fr=column.title_fr,
        title_en=column.title_en,
        datatype=column.datatype,
        filled=sampled.told.filled(filled),
        completeness=sampled.told.completeness(filled, counted),
        lowest=lowest,
        highest=highest,
        percentiles=details.percentiles(sampled, column.name) if look is Look.NUMBERS else (),
        values=details.codes(sampled, column) if look is Look.CODES else (),
    )
