"""The fast engine: each count is one query on the lake; the tree is algebra on sorted keys.

Codes of an order never become text of a query: they are rows of a small table that is joined.
"""

from functools import cache
from typing import Final

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from duckdb import ColumnExpression, ConstantExpression, DuckDBPyRelation, FunctionExpression

from ecluse.data.cohorts.reading import FLOW_DATE, Reading
from ecluse.data.lake import Snapshot, read, read_persons
from ecluse.data.schemas import EventSource
from ecluse.domain.cohorts import (
    AllOf,
    AnyOf,
    AtLeast,
    Cohort,
    Condition,
    During,
    Events,
    Match,
    Not,
)
from ecluse.domain.errors import NotFound

Keys = npt.NDArray[np.int32]
"""Person keys, sorted, each once."""

NAME: Final = f"duckdb {duckdb.__version__}"


def everyone(snapshot: Snapshot, *, connection: duckdb.DuckDBPyConnection) -> Keys:
    """Return the keys of all the persons of the dataset."""
    return keys_of(read_persons(connection, snapshot))


def select(
    cohort: Cohort,
    snapshot: Snapshot,
    reading: Reading,
    *,
    connection: duckdb.DuckDBPyConnection,
) -> Keys:
    """Return the keys of the persons of `snapshot` who are in `cohort`. Raises NotFound."""
    all_keys = everyone(snapshot, connection=connection)

    @cache
    def counted(count: AtLeast) -> Keys:
        return np.intersect1d(all_keys, _count(count, snapshot, reading, connection))

    def resolved(part: Condition) -> Keys:
        if isinstance(part, AtLeast):
            return counted(part)
        if isinstance(part, AllOf | AnyOf):
            combine = np.intersect1d if isinstance(part, AllOf) else np.union1d
            keys = resolved(part.parts[0])
            for other in part.parts[1:]:
                keys = combine(keys, resolved(other))
            return keys
        assert isinstance(part, Not)
        return np.setdiff1d(all_keys, resolved(part.part), assume_unique=True)

    return resolved(AllOf(tuple(step.keep for step in cohort.steps)))


def arrived(relation: DuckDBPyRelation, reading: Reading) -> DuckDBPyRelation:
    """Return the rows whose claims flow had arrived; a table without flow is given whole."""
    if FLOW_DATE not in relation.columns:
        return relation
    return relation.filter(ColumnExpression(FLOW_DATE) <= ConstantExpression(reading.flux_until))


def _count(
    count: AtLeast, snapshot: Snapshot, reading: Reading, connection: duckdb.DuckDBPyConnection
) -> Keys:
    period = count.events if isinstance(count.events, During) else None
    events = period.events if period else count.events
    assert isinstance(events, Events)
    source = _source(events, snapshot)
    first, last = reading.window(period)
    person, day = ColumnExpression("person_key"), ColumnExpression("event_date")
    codes = _wanted_codes(events, source, snapshot, connection)
    rows = arrived(read(connection, snapshot, source.table), reading).filter(
        (day >= ConstantExpression(first)) & (day <= ConstantExpression(last))
    )
    met = rows.join(codes, ColumnExpression(source.code_column) == _WANTED, how="semi")
    days = met.select(person, day).distinct()
    number = FunctionExpression("count", day).alias("days")
    enough = ColumnExpression("days") >= ConstantExpression(count.distinct_dates)
    return keys_of(days.aggregate([person, number]).filter(enough))


_WANTED: Final = ColumnExpression("wanted_code")


def _wanted_codes(
    events: Events,
    source: EventSource,
    snapshot: Snapshot,
    connection: duckdb.DuckDBPyConnection,
) -> DuckDBPyRelation:
    """Return the values of the code column, as stored, whose code meets the list."""
    reference = source.reference
    table, key_column, code_column = (
        (source.table, source.code_column, source.code_column)
        if reference is None
        else (reference.table, reference.key_column, reference.code_column)
    )
    pairs = read(connection, snapshot, table).select(
        ColumnExpression(key_column).alias("wanted_code"),
        _without_dots(ColumnExpression(code_column)).alias("code"),
    )
    items = sorted({code.replace(".", "") for code in events.codes})
    listed = connection.from_arrow(pa.table({"item": pa.array(items, pa.string())}))
    code, item = ColumnExpression("code"), ColumnExpression("item")
    is_met = (
        code == item
        if events.match is Match.EXACT
        else FunctionExpression("starts_with", code, item)
    )
    return pairs.distinct().join(listed, is_met, how="semi").select(_WANTED)


def _without_dots(code: duckdb.Expression) -> duckdb.Expression:
    """Return the code as text, `E11.9` and ` E119` alike."""
    text = FunctionExpression("trim", code.cast("VARCHAR"), ConstantExpression(" "))
    return FunctionExpression("replace", text, ConstantExpression("."), ConstantExpression(""))


def _source(events: Events, snapshot: Snapshot) -> EventSource:
    sources = snapshot.model.sources
    if events.source not in sources:
        raise NotFound(
            f"The dataset {snapshot.dataset} has no event source {events.source!r}: "
            f"use one of {', '.join(sources)}."
        )
    return sources[events.source]


def keys_of(relation: DuckDBPyRelation) -> Keys:
    """Return the person keys of some rows, sorted, each once."""
    found = relation.select(ColumnExpression("person_key")).fetchnumpy()["person_key"]
    return np.unique(np.asarray(np.ma.compressed(np.ma.asarray(found)), dtype=np.int32))
