"""Linkage on the synthetic country: a hospital, a cohort and a registry of the same persons.

The country's truth says who is who. Shares are lower than in life where the holder has little: a
synthetic hospital knows no residence.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from ecluse.data.engines import connect
from ecluse.data.lake import Lake, Snapshot, read_names, read_persons
from ecluse.data.linkage import Records, Rule, join_links, match_exactly, measure
from ecluse.data.linkage.lake_records import lake_records
from ecluse.data.loading import load_delivery
from ecluse.data.pseudonyms import Label, PseudonymKeys
from ecluse.data.synthetic import Country, write_country
from ecluse.data.synthetic.neighbours import write_neighbours
from ecluse.trust.pseudonyms.keys import FIRST, SECOND, FileKey

COUNTRY = Country(persons=4_000, years=(2021, 2022, 2023), seed=7, rendering="delivery")
KEY = bytes(range(32))
PROJECT = PseudonymKeys(FileKey(FIRST, b"1" * 32), FileKey(SECOND, b"2" * 32)).project("FR-1")
BIRTH = ("sex", "birth_year", "birth_month")


@dataclass(frozen=True)
class World:
    """The lake, and the folder of the neighbours with the truth."""

    snapshot: Snapshot
    folder: Path
    people: Records

    def truth(self, holder: str, number: str) -> Mapping[str, str]:
        """Return the person of the lake for each number of a holder."""
        with connect(readable=[self.snapshot.folder.parent]) as lake:
            names = read_names(lake, self.snapshot).to_arrow_table()
            persons = read_persons(lake, self.snapshot).to_arrow_table()
        engine = duckdb.connect()
        numbers = engine.read_csv(f"{self.folder}/twins/truth/twins/{holder}.csv", all_varchar=True)
        indexes = engine.read_parquet(f"{self.folder}/truth/persons.parquet")
        found = (
            numbers.project(f"CAST(person_index AS BIGINT) AS person_index, {number} AS number")
            .join(indexes.project("person_index, pseudonym"), "person_index")
            .join(engine.from_arrow(names).project("pseudonym, person_key"), "pseudonym")
            .join(engine.from_arrow(persons).project("person_key, person_id"), "person_key")
        )
        # Same-sex twins share a pseudonym: which of the two is meant is not known this way.
        pairs = found.filter("number IS NOT NULL").aggregate(
            "number, min(person_id) AS person, count(DISTINCT person_id) AS persons", "number"
        )
        return dict(pairs.filter("persons = 1").project("number, person").fetchall())


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("country")
    report = write_country(COUNTRY, folder, national_key=KEY, workers=1)
    write_neighbours(COUNTRY, folder / "twins", national_key=KEY)
    lake = Lake(folder / "lake")
    now = datetime(2026, 1, 5, tzinfo=UTC)
    load_delivery(report.delivery_path, lake=lake, dataset="country", model="snds", now=now)
    snapshot = lake.snapshot("country")
    with connect(readable=[snapshot.folder.parent]) as connection:
        return World(snapshot, folder, lake_records(snapshot, connection=connection))


def hospital(world: World) -> Records:
    """Patients who stayed at the hospital: birth, sex and days of admission."""
    engine = duckdb.connect()
    folder = world.folder / "twins" / "hospital"
    care = engine.read_csv(f"{folder}/visit_occurrence.csv", all_varchar=True).filter(
        "visit_concept_id = '9201'"
    )
    days = care.project(
        "person_id AS record_id, CAST(visit_start_date AS DATE) AS day, "
        "CAST(NULL AS VARCHAR) AS place"
    ).distinct()
    persons = engine.read_csv(f"{folder}/person.csv", all_varchar=True)
    stayed = persons.join(days.project("record_id AS person_id").distinct(), "person_id")
    traits = stayed.project(
        "person_id AS record_id, gender_source_value AS sex, year_of_birth AS birth_year, "
        "lpad(month_of_birth, 2, '0') AS birth_month"
    )
    return Records(traits.to_arrow_table(), days.to_arrow_table())


def test_stays_and_birth_find_nine_patients_of_ten_and_no_wrong_one(world: World) -> None:
    patients = hospital(world)

    with connect(readable=[]) as connection:
        found = match_exactly(patients, world.people, Rule(BIRTH), connection=connection)

    truth = world.truth("hospital_persons", "person_id")
    quality = measure(found, records=len(patients.persons), truth=truth)
    assert quality.records > 100
    assert quality.share >= 0.85
    assert quality.precision is not None
    assert quality.precision >= 0.99


def test_probability_finds_as_many_patients(world: World) -> None:
    pytest.importorskip("splink", reason="needs the package splink (extra linkage)")
    from ecluse.data.linkage.probabilistic import Model, match_probably  # noqa: PLC0415

    patients = hospital(world)
    model = Model(BIRTH, (("birth_year", "birth_month"), ("sex", "birth_year")))

    with connect(readable=[]) as connection:
        found = match_probably(patients, world.people, model, connection=connection)

    truth = world.truth("hospital_persons", "person_id")
    quality = measure(found, records=len(patients.persons), truth=truth)
    assert quality.share >= 0.85
    assert quality.precision is not None
    assert quality.precision >= 0.99


def test_the_register_s_pseudonym_links_every_volunteer_who_has_one(world: World) -> None:
    """What the third party would give: the cohort's `national_pseudonym` is its answer."""
    engine = duckdb.connect()
    volunteers = engine.read_csv(f"{world.folder}/twins/cohort/volunteer.csv", all_varchar=True)
    names = volunteers.project(
        "volunteer_id AS link_id, national_pseudonym AS register_pseudonym"
    ).to_arrow_table()
    data = volunteers.project("volunteer_id AS link_id, volunteer_id AS volunteer").to_arrow_table()

    with connect(readable=[world.snapshot.folder.parent]) as connection:
        linked = join_links(
            names, data, world.snapshot, project=PROJECT, opt_out_ids=(), connection=connection
        )

    truth = world.truth("cohort_persons", "volunteer_id")
    pseudonyms = dict(zip(truth, PROJECT.of(Label.PERSON, [*truth.values()]), strict=True))
    given = dict(
        zip(
            *linked.rows.select(["volunteer", "person_pseudonym"]).to_pydict().values(), strict=True
        )
    )
    named = names.column("register_pseudonym").drop_null()
    assert linked.linked == len(given) == len(named) > 100
    assert {name: given[name] for name in given.keys() & truth.keys()} == {
        name: pseudonyms[name] for name in given.keys() & truth.keys()
    }
