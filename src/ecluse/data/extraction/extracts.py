"""From a signed order to a folder of files that nobody can change: all at once, or not at all."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ecluse.data.cohorts.duckdb import NAME, keys_of
from ecluse.data.cohorts.failures import engine_stops
from ecluse.data.engines import OnProgress, connect
from ecluse.data.extraction import staging
from ecluse.data.extraction.cohort_file import has_file, write_cohort
from ecluse.data.extraction.files import ExtractFiles, Seals, files_to_make, forget_begun
from ecluse.data.extraction.formats import write_formats
from ecluse.data.extraction.leaflet import Leaflet, delivered_files, write_receipt
from ecluse.data.extraction.naming import Kept, Namer
from ecluse.data.extraction.persons import (
    Chosen,
    choose,
    reading_of,
    switches_of,
    with_cases_seen,
)
from ecluse.data.extraction.plans import TablePlan, plan
from ecluse.data.extraction.resuming import PROGRESS, Progress, file_of
from ecluse.data.extraction.rows import Rows
from ecluse.data.extraction.warrants import Warrant
from ecluse.data.extraction.writing import Writer
from ecluse.data.filters import filters
from ecluse.data.lake import Lake, Snapshot, verify
from ecluse.data.optouts import Records, evidence, names_of
from ecluse.data.pseudonyms import PERSON_PSEUDONYM, Label, ProjectKeys, ProjectPseudonyms
from ecluse.domain import cohorts
from ecluse.domain.documents import (
    AttritionStep,
    ExtractedTable,
    ExtractionReceipt,
    FilterState,
    FilterSwitch,
    OptOutEvidence,
    Software,
)
from ecluse.domain.errors import Refused, Replayed
from ecluse.trust import canonical

SOFTWARE = ("ecluse", "duckdb", "pyarrow")
MEMORY = "1GiB"


@dataclass(frozen=True, slots=True)
class Filled:
    """What an extraction wrote: persons by step, rows by table, and how opt-outs were applied."""

    attrition: tuple[AttritionStep, ...]
    tables: tuple[ExtractedTable, ...]
    opt_outs: OptOutEvidence | None


@dataclass(frozen=True, slots=True)
class Job:
    """One extraction under way: the order with its proofs, and what it reads and writes."""

    warrant: Warrant
    snapshot: Snapshot
    plans: tuple[TablePlan, ...]
    project: ProjectPseudonyms
    files: ExtractFiles
    on_progress: OnProgress
    connection: duckdb.DuckDBPyConnection
    records: Records | None


def extract(  # noqa: PLR0913 - what is read, where it goes, under which keys
    warrant: Warrant,
    *,
    lake: Lake,
    key: ProjectKeys,
    target: Path,
    seals: Seals | None = None,
    records: Records | None = None,
    clock: Callable[[], datetime],
    on_progress: OnProgress = lambda _step, _done, _total: None,
) -> ExtractionReceipt:
    """Extract into the new folder `target` and return what was delivered.

    The same order on the same snapshot under the same key gives the same content, and the receipt
    the digests of that content; with `seals`, what lies on the disk is sealed; with `records`, what
    proves how opt-outs were applied is kept and bound in the receipt. A refused or failed
    extraction leaves nothing. A killed one, or one stopped by Ctrl-C, goes on from the table that
    it had reached when the same order is given again; nothing is at `target` until it is whole.

    Raises:
        Refused: the order may not be obeyed; the class says why.
        Replayed: `target` exists: this order was obeyed.
        NotFound: the lake has no such snapshot.
        SnapshotDamaged: the snapshot is not what was published.
        StorageFull: no space is left, or too little memory.
        JobFailed: the engine stopped for another reason.
    """
    started_at = clock()
    try:
        snapshot, plans = _allowed(warrant, lake, target, now=started_at)
    except Refused:
        staging.discard(target, before=lambda folder: forget_begun(folder, seals, begun=PROGRESS))
        raise
    with (
        staging.staging(target) as folder,
        files_to_make(folder, seals, begun=PROGRESS) as files,
    ):
        on_progress("verify", 0, len(plans))
        verify(snapshot, tables=_tables_read(warrant, snapshot))
        project = key.project(warrant.order.pseudonym_domain)
        with connect(
            readable=[snapshot.folder, *warrant.listing.paths()],
            writable=[folder],
            memory_limit=MEMORY,
        ) as connection:
            job = Job(warrant, snapshot, plans, project, files, on_progress, connection, records)
            with engine_stops(doing="extract"):
                filled = _fill(job)
        on_progress("publish", len(plans), len(plans))
        receipt = _finish(job, filled, (started_at, clock()), lake)
        staging.publish(folder, target, modes=files.modes)
    return receipt


def _allowed(
    warrant: Warrant, lake: Lake, target: Path, *, now: datetime
) -> tuple[Snapshot, tuple[TablePlan, ...]]:
    """Return what the order reads and what becomes of it, if it may be obeyed. Raises Refused."""
    warrant.check(now=now)
    snapshot = lake.snapshot(warrant.order.dataset, warrant.order.snapshot)
    warrant.check_cohort(snapshot)
    plans = plan(warrant.tables(), snapshot)
    if target.exists() or target.is_symlink():
        raise Replayed(f"Order {warrant.order.order_number} was obeyed: its folder exists.")
    return snapshot, plans


def _fill(job: Job) -> Filled:
    """Write every table and the cohort's file; return what they hold."""
    job.on_progress("cohort", 0, len(job.plans))
    chosen = choose(job.warrant, job.snapshot, job.project, connection=job.connection)
    if job.warrant.order.cohort.matching is not None:
        chosen = with_cases_seen(chosen, _with_rows(job, chosen.kept))
    progress = Progress.begin(job.files, _fingerprint(job, chosen))
    reading = reading_of(job.warrant.order)
    rows = Rows.of(job.connection, job.snapshot, reading, chosen.kept)
    try:
        seen = _write_tables(job, chosen, rows, progress)
    finally:
        rows.close()
    cohort = job.warrant.order.cohort
    if has_file(cohort):
        write_cohort(chosen.rows, chosen.kept, seen, job.files)
    last = AttritionStep("with-rows-in-care-period", int(seen.sum()))
    tables = tuple(progress.tables[one.schema.name] for one in job.plans)
    return Filled((*chosen.attrition, last), tables, _evidence(job, chosen, seen))


