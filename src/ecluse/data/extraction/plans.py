"""What becomes of each table and column of an order: kept, coarsened, pseudonyms, or left out."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ecluse.data.cohorts.reading import ORDERABLE_DATE
from ecluse.data.extraction.precision import check_suits
from ecluse.data.lake import LakeTable, Snapshot
from ecluse.data.pseudonyms import PERSON_PSEUDONYM, Label
from ecluse.data.pseudonyms.labels import OF_ROLES
from ecluse.data.schemas import Column, Model, TableSchema
from ecluse.domain.documents import Coarsening, Precision, TableScope
from ecluse.domain.errors import OutOfScope

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

    `columns` are delivered in this order, after the pseudonym of the person if `is_about_persons`,
    those `coarsened` with less than their values; `dropped` were ordered and stay in the lake. A
    table that `is_dated` is cut to the care period.
    """

    table: LakeTable
    schema: TableSchema
    columns: tuple[Column, ...]
    dropped: tuple[str, ...]
    is_dated: bool
    coarsened: tuple[Coarsening, ...] = ()

    @property
    def is_about_persons(self) -> bool:
        """Whether rows concern persons."""
        return self.schema.is_about_persons

    def label(self, column: Column) -> Label | None:
        """Return the label of the pseudonyms that replace a column's values, or None."""
        return OF_ROLES.get(column.role)

    def coarsening(self, column: Column) -> Coarsening | None:
        """Return what is given of a column, None when it is given as it is."""
        return next((one for one in self.coarsened if one.column == column.name), None)

    def delivered(self) -> tuple[Column, ...]:
        """Return the columns of the file, in order."""
        return (PSEUDONYM_COLUMN, *self.columns) if self.is_about_persons else self.columns


def plan(tables: Iterable[TableScope], snapshot: Snapshot) -> tuple[TablePlan, ...]:
    """Return what becomes of every table ordered, each under the permit's precision.

    Raises OutOfScope for what does not exist, or cannot be given so.
    """
    return tuple(_plan_table(scope, snapshot) for scope in tables)


def is_dated(schema: TableSchema, model: Model) -> bool:
    """Whether rows carry a date of care, their own or their parent's."""
    return model.is_dated(schema)


def _plan_table(scope: TableScope, snapshot: Snapshot) -> TablePlan:
    table = snapshot.tables.get(scope.table)
    schema = snapshot.model.tables.get(scope.table)
    if table is None or schema is None:
        raise OutOfScope(f"Snapshot {snapshot.snapshot_id} has no table {scope.table}.")
    kept, dropped, coarsened = [], [], []
    for name in dict.fromkeys(scope.columns):
        column = _column(name, schema, table, snapshot.model)
        coarsening = scope.coarsening(name)
        if coarsening is not None:
            check_suits(column, coarsening)
        if column.role in NEVER or (coarsening and coarsening.to is Precision.CHOICE_ONLY):
            dropped.append(name)
            continue
        kept.append(column)
        coarsened += [coarsening] if coarsening else []
    return TablePlan(
        table,
        schema,
        tuple(kept),
        tuple(dropped),
        is_dated(schema, snapshot.model),
        tuple(coarsened),
    )


def _column(name: str, schema: TableSchema, table: LakeTable, model: Model) -> Column:
    if name == ORDERABLE_DATE and is_dated(schema, model):
        return EVENT_DATE_COLUMN
    known = {column.name: column for column in schema.columns}
    if name not in known or name not in table.columns:
        raise OutOfScope(f"Table {schema.name} of this snapshot has no column {name[:40]!r}.")
    return known[name]
