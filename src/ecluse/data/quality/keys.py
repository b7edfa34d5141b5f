"""Keys that should be one row's own, and children that should have a parent.

Within a slice, the event keys of the parent table are read once, as a sorted array of 64-bit
integers; repeated keys stand side by side in it, and the keys of each child are searched in it.
Slices are cut by key when they are large, so memory does not grow with them.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from ecluse.data.engines import quoted
from ecluse.data.lake import LakeTable, read_table
from ecluse.data.quality.examinations import Examination, view
from ecluse.data.quality.reports import CheckResult
from ecluse.data.schemas import TableSchema

EVENT_KEY: Final = "event_key"
KEYS_AT_ONCE: Final = 16_000_000
Keys = npt.NDArray[np.uint64]


def check(examination: Examination) -> Iterator[CheckResult]:
    """Give the checks of repeated keys and of children without their parent."""
    keyed = [schema for schema in examination.schemas() if _is_keyed(examination, schema)]
    names = {schema.name for schema in keyed}
    for schema in keyed:
        if schema.parent is None or schema.parent.table not in names:
            children = [other for other in keyed if _is_child(other, schema)]
            yield from _family(examination, schema, children)
    for schema in examination.schemas():
        is_unique = examination.rules.table(schema.name).is_unique
        if is_unique and schema.name not in names and examination.has(schema.name, *schema.key):
            yield _repeated_in_columns(examination, schema)


def _family(
    examination: Examination, parent: TableSchema, children: list[TableSchema]
) -> Iterator[CheckResult]:
    """Give the checks of a table and of its children, each key read once."""
    tables = [examination.snapshot.tables[schema.name] for schema in (parent, *children)]
    unique = [table for table in tables if examination.rules.table(table.name).is_unique]
    if not children and not unique:
        return
    repeated = dict.fromkeys((table.name for table in unique), 0)
    absent = dict.fromkeys((table.name for table in tables[1:]), 0)
    # A slice to look at in one table of a family is looked at in all: drugs may lose their claims.
    periods = {period for table in tables for period in examination.looked_at(table.name).slices}
    for period in sorted(periods):
        for arrays in _sorted_keys(examination, period, tables):
            by_table = dict(zip((table.name for table in tables), arrays, strict=True))
            for name in repeated:
                repeated[name] += _repetitions(by_table[name])
            for name in absent:
                absent[name] += _absent(by_table[name], among=arrays[0])
    for check_id, counts in (("repeated-key", repeated), ("child-without-parent", absent)):
        for name, violations in counts.items():
            parts = examination.snapshot.tables[name].parts
            rows = sum(part.rows for part in parts if part.slice in periods)
            yield examination.judge(check_id, table=name, violations=violations, examined=rows)


def _repeated_in_columns(examination: Examination, schema: TableSchema) -> CheckResult:
    """Count with SQL the rows whose key another row has already.

    In a table named by identities the first column of the key is the row's own identifier.
    """
    own = schema.key[:1] if schema.person_by == "identity" else schema.key
    names = ", ".join(quoted(name) for name in own)
    (repeated,) = examination.row(
        f"SELECT coalesce(sum(same - 1), 0) FROM (SELECT count(*) AS same "  # noqa: S608 — quoted
        f"FROM {view(schema.name)} GROUP BY {names} HAVING count(*) > 1)"
    )
    rows = examination.looked_at(schema.name).rows
    return examination.judge(
        "repeated-key", table=schema.name, violations=int(repeated), examined=rows
    )


def _sorted_keys(
    examination: Examination, period: str, tables: list[LakeTable]
) -> Iterator[list[Keys]]:
    """Give the sorted event keys of a slice of each table, in as many portions as memory asks."""
    cut = [_of_slice(table, period) for table in tables]
    portions = 1 + max(table.rows for table in cut) // KEYS_AT_ONCE
    for portion in range(portions):
        yield [_portion(examination, table, portion, portions) for table in cut]


def _portion(examination: Examination, table: LakeTable, portion: int, portions: int) -> Keys:
    if not table.parts:
        return np.empty(0, dtype=np.uint64)
    if portions == 1 and not examination.snapshot.encryption:
        return np.sort(_of_files(examination.snapshot.paths(table)))
    rows = read_table(examination.connection, examination.snapshot, table)
    chosen = f"{EVENT_KEY} IS NOT NULL AND {EVENT_KEY} % {portions:d} = {portion:d}"
    found: dict[str, Any] = rows.filter(chosen).project(EVENT_KEY).fetchnumpy()
    return np.sort(np.asarray(found[EVENT_KEY], dtype=np.uint64))


def _of_files(files: list[Path]) -> Keys:
    """Return the event keys of some files: slices are many, and the engine asks more for each."""
    found = [
        file.read(columns=[EVENT_KEY]).column(0).drop_null().to_numpy()
        for file in map(pq.ParquetFile, files)
        if EVENT_KEY in file.schema_arrow.names
    ]
    return np.concatenate([np.empty(0, dtype=np.uint64), *found])


def _of_slice(table: LakeTable, period: str) -> LakeTable:
    return replace(table, parts=tuple(part for part in table.parts if part.slice == period))


def _repetitions(keys: Keys) -> int:
    return int(np.count_nonzero(keys[1:] == keys[:-1]))


def _absent(keys: Keys, *, among: Keys) -> int:
    """Return how many of the sorted `keys` are not in the sorted array `among`."""
    if not among.size:
        return int(keys.size)
    places = np.minimum(np.searchsorted(among, keys), among.size - 1)
    return int(np.count_nonzero(among[places] != keys))


def _is_keyed(examination: Examination, schema: TableSchema) -> bool:
    return examination.has(schema.name, EVENT_KEY)


def _is_child(schema: TableSchema, parent: TableSchema) -> bool:
    return schema.parent is not None and schema.parent.table == parent.name
