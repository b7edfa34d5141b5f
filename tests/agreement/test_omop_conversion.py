"""The same question asked of the SNDS and of its OMOP form selects the same persons.

The cohort: diabetes, by three deliveries of A10 on three days, or a stay or a long-term illness
for E10 to E14. On the SNDS, packs lead to their ATC class; on OMOP, the class leads to its packs,
as a concept set does.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ecluse.data.cohorts import Reading
from ecluse.data.cohorts import duckdb as engine
from ecluse.data.conversion import ADVISED, Choices, Converted, convert
from ecluse.data.engines import connect
from ecluse.data.filters import State, Switch, Switches, filters
from ecluse.data.lake import Lake, Snapshot, read, verify
from ecluse.data.quality import Status, report
from ecluse.domain.cohorts import AnyOf, AtLeast, Cohort, Events, Match, cohort_of
from tests.unit.data.loading.deliveries import NOW
from tests.unit.data.synthetic.countries import Loaded

DIABETES = ("E10", "E11", "E12", "E13", "E14")
SNDS_DIAGNOSES = (
    "stay_main_diagnosis",
    "stay_related_diagnosis",
    "stay_associated_diagnosis",
    "ward_main_diagnosis",
    "rehabilitation_main_morbidity",
    "long_term_illness",
)
NO_FILTER = Switches(tuple(Switch(found.name, State.OFF) for found in filters("snds")))
YEARS = Reading(date(2011, 1, 1), date(2013, 12, 31), date(2030, 1, 1))
# An illness lasts in the SNDS; a condition of OMOP has its first day alone: both are read whole.
EVER = Reading(date(1900, 1, 1), date(2013, 12, 31), date(2030, 1, 1))
EUNOMIA = Path(__file__).parents[2].parent / "shared" / "snds" / "samples" / "omop_eunomia_gibleed"
SHARED_TABLES = (
    "person",
    "observation_period",
    "visit_occurrence",
    "condition_occurrence",
    "drug_exposure",
    "procedure_occurrence",
    "measurement",
    "concept",
    "concept_ancestor",
    "vocabulary",
    "domain",
    "cdm_source",
)
VOCABULARY_TABLES = {"concept", "vocabulary", "domain", "concept_ancestor", "source_to_concept_map"}


@dataclass(frozen=True)
class Country:
    snds: Snapshot
    unfiltered: Converted
    advised: Converted


@pytest.fixture(scope="module")
def country(small_country: Loaded, tmp_path_factory: pytest.TempPathFactory) -> Country:
    lake, snds = Lake(tmp_path_factory.mktemp("omop")), small_country.snapshot
    choices = Choices(first_day=YEARS.care_from, last_day=YEARS.care_to)
    unfiltered = convert(
        snds, lake=lake, dataset="raw", now=NOW, choices=replace(choices, switches=NO_FILTER)
    )
    return Country(snds, unfiltered, convert(snds, lake=lake, dataset="omop", now=NOW))


def test_without_filters_the_fast_engine_selects_the_same_persons_on_both(
    country: Country,
) -> None:
    unfiltered = replace(EVER, switches=NO_FILTER)
    on_snds = _selected(_diabetes_on_snds(), country.snds, unfiltered)
    on_omop = _selected(_diabetes_on_omop(country.unfiltered), country.unfiltered.snapshot)

    assert len(on_snds) > 20
    assert on_omop == on_snds & _persons(country.unfiltered.snapshot)


def test_with_the_advised_filters_omop_selects_whom_the_cleaned_snds_selects(
    country: Country,
) -> None:
    on_omop = _selected(_diabetes_on_omop(country.advised), country.advised.snapshot)

    cleaned = replace(EVER, switches=ADVISED)
    on_cleaned = _selected(_diabetes_on_snds(), country.snds, cleaned)
    assert len(on_omop) > 20
    assert on_omop == on_cleaned & _persons(country.advised.snapshot)


def test_hardly_anybody_is_left_out_but_the_dead_and_the_numbers_that_name_nobody(
    country: Country,
) -> None:
    told = {flow.target: flow for flow in country.advised.told.flows if flow.source == "_persons"}

    assert set(told["person"].left_out) <= {"never-observed", "unusable-number", "no-birth-year"}
    assert told["person"].rows_written > 0.95 * told["person"].rows_read


def test_every_row_read_is_written_or_left_out_for_a_reason(country: Country) -> None:
    flows = (*country.unfiltered.told.flows, *country.advised.told.flows)

    assert [flow for flow in flows if not flow.is_explained] == []
    assert [flow for flow in flows if min([0, *flow.left_out.values()]) < 0] == []


def test_the_account_adds_up_to_the_tables(country: Country) -> None:
    told = country.advised.told
    written = dict.fromkeys(("condition_occurrence", "drug_exposure", "measurement"), 0)
    for flow in told.flows:
        written[flow.target] = written.get(flow.target, 0) + flow.rows_written

    assert {name: told.tables[name] for name in written} | {"death": 0} == {
        **written,
        "death": 0,
    }


def test_the_dataset_passes_the_checks_made_on_omop_data(country: Country) -> None:
    snapshot = country.advised.snapshot
    verify(snapshot)

    with connect(readable=[snapshot.folder]) as connection:
        made = report(snapshot, connection=connection, on=date(2026, 1, 4), minimum_count=1)
    failed = {(c.check, c.table) for c in made.checks if c.status is Status.FAILED}
    assert failed == set()


def test_every_concept_of_a_row_is_in_the_concept_table(country: Country) -> None:
    snapshot = country.advised.snapshot

    missing = [
        (table, column, count) for table, column, count in _without_concept(snapshot) if count
    ]
    assert missing == []


def _diabetes_on_snds() -> Cohort:
    deliveries = AtLeast(Events("drug_atc", ("A10",)), 3)
    diagnoses = (AtLeast(Events(source, DIABETES)) for source in SNDS_DIAGNOSES)
    return cohort_of(AnyOf((deliveries, *diagnoses)))


def _diabetes_on_omop(made: Converted) -> Cohort:
    packs = Events("drug_source_concept", _concept_set(made.snapshot, "A10"), Match.EXACT)
    return cohort_of(AnyOf((AtLeast(packs, 3), AtLeast(Events("condition_icd", DIABETES)))))


def _concept_set(snapshot: Snapshot, atc: str) -> tuple[str, ...]:
    """Return the concepts of the packs that descend from an ATC class."""
    with connect(readable=[snapshot.folder]) as connection:
        classes = read(connection, snapshot, "concept").filter(
            f"vocabulary_id = 'ATC' AND concept_code = '{atc}'"
        )
        found = read(connection, snapshot, "concept_ancestor").join(
            classes, "ancestor_concept_id = concept_id"
        )
        return tuple(str(item) for (item,) in found.project("descendant_concept_id").fetchall())


def _selected(cohort: Cohort, snapshot: Snapshot, reading: Reading = EVER) -> frozenset[int]:
    with connect(readable=[snapshot.folder]) as connection:
        found = engine.run(cohort, snapshot, reading, connection=connection)
    return frozenset(found.rows["person_key"].to_pylist())


def _persons(snapshot: Snapshot) -> frozenset[int]:
    """Return the persons who have a row in the OMOP table of persons."""
    with connect(readable=[snapshot.folder]) as connection:
        keys = read(connection, snapshot, "person").project("person_key").fetchall()
    return frozenset(key for (key,) in keys)


def _without_concept(snapshot: Snapshot) -> Iterator[tuple[str, str, int]]:
    with connect(readable=[snapshot.folder]) as connection:
        concepts = read(connection, snapshot, "concept").project("concept_id AS known_id")
        for table in snapshot.tables.keys() - VOCABULARY_TABLES:
            rows = read(connection, snapshot, table)
            for column in rows.columns:
                if column.endswith("_concept_id"):
                    absent = rows.filter(f"{column} IS NOT NULL").join(
                        concepts, f"{column} = known_id", how="anti"
                    )
                    yield table, column, len(absent.fetchall())


@pytest.mark.skipif(not EUNOMIA.is_dir(), reason="the Eunomia sample is not here")
@pytest.mark.parametrize("table", SHARED_TABLES)
def test_a_table_has_every_column_that_the_reference_dataset_has(
    country: Country, table: str
) -> None:
    # Eunomia is of CDM 5.3: the names that 5.4 changed are aliases.
    schema = country.advised.snapshot.model.tables[table]

    reference_columns = pq.read_schema(EUNOMIA / f"{table}.parquet").names
    ours = set(country.advised.snapshot.tables[table].columns)
    found = [schema.column(name) for name in reference_columns]
    assert [column.name for column in found if column] == [
        column.name for column in found if column and column.name in ours
    ]
    assert None not in found
