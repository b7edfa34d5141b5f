"""One real study on the whole road of the secure zone: signed order, extract, sandbox, table.

The data are Eunomia's (2,694 synthetic persons in OMOP 5.3). The table that the data user's script
computes on the extract must be the one that plain Python computes on the source files.
"""

import csv
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from ecluse.data.extraction import read_receipt
from ecluse.data.lake import Lake, Snapshot
from ecluse.data.loading import load_delivery
from ecluse.domain.cohorts import AtLeast, Events, Match, cohort_of
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
from tests.agreement.studies import gibleed_truth as truth
from tests.agreement.studies.gibleed_truth import EUNOMIA
from tests.unit.data import studies
from tests.unit.data.agent.worlds import World
from tests.unit.domain import build

STUDY = Path(__file__).parent / "studies" / "gibleed"
CARE = (date(1900, 1, 1), date(2019, 12, 31))
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


def load(lake: Path) -> Snapshot:
    load_delivery(EUNOMIA, lake=Lake(lake), dataset="hospital-omop", model="omop", now=studies.NOW)
    return Lake(lake).snapshot("hospital-omop")


class Study:
    """The study in a world, up to the outputs of its job."""

    def __init__(self, folder: Path) -> None:
        self.world = World(folder, load)
        users = {row["person_id"] for row in truth.exposures()}
        names = {
            row["person_id"]: str(row["person_source_value"]) for row in truth.source("person")
        }
        self.opted_out = set(sorted(users)[:OPTED_OUT])  # type: ignore[type-var]
        permit = build.permit(datasets=(DatasetScope("hospital-omop", SCOPE, *CARE),))
        listed = tuple(sorted(names[person] for person in self.opted_out))
        opt_outs = OptOutList(permit.permit_number, permit.decided_at, listed)
        self.order = replace(
            self.world.grant(permit, opt_outs),
            dataset="hospital-omop",
            tables=SCOPE,
            cohort=cohort_of(AtLeast(Events("drug_concept", truth.concepts(), Match.EXACT))),
            care_from=CARE[0],
            care_to=CARE[1],
            flux_until=CARE[1],
        )
        self.world.send(self.order)
        self.world.step()
        code = {path.name: path.read_text() for path in STUDY.iterdir()}
        self.world.order_job(self.order, code)
        self.world.step()

    def released_table(self) -> list[list[str]]:
        """The table that the job left, as the agent gave it to the checking room."""
        (report,) = self.world.bodies(self.world.checking, CheckReport)
        assert isinstance(report, CheckReport)
        blob = self.world.checking.path / "blobs" / report.files[0].digest.removeprefix("sha256:")
        return list(csv.reader(blob.read_text().splitlines()))


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return Study(tmp_path_factory.mktemp("gibleed"))


def test_the_extract_holds_the_users_who_did_not_opt_out(study: Study) -> None:
    (folder,) = study.world.zone.projects.glob("*/*")
    receipt = read_receipt(folder, study.world.zone.seals(folder.parent.name))

    users = len({row["person_id"] for row in truth.exposures()})
    assert [step.person_count for step in receipt.attrition] == [
        len({row["person_id"] for row in truth.source("person")}),
        users,
        users,
        users - OPTED_OUT,
        users - OPTED_OUT,
    ]


def test_the_receipt_that_left_does_not_tell_that_five_opted_out(study: Study) -> None:
    (receipt,) = study.world.bodies(study.world.public, ExtractionReceipt)

    assert isinstance(receipt, ExtractionReceipt)
    assert [step.person_count is None for step in receipt.attrition] == [
        *(False, False, False, True, True),
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
    expected = truth.incidence(study.opted_out)

    header, *lines = study.released_table()
    assert header == truth.HEADER
    assert lines == expected
