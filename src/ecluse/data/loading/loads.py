"""Loading a delivery, start to end: find, read, number persons, stamp, write, publish."""

from datetime import datetime
from pathlib import Path

import duckdb

from ecluse.data.engines import OnProgress, connect
from ecluse.data.lake import Lake, Snapshot, Staging
from ecluse.data.lake.manifests import PERSONS, QUARANTINE, check_dataset_name
from ecluse.data.lake.schemas import table_schema, table_schemas
from ecluse.data.loading import deliveries, stamping
from ecluse.data.loading.deliveries import Delivery
from ecluse.data.loading.merging import MergedTable, merge
from ecluse.data.loading.persons import Persons, number_persons, write_persons
from ecluse.data.loading.quarantine import Quarantine
from ecluse.data.loading.reading import ReadFile, read_file
from ecluse.data.loading.reports import LoadReport, TableReport


def load_delivery(
    source: Path,
    *,
    lake: Lake,
    dataset: str,
    model: str,
    now: datetime,
    on_progress: OnProgress | None = None,
) -> LoadReport:
    """Load the files of `source` as the new current snapshot of `dataset`.

    All or nothing: when anything fails, or the process is killed, the former snapshot stays.

    Raises:
        LoadFailed: the delivery cannot be used, or another load of the dataset is under way.
        StorageFull: no space is left.
    """
    check_dataset_name(dataset)
    table_schemas(model)
    delivery = deliveries.find(source, model=model)
    with lake.staging(dataset) as staging:
        load = _Load(delivery, staging, source, on_progress)
        persons, tables = load.run(model)
        snapshot = lake.publish(staging, model=model, tables=delivery.tables(), now=now)
    return _report(snapshot, delivery, load, persons, tables)


class _Load:
    """One load under way: the connection, the tables read so far, and the progress to tell."""

    def __init__(
        self,
        delivery: Delivery,
        staging: Staging,
        source: Path,
        on_progress: OnProgress | None,
    ) -> None:
        self.delivery = delivery
        self.staging = staging
        self.source = source
        self.read: dict[str, list[ReadFile]] = {}
        self._on_progress = on_progress
        self._done = 0
        self._total = len(delivery.files) + len(delivery.tables())

    def run(self, model: str) -> tuple[Persons, dict[str, int]]:
        """Stage every file; return the persons and, per table, the rows that belong to nobody."""
        with connect(readable=[self.source], writable=[self.staging.path]) as connection:
            self._read_files(connection)
            merged = {
                table: merge(connection, table_schema(model, table), files)
                for table, files in self.read.items()
            }
            persons = number_persons(connection, merged, model=model)
            write_persons(connection, self.staging.path / PERSONS)
            return persons, self._write_tables(connection, merged)

    def _read_files(self, connection: duckdb.DuckDBPyConnection) -> None:
        quarantine = Quarantine(self.staging.path / QUARANTINE)
        for index, file in enumerate(self.delivery.files):
            self._tell(file.name)
            read = read_file(connection, file, f"file_{index}", quarantine)
            self.read.setdefault(file.schema.name, []).append(read)

    def _write_tables(
        self, connection: duckdb.DuckDBPyConnection, merged: dict[str, MergedTable]
    ) -> dict[str, int]:
        without_person = {}
        for name, table in merged.items():
            self._tell(name)
            path = self.staging.path / f"{name}.parquet"
            stamping.write(table, stamping.stamp(connection, table, merged), path)
            without_person[name] = _rows_without_person(connection, table, path)
        return without_person

    def _tell(self, step: str) -> None:
        if self._on_progress:
            self._on_progress(step, self._done, self._total)
        self._done += 1


def _rows_without_person(
    connection: duckdb.DuckDBPyConnection, table: MergedTable, path: Path
) -> int:
    if not table.schema.is_about_persons:
        return 0
    written = connection.read_parquet(str(path))
    return int(written.filter("person_key IS NULL").count("*").fetchall()[0][0])


def _report(
    snapshot: Snapshot,
    delivery: Delivery,
    load: _Load,
    persons: Persons,
    without_person: dict[str, int],
) -> LoadReport:
    reports = []
    for table, files in load.read.items():
        loaded = sum(file.rows_loaded for file in files)
        quarantined = sum(file.rows_quarantined for file in files)
        reports.append(
            TableReport(
                table=table,
                files=len(files),
                rows_read=loaded + quarantined,
                rows_loaded=loaded,
                rows_quarantined=quarantined,
                rows_without_person=without_person[table],
            )
        )
    return LoadReport(
        snapshot=snapshot,
        tables=tuple(reports),
        warnings=delivery.warnings,
        persons=persons.count,
        persons_without_opt_out_id=persons.without_opt_out_id,
    )
