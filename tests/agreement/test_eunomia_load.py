"""The lake holds the same OMOP data as the Eunomia files it was loaded from."""

from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from ecluse.data.lake import Lake, read, read_persons, verify
from ecluse.data.loading import LoadReport, load_delivery
from tests.unit.data.loading.deliveries import NOW

SAMPLES = Path(__file__).parents[2].parent / "shared" / "snds" / "samples" / "omop_eunomia_gibleed"
pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the Eunomia sample is not here")


@dataclass(frozen=True)
class Loaded:
    report: LoadReport

    def ask_both(self, table: str, question: str) -> tuple[object, object]:
        """Return the answers of the lake's table and of the source file to one question."""
        with duckdb.connect() as connection:
            ours = read(connection, self.report.snapshot, table).aggregate(question).fetchall()
            theirs = connection.read_parquet(str(SAMPLES / f"{table}.parquet"))
            return ours, theirs.aggregate(question).fetchall()


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    lake = Lake(tmp_path_factory.mktemp("lake"))
    return Loaded(load_delivery(SAMPLES, lake=lake, dataset="hospital-omop", model="omop", now=NOW))


def test_the_dataset_has_its_2694_persons(loaded: Loaded) -> None:
    with duckdb.connect() as connection:
        people = read_persons(connection, loaded.report.snapshot)
        counts = people.aggregate(
            "count(*), count(DISTINCT person_key), min(person_key), max(person_key), "
            "count(DISTINCT person_id), count(opt_out_id)"
        ).fetchall()

    assert counts == [(2694, 2694, 1, 2694, 2694, 2694)]


def test_every_file_is_a_known_table(loaded: Loaded) -> None:
    assert loaded.report.warnings == ()


def test_no_row_is_refused_and_the_snapshot_verifies(loaded: Loaded) -> None:
    verify(loaded.report.snapshot)

    assert loaded.report.rows_quarantined == 0


@pytest.mark.parametrize(
    ("table", "question"),
    [
        ("person", "count(*), sum(person_id), sum(year_of_birth), count(DISTINCT race_concept_id)"),
        ("observation_period", "count(*), sum(person_id), min(observation_period_start_date)"),
        ("visit_occurrence", "count(*), sum(visit_occurrence_id), max(visit_end_date)"),
        (
            "condition_occurrence",
            "count(*), sum(condition_occurrence_id), sum(condition_concept_id), "
            "min(condition_start_date), count(condition_end_date), count(visit_occurrence_id)",
        ),
        ("drug_exposure", "count(*), sum(drug_exposure_id), sum(drug_concept_id), sum(quantity)"),
        ("drug_era", "count(*), sum(drug_concept_id), sum(drug_exposure_count), sum(gap_days)"),
        ("condition_era", "count(*), sum(condition_concept_id), max(condition_era_end_date)"),
        ("procedure_occurrence", "count(*), sum(procedure_concept_id), max(procedure_datetime)"),
        ("measurement", "count(*), sum(measurement_concept_id), max(measurement_datetime)"),
        ("observation", "count(*), sum(observation_concept_id), min(observation_date)"),
        ("concept", "count(*), sum(concept_id), count(DISTINCT concept_code)"),
        (
            "concept_ancestor",
            "count(*), sum(ancestor_concept_id), sum(descendant_concept_id), "
            "sum(max_levels_of_separation)",
        ),
        ("vocabulary", "count(*), count(DISTINCT vocabulary_id)"),
        ("cdm_source", "count(*), min(cdm_version)"),
    ],
)
def test_counts_and_sums_are_those_of_the_source(loaded: Loaded, table: str, question: str) -> None:
    ours, theirs = loaded.ask_both(table, question)

    assert ours == theirs


def test_every_condition_has_the_key_of_its_own_person(loaded: Loaded) -> None:
    with duckdb.connect() as connection:
        conditions = read(connection, loaded.report.snapshot, "condition_occurrence")
        people = read_persons(connection, loaded.report.snapshot)
        same = conditions.set_alias("c").join(
            people.set_alias("p"),
            "c.person_key = p.person_key AND CAST(c.person_id AS VARCHAR) = p.person_id "
            "AND c.event_date = c.condition_start_date",
        )
        found = same.count("*").fetchall()

    assert found == [(65332,)]
