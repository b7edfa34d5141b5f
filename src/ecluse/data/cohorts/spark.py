"""The engine of a cluster: the same cohort on Spark, over the same Parquet parts.

The filters are DuckDB's alone: here rows are read as they were loaded, so a dataset whose model has
filters is asked with every one of them off, or after it was cleaned.
"""

from typing import Final, cast

import pyarrow as pa
import pyspark
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.functions import col

from ecluse.data.cohorts import people as registers
from ecluse.data.cohorts import planning
from ecluse.data.cohorts.checking import check
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


def run(
    cohort: Cohort,
    snapshot: Snapshot,
    reading: Reading,
    *,
    session: SparkSession,
    on_progress: OnProgress = lambda _step, _done, _total: None,
) -> Selected:
    """Return who of `snapshot` is in `cohort`, with the attrition of each step.

    Every machine of the cluster reaches the folder of the lake under the same path.

    Raises:
        InvalidInput: the cohort asks for what the data model does not have, a filter is on, or the
            snapshot is encrypted.
        NotFound: the snapshot lacks a table that the cohort reads.
    """
    check(cohort, snapshot.model)
    _check_readable(snapshot, reading)
    lakeside = _Lakeside(snapshot, reading, session)
    try:
        return planning.run(cohort, lakeside, reading, on_progress)
    finally:
        lakeside.close()


def _check_readable(snapshot: Snapshot, reading: Reading) -> None:
    on = [
        found.name
        for found in filters(snapshot.model.name)
        if reading.switches.state(found.name, default=found.default) is not State.OFF
    ]
    if on:
        raise InvalidInput(
            f"Spark reads rows as they were loaded, without the filters {', '.join(on)}: switch "
            "them off, or ask DuckDB."
        )
    if snapshot.encryption:
        raise InvalidInput(
            f"{snapshot.dataset} is encrypted, and Spark is not given its key: ask DuckDB."
        )


class _Lakeside:
    """A snapshot read by Spark; what was kept on the way is let go by `close`."""

    def __init__(self, snapshot: Snapshot, reading: Reading, session: SparkSession) -> None:
        self.terms = SparkTerms()
        self._snapshot = snapshot
        self._reading = reading
        self._session = session
        self._made: list[DataFrame] = []

    @property
    def model(self) -> Model:
        """The data model of the snapshot."""
        return self._snapshot.model

    def has(self, table: str) -> bool:
        """Whether the snapshot has the table."""
        return table in self._snapshot.tables

    def rows(self, table: str, among: SparkFrame | None = None) -> SparkFrame:
        """Return the rows that count and had arrived; `among` keeps its persons alone."""
        found = self.raw(table)
        if FLOW_DATE in found.columns:
            found = found.where(col(FLOW_DATE) <= self.terms.value(self._reading.flux_until))
        if among is None or "person_key" not in found.columns:
            return found
        return found.among(among, ("person_key",))

    def raw(self, table: str) -> SparkFrame:
        """Return the rows as they were loaded."""
        return self._read(self._snapshot.table(table))

    def written(self, table: str, column: str) -> SparkFrame:  # noqa: ARG002 - nothing is repaired
        """Return rows that hold every value of the column that `rows` may hold."""
        return self.raw(table)

    def persons(self) -> SparkFrame:
        """Return the persons of the dataset: `person_key`."""
        found = self._read(self._snapshot.persons)
        return found.select({"person_key": col("person_key")})

    def names(self) -> SparkFrame:
        """Return the names that deliveries give to persons: `pseudonym`, `person_key`."""
        names = {name: col(name) for name in ("pseudonym", "person_key")}
        return self._read(self._snapshot.names).select(names)

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

    def _read(self, table: LakeTable) -> SparkFrame:
        paths = [str(path.resolve()) for path in self._snapshot.paths(table)]
        read = self._session.read.option("mergeSchema", value=not table.uniform)
        return SparkFrame(read.parquet(*paths), self._made)