def _evidence(job: Job, chosen: Chosen, seen: npt.NDArray[np.bool_]) -> OptOutEvidence | None:
    """Keep whom the extract holds, and return how opt-outs were applied to it."""
    if job.records is None:
        return None
    warrant, listing = job.warrant, job.warrant.listing
    job.on_progress("opt-outs", len(job.plans), len(job.plans))
    job.records.make_list(listing, warrant.opt_outs_digest)
    names = names_of(job.snapshot, job.connection, keys=chosen.kept.keys[seen])
    held = names.select("identifier").to_arrow_table()["identifier"].to_pylist()
    order = warrant.order
    persons = job.records.keep(
        warrant.opt_outs_digest, order.order_number, order.permit_number, held
    )
    lists = job.records.commitments(warrant.opt_outs_digest, chosen.told.is_out)
    return evidence(chosen.told, listing, lists, persons)


def _with_rows(job: Job, kept: Kept) -> npt.NDArray[np.bool_]:
    """Return, by rank, who has a row in the care period; everyone when no table has dates."""
    dated = [one for one in job.plans if one.is_about_persons and one.is_dated]
    rows = Rows.of(job.connection, job.snapshot, reading_of(job.warrant.order), kept)
    try:
        found = [keys_of(rows.given(one).select("person_key").distinct()) for one in dated]
    finally:
        rows.close()
    return np.isin(kept.keys, np.concatenate(found)) if found else np.ones(len(kept), np.bool_)


def _write_tables(
    job: Job, chosen: Chosen, rows: Rows, progress: Progress
) -> npt.NDArray[np.bool_]:
    """Write the tables not yet written; return which persons have a row in the care period.

    Dated tables come first: the others are delivered for the persons seen there, and for everyone
    when no table ordered has dates.
    """
    kept = chosen.kept
    salt = job.project.of(Label.LINK, ["order of rows"])[0]
    writer = Writer(job.connection, kept, Namer(job.project), salt)
    dated = [one for one in job.plans if one.is_about_persons and one.is_dated]
    others = [one for one in job.plans if one not in dated]
    seen = np.full(len(kept), fill_value=not dated)
    for number, one in enumerate([*dated, *others]):
        name = one.schema.name
        job.on_progress(f"table {name}", number, len(job.plans))
        if name in progress.tables:
            found = _persons_in(job, one, kept) if one in dated else seen
        else:
            table, found = _write_one(job, one, rows, writer, seen)
            progress.add(table)
        seen = seen | found if one in dated else seen
    return seen


