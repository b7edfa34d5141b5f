"""A snapshot of the SNDS becomes a snapshot of an OMOP dataset, person after person.

Persons keep their keys, their opt-out names and so their project pseudonyms: a study that has both
datasets can put them together, and an opt-out acts on both. What was deleted from the source goes
at the next conversion.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import duckdb
import pyarrow as pa

from ecluse.data.conversion import concepts, events, mappings, people, period, places, visits
from ecluse.data.conversion.accounts import Coverage, Flow, Mapped, Told, UnmappedCode
from ecluse.data.conversion.blocks import blocks
from ecluse.data.conversion.feeds import (
    CERTIFICATES,
    CLAIM_LINES,
    FEEDS,
    STAY_FAMILIES,
    TARGETS,
    WARDS,
)
from ecluse.data.conversion.outputs import Outputs
from ecluse.data.conversion.workshop import Choices, Workshop
from ecluse.data.engines import connect, engine_failures, storage_failures
from ecluse.data.filters import Cleaning
from ecluse.data.lake import Draft, Lake, Snapshot, Staging, read_names, read_persons
from ecluse.data.lake.manifests import NAMES, PERSONS
from ecluse.domain.errors import InvalidInput

OnProgress = Callable[[str, int, int], None]
MODEL: Final = "snds"
TOP_CODES: Final = 20
CDM_VERSION: Final = "5.4"
CDM_VERSION_CONCEPT: Final = 756265

COVERAGE: Final = """
SELECT target, sum(row_count)::BIGINT, (sum(row_count) FILTER (is_mapped))::BIGINT,
       (sum(row_count) FILTER (is_by_parent))::BIGINT, count(DISTINCT (vocabulary, code)),
       count(DISTINCT (vocabulary, code)) FILTER (is_mapped)
