"""The engine of one machine: a cohort on DuckDB, in few scans and bounded memory."""

from datetime import date
from typing import Final, cast

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from duckdb import ColumnExpression, ConstantExpression, DuckDBPyRelation

from ecluse.data.cohorts import people as registers
from ecluse.data.cohorts import planning
from ecluse.data.cohorts.checking import check
from ecluse.data.cohorts.duckdb_frames import DuckFrame, DuckTerms
from ecluse.data.cohorts.failures import engine_stops
from ecluse.data.cohorts.reading import FLOW_DATE, Reading
from ecluse.data.cohorts.selected import Selected
from ecluse.data.engines import OnProgress
from ecluse.data.filters import Cleaning, filters
from ecluse.data.lake import Snapshot, read, read_persons
from ecluse.data.schemas import Model
from ecluse.domain.cohorts import Cohort

Keys = npt.NDArray[np.int32]
"""Person keys, sorted, each once."""

EVERYTHING: Final = Reading(date.min, date.max, date.max)
NAME: Final = f"duckdb {duckdb.__version__}"


def run(
    cohort: Cohort,
    snapshot: Snapshot,
    reading: Reading,
    *,
    connection: duckdb.DuckDBPyConnection,
    on_progress: OnProgress = lambda _step, _done, _total: None,
) -> Selected:
    """Return who of `snapshot` is in `cohort`, with the attrition of each step.

    What does not fit in the memory of the connection spills where it may write.

    Raises:
        InvalidInput: the cohort asks for what the data model does not have.
        NotFound: the snapshot lacks a table that the cohort reads.
        StorageFull: too little memory, or no room to spill.
        JobFailed: the engine stopped for another reason.
    """
    check(cohort, snapshot.model)
    lakeside = _Lakeside(snapshot, reading, connection)
    try:
        with engine_stops(doing="choose the persons of the cohort"):
            return planning.run(cohort, lakeside, reading, on_progress)
    finally:
        lakeside.close()


def everyone(snapshot: Snapshot, *, connection: duckdb.DuckDBPyConnection) -> Keys:
    """Return the keys of all the persons of the dataset."""
    return keys_of(read_persons(connection, snapshot))


def people(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot) -> DuckDBPyRelation:
    """Return what the register tells: person_key, sex, born_on, died_on, department.

    One row for each person of the register; NULL is unknown. `sex` is female or male; `born_on` is
    the first of the month where no day is known.
    """
    found = registers.facts_of(_Lakeside(snapshot, EVERYTHING, connection))
    return cast("DuckFrame", found).relation


def arrived(relation: DuckDBPyRelation, reading: Reading) -> DuckDBPyRelation:
    """Return the rows whose claims flow had arrived; a table without flow is given whole."""
    if FLOW_DATE not in relation.columns:
        return relation
    return relation.filter(ColumnExpression(FLOW_DATE) <= ConstantExpression(reading.flux_until))


def linked(
    link: str, snapshot: Snapshot, reading: Reading, *, connection: duckdb.DuckDBPyConnection
) -> pa.Table:
    """Return whom a link joins, as a cohort reads it: `person_key` is linked to `linked_to`.

    Raises NotFound, StorageFull and JobFailed as `run` does.
    """
    lakeside = _Lakeside(snapshot, reading, connection)
    try:
        with engine_stops(doing="read the links between persons"):
            return lakeside.linked(link).table()
    finally:
        lakeside.close()


def keys_of(relation: DuckDBPyRelation) -> Keys:
    """Return the person keys of some rows, sorted, each once."""
    found = relation.select(ColumnExpression("person_key")).fetchnumpy()["person_key"]
    return np.unique(np.asarray(np.ma.compressed(np.ma.asarray(found)), dtype=np.int32))


class _Lakeside:
    """A snapshot read by DuckDB; tables made on the way are dropped by `close`."""

    def __init__(
        self, snapshot: Snapshot, reading: Reading, connection: duckdb.DuckDBPyConnection
    ) -> None:
        self.terms = DuckTerms()
        self._snapshot = snapshot
        self._reading = reading
        self._connection = connection
        self._made: list[str] = []
        self._cleanings: dict[int, Cleaning] = {}

    @property
    def model(self) -> Model:
        """The data model of the snapshot."""
        return self._snapshot.model

    def has(self, table: str) -> bool:
        """Whether the snapshot has the table."""
        return table in self._snapshot.tables

    def rows(self, table: str, among: DuckFrame | None = None) -> DuckFrame:
        """Return the rows that count and had arrived; `among` keeps its persons alone."""
        if id(among) not in self._cleanings:
            self._cleanings[id(among)] = Cleaning(
                self._connection,
                self._snapshot,
                switches=self._reading.switches,
                among=None if among is None else among.relation,
            )
        return self._frame(arrived(self._cleanings[id(among)].table(table), self._reading))

    def raw(self, table: str) -> DuckFrame:
        """Return the rows as they were loaded."""
        return self._frame(read(self._connection, self._snapshot, table))

    def written(self, table: str, column: str) -> DuckFrame:
        """Return rows that hold every value of the column that `rows` may hold."""
        is_repaired = any(
            (repair.table, repair.column) == (table, column)
            for found in filters(self.model.name)
            for repair in found.repairs
        )
        return self.rows(table) if is_repaired else self.raw(table)

    def persons(self) -> DuckFrame:
        """Return the persons of the dataset: `person_key`."""
        persons = read_persons(self._connection, self._snapshot)
        return self._frame(persons.select(ColumnExpression("person_key")))

    def linked(self, link: str) -> DuckFrame:
        """Return the persons whom a link joins: `person_key` is linked to `linked_to`."""
        return cast("DuckFrame", registers.linked(self, self.model.link(link)))

    def known(self, rows: pa.Table) -> DuckFrame:
        """Return rows given in memory."""
        return self._frame(self._connection.from_arrow(rows))

    def close(self) -> None:
        """Drop what was held."""
        for cleaning in self._cleanings.values():
            cleaning.close()
        for name in self._made:
            self._connection.execute(f"DROP TABLE {name}")
        self._made.clear()

    def _frame(self, relation: DuckDBPyRelation) -> DuckFrame:
        return DuckFrame(relation, self._connection, self._made)
