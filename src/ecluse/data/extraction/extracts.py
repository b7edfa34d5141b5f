"""From a signed order to a folder of files that nobody can change: all at once, or not at all."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from ecluse.data.cohorts.duckdb import NAME
from ecluse.data.engines import OnProgress, connect, storage_failures
from ecluse.data.extraction.leaflet import write_leaflet
from ecluse.data.extraction.persons import choose, pseudonyms_of, readable, reading_of
from ecluse.data.extraction.plans import TablePlan, plan
from ecluse.data.extraction.warrants import Warrant
from ecluse.data.extraction.writing import write_table
from ecluse.data.lake import Lake, Snapshot, verify
from ecluse.data.pseudonyms import PseudonymKey
from ecluse.domain import cohorts
from ecluse.domain.documents import AttritionStep, ExtractedTable, ExtractionReceipt
from ecluse.domain.errors import NotAllowed, Replayed
from ecluse.trust import durable

STAGING: Final = ".staging-"
FILE_MODE: Final = 0o444
FOLDER_MODE: Final = 0o555
"""Read-only for all: a job runs as a stranger's uid; the closed folder above keeps others out."""


def extract(
    warrant: Warrant,
    *,
    lake: Lake,
    key: PseudonymKey,
    target: Path,
    clock: Callable[[], datetime],
    on_progress: OnProgress = lambda _step, _done, _total: None,
) -> ExtractionReceipt:
    """Extract into the new folder `target` and return what was delivered.

    The same order on the same snapshot under the same key gives the same bytes. A refused, failed
    or killed extraction leaves nothing at `target`.

    Raises:
        Refused: the order may not be obeyed; the class says why.
        Replayed: `target` exists: this order was obeyed.
        NotFound: the lake has no such snapshot.
        SnapshotDamaged: the snapshot is not what was published.
        StorageFull: no space is left.
    """
    started_at = clock()
    warrant.check(now=started_at)
    snapshot = lake.snapshot(warrant.order.dataset, warrant.order.snapshot)
    warrant.check_cohort(snapshot)
    plans = plan(warrant.order, snapshot)
    if target.exists():
        raise Replayed(f"Order {warrant.order.order_number} was obeyed: its folder exists.")
    on_progress("verify", 0, len(plans))
    verify(snapshot, tables=_tables_read(warrant, snapshot))
    with _staging(target) as staging:
        attrition, tables = _fill(staging, warrant, snapshot, plans, key, on_progress)
        receipt = _receipt(warrant, attrition, tables, (started_at, clock()))
        write_leaflet(staging, receipt, plans)
        on_progress("publish", len(plans), len(plans))
        _publish(staging, target)
    return receipt


def _fill(
    staging: Path,
    warrant: Warrant,
    snapshot: Snapshot,
    plans: tuple[TablePlan, ...],
    key: PseudonymKey,
    on_progress: OnProgress,
) -> tuple[tuple[AttritionStep, ...], tuple[ExtractedTable, ...]]:
    """Write every table in `staging`; return the attrition and what each file holds."""
    project = key.project(warrant.order.pseudonym_domain)
    reading = reading_of(warrant)
    with connect(readable=[snapshot.folder], writable=[staging]) as connection:
        on_progress("cohort", 0, len(plans))
        kept = choose(warrant, snapshot, plans, connection=connection)
        named = pseudonyms_of(kept.keys, snapshot, project, connection=connection)
        tables = []
        for number, table_plan in enumerate(plans):
            on_progress(f"table {table_plan.schema.name}", number, len(plans))
            path = staging / f"{table_plan.schema.name}.parquet"
            tables.append(
                write_table(
                    table_plan,
                    readable(table_plan, snapshot, reading, connection),
                    named,
                    project=project,
                    connection=connection,
                    path=path,
                )
            )
    return kept.attrition, tuple(tables)


def _tables_read(warrant: Warrant, snapshot: Snapshot) -> frozenset[str]:
    """Return the tables that the order gives or that its cohort reads."""
    order = warrant.order
    sources = [snapshot.model.source(name) for name in cohorts.sources(order.cohort)]
    references = [source.reference.table for source in sources if source.reference]
    ordered = [scope.table for scope in order.tables]
    return frozenset([*ordered, *references, *(source.table for source in sources)])


def _receipt(
    warrant: Warrant,
    attrition: tuple[AttritionStep, ...],
    tables: tuple[ExtractedTable, ...],
    instants: tuple[datetime, datetime],
) -> ExtractionReceipt:
    order = warrant.order
    return ExtractionReceipt(
        order_number=order.order_number,
        order_digest=warrant.order_digest,
        permit_number=order.permit_number,
        dataset=order.dataset,
        snapshot=order.snapshot,
        opt_out_list_digest=warrant.opt_outs_digest,
        attrition=attrition,
        tables=tables,
        engine=NAME,
        started_at=instants[0],
        finished_at=instants[1],
    )


@contextmanager
def _staging(target: Path) -> Iterator[Path]:
    """Give an empty folder beside `target`, removed unless it was renamed; one writer at a time."""
    staging = target.with_name(f"{STAGING}{target.name}")
    with storage_failures(target.parent):
        made = _make_closed(target.parent)
        with _only_writer(staging):
            try:
                _empty(staging)
                yield staging
            finally:
                shutil.rmtree(staging, ignore_errors=True)
                if not target.exists():
                    _remove_unused(made)


def _make_closed(folder: Path) -> list[Path]:
    """Make the folder and its parents for the owner alone; return those made, the deepest first."""
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(made):
        path.mkdir(mode=0o700)
    return made


def _remove_unused(folders: list[Path]) -> None:
    for folder in folders:
        with suppress(OSError):
            folder.rmdir()


@contextmanager
def _only_writer(staging: Path) -> Iterator[None]:
    """Hold the staging folder; the system lets it go when the process dies. Raises NotAllowed."""
    staging.mkdir(mode=0o700, exist_ok=True)
    lock = os.open(staging, os.O_RDONLY | os.O_DIRECTORY)
    try:
        if not _is_taken(lock, staging):
            raise NotAllowed(
                f"Another extraction into {staging.name.removeprefix(STAGING)} is under way: wait "
                "for its end."
            )
        yield
    finally:
        os.close(lock)


def _is_taken(lock: int, staging: Path) -> bool:
    """Take the lock; false if another holds it, or has just given the folder its final name."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(lock), staging.stat())
    except (BlockingIOError, FileNotFoundError):
        return False


def _empty(staging: Path) -> None:
    """Remove what a killed extraction left."""
    for entry in staging.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _publish(staging: Path, target: Path) -> None:
    """Close the files to writing, then give the folder its name in one step."""
    for path in staging.iterdir():
        if path.is_dir():
            shutil.rmtree(path)  # where the engine spilled
        else:
            path.chmod(FILE_MODE)
    durable.sync_folder(staging)
    staging.chmod(FOLDER_MODE)
    staging.rename(target)
    durable.sync_folder(target.parent)
