"""The steps of one load, in an order in which each table finds what it needs.

The register first; then tables that name claimants, who may be absent from it; then those that
name persons otherwise; then children, after their parents.
"""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb

from ecluse.data.deliveries.finding import DeliveredFile, Delivery
from ecluse.data.deliveries.quarantine import HEADER
from ecluse.data.engines import OnProgress
from ecluse.data.lake import Draft, Staging
from ecluse.data.lake.manifests import NAMES, PERSONS, Part
from ecluse.data.loading import keys
from ecluse.data.loading.contents import Contents
from ecluse.data.loading.intake import Intake, Placed, Scratch
from ecluse.data.loading.limits import Limits
from ecluse.data.loading.persons import TABLES, People
from ecluse.data.loading.progress import Progress, Step
from ecluse.data.loading.reports import TableReport
from ecluse.data.loading.settling import Settling
from ecluse.data.loading.stamps import Stamps
from ecluse.data.schemas import Model, TableSchema
from ecluse.domain.codec import JSON

FIRST_NAMING = ("claimant", "pseudonym", "identity", None)


class Steps:
    """One load under way: its steps, those that a killed try had done, and what they gave."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        delivery: Delivery,
        staging: Staging,
        model: Model,
        *,
        limits: Limits,
        event_key: keys.KeyOf,
    ) -> None:
        self.done: list[Step] = []
        self.resumed = 0
        self.now_at = ""
        self._delivery, self._staging, self._model = delivery, staging, model
        self._connection = connection
        shutil.rmtree(staging.writing(""), ignore_errors=True)
        self._progress = Progress(staging, every=limits.checkpoint_seconds)
        self.people = People(connection, model, staging.former)
        self._contents = Contents(connection, staging, limits)
        stamps = Stamps(connection, model, self._contents)
        self._intake = Intake(
            connection, self._contents, people=self.people, stamps=stamps, event_key=event_key
        )
        self._settling = Settling(
            connection,
            model,
            self._contents,
            people=self.people,
            intake=self._intake,
            stamps=stamps,
        )

    def run(self, on_progress: OnProgress | None) -> None:
        """Do every step that was not done, telling each to `on_progress`. Raises LoadFailed."""
        planned = self._planned()
        for number, (name, table, work) in enumerate(planned):
            self.now_at = name
            if on_progress:
                on_progress(name, number, len(planned))
            if number < len(self._progress.kept):
                step = self._progress.kept[number]
                self._restore(step)
                self.resumed += 1
            else:
                step = work(name, table)
                self._progress.add(step)
            self._take(step)
        self._progress.write()

    def _planned(self) -> list[tuple[str, str, Callable[[str, str], Step]]]:
        planned: list[tuple[str, str, Callable[[str, str], Step]]] = []
        for table in self._tables():
            if table == self._model.register.table and self._delivery.files_of(table):
                planned.append((table, table, self._register))
            else:
                planned += [
                    (file.name, table, self._reader(number, file))
                    for number, file in enumerate(self._delivery.files)
                    if file.schema.name == table
                ]
            planned.append((f"{table} ✓", table, self._settle))
        return planned

    def _tables(self) -> list[str]:
        former = self._staging.former
        names = {*self._delivery.tables(), *(former.tables if former else ())}

        def rank(name: str) -> tuple[bool, int, int, str]:
            schema = self._model.table(name)
            is_register = name == self._model.register.table
            return not is_register, self._depth(schema), FIRST_NAMING.index(schema.person_by), name

        return sorted(names, key=rank)

    def _depth(self, schema: TableSchema) -> int:
        if schema.parent is None:
            return 0
        return 1 + self._depth(self._model.table(schema.parent.table))

    def _register(self, name: str, table: str) -> Step:
        """Read every file of the register, number the persons, then seal the files."""
        numbers = [
            number for number, file in enumerate(self._delivery.files) if file.schema.name == table
        ]
        files = [self._read(number, self._delivery.files[number]) for number in numbers]
        self.people.register(self._intake.rows(file) for file in files)
        self._names_folder.mkdir(exist_ok=True)
        self.people.keep(self._names_folder)
        placed = [self._intake.place(file) for file in files]
        return self._step(name, table, files, placed, {"merged": self.people.merged})

    def _reader(self, number: int, file: DeliveredFile) -> Callable[[str, str], Step]:
        def work(name: str, table: str) -> Step:
            read = self._read(number, file)
            absent = self._add_absent(number, read)
            return self._step(name, table, [read], [self._intake.place(read)], {"absent": absent})

        return work

    def _read(self, number: int, file: DeliveredFile) -> Scratch:
        folder = self._staging.writing("sources")
        folder.mkdir(exist_ok=True)
        quarantines = self._staging.path / "quarantine"
        quarantines.mkdir(exist_ok=True)
        return self._intake.read(file, folder=folder, quarantine=quarantines / f"{number:06}.csv")

    def _add_absent(self, number: int, read: Scratch) -> int:
        schema = read.schema
        named = schema.person_by == "claimant" and set(schema.person) <= set(read.columns)
        if not named or self._model.register.by != "snds":
            return 0
        self._names_folder.mkdir(exist_ok=True)
        return self.people.add_absent(
            self._intake.unknown_claimants(read), keep=self._absent_file(number)
        )

    def _step(
        self,
        name: str,
        table: str,
        files: list[Scratch],
        placed: list[Placed],
        more: dict[str, int],
    ) -> Step:
        slices: dict[str, tuple[Part, ...]] = {}
        for item in placed:
            for slice_name, parts in item.slices.items():
                slices[slice_name] = (*slices.get(slice_name, ()), *parts)
        counts = {
            "files": len(files),
            "rows_read": sum(file.rows_read for file in files),
            "rows_loaded": sum(item.rows for item in placed),
            "rows_quarantined": sum(file.rows_quarantined for file in files),
            "rows_without_person": sum(item.rows_without_person for item in placed),
            **more,
        }
        warnings = tuple(warning for file in files for warning in file.warnings)
        return Step(name, table, self._without_empty(table, slices), counts, warnings)

    def _without_empty(
        self, table: str, slices: dict[str, tuple[Part, ...]]
    ) -> dict[str, tuple[Part, ...]]:
        """Return the slices without parts of no row, unless the table would have no part at all.

        A file with no row says nothing of the months of claims; of a year, or of a table that is
        one slice, it says that nothing is there.
        """
        is_flow = self._model.table(table).slicing == "flow"
        full = {name: tuple(part for part in parts if part.rows) for name, parts in slices.items()}
        told = {name: parts for name, parts in full.items() if parts or not is_flow}
        kept = self._contents.slices(table)
        if self._model.table(table).slicing == "whole":
            kept = {name: kept[name] for name in self._contents.changed.get(table, ())}
        others = [parts for name, parts in kept.items() if name not in told or is_flow]
        return told if any(told.values()) or any(others) else slices

    def _settle(self, name: str, table: str) -> Step:
        schema = self._model.table(table)
        settled = self._settling.settle(schema, has_former=self._staging.former is not None)
        return Step(name, table, settled.slices, {"keys_forgotten": settled.keys_forgotten})

    def _restore(self, step: Step) -> None:
        if "merged" in step.counts:
            self.people.restore(self._names_folder, merged=step.counts["merged"])
        elif step.counts.get("absent"):
            names = [file.name for file in self._delivery.files]
            self.people.restore_absent(self._absent_file(names.index(step.name)))

    def _take(self, step: Step) -> None:
        self.done.append(step)
        is_settling = "keys_forgotten" in step.counts
        for name, parts in step.slices.items():
            change = self._contents.replace if is_settling else self._contents.add
            change(step.table, name, parts)
        is_whole = self._model.table(step.table).slicing == "whole"
        if is_whole and not is_settling:
            self._contents.drop_others(step.table)

    @property
    def _names_folder(self) -> Path:
        return self._staging.path / "names"

    def _absent_file(self, number: int) -> Path:
        return self._names_folder / f"absent-{number:06}.parquet"

    def draft(self, report: JSON) -> Draft:
        """Return what is to be published."""
        return Draft(
            model=self._model,
            tables=self._contents.tables(),
            persons=self._sealed("persons", PERSONS),
            names=self._sealed("names", NAMES),
            quarantine=self._quarantine(),
            report=report,
        )

    def _sealed(self, name: str, table: str) -> list[Part]:
        columns = ", ".join(TABLES[name])
        query = f"SELECT {columns} FROM {name} ORDER BY {columns}"  # noqa: S608 — our own names
        sealed = self._contents.seal(self._contents.write(query), table=table, slice_name="all")
        self._staging.sync(sealed.parts)
        return sealed.parts

    def _quarantine(self) -> Path:
        path = self._staging.path / "quarantine.csv"
        with path.open("w", encoding="utf-8", newline="") as target:
            csv.writer(target).writerow(HEADER)
            for file in sorted((self._staging.path / "quarantine").glob("*.csv")):
                with file.open(encoding="utf-8", newline="") as source:
                    next(source)
                    shutil.copyfileobj(source, target)
        return path

    def reports(self) -> tuple[TableReport, ...]:
        """Return the counts of each table that was delivered, or written again."""
        return tuple(self._report(table) for table in self._tables() if self._was_touched(table))

    def _was_touched(self, table: str) -> bool:
        return bool(self._delivery.files_of(table) or self._contents.changed.get(table))

    def _report(self, table: str) -> TableReport:
        steps = [step for step in self.done if step.table == table]

        def total(name: str) -> int:
            return sum(step.counts.get(name, 0) for step in steps)

        delivered = {name for step in steps if "files" in step.counts for name in step.slices}
        settled = {name for step in steps if "files" not in step.counts for name in step.slices}
        return TableReport(
            table=table,
            files=total("files"),
            rows_read=total("rows_read"),
            rows_loaded=total("rows_loaded"),
            rows_quarantined=total("rows_quarantined"),
            rows_without_person=total("rows_without_person"),
            slices=tuple(sorted(delivered)),
            slices_replaced=tuple(sorted(self._contents.replaced.get(table, ()))),
            slices_stamped_again=tuple(sorted(settled - delivered)),
            keys_forgotten=total("keys_forgotten"),
        )

    def warnings(self) -> tuple[str, ...]:
        """Return what the report must say of the delivery and of its files."""
        return (
            *self._delivery.warnings,
            *(warning for step in self.done for warning in step.warnings),
        )
