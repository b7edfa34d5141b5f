"""Each row gets its person and its date; children of a claim or of a stay take them from it.

Queries are written out as text: of a relation built step by step, the engine's Python API binds
the whole chain again at each step, which costs more than loading a small month. Only names stand
in the text, each through `quoted`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ecluse.data.engines import quoted
from ecluse.data.loading.keys import EVENT_KEY
from ecluse.data.loading.persons import People, lookup_condition
from ecluse.data.loading.slices import EVENT_DATE, PERSON_KEY
from ecluse.data.schemas import TableSchema

STAMP: Final = (PERSON_KEY, EVENT_DATE)
SLICE_VALUE: Final = "slice_value"
"""The column of stamps that tells the slice of the parent."""
STAMPS: Final = "stamps"


@dataclass(frozen=True, slots=True)
class Stamp:
    """How rows called `rows` get their person and date: two expressions and a join."""

    person: str
    date: str
    join: str = ""


def by_person(schema: TableSchema, columns: Sequence[str], people: People) -> Stamp:
    """Return the stamp of rows that name their person; both NULL where nobody is named."""
    dates = [f"rows.{quoted(name)}" for name in schema.event_date if name in columns]
    date = f"CAST(coalesce({', '.join([*dates, 'NULL'])}) AS DATE)"
    if schema.person_by is None or not set(schema.person) <= set(columns):
        return Stamp("CAST(NULL AS INTEGER)", date)
    condition = lookup_condition(schema.person_by, schema.person)
    join = f"LEFT JOIN {people.lookup(schema.person_by)} AS persons ON {condition}"
    return Stamp(f"persons.{PERSON_KEY}", date, join)


def by_parent(columns: Sequence[str], *, has_stamps: bool, slice_column: str | None) -> Stamp:
    """Return the stamp of children: person and date of the row of `stamps` with the same key.

    `slice_column`: their column that must be the slice of their parent, when the stamps are of
    several slices. Without stamps, children belong to nobody.
    """
    if not has_stamps or EVENT_KEY not in columns:
        return Stamp("CAST(NULL AS INTEGER)", "CAST(NULL AS DATE)")
    condition = f"rows.{EVENT_KEY} = {STAMPS}.{EVENT_KEY}"
    if slice_column:
        same = f"rows.{quoted(slice_column)} IS NOT DISTINCT FROM {STAMPS}.{SLICE_VALUE}"
        condition = f"{condition} AND {same}"
    join = f"LEFT JOIN {STAMPS} ON {condition}"
    return Stamp(f"{STAMPS}.{PERSON_KEY}", f"{STAMPS}.{EVENT_DATE}", join)


def stamped(source: str, columns: Sequence[str], stamp: Stamp) -> str:
    """Return the query of the rows of `source`, a table or a query in brackets, with the stamp."""
    names = ", ".join(f"rows.{quoted(name)}" for name in columns)
    return (
        f"SELECT {stamp.person} AS {PERSON_KEY}, {stamp.date} AS {EVENT_DATE}, {names} "  # noqa: S608 — names only
        f"FROM {source} AS rows {stamp.join}"
    )


def stamps_query(parents: str, slice_column: str | None, *, has_repeated_keys: bool) -> str:
    """Return the query of what children take from the rows of `parents`: one row per event key.

    A key that two persons share stamps nobody.
    """
    value = f"{quoted(slice_column)} AS {SLICE_VALUE}" if slice_column else f"0 AS {SLICE_VALUE}"
    told = f"SELECT {EVENT_KEY}, {PERSON_KEY}, {EVENT_DATE}, {value} FROM {parents}"  # noqa: S608 — names only
    told = f"{told} WHERE {EVENT_KEY} IS NOT NULL"
    if not has_repeated_keys:
        return told
    one = f"min({PERSON_KEY}) = max({PERSON_KEY}) AND count({PERSON_KEY}) = count(*)"
    return (
        f"SELECT {EVENT_KEY}, {SLICE_VALUE}, CASE WHEN {one} THEN min({PERSON_KEY}) END "  # noqa: S608 — names only
        f"AS {PERSON_KEY}, CASE WHEN {one} THEN min({EVENT_DATE}) END AS {EVENT_DATE} "
        f"FROM ({told}) GROUP BY {EVENT_KEY}, {SLICE_VALUE}"
    )
