"""The persons of the SNDS as indirect matching compares them."""

from typing import Final

import duckdb

from ecluse.data.lake import Snapshot, read, read_persons
from ecluse.data.linkage.records import DAY, PLACE, RECORD, Records
from ecluse.domain.errors import InvalidInput

REGISTER: Final = "IR_BEN_R"
STAYS: Final = "T_MCOaaC"
TRAITS: Final = {
    "sex": "CASE CAST(BEN_SEX_COD AS INTEGER) WHEN 1 THEN 'M' WHEN 2 THEN 'F' END",
    "birth_year": "CAST(BEN_NAI_ANN AS VARCHAR)",
    "birth_month": "lpad(CAST(BEN_NAI_MOI AS VARCHAR), 2, '0')",
    # '060' is Oise; overseas departments (971 to 976) and foreign ones keep three characters.
    "department": "regexp_replace(BEN_RES_DPT, '^0(..)$', '\\1')",
    "commune": "regexp_replace(BEN_RES_DPT, '^0(..)$', '\\1') || BEN_RES_COM",
}
"""Texts by trait. Of a person with several rows, the first text in alphabetical order counts."""


def lake_records(snapshot: Snapshot, *, connection: duckdb.DuckDBPyConnection) -> Records:
    """Return who is in the register, by `person_id`, with the days and hospitals of their stays.

    Raises:
        InvalidInput: the dataset is not of the SNDS: write its records yourself.
    """
    if REGISTER not in snapshot.tables:
        raise InvalidInput(f"{snapshot.dataset} has no {REGISTER}: give its records as files.")
    persons = read_persons(connection, snapshot).project(
        f"person_key AS key, person_id AS {RECORD}"
    )
    known = set(snapshot.table(REGISTER).columns)
    traits = {
        name: f"min({text})" if _is_known(text, known) else "CAST(NULL AS VARCHAR)"
        for name, text in TRAITS.items()
    }
    columns = ", ".join(f"{text} AS {name}" for name, text in traits.items())
    register = read(connection, snapshot, REGISTER).filter("person_key IS NOT NULL")
    told = register.aggregate(f"person_key, {columns}", "person_key")
    people = persons.join(told, "key = person_key")
    chosen = ", ".join([RECORD, *TRAITS])
    return Records(
        people.project(chosen).to_arrow_table(),
        _stays(persons, snapshot, connection).to_arrow_table(),
    )


def _stays(
    persons: duckdb.DuckDBPyRelation, snapshot: Snapshot, connection: duckdb.DuckDBPyConnection
) -> duckdb.DuckDBPyRelation:
    columns = f"{RECORD}, event_date AS {DAY}, CAST(ETA_NUM AS VARCHAR) AS {PLACE}"
    if STAYS not in snapshot.tables:
        return persons.project(f"{RECORD}, DATE '1970-01-01' AS {DAY}, '' AS {PLACE}").limit(0)
    stays = read(connection, snapshot, STAYS).filter("event_date IS NOT NULL")
    return stays.join(persons, "person_key = key").project(columns).distinct()


def _is_known(text: str, columns: set[str]) -> bool:
    return all(
        word in columns for word in ("BEN_RES_DPT", "BEN_RES_COM", "BEN_NAI_MOI") if word in text
    )
