"""What becomes of each table and column of an order: kept, given as pseudonyms, or left out."""

from dataclasses import dataclass
from typing import Final

from ecluse.data.cohorts.reading import ORDERABLE_DATE
from ecluse.data.lake import LakeTable, Snapshot
from ecluse.data.pseudonyms import Label
from ecluse.data.schemas import Column, Model, TableSchema
from ecluse.domain.documents import ExtractionOrder, TableScope
from ecluse.domain.errors import OutOfScope

PERSON_PSEUDONYM: Final = "person_pseudonym"
LABELS: Final = {
    "link": Label.LINK,
    "professional": Label.PROFESSIONAL,
    "facility": Label.FACILITY,
}
NEVER: Final = frozenset({"identifier", "person"})
"""Roles of columns that stay in the lake; persons are named by `person_pseudonym` instead."""

EVENT_DATE_COLUMN: Final = Column(
    ORDERABLE_DATE, "date", "date", "Date de soin (de l'acte dont la ligne dépend)", "Date of care"
)
PSEUDONYM_COLUMN: Final = Column(
    PERSON_PSEUDONYM, "text", "person", "Pseudonyme de la personne", "Pseudonym of the person"
)


@dataclass(frozen=True, slots=True)
class TablePlan:
    """One table of an extract.

    `columns` are delivered in this order, after the pseudonym of the person if `is_about_persons`;
    `dropped` were ordered and stay in the lake. A table that `is_dated` is cut to the care period.
    """

    table: LakeTable
    schema: TableSchema
    columns: tuple[Column, ...]
    dropped: tuple[str, ...]
    is_dated: bool

    @property
    def is_about_persons(self) -> bool:
        """Whether rows concern persons."""
        return self.schema.is_about_persons

    def label(self, column: Column) -> Label | None:
        """Return the label of the pseudonyms that replace a column's values, or None."""
        return LABELS.get(column.role)

    def delivered(self) -> tuple[Column, ...]:
        """Return the columns of the file, in order."""
        return (PSEUDONYM_COLUMN, *self.columns) if self.is_about_persons else self.columns


def plan(order: ExtractionOrder, snapshot: Snapshot) -> tuple[TablePlan, ...]:
    """Return what becomes of every table ordered. Raises OutOfScope for what does not exist."""
    return tuple(_plan_table(scope, snapshot) for scope in order.tables)


def is_dated(schema: TableSchema, model: Model) -> bool:
    """Whether rows carry a date of care, their own or their parent's."""
    if schema.event_date:
        return True
    return schema.parent is not None and is_dated(model.table(schema.parent.table), model)


def _plan_table(scope: TableScope, snapshot: Snapshot) -> TablePlan:
    table = snapshot.tables.get(scope.table)
    schema = snapshot.model.tables.get(scope.table)
    if table is None or schema is None:
        raise OutOfScope(f"Snapshot {snapshot.snapshot_id} has no table {scope.table}.")
    kept, dropped = [], []
    for name in dict.fromkeys(scope.columns):
        column = _column(name, schema, table, snapshot.model)
        if column.role in NEVER:
            dropped.append(name)
        else:
            kept.append(column)
    return TablePlan(table, schema, tuple(kept), tuple(dropped), is_dated(schema, snapshot.model))


def _column(name: str, schema: TableSchema, table: LakeTable, model: Model) -> Column:
    if name == ORDERABLE_DATE and is_dated(schema, model):
        return EVENT_DATE_COLUMN
    known = {column.name: column for column in schema.columns}
    if name not in known or name not in table.columns:
        raise OutOfScope(f"Table {schema.name} of this snapshot has no column {name[:40]!r}.")
    return known[name]
