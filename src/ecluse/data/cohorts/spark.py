"""The engine of a cluster: the same cohort on Spark, over Parquet.

The filters are DuckDB's alone. Of a snapshot, rows are read as they were loaded, so it is asked
with every filter off; a prepared dataset was cleaned, and opened if it is encrypted.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, cast

import pyarrow as pa
import pyspark
from py4j.protocol import Py4JError  # type: ignore[import-untyped]
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.functions import col

from ecluse.data.cohorts import people as registers
from ecluse.data.cohorts import planning
from ecluse.data.cohorts.checking import check
from ecluse.data.cohorts.failures import engine_stops
from ecluse.data.cohorts.prepared import PERSONS, Prepared
from ecluse.data.cohorts.reading import FLOW_DATE, Reading
from ecluse.data.cohorts.selected import Selected
from ecluse.data.cohorts.spark_frames import SparkFrame, SparkTerms
from ecluse.data.engines import OnProgress
from ecluse.data.filters import State, filters
from ecluse.data.lake import Snapshot
from ecluse.data.lake.manifests import LakeTable
from ecluse.data.schemas import Model
from ecluse.domain.cohorts import Cohort
from ecluse.domain.errors import InvalidInput

NAME: Final = f"spark {pyspark.__version__}"
ENGINE_ERRORS: Final = (PySparkException, Py4JError)


def run(
    cohort: Cohort,
    source: Snapshot | Prepared,
    reading: Reading,
    *,
    session: SparkSession,
    on_progress: OnProgress = lambda _step, _done, _total: None,
) -> Selected:
    """Return who of a snapshot, or prepared dataset, is in `cohort`, with its attrition.

    Every machine of the cluster reaches the folder under the same path.

    Raises:
        InvalidInput: the cohort asks for what the data model does not have; a filter is on, or the
            snapshot is encrypted; or the dataset was prepared under other filters.
        NotFound: the snapshot lacks a table that the cohort reads.
        StorageFull, JobFailed: the cluster stopped.
    """
    check(cohort, source.model)
    _check_readable(source, reading)
    lakeside = _Lakeside(source, reading, session)
    try:
        with engine_stops(*ENGINE_ERRORS, doing="choose the persons of the cohort"):
            return planning.run(cohort, lakeside, reading, on_progress)
    finally:
        lakeside.close()


def _check_readable(source: Snapshot | Prepared, reading: Reading) -> None:
    if isinstance(source, Prepared):
        if reading.switches != source.switches:
            raise InvalidInput(
                f"{source.dataset} was prepared under other filters than those asked: prepare it "
                "under these."
            )
        return
    snapshot = source
    on = [
        found.name
        for found in filters(snapshot.model.name)
        if reading.switches.state(found.name, default=found.default) is not State.OFF
    ]
    if on:
        raise InvalidInput(
            f"Spark reads rows as they were loaded, without the filters {', '.join(on)}: switch "
            "them off, prepare the dataset (`ecluse lake prepare`), or ask DuckDB."
        )
    if snapshot.encryption:
        raise InvalidInput(
            f"{snapshot.dataset} is encrypted, and Spark is not given its key: prepare it "
            "(`ecluse lake prepare`), or ask DuckDB."
        )


class _Lakeside:
    """A snapshot read by Spark; what was kept on the way is let go by `close`."""

    def __init__(
        self, source: Snapshot | Prepared, reading: Reading, session: SparkSession
    ) -> None:
        self.terms = SparkTerms()
        self._source = source
        self._reading = reading
        self._session = session
        self._made: list[DataFrame] = []

    @property
    def model(self) -> Model:
        """The data model of the snapshot."""
        return self._source.model

    def has(self, table: str) -> bool:
        """Whether the snapshot has the table."""
        source = self._source
        return source.has(table) if isinstance(source, Prepared) else table in source.tables

    def rows(self, table: str, among: SparkFrame | None = None) -> SparkFrame:
        """Return the rows that count and had arrived; `among` keeps its persons alone."""
        found = self._counting(table)
        if FLOW_DATE in found.columns:
            found = found.where(col(FLOW_DATE) <= self.terms.value(self._reading.flux_until))
        if among is None or "person_key" not in found.columns:
            return found
        return found.among(among, ("person_key",))

    def raw(self, table: str) -> SparkFrame:
        """Return the rows as they were loaded."""
        source = self._source
        if isinstance(source, Prepared):
            return self._read(source.raw(table))
        return self._read_table(source, source.table(table))

    def written(self, table: str, column: str) -> SparkFrame:  # noqa: ARG002 - repaired already
        """Return rows that hold every value of the column that `rows` may hold."""
        return self._counting(table)

    def persons(self) -> SparkFrame:
        """Return the persons of the dataset: `person_key`."""
        source = self._source
        found = (
            self._read(source.rows(PERSONS))
            if isinstance(source, Prepared)
            else self._read_table(source, source.persons)
        )
        return found.select({"person_key": col("person_key")})

    def linked(self, link: str) -> SparkFrame:
        """Return the persons whom a link joins: `person_key` is linked to `linked_to`."""
        return cast("SparkFrame", registers.linked(self, self.model.link(link)))

    def known(self, rows: pa.Table) -> SparkFrame:
        """Return rows given in memory."""
        return SparkFrame(self._session.createDataFrame(rows), self._made)

    def close(self) -> None:
        """Let go of what was held."""
        for rows in self._made:
            rows.unpersist()
        self._made.clear()

    def _counting(self, table: str) -> SparkFrame:
        """Return the rows that count: all those of a snapshot, whose filters are off."""
        source = self._source
        return self._read(source.rows(table)) if isinstance(source, Prepared) else self.raw(table)

    def _read_table(self, snapshot: Snapshot, table: LakeTable) -> SparkFrame:
        return self._read(snapshot.paths(table), uniform=table.uniform)

    def _read(self, paths: Sequence[Path], *, uniform: bool = True) -> SparkFrame:
        read = self._session.read.option("mergeSchema", value=not uniform)
        return SparkFrame(read.parquet(*(str(path.resolve()) for path in paths)), self._made)