def _write_one(
    job: Job, one: TablePlan, rows: Rows, writer: Writer, seen: npt.NDArray[np.bool_]
) -> tuple[ExtractedTable, npt.NDArray[np.bool_]]:
    """Write one table; return what the receipt says of it, and whom it holds, by rank."""
    ranks = None if one.is_dated else np.flatnonzero(seen).astype(np.int32)
    began = time.monotonic()
    name = file_of(one.schema.name)
    with job.files.replacing(name) as file:
        written = writer.write(one, rows.given(one), file, ranks=writer.kept.table(ranks))
    removed = rows.removed(one, row_count=written.row_count, seen=seen)
    table = ExtractedTable(
        table=one.schema.name,
        row_count_in=one.table.rows,
        row_count_out=written.row_count,
        columns=tuple(column.name for column in one.delivered()),
        columns_dropped=one.dropped,
        digest=job.files.told(name)[1],
        removed=removed,
        coarsened=one.coarsened,
        duration_ms=round((time.monotonic() - began) * 1000),
    )
    return table, written.seen


def _persons_in(job: Job, one: TablePlan, kept: Kept) -> npt.NDArray[np.bool_]:
    """Return, by rank, which persons a finished table holds."""
    seen = np.zeros(len(kept), np.bool_)
    with (
        job.files.open(file_of(one.schema.name)) as source,
        pq.ParquetFile(source, read_dictionary=[PERSON_PSEUDONYM]) as file,
    ):
        for group in range(file.num_row_groups):
            column = file.read_row_group(group, columns=[PERSON_PSEUDONYM]).column(0)
            for chunk in column.chunks:
                places = pc.index_in(chunk.dictionary, value_set=kept.pseudonyms)
                seen[places.to_numpy()] = True
    return seen


def _fingerprint(job: Job, chosen: Chosen) -> str:
    """Return what tells this extraction from any other, its persons and key included."""
    everyone = pa.chunked_array([chosen.kept.pseudonyms], pa.string())
    persons = canonical.digest("".join(everyone.to_pylist()).encode())
    parts = [job.warrant.order_digest, job.snapshot.snapshot_id, persons, *map(version, SOFTWARE)]
    salt = job.project.of(Label.LINK, ["order of rows"])[0]
    return canonical.digest("\0".join([*parts, salt]).encode())


def _finish(
    job: Job, filled: Filled, instants: tuple[datetime, datetime], lake: Lake
) -> ExtractionReceipt:
    """Write what lies beside the tables, the receipt last, and return it."""
    order = job.warrant.order
    write_formats(job.files, order.formats)
    leaflet = Leaflet(job.warrant, job.plans, filled.attrition, filled.tables)
    leaflet.write(job.files, lake=lake.path)
    receipt = ExtractionReceipt(
        order_number=order.order_number,
        order_digest=job.warrant.order_digest,
        permit_number=order.permit_number,
        dataset=order.dataset,
        snapshot=order.snapshot,
        opt_out_list_digest=job.warrant.opt_outs_digest,
        attrition=filled.attrition,
        tables=filled.tables,
        engine=NAME,
        started_at=instants[0],
        finished_at=instants[1],
        filters=_states(job),
        files=delivered_files(job.files),
        software=tuple(Software(name, version(name)) for name in SOFTWARE),
        opt_outs=filled.opt_outs,
    )
    write_receipt(job.files, receipt)
    return receipt


def _states(job: Job) -> tuple[FilterSwitch, ...]:
    """Return the state of every filter of the model, asked or by default."""
    switches = switches_of(job.warrant.order)
    return tuple(
        FilterSwitch(one.name, FilterState(switches.state(one.name, default=one.default).value))
        for one in filters(job.snapshot.model.name)
    )


def _tables_read(warrant: Warrant, snapshot: Snapshot) -> frozenset[str]:
    """Return the tables that the order gives or that its cohort reads."""
    order = warrant.order
    sources = [snapshot.model.source(name) for name in cohorts.sources(order.cohort)]
    references = [source.reference.table for source in sources if source.reference]
    ordered = [scope.table for scope in order.tables]
    return frozenset([*ordered, *references, *(source.table for source in sources)])
