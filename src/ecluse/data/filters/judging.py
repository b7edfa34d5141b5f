"""How filters judge the rows of one table: by its own columns, or by the claim, stay or person.

A filter whose columns are in another table is not a join of the two: only the few claims, stays or
persons that it leaves out are read there, and taken away here by their key.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Final

import duckdb
from duckdb import ColumnExpression, DuckDBPyRelation, Expression, FunctionExpression

from ecluse.data import schemas
from ecluse.data.filters.conditions import Columns, decided, dropped_by
from ecluse.data.filters.definitions import Filter, Rule
from ecluse.data.lake import Snapshot, read
from ecluse.data.schemas import Model, TableSchema

EVENT_KEY: Final = "event_key"
PERSON_KEY: Final = "person_key"
KEY_OF_REJECTS: Final = "rejected_key"
VERDICT: Final = "rejected_verdict"
NUMBERS: Final = count()
"""Of the tables of kept rejects: two keepers may share a connection."""


@dataclass(frozen=True, slots=True)
class Direct:
    """Judged by the row's own columns: TRUE to drop it, NULL when that cannot be told."""

    judged: Expression


@dataclass(frozen=True, slots=True)
class ByKey:
    """Judged by another table: `rejects` has one row per key that is dropped or cannot be told.

    Its columns: `rejected_key`, `rejected_verdict` (TRUE, or NULL when it cannot be told).
    """

    key: str
    rejects: DuckDBPyRelation


@dataclass(frozen=True, slots=True)
class Absent:
    """Cannot be judged: what the dataset lacks."""

    lacks: str


Judgement = Direct | ByKey | Absent


class KeptRejects:
    """Keys that a rule leaves out, each kept in a table of the connection the first time."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._names: dict[tuple[Rule, str], str] = {}

    def once(self, rule: Rule, home: str, found: DuckDBPyRelation) -> DuckDBPyRelation:
        """Return `found`, what `rule` leaves out in the table `home`, read at the first call."""
        name = self._names.get((rule, home))
        if name is None:
            name = f"rejects_{next(NUMBERS)}"
            found.create(name)
            self._names[rule, home] = name
        return self._connection.table(name)

    def close(self) -> None:
        """Drop the tables."""
        for name in self._names.values():
            self._connection.execute(f"DROP TABLE {name}")
        self._names.clear()


@dataclass(frozen=True, slots=True)
class Source:
    """Where rows are read, up to which claims flow they count, and of which persons.

    `among`: a relation of `person_key`; None for everyone. `kept`: where the keys left out are
    kept; None to read them each time.
    """

    connection: duckdb.DuckDBPyConnection
    snapshot: Snapshot
    flux_until: date | None = None
    among: DuckDBPyRelation | None = None
    kept: KeptRejects | None = None

    def rows(self, table: str) -> DuckDBPyRelation:
        """Return the rows of a table of the snapshot. Raises NotFound."""
        rows = read(self.connection, self.snapshot, table)
        if self.among is None or PERSON_KEY not in rows.columns:
            return rows
        persons = self.among.select(ColumnExpression(PERSON_KEY).alias("person_wanted"))
        is_wanted = ColumnExpression(PERSON_KEY) == ColumnExpression("person_wanted")
        return rows.join(persons, is_wanted, how="semi")

    def columns(self, relation: DuckDBPyRelation) -> Columns:
        """Return what conditions can read of `relation`."""
        return Columns.of(relation, flux_until=self.flux_until)


def judgements(
    source: Source, table: str, relation: DuckDBPyRelation, found: Filter
) -> Iterator[Judgement]:
    """Yield how each rule of a filter judges the rows of `table`; nothing when none reaches it."""
    for rule in found.rules:
        for home in rule.tables:
            if _reaches(source.snapshot.model, rule, home, table):
                is_direct = home == table or rule.scope == "everywhere"
                yield (
                    _directly(source, rule, relation)
                    if is_direct
                    else _by_key(source, rule, home, relation)
                )


def _reaches(model: Model, rule: Rule, home: str, table: str) -> bool:
    if home == table:
        return True
    schema, other = model.tables.get(table), _table(model, home)
    if schema is None or rule.scope == "row":
        return False
    if rule.scope == "person":
        return schema.is_about_persons
    if rule.scope == "everywhere":
        return _root(model, schema) == home
    return other is not None and _is_same_event(model, schema, other)


def _table(model: Model, name: str) -> TableSchema | None:
    """Return a table that the dataset may lack: its snapshot keeps the schemas of its own alone."""
    if name in model.tables or model.name not in schemas.models():
        return model.tables.get(name)
    return schemas.model(model.name).tables.get(name)


def _is_same_event(model: Model, one: TableSchema, other: TableSchema) -> bool:
    same_key = bool(one.event_key) and one.event_key == other.event_key
    return same_key and _root(model, one) == _root(model, other)


def _root(model: Model, schema: TableSchema) -> str:
    """Return the name of the table whose rows the rows of `schema` detail, itself if none."""
    parents = model.tables
    name, found = schema.name, schema
    while found.parent is not None:
        name = found.parent.table
        if name not in parents:
            return name
        found = parents[name]
    return name


def _directly(source: Source, rule: Rule, relation: DuckDBPyRelation) -> Judgement:
    judged = dropped_by(rule, source.columns(relation))
    return Absent(_needed(rule, source)) if judged is None else Direct(judged)


def _by_key(source: Source, rule: Rule, home: str, relation: DuckDBPyRelation) -> Judgement:
    if home not in source.snapshot.tables:
        return Absent(home)
    key = PERSON_KEY if rule.scope == "person" else EVENT_KEY
    rows = source.rows(home)
    judged = dropped_by(rule, source.columns(rows))
    if judged is None or key not in rows.columns or key not in relation.columns:
        return Absent(f"{home} ({_needed(rule, source)})")
    rejects = _rejects(rows, key, judged)
    return ByKey(key, source.kept.once(rule, home, rejects) if source.kept else rejects)


def _rejects(rows: DuckDBPyRelation, key: str, judged: Expression) -> DuckDBPyRelation:
    """Return the keys that are dropped, or that cannot be told.

    A claim or a stay is dropped when one of its rows is; a person, when all of them are.
    """
    marked = rows.select(ColumnExpression(key).alias(KEY_OF_REJECTS), judged.alias("judged"))
    judged = ColumnExpression("judged")
    if key == EVENT_KEY:
        marked, verdict = marked.filter(decided(judged, unknown=True)), "bool_or"
    else:
        verdict = "bool_and"
    by_key = marked.filter(ColumnExpression(KEY_OF_REJECTS).isnotnull()).aggregate(
        [ColumnExpression(KEY_OF_REJECTS), FunctionExpression(verdict, judged).alias(VERDICT)]
    )
    return by_key.filter(decided(ColumnExpression(VERDICT), unknown=True))


def _needed(rule: Rule, source: Source) -> str:
    conditions = [condition for alternative in rule.drop for condition in alternative]
    if source.flux_until is None and any(c.test == "after_cut_off" for c in conditions):
        return "flux_until"
    return ", ".join(dict.fromkeys(condition.column for condition in conditions))
