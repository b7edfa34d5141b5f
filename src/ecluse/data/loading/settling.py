"""What a load must set right once a table's files are in: doubtful event keys, changed persons."""

from dataclasses import dataclass

import duckdb
import numpy as np

from ecluse.data.lake import Part
from ecluse.data.loading import event_keys
from ecluse.data.loading.contents import Contents
from ecluse.data.loading.event_keys import Keys
from ecluse.data.loading.intake import Intake
from ecluse.data.loading.keys import EVENT_KEY
from ecluse.data.loading.persons import People
from ecluse.data.loading.stamps import Stamps
from ecluse.data.schemas import Model, PersonBy, TableSchema


@dataclass(frozen=True, slots=True)
class Settled:
    """Slices of one table written again, with all their parts; event keys forgotten."""

    slices: dict[str, tuple[Part, ...]]
    keys_forgotten: int


class Settling:
    """Writes again the slices that a load made doubtful, table by table, parents first.

    Carried-over rows are stamped again when their person's number was given up or their name came
    to designate somebody else or nobody, and, for children, when their parents were delivered or
    stamped again. Rows of nobody are tried again only when they are delivered again.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        model: Model,
        contents: Contents,
        *,
        people: People,
        intake: Intake,
        stamps: Stamps,
    ) -> None:
        self._connection = connection
        self._model = model
        self._contents = contents
        self._people = people
        self._intake = intake
        self._stamps = stamps
        self._moved: dict[PersonBy, Keys] = {}

    def settle(self, schema: TableSchema, *, has_former: bool) -> Settled:
        """Return the slices of a table as they must be now, those that differ."""
        forgotten, slices = self._without_shared_keys(schema)
        if has_former and schema.is_about_persons:
            slices |= self._stamped_again(schema)
        return Settled(slices, forgotten)

    def _without_shared_keys(self, schema: TableSchema) -> tuple[int, dict[str, tuple[Part, ...]]]:
        """Forget each event key that two events of one slice share: its children are nobody's."""
        slices: dict[str, tuple[Part, ...]] = {}
        total = 0
        delivered = self._contents.changed.get(schema.name, set())
        if not schema.event_key or schema.parent or not self._has_repeated(schema, delivered):
            return total, slices
        for name in sorted(delivered):
            parts = self._contents.parts(schema.name, name)
            shared = self._shared_keys(schema, name, parts)
            if len(shared):
                total += len(shared)
                slices[name] = tuple(
                    new for part in parts for new in self._without_keys(schema, name, part, shared)
                )
        return total, slices

    def _has_repeated(self, schema: TableSchema, slices: set[str]) -> bool:
        return len(self._stamps.repeated(schema.name, frozenset(slices))) > 0

    def _shared_keys(self, schema: TableSchema, name: str, parts: tuple[Part, ...]) -> Keys:
        rows = self._contents.rows(parts)
        if rows is None or EVENT_KEY not in rows.columns:
            return event_keys.as_keys(())
        suspects = self._stamps.repeated(schema.name, frozenset({name}))
        if not len(suspects):
            return suspects
        return event_keys.shared(rows, schema, suspects, connection=self._connection)

    def _without_keys(self, schema: TableSchema, name: str, part: Part, shared: Keys) -> list[Part]:
        rows = self._contents.rows([part])
        if rows is None or not event_keys.holds(rows, shared, connection=self._connection):
            return [part]
        cleared = event_keys.without_keys(rows, shared, connection=self._connection)
        return self._intake.write_again(cleared, schema, name)

    def _stamped_again(self, schema: TableSchema) -> dict[str, tuple[Part, ...]]:
        delivered = self._contents.changed.get(schema.name, set())
        again = {}
        for name, parts in self._contents.slices(schema.name).items():
            if name not in delivered:
                stale = {part for part in parts if self._is_stale(schema, name, part)}
                if stale:
                    again[name] = tuple(
                        new
                        for part in parts
                        for new in (
                            self._stamp_again(schema, name, part) if part in stale else [part]
                        )
                    )
        return again

    def _stamp_again(self, schema: TableSchema, name: str, part: Part) -> list[Part]:
        rows = self._contents.rows([part])
        return [part] if rows is None else self._intake.write_again(rows, schema, name)

    def _is_stale(self, schema: TableSchema, name: str, part: Part) -> bool:
        if schema.person_by:
            return self._holds_moved(schema.person_by, part)
        if schema.parent is None:
            return False
        parent = self._model.table(schema.parent.table)
        changed = self._contents.changed.get(parent.name, set())
        return name in changed if parent.slicing == schema.slicing else bool(changed)

    def _holds_moved(self, by: PersonBy, part: Part) -> bool:
        """Say whether a part has rows under a number that its name no longer designates."""
        moved = self._moved_keys(by)
        if part.first_key is None or part.last_key is None:
            return False
        here = moved[(moved >= part.first_key) & (moved <= part.last_key)]
        rows = self._contents.rows([part])
        return bool(
            rows is not None
            and len(here)
            and event_keys.holds(rows, here, connection=self._connection, column="person_key")
        )

    def _moved_keys(self, by: PersonBy) -> Keys:
        if by not in self._moved:
            found = self._people.changed(by).fetchnumpy()["changed_key"]
            self._moved[by] = np.unique(event_keys.as_keys(found))
        return self._moved[by]
