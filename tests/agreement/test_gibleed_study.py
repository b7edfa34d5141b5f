"""One real study on the whole road of the secure zone: signed order, extract, sandbox, table.

The data are Eunomia's (2,694 synthetic persons in OMOP 5.3). The table that the data user's script
computes on the extract must be the one that plain Python computes on the source files.
"""

import csv
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ecluse.data.lake import Lake, Snapshot
from ecluse.data.loading import load_delivery
from ecluse.domain.cohorts import AtLeast, Events, Match
from ecluse.domain.documents import (
    CheckReport,
    DatasetScope,
    ExtractionReceipt,
    JobReceipt,
    JobStatus,
    OptOutList,
    TableScope,
    Verdict,
)
from tests.unit.data import studies
from tests.unit.data.agent.worlds import World
from tests.unit.domain import build

EUNOMIA = Path(__file__).parents[3] / "shared/snds/samples/omop_eunomia_gibleed"
STUDY = Path(__file__).parent / "studies" / "gibleed"
CARE = (date(1900, 1, 1), date(2019, 12, 31))
INGREDIENTS = {"celecoxib", "diclofenac"}
OPTED_OUT = 5  # persons

pytestmark = pytest.mark.skipif(
    not EUNOMIA.is_dir(), reason=f"the Eunomia sample is not at {EUNOMIA}"
)

SCOPE = (
    TableScope("person", ("person_id", "gender_concept_id", "year_of_birth")),
    TableScope("drug_exposure", ("person_id", "drug_concept_id", "drug_exposure_start_date")),
    TableScope(
        "condition_occurrence", ("person_id", "condition_concept_id", "condition_start_date")
    ),
    TableScope(
        "observation_period",
        ("person_id", "observation_period_start_date", "observation_period_end_date"),
    ),
)
Row = dict[str, object]


def source(table: str) -> list[Row]:
    rows: list[Row] = pq.read_table(EUNOMIA / f"{table}.parquet").to_pylist()
    return rows


def concepts() -> tuple[str, ...]:
    """The two ingredients and all that descends from them."""
    roots = {
        row["concept_id"]
        for row in source("concept")
        if str(row["concept_name"]).lower() in INGREDIENTS
        and row["concept_class_id"] == "Ingredient"
    }
    pairs = source("concept_ancestor")
    below = {row["descendant_concept_id"] for row in pairs if row["ancestor_concept_id"] in roots}
    return tuple(sorted(str(concept) for concept in roots | below))


def load(lake: Path) -> Snapshot:
    load_delivery(
        EUNOMIA, lake=Lake(lake), dataset="hospital-omop", model="omop53", now=studies.NOW
    )
    return Lake(lake).snapshot("hospital-omop")


class Study:
    """The study in a world, up to the outputs of its job."""

    def __init__(self, folder: Path) -> None:
        self.world = World(folder, load)
        users = {row["person_id"] for row in self._exposures()}
        names = {row["person_id"]: str(row["person_source_value"]) for row in source("person")}
        self.opted_out = set(sorted(users)[:OPTED_OUT])  # type: ignore[type-var]
        permit = build.permit(datasets=(DatasetScope("hospital-omop", SCOPE, *CARE),))
        listed = tuple(sorted(names[person] for person in self.opted_out))
        opt_outs = OptOutList(permit.permit_number, permit.decided_at, listed)
        self.order = replace(
            self.world.grant(permit, opt_outs),
            dataset="hospital-omop",
            tables=SCOPE,
            cohort=AtLeast(Events("drug_concept", concepts(), Match.EXACT)),
            care_from=CARE[0],
            care_to=CARE[1],
            flux_until=CARE[1],
        )
        self.world.send(self.order)
        self.world.step()
        code = {path.name: path.read_text() for path in STUDY.iterdir() if path.is_file()}
        self.world.order_job(self.order, code)
        self.world.step()

    def _exposures(self) -> Iterator[Row]:
        wanted = {int(concept) for concept in concepts()}
        return (row for row in source("drug_exposure") if row["drug_concept_id"] in wanted)

    def expected(self) -> list[list[str]]:
        """The same table from the source files, without the persons who opted out."""
        names = {1118084: "celecoxib", 1124300: "diclofenac"}
        entries: dict[object, tuple[date, str]] = {}
        for row in self._exposures():
            entry = (row["drug_exposure_start_date"], names[row["drug_concept_id"]])  # type: ignore[index]
            person = row["person_id"]
            entries[person] = min(entry, entries.get(person, entry))  # type: ignore[type-var,assignment]
        bleedings: dict[object, date] = {}
        for row in source("condition_occurrence"):
            if row["condition_concept_id"] == 192671:
                person, day = row["person_id"], row["condition_start_date"]
                bleedings[person] = min(day, bleedings.get(person, day))  # type: ignore[type-var,assignment]
        totals = {name: [0, 0, 0] for name in sorted(names.values())}
        for row in source("observation_period"):
            person = row["person_id"]
            if person not in entries or person in self.opted_out:
                continue
            first, last = row["observation_period_start_date"], row["observation_period_end_date"]
            assert isinstance(first, date)
            assert isinstance(last, date)
            (day, drug), bled = entries[person], bleedings.get(person)
            if not first <= day <= last or (bled is not None and bled <= day):
                continue
            has_bled = bled is not None and bled <= last
            end = bled if has_bled and bled is not None else last
            total = totals[drug]
            totals[drug] = [total[0] + 1, total[1] + has_bled, total[2] + (end - day).days]
        return [_line(drug, *numbers) for drug, numbers in totals.items()]

    def released_table(self) -> list[list[str]]:
        """The table that the job left, as the agent gave it to the checking room."""
        (report,) = self.world.bodies(self.world.checking, CheckReport)
        assert isinstance(report, CheckReport)
        blob = self.world.checking.path / "blobs" / report.files[0].digest.removeprefix("sha256:")
        return list(csv.reader(blob.read_text().splitlines()))


def _line(drug: str, persons: int, bleedings: int, days: int) -> list[str]:
    years = round(days / 365.25)
    return [drug, str(persons), str(bleedings), str(years), str(round(1000 * bleedings / years, 1))]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return Study(tmp_path_factory.mktemp("gibleed"))


def test_the_extract_holds_the_users_who_did_not_opt_out(study: Study) -> None:
    (receipt,) = study.world.bodies(study.world.public, ExtractionReceipt)

    assert isinstance(receipt, ExtractionReceipt)
    users = len({row["person_id"] for row in study._exposures()})
    assert [step.person_count for step in receipt.attrition] == [
        len({row["person_id"] for row in source("person")}),
        users,
        users,
        users - OPTED_OUT,
        users - OPTED_OUT,
    ]


def test_the_job_ran_in_the_sandbox(study: Study) -> None:
    (receipt,) = study.world.bodies(study.world.checking, JobReceipt)

    assert isinstance(receipt, JobReceipt)
    assert receipt.status is JobStatus.SUCCEEDED, receipt.log_summary


def test_the_automatic_checks_let_the_table_be_asked(study: Study) -> None:
    (report,) = study.world.bodies(study.world.checking, CheckReport)

    assert isinstance(report, CheckReport)
    assert [(file.name, file.verdict is Verdict.BLOCKED) for file in report.files] == [
        ("incidence.csv", False)
    ], report.files


def test_the_table_is_the_one_computed_on_the_source_files(study: Study) -> None:
    expected = study.expected()

    header, *lines = study.released_table()
    assert header == ["drug", "persons", "bleedings", "person_years", "per_1000_person_years"]
    assert lines == expected
