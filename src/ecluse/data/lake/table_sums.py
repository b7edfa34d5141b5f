"""What a table says, whatever the order of its rows and the files that they lie in.

Two copies of a lake are compared by these: counts, a checksum of each column, and one of whole
rows. They find rows lost, doubled or changed, and values that went to other rows, between copies
whose bytes differ for good reasons: another key, other parts. They are no proof against who wants
to deceive: for that there are the digests of manifests. Nothing here tells of anybody.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

import duckdb
from duckdb import ColumnExpression, FunctionExpression

from ecluse.data.lake.encryption import Cipher
from ecluse.data.lake.manifests import LakeTable, Snapshot
from ecluse.data.lake.publication import CURRENT
from ecluse.data.lake.reading import read_table
from ecluse.data.lake.rewriting import checksum
from ecluse.data.lake.snapshots import opened
from ecluse.domain.errors import NotFound
from ecluse.trust.zone.lake_keys import LakeKey

ROWS: Final = ""
"""In the place of a column: the whole rows."""


@dataclass(frozen=True, slots=True)
class ColumnSum:
    """One column: its type, how many rows have a value, and the sum of the hashes of all."""

    type: str
    values: int
    total: int


@dataclass(frozen=True, slots=True)
class TableSum:
    """One table: its rows, the sum of their hashes, and its columns by name."""

    rows: int
    total: int
    columns: Mapping[str, ColumnSum]


class Gap(StrEnum):
    """How two copies of a table differ."""

    ABSENT = "absent"
    """The table or the column is in one copy alone."""
    ROWS = "rows"
    TYPE = "type"
    VALUES = "values"
    PAIRING = "pairing"
    """Each column holds the same values, in other rows."""


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """One difference; `column` is empty where it is of the whole table."""

    table: str
    column: str
    gap: Gap


def snapshot_in(folder: Path, *, key: LakeKey | None = None) -> Snapshot:
    """Return the current snapshot of the dataset whose folder this is, under any name.

    Raises:
        NotFound: no dataset of a lake is there.
        SnapshotDamaged: its manifest or its model was changed.
    """
    pointer = folder / CURRENT
    if pointer.is_symlink() or not pointer.is_file():
        raise NotFound(f"{folder.name} is no dataset of a lake: nothing names its snapshot.")
    found = opened(folder / pointer.read_text(encoding="ascii", errors="replace").strip())
    if key is None or found.encryption != key.key_id:
        return found
    return replace(found, cipher=Cipher(key))


def sum_table(
    connection: duckdb.DuckDBPyConnection, snapshot: Snapshot, table: LakeTable
) -> TableSum:
    """Return the sums of a table; equal rows give equal sums with one version of the engine only.

    Raises:
        NotFound: the parts are encrypted with a key that was not given.
    """
    rows = read_table(connection, snapshot, table)
    names = sorted(rows.columns)
    whole = checksum(rows, names)
    asked = [
        FunctionExpression(what, of)
        for name in names
        for what, of in (
            ("count", ColumnExpression(name)),
            ("sum", FunctionExpression("hash", ColumnExpression(name))),
        )
    ]
    (found,) = rows.aggregate(asked).fetchall()
    types = dict(zip(rows.columns, map(str, rows.types), strict=True))
    columns = {
        name: ColumnSum(types[name], int(values), int(total or 0))
        for name, values, total in zip(names, found[::2], found[1::2], strict=True)
    }
    return TableSum(whole.rows, whole.sum, columns)


def differences(
    first: Mapping[str, TableSum], second: Mapping[str, TableSum]
) -> tuple[Difference, ...]:
    """Return how two copies of a dataset differ, by table then column; nothing when they agree."""
    alone = [Difference(table, ROWS, Gap.ABSENT) for table in first.keys() ^ second.keys()]
    both = first.keys() & second.keys()
    found = [one for table in both for one in _of_table(table, first[table], second[table])]
    return tuple(sorted([*alone, *found]))


def _of_table(table: str, first: TableSum, second: TableSum) -> Iterator[Difference]:
    if first == second:
        return
    if first.rows != second.rows:
        yield Difference(table, ROWS, Gap.ROWS)
    for name in first.columns.keys() ^ second.columns.keys():
        yield Difference(table, name, Gap.ABSENT)
    for name in first.columns.keys() & second.columns.keys():
        one, other = first.columns[name], second.columns[name]
        if one != other:
            yield Difference(table, name, Gap.VALUES if one.type == other.type else Gap.TYPE)
    if first.columns == second.columns:
        yield Difference(table, ROWS, Gap.PAIRING)