FROM usage GROUP BY target ORDER BY target
"""
UNMAPPED: Final = """
SELECT vocabulary, code, sum(row_count)::BIGINT AS row_count FROM usage
WHERE target = $target AND NOT is_mapped
GROUP BY vocabulary, code ORDER BY row_count DESC, vocabulary, code LIMIT $top
"""


@dataclass(frozen=True, slots=True)
class Converted:
    """The snapshot that was published, and the account of what became of every row."""

    snapshot: Snapshot
    told: Told


def convert(
    source: Snapshot,
    *,
    lake: Lake,
    dataset: str,
    now: datetime,
    choices: Choices | None = None,
    on_progress: OnProgress | None = None,
) -> Converted:
    """Publish the OMOP CDM 5.4 form of `source` as the current snapshot of `dataset`.

    Raises:
        InvalidInput: the source is not of the model snds, is the target, or covers no day; a
            mapping file is not one.
        NotFound: the source is encrypted and its key was not given.
        LoadFailed: another load of `dataset` is under way,
            or the engine could not finish; the lake is as it was.
        StorageFull: no space is left; the lake is as it was.
    """
    chosen = choices or Choices()
    _check(source, dataset)
    with lake.staging(dataset, load=f"conversion-{source.snapshot_id}") as staging:
        folders = [source.folder, *([chosen.mappings] if chosen.mappings else [])]
        if staging.former is not None:
            folders.append(staging.former.folder)
        with (
            storage_failures(staging.path),
            engine_failures(lambda: f"The conversion of {source.dataset} stopped"),
            connect(
                memory_limit=chosen.memory_limit, readable=folders, writable=[staging.path]
            ) as connection,
        ):
            cleaning = Cleaning(connection, source, switches=chosen.switches)
            workshop = Workshop(connection, source, chosen, cleaning)
            outputs = Outputs(staging, mappings.converted_model())
            told = _convert(workshop, outputs, staging, today=now.date(), on_progress=on_progress)
        snapshot = lake.publish(staging, _draft(staging, outputs, told), now=now)
    return Converted(snapshot, told)


def _check(source: Snapshot, dataset: str) -> None:
    if source.model.name != MODEL:
        raise InvalidInput(
            f"{source.dataset} is of the model {source.model.name}: only {MODEL} can be converted."
        )
    if source.dataset == dataset:
        raise InvalidInput(
            f"{dataset} cannot be converted into itself: give another name with --dataset."
        )


def _convert(
    workshop: Workshop,
    outputs: Outputs,
    staging: Staging,
    *,
    today: date,
    on_progress: OnProgress | None,
) -> Told:
    connection, source = workshop.connection, workshop.snapshot
    mapped = mappings.load(connection, workshop.choices.mappings)
    concepts.number(connection, source, staging.former)
    places.number(workshop)
    first, last = period.covered(workshop)
    _prepare(connection, first, last)
    found = list(blocks(workshop))
    for rank, block in enumerate(found):
        if on_progress is not None:
            on_progress("convert", rank, len(found))
        with block.workshop(workshop) as alone:
            _convert_block(alone, outputs)
    _write_shared(connection, outputs)
    _write_source(connection, outputs, source, today=today)
    kept = connection.table("kept").project("person_key AS kept_key")
    for name, rows in ((PERSONS, read_persons), (NAMES, read_names)):
        whole = rows(connection, source)
        outputs.carry(name, whole.join(kept, "person_key = kept_key", how="semi"))
    return _told(workshop, outputs, mapped, first, last)


def _prepare(connection: duckdb.DuckDBPyConnection, first: date, last: date) -> None:
    """Make the small tables that every block reads."""
    connection.execute(events.CREATE_USAGE)
    connection.execute("CREATE TEMP TABLE kept (person_key INTEGER)")
    connection.execute(
        "CREATE TEMP TABLE period AS SELECT $first AS first_day, $last AS last_day",
        {"first": first, "last": last},
    )
    entries = period.regime_entries()
    regimes = {
        "regime": pa.array([regime for regime, _ in entries], pa.int32()),
        "entered_on": pa.array([day for _, day in entries], pa.date32()),
    }
    connection.from_arrow(pa.table(regimes)).create("regimes")


def _convert_block(workshop: Workshop, outputs: Outputs) -> None:
    connection = workshop.connection
    visits.take_claims(workshop)
    people.gather(workshop)
    kept = connection.table("people").filter("left_out IS NULL").project("person_key")
    kept.insert_into("kept")
    rows = outputs.rows
    visits.gather(
        workshop,
        visits_before=rows["visit_occurrence"],
        details_before=rows["visit_detail"],
    )
    for name, question in {**people.ROWS, **visits.ROWS}.items():
        workshop.keep(connection.sql(question), "rows")
        outputs.write(name, connection.table("rows"))
    for target in TARGETS:
        events.gather(workshop, target, before=rows[target])
        outputs.write(target, connection.table("rows"))


def _write_shared(connection: duckdb.DuckDBPyConnection, outputs: Outputs) -> None:
    for name, question in {**places.ROWS, **concepts.ROWS}.items():
        outputs.write(name, connection.sql(question))


def _write_source(
    connection: duckdb.DuckDBPyConnection, outputs: Outputs, source: Snapshot, *, today: date
) -> None:
    told = pa.table(
        {
            "cdm_source_name": [f"{source.model.title_fr} ({source.dataset})"],
            "cdm_source_abbreviation": ["SNDS"],
            "cdm_holder": [source.dataset],
            "source_description": [f"{source.dataset} {source.snapshot_id}"],
            "cdm_etl_reference": ["docs/how-to/convert-to-omop.md"],
            "source_release_date": [source.published_at.date()],
            "cdm_release_date": [today],
            "cdm_version": [CDM_VERSION],
            "cdm_version_concept_id": [CDM_VERSION_CONCEPT],
            "vocabulary_version": ["Écluse"],
        }
    )
    outputs.write("cdm_source", connection.from_arrow(told))


def _told(workshop: Workshop, outputs: Outputs, mapped: Mapped, first: date, last: date) -> Told:
    return Told(
        source=f"{workshop.snapshot.dataset} {workshop.snapshot.snapshot_id}",
        first_day=first,
        last_day=last,
        drug_start=workshop.choices.drug_start,
        switches=workshop.choices.switches.to_json(),
        mapped=mapped,
        flows=tuple(_flows(workshop)),
        coverage=tuple(_coverage(workshop.connection)),
        tables={name: outputs.rows[name] for name in sorted(outputs.tables())},
    )


def _flows(workshop: Workshop) -> Iterator[Flow]:
    """Yield the account of each source that the dataset has."""
    pairs = [(PERSONS, PERSONS, target) for target in people.TOLD]
    pairs += [(family.persons, family.persons, "visit_occurrence") for family in STAY_FAMILIES]
    pairs += [(CLAIM_LINES, CLAIM_LINES, "visit_occurrence"), (WARDS, WARDS, "visit_detail")]
    pairs += [(CERTIFICATES, CERTIFICATES, "death")]
    pairs += [(feed.table, feed.name, feed.target) for feed in FEEDS]
    nobody = {PERSONS: 0}
    for table, source, target in pairs:
        if table == PERSONS:
            rows = workshop.snapshot.person_count
        elif workshop.has(table):
            rows = workshop.snapshot.tables[table].rows
        else:
            continue
        if table not in nobody:
            ((named,),) = workshop.raw(table).aggregate("count(person_key)").fetchall()
            nobody[table] = rows - named
        yield workshop.account(source, target).flow(source, target, rows=rows, nobody=nobody[table])


def _coverage(connection: duckdb.DuckDBPyConnection) -> Iterator[Coverage]:
    for target, *counts in connection.execute(COVERAGE).fetchall():
        top = connection.execute(UNMAPPED, {"target": target, "top": TOP_CODES}).fetchall()
        rows, mapped, by_parent, codes, codes_mapped = (int(count or 0) for count in counts)
        yield Coverage(
            target=target,
            rows=rows,
            rows_mapped=mapped,
            rows_by_parent=by_parent,
            codes=codes,
            codes_mapped=codes_mapped,
            top_unmapped=tuple(UnmappedCode(*item) for item in top),
        )


def _draft(staging: Staging, outputs: Outputs, told: Told) -> Draft:
    quarantine = staging.writing("quarantine.csv")
    quarantine.write_text("file,line,column,reason\n", encoding="utf-8")
    return Draft(
        model=outputs.model,
        tables=outputs.tables(),
        persons=outputs.parts[PERSONS],
        names=outputs.parts[NAMES],
        quarantine=quarantine,
        report=told.to_json(),
        act="conversion",
    )
