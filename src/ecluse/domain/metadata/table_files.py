"""The tables that a file describes: delimited text, SQL, JSON schemas, or a profile.

What holders already have, whatever its form, becomes the tables of a description. Only names, types
and explanations are kept; nothing is fetched, and no value of a row is kept or told.
"""

import json
from typing import Any, Final

from ecluse.domain.errors import InvalidInput
from ecluse.domain.metadata.tables import delimited, json_tables, profiles, sql
from ecluse.domain.metadata.tables.drafts import TableDraft, described
from ecluse.domain.metadata.tables.texts import stem_and_ending, text_of
from ecluse.domain.metadata.variables import Table

BYTES_MOST: Final = 4 * 1024 * 1024
"""The largest file that is read, in bytes."""
DELIMITED: Final = frozenset({".csv", ".tsv", ".txt"})
PARQUET: Final = b"PAR1"


def read_tables(name: str, content: bytes) -> tuple[Table, ...]:
    """Return the tables that a file describes, in its order.

    `name` is the name of the file, whose end says what it holds: `.csv`, `.tsv` or `.txt` (the
    columns of one table, or a dictionary of variables), `.sql` or `.ddl`, `.json`.

    Raises:
        InvalidInput: the file is too large, of another kind, holds rows, or cannot be understood.
    """
    if len(content) > BYTES_MOST:
        raise InvalidInput(
            f"The file has {len(content):,} bytes and {BYTES_MOST:,} can be read: a description "
            "needs the names of tables and columns, not their rows."
        )
    if content.startswith(PARQUET):
        raise InvalidInput(
            "A Parquet file holds rows, which may be of persons: leave it where it is, run "
            "`ecluse catalogue profile` there, and give the profile that it writes."
        )
    return described(_drafts(*stem_and_ending(name), text_of(content)))


def _drafts(stem: str, ending: str, text: str) -> list[TableDraft]:
    if not text.strip():
        raise InvalidInput("The file is empty: give one that names tables and columns.")
    if ending in DELIMITED:
        return delimited.drafts(stem, text)
    if ending in {".sql", ".ddl"}:
        return sql.drafts(text)
    if ending in {".json", ".jsonld"}:
        return _of_json(stem, _json(text))
    raise InvalidInput(
        f"A file that ends with {ending or 'nothing'!r} is not read: give .csv, .sql or .json."
    )


def _of_json(stem: str, content: Any) -> list[TableDraft]:
    if profiles.is_profile(content):
        return profiles.drafts(profiles.decode(content))
    return json_tables.drafts(stem, content)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidInput("The file is not JSON: give it as it was written.") from None
