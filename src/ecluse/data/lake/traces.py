"""Where a person is found in a dataset: rows of the person, and the person's names elsewhere.

A person's rows bear the person's key. Names of the person also stand in rows of nobody (a stay of
one of two twins) and in rows of others (the mother of a newborn, the insured of a household). A
name is *shared* when it is also a name of somebody else: twins have one pseudonym for both.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import duckdb
import pyarrow as pa

from ecluse.data.engines import quoted
from ecluse.data.lake.manifests import LakeTable, Part, Snapshot
from ecluse.data.lake.publication import OWN
from ecluse.data.lake.reading import read_names, read_persons, read_table
from ecluse.data.lake.staging import PERSON_KEY

KEYS: Final = "traced_keys"
NAMES: Final = "traced_names"
LONG_NAME: Final = 8
"""Shorter names (`12`) stand in other columns by chance: they are sought as a person's only."""


@dataclass(frozen=True, slots=True)
class Persons:
    """Who is sought in one snapshot: keys, and names. `shared` names are also somebody else's."""

    keys: frozenset[int]
    names: frozenset[str]
    shared: frozenset[str]


@dataclass(frozen=True, slots=True)
class Traces:
    """What parts hold of the persons: rows to erase, rows of others to blank a name in."""

    rows: int
    erased: int
    blanked: int

    @property
    def is_clean(self) -> bool:
        """Whether nothing of the persons is here."""
        return self.erased == self.blanked == 0


def find_persons(
    connection: duckdb.DuckDBPyConnection, snapshots: Collection[Snapshot], ids: Collection[str]
) -> dict[str, Persons]:
    """Return who bears one of `ids` (person_id or opt_out_id) in each snapshot, by its name.

    A person whom one snapshot knows by one identity and another by two is followed through all.
    """
    known, followed = frozenset[str](), frozenset(ids)
    found: dict[str, tuple[frozenset[int], frozenset[str]]] = {}
    while known != followed:
        known = followed
        for snapshot in snapshots:
            keys = _keys(connection, snapshot, known)
            found[snapshot.snapshot_id] = (keys, _identities(connection, snapshot, keys))
        followed = known.union(*(identities for _, identities in found.values()))
    return {
        snapshot.snapshot_id: _persons(connection, snapshot, found[snapshot.snapshot_id][0], known)
        for snapshot in snapshots
    }


class Tracer:
    """Seeks persons in the parts of one snapshot."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, snapshot: Snapshot, persons: Persons
    ) -> None:
        self.connection = connection
        self.snapshot = snapshot
        keys = pa.table({"key": pa.array(sorted(persons.keys), pa.int64())})
        names = pa.table(
            {
                "name": pa.array(sorted(persons.names), pa.string()),
                "is_own": [name not in persons.shared for name in sorted(persons.names)],
            }
        )
        for table, content in ((KEYS, keys), (NAMES, names)):
            connection.execute(f"DROP TABLE IF EXISTS {table}")
            connection.from_arrow(content).create(table)

    def look(self, table: LakeTable, parts: Sequence[Part]) -> Traces:
        """Return what some parts of a table, at least one, hold of the persons together."""
        rows = self._rows(table, parts)
        gone, named = self._gone(table, rows), self._named(table, rows, "is_own")
        erased, blanked = rows.aggregate(
            f"count(*) FILTER (WHERE {gone}), count(*) FILTER (WHERE NOT {gone} AND {named})"
        ).fetchall()[0]
        return Traces(sum(part.rows for part in parts), erased, blanked)

    def without(self, table: LakeTable, part: Part) -> duckdb.DuckDBPyRelation:
        """Return the rows of a part without the persons' rows and without their own names."""
        rows = self._rows(table, [part])
        sought = dict(self._sought(table, rows))
        values = [
            f"CASE WHEN {_is_named(name, sought[name], 'is_own')} THEN NULL "
            f"ELSE {quoted(name)} END AS {quoted(name)}"
            if name in sought
            else quoted(name)
            for name in rows.columns
        ]
        return rows.filter(f"NOT {self._gone(table, rows)}").project(", ".join(values))

    def _rows(self, table: LakeTable, parts: Sequence[Part]) -> duckdb.DuckDBPyRelation:
        chosen = replace(table, parts=tuple(parts))
        return read_table(self.connection, self.snapshot, chosen)

    def _gone(self, table: LakeTable, rows: duckdb.DuckDBPyRelation) -> str:
        """Return the condition of rows to erase: the persons', and nobody's that names them."""
        named = self._named(table, rows, "true")
        if PERSON_KEY not in rows.columns:
            return named
        key = quoted(PERSON_KEY)
        own = f"coalesce({key} IN (SELECT key FROM {KEYS}), false)"  # noqa: S608 - constants
        return f"({own} OR ({key} IS NULL AND {named}))"

    def _named(self, table: LakeTable, rows: duckdb.DuckDBPyRelation, which: str) -> str:
        found = [_is_named(name, least, which) for name, least in self._sought(table, rows)]
        return f"({' OR '.join([*found, 'false'])})"

    def _sought(self, table: LakeTable, rows: duckdb.DuckDBPyRelation) -> Iterator[tuple[str, int]]:
        """Yield the columns where names are sought, with the length that a name has at least."""
        schema = self.snapshot.model.tables.get(table.name)
        columns = {column.name: column for column in schema.columns} if schema else {}
        for name, type_ in zip(rows.columns, rows.types, strict=True):
            role = columns[name].role if name in columns else "identifier"
            if name in OWN:
                continue
            if role == "person" or (schema is None and str(type_) == "VARCHAR"):
                yield name, 1
            elif role == "identifier":
                yield name, LONG_NAME


