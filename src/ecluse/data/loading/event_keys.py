"""Event keys that stand for two events: found after each load, and forgotten."""

from typing import Final

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ecluse.data.engines import quoted
from ecluse.data.loading.keys import EVENT_KEY
from ecluse.data.schemas import TableSchema

Keys = npt.NDArray[np.uint64]
ROWS_PER_PASS: Final = 32_000_000
"""Keys held at once, 8 bytes each."""
ALL_KEYS: Final = 1 << 64


def repeated(rows: duckdb.DuckDBPyRelation, *, count: int) -> Keys:
    """Return the keys that more than one of the `count` rows have, each once, sorted."""
    passes = -(-count // ROWS_PER_PASS)
    found = []
    for number in range(passes):
        first, last = number * ALL_KEYS // passes, (number + 1) * ALL_KEYS // passes - 1
        keys = rows.filter(f"{EVENT_KEY} BETWEEN {first} AND {last}").project(EVENT_KEY)
        values = as_keys(keys.fetchnumpy()[EVENT_KEY])
        values.sort()
        found.append(np.unique(values[1:][values[1:] == values[:-1]]))
    return as_keys(np.concatenate(found) if found else ())


def as_keys(values: npt.ArrayLike) -> Keys:
    """Return `values` as an array of keys."""
    return np.asarray(values, dtype=np.uint64)


def shared(
    rows: duckdb.DuckDBPyRelation,
    schema: TableSchema,
    suspects: Keys,
    *,
    connection: duckdb.DuckDBPyConnection,
) -> Keys:
    """Return those of `suspects` that rows of two different events have."""
    repeated_keys = connection.from_arrow(pa.table({"repeated_key": suspects}))
    found = rows.join(repeated_keys, f"{EVENT_KEY} = repeated_key", how="semi")
    event = ", ".join(quoted(name) for name in schema.event_key)
    told = found.aggregate(f"{EVENT_KEY}, count(DISTINCT row({event})) AS events", EVENT_KEY)
    several = told.filter("events > 1").order(EVENT_KEY).fetchnumpy()
    return as_keys(several[EVENT_KEY])


def holds(
    rows: duckdb.DuckDBPyRelation,
    keys: Keys,
    *,
    connection: duckdb.DuckDBPyConnection,
    column: str = EVENT_KEY,
) -> bool:
    """Say whether some row has one of `keys` in `column`."""
    wanted = connection.from_arrow(pa.table({"wanted_key": keys}))
    found = rows.join(wanted, f"{quoted(column)} = wanted_key", how="semi")
    return bool(found.limit(1).count("*").fetchall()[0][0])


def without_keys(
    rows: duckdb.DuckDBPyRelation, keys: Keys, *, connection: duckdb.DuckDBPyConnection
) -> duckdb.DuckDBPyRelation:
    """Return `rows` with NULL instead of any of `keys`."""
    others = [name for name in rows.columns if name != EVENT_KEY]
    forgotten = connection.from_arrow(pa.table({"forgotten_key": keys}))
    joined = rows.join(forgotten, f"{EVENT_KEY} = forgotten_key", how="left")
    kept = f"CASE WHEN forgotten_key IS NULL THEN {EVENT_KEY} END AS {EVENT_KEY}"
    return joined.project(", ".join([kept, *(quoted(name) for name in others)]))
