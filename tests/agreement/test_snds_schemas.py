"""The SNDS model and the schemas that the insurer's data team published must agree.

The published schemas (2021) and what the documentation of November 2024 added or removed are the
witnesses. Names are compared without case: the published files write a few columns in lower case.
"""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from ecluse.data.schemas import TABLE_YEAR, model

SNDS = Path(__file__).parents[2].parent / "shared" / "snds"
pytestmark = pytest.mark.skipif(not SNDS.is_dir(), reason="the published schemas are not here")

MODEL = model("snds")
RENAMED = {"T_MCOaaGVxxxx": "T_MCOaaGVxx"}


def published() -> dict[str, dict[str, Any]]:
    files = sorted(SNDS.glob("schemas/*/*.json"))
    schemas = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    return {schema["name"]: schema for schema in schemas}


def code_list(field: dict[str, Any]) -> str:
    """Return the nomenclature, `-` if none; IR_DTE_V is a calendar, `:` begins a column's name."""
    return str(field["nomenclature"]).partition(":")[0].strip().replace("IR_DTE_V", "-")


def drift(change: str) -> set[tuple[str, str]]:
    with (SNDS / "schema_drift_2021_2024.csv").open(encoding="utf-8") as file:
        return {
            (RENAMED.get(row["table"], row["table"]), row["column"].upper())
            for row in csv.DictReader(file)
            if row["change"] == change
        }


def test_all_191_tables_are_there_with_their_columns() -> None:
    schemas = published()

    missing = {
        (name, field["name"])
        for name, schema in schemas.items()
        for field in schema["fields"]
        if MODEL.table(name).column(field["name"]) is None
    }

    assert len(schemas) == 191
    assert missing == set()


def test_no_column_was_invented() -> None:
    schemas = published()
    added = drift("column_added")

    invented = {
        (name, column.name)
        for name, schema in schemas.items()
        for column in MODEL.table(name).columns
        if column.name not in {field["name"].upper() for field in schema["fields"]}
        and (name, column.name) not in added
        and column.name != TABLE_YEAR
    }

    assert invented == set()


def test_columns_and_tables_listed_in_2024_are_there() -> None:
    missing = {
        (table, column)
        for table, column in drift("column_added")
        if MODEL.table(table).column(column) is None
    }

    assert missing == set()


def test_a_column_that_2024_no_longer_lists_has_a_last_year() -> None:
    still = {
        (table, name)
        for table, name in drift("column_removed") - drift("column_added")
        for column in [MODEL.table(table).column(name)]
        if column and column.last_year is None and not column.aliases
    }

    assert still == set()


def test_every_published_join_is_kept() -> None:
    with (SNDS / "joins.csv").open(encoding="utf-8") as file:
        wanted = {
            (row["table"], row["columns"].upper(), row["ref_table"]) for row in csv.DictReader(file)
        }
    kept = {
        (schema.name, " ".join(join.columns), join.table)
        for schema in MODEL.tables.values()
        for join in schema.joins
    }

    assert {(table, frozenset(columns.split()), other) for table, columns, other in wanted} <= {
        (table, frozenset(columns.split()), other) for table, columns, other in kept
    }


def test_published_first_years_and_nomenclatures_are_kept() -> None:
    different = {
        (name, field["name"])
        for name, schema in published().items()
        for field in schema["fields"]
        for column in [MODEL.table(name).column(field["name"])]
        if column is None
        or str(column.first_year or "") != field["dateCreated"]
        or (column.nomenclature or "-") != code_list(field)
    }

    assert different == set()
