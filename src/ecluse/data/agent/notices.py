"""The word that a snapshot is ready: its shape and its counts, never a row."""

from datetime import date, datetime

from duckdb import ColumnExpression, FunctionExpression

from ecluse.data import filters
from ecluse.data.agent.precisions import precisions
from ecluse.data.agent.rooms import Answer, Room
from ecluse.data.engines import connect
from ecluse.data.extraction.plans import EVENT_DATE_COLUMN, is_dated
from ecluse.data.lake import LakeTable, Snapshot, read
from ecluse.data.schemas import Column, Model
from ecluse.domain.documents import (
    ColumnDescription,
    FilterDescription,
    FilterState,
    SnapshotNotice,
    SourceDescription,
    TableDescription,
)


def announce_new_snapshots(room: Room, *, now: datetime) -> int:
    """Queue a notice for each current snapshot not yet announced; return how many."""
    lake = room.zone.lake
    count = 0
    for dataset in lake.datasets():
        snapshot = lake.snapshot(dataset)
        if not _is_announced(room, snapshot):
            stored, queued = room.sign(Answer(describe(snapshot), ("public",)), now=now)
            room.state.keep([stored], queued)
            count += 1
    return count


def describe(snapshot: Snapshot) -> SnapshotNotice:
    """Return what the catalogue may say of a snapshot."""
    first, last = _care_days(snapshot)
    return SnapshotNotice(
        dataset=snapshot.dataset,
        snapshot=snapshot.snapshot_id,
        model=snapshot.model.name,
        loaded_at=snapshot.published_at,
        person_count=snapshot.person_count,
        care_from=first,
        care_to=last,
        tables=tuple(_table(table, snapshot.model) for table in snapshot.tables.values()),
        sources=tuple(
            SourceDescription(
                source.name,
                source.title_fr,
                source.title_en,
                source.table,
                source.code_column,
                source.code_system,
            )
            for source in snapshot.model.sources.values()
            if source.table in snapshot.tables
        ),
        filters=tuple(
            _filter(found, snapshot)
            for found in filters.filters(snapshot.model.name)
            if not snapshot.tables.keys().isdisjoint(found.tables)
        ),
    )


def _is_announced(room: Room, snapshot: Snapshot) -> bool:
    known = room.state.by_number("SnapshotNotice", snapshot.snapshot_id)
    bodies = (one.document.body for one in known)
    return any(
        isinstance(body, SnapshotNotice) and body.dataset == snapshot.dataset for body in bodies
    )


def _table(table: LakeTable, model: Model) -> TableDescription:
    schema = model.table(table.name)
    columns = [column for column in schema.columns if column.name in table.columns]
    if schema.parent is not None and is_dated(schema, model):
        columns.insert(0, EVENT_DATE_COLUMN)  # the parent's date, which the file does not hold
    return TableDescription(
        name=table.name,
        title_fr=schema.title_fr,
        title_en=schema.title_en,
        row_count=table.rows,
        columns=tuple(_column(column) for column in columns),
    )


def _column(column: Column) -> ColumnDescription:
    return ColumnDescription(
        column.name,
        column.type,
        column.role,
        column.title_fr,
        column.title_en,
        precisions(column),
    )


def _filter(found: filters.Filter, snapshot: Snapshot) -> FilterDescription:
    return FilterDescription(
        found.name,
        found.title_fr,
        found.title_en,
        found.advice_fr,
        found.advice_en,
        FilterState(found.default),
        tuple(table for table in found.tables if table in snapshot.tables),
    )


def _care_days(snapshot: Snapshot) -> tuple[date, date]:
    """Return the first and last day of care; the day of publication when there is none."""
    day = ColumnExpression("event_date")
    ends: list[date] = []
    with connect(readable=[snapshot.folder]) as connection:
        for name, table in snapshot.tables.items():
            if snapshot.model.table(name).holds_care and "event_date" in table.columns:
                rows = read(connection, snapshot, name)
                both = [FunctionExpression("min", day), FunctionExpression("max", day)]
                ends += [end for end in rows.aggregate(both).fetchall()[0] if end is not None]
    published_on = snapshot.published_at.date()
    return min(ends, default=published_on), max(ends, default=published_on)
