"""What children take from their parents: person and date by event key, slice by slice."""

from collections.abc import Collection
from typing import Final

import duckdb

from ecluse.data.lake import Part
from ecluse.data.loading import event_keys
from ecluse.data.loading.contents import Contents
from ecluse.data.loading.event_keys import Keys
from ecluse.data.loading.keys import EVENT_KEY
from ecluse.data.loading.slices import slicing_column
from ecluse.data.loading.stamping import Stamp, by_parent, stamps_query
from ecluse.data.schemas import Model, TableSchema

PARENTS: Final = "parents"


class Stamps:
    """Person and date by event key, of the tables that are parents."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, model: Model, contents: Contents
    ) -> None:
        self._connection = connection
        self._model = model
        self._contents = contents
        self._repeated: dict[tuple[str, frozenset[str]], Keys] = {}

    def of(self, schema: TableSchema, slices: Collection[str], columns: Collection[str]) -> Stamp:
        """Return the stamp of the children of `slices`, its view `stamps` made.

        A parent that is sliced otherwise is taken whole.
        """
        if schema.parent is None:
            raise ValueError(f"{schema.name} has no parent")
        parent = self._model.table(schema.parent.table)
        is_same = parent.slicing == schema.slicing
        wanted = frozenset(slices if is_same else self._contents.slices(parent.name))
        rows = self._contents.rows(self._parts(parent.name, wanted))
        if rows is None or EVENT_KEY not in rows.columns:
            return by_parent(list(columns), has_stamps=False, slice_column=None)
        rows.create_view(PARENTS, replace=True)
        slice_column = slicing_column(schema) if is_same and len(wanted) > 1 else None
        query = stamps_query(
            PARENTS,
            slicing_column(parent) if slice_column else None,
            has_repeated_keys=len(self.repeated(parent.name, wanted)) > 0,
        )
        self._connection.execute(f"CREATE OR REPLACE TEMP VIEW stamps AS {query}")
        return by_parent(list(columns), has_stamps=True, slice_column=slice_column)

    def repeated(self, table: str, slices: frozenset[str]) -> Keys:
        """Return the event keys that several rows of these slices have.

        They are looked for once: ask when the slices will not change any more.
        """
        if (table, slices) not in self._repeated:
            parts = self._parts(table, slices)
            rows = self._contents.rows(parts)
            count = sum(part.rows for part in parts)
            has_keys = rows is not None and EVENT_KEY in rows.columns
            found = event_keys.repeated(rows, count=count) if rows and has_keys else ()
            self._repeated[table, slices] = event_keys.as_keys(found)
        return self._repeated[table, slices]

    def _parts(self, table: str, slices: frozenset[str]) -> list[Part]:
        known = self._contents.slices(table)
        return [part for name in sorted(slices) for part in known.get(name, ())]
