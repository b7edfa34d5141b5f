"""Schemas: the tables, columns and event sources that each data model has."""

from ecluse.data.schemas.coding import decode, encode
from ecluse.data.schemas.columns import OUR_COLUMNS, SQL_TYPES, TABLE_YEAR, Column, ColumnType, Role
from ecluse.data.schemas.models import (
    EventSource,
    Facts,
    Join,
    Link,
    Mark,
    Model,
    Parent,
    PersonBy,
    Recognised,
    Reference,
    Register,
    TableSchema,
)
from ecluse.data.schemas.reading import model, models

__all__ = [
    "OUR_COLUMNS",
    "SQL_TYPES",
    "TABLE_YEAR",
    "Column",
    "ColumnType",
    "EventSource",
    "Facts",
    "Join",
    "Link",
    "Mark",
    "Model",
    "Parent",
    "PersonBy",
    "Recognised",
    "Reference",
    "Register",
    "Role",
    "TableSchema",
    "decode",
    "encode",
    "model",
    "models",
]
