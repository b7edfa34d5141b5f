"""The engines that the manual of cohorts is read against: each must give the answer of the page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from ecluse.data.cohorts import Reading, duckdb, reference
from ecluse.data.cohorts.selected import Selected
from ecluse.data.engines import connect
from ecluse.domain.cohorts import Cohort
from ecluse.domain.cohorts import sources as cohort_sources
from tests.cohort_lakes import EVERY_FILTER_OFF, publish_dataset
from tests.unit.data.lakes import folder_in_memory

Engine = Callable[[Cohort, reference.Dataset, Reading], Selected]


def on_duckdb(cohort: Cohort, dataset: reference.Dataset, reading: Reading) -> Selected:
    """Publish the dataset as a lake, and ask the fast engine."""
    with folder_in_memory() as folder:
        snapshot = publish_dataset(folder, replace(dataset, tables=_tables(cohort, dataset)))
        with connect(readable=[snapshot.folder]) as connection:
            given = replace(reading, switches=EVERY_FILTER_OFF)
            return duckdb.run(cohort, snapshot, given, connection=connection)


def _tables(cohort: Cohort, dataset: reference.Dataset) -> Mapping[str, Sequence[reference.Row]]:
    """Return the tables of the page, and without rows those that it leaves out."""
    sources = [dataset.model.source(name) for name in sorted(cohort_sources(cohort))]
    references = [source.reference.table for source in sources if source.reference]
    read = [*(source.table for source in sources), *references]
    return {**dict.fromkeys(read, ()), **dataset.tables}


ENGINES: Final[Mapping[str, Engine]] = {"reference": reference.run, "duckdb": on_duckdb}