def _is_named(column: str, least: int, which: str) -> str:
    """Return the condition that a column holds a name; `which` narrows the names."""
    names = (
        f"SELECT name FROM {NAMES} "  # noqa: S608 - constants: names themselves are in the table
        f"WHERE length(name) >= {least} AND {which}"
    )
    return f"coalesce(CAST({quoted(column)} AS VARCHAR) IN ({names}), false)"


def _keys(
    connection: duckdb.DuckDBPyConnection, snapshot: Snapshot, ids: Collection[str]
) -> frozenset[int]:
    persons, names = read_persons(connection, snapshot), read_names(connection, snapshot)
    found = [
        _matching(connection, persons, "person_id", ids),
        _matching(connection, persons, "opt_out_id", ids),
        _matching(connection, names, "identity", ids),
        _matching(connection, names, "opt_out_id", ids),
    ]
    return frozenset(
        key
        for rows in found
        for (key,) in rows.filter(f"{PERSON_KEY} IS NOT NULL").project(PERSON_KEY).fetchall()
    )


def _identities(
    connection: duckdb.DuckDBPyConnection, snapshot: Snapshot, keys: Collection[int]
) -> frozenset[str]:
    """Return what names these persons for life; no pseudonym, which a twin may bear too."""
    persons, names = read_persons(connection, snapshot), read_names(connection, snapshot)
    told = _texts(connection, persons, "person_id, opt_out_id", keys) | _texts(
        connection, names, "identity, opt_out_id", keys
    )
    return told - _texts(connection, names, "pseudonym", keys)


def _persons(
    connection: duckdb.DuckDBPyConnection,
    snapshot: Snapshot,
    keys: frozenset[int],
    identities: frozenset[str],
) -> Persons:
    names = read_names(connection, snapshot)
    own = identities | _texts(connection, names, "pseudonym", keys)
    borne = _matching(connection, names, "pseudonym", own)
    others = borne.filter(f"{PERSON_KEY} IS NOT NULL").project(f"pseudonym, {PERSON_KEY}")
    shared = frozenset(name for name, key in others.fetchall() if key not in keys)
    return Persons(keys, own, shared)


def _matching(
    connection: duckdb.DuckDBPyConnection,
    rows: duckdb.DuckDBPyRelation,
    column: str,
    values: Collection[str],
) -> duckdb.DuckDBPyRelation:
    wanted = connection.from_arrow(pa.table({"wanted": pa.array(sorted(values), pa.string())}))
    return rows.join(wanted, f"{quoted(column)} = wanted", how="semi")


def _texts(
    connection: duckdb.DuckDBPyConnection,
    rows: duckdb.DuckDBPyRelation,
    columns: str,
    keys: Collection[int],
) -> frozenset[str]:
    wanted = connection.from_arrow(pa.table({"wanted": pa.array(sorted(keys), pa.int64())}))
    found = rows.join(wanted, f"{PERSON_KEY} = wanted", how="semi").project(columns).fetchall()
    return frozenset(text for row in found for text in row if text is not None)
