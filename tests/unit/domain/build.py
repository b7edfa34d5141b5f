"""Documents for tests: one valid of each kind, changed by keyword."""

from dataclasses import replace
from datetime import UTC, date, datetime

from ecluse.domain.cohorts import AtLeast, Events, cohort_of
from ecluse.domain.documents import (
    AuthorisedPerson,
    CheckReport,
    DataFormat,
    DatasetScope,
    Decision,
    ExtractionOrder,
    FileVerdict,
    JobOrder,
    OutputFile,
    OutputRequest,
    Permit,
    Release,
    RequestedFile,
    TableScope,
    Verdict,
    Vote,
)

DECIDED_AT = datetime(2026, 1, 5, 10, tzinfo=UTC)
PI = "camille.moreau@univ.example"
ASSESSOR, DECIDER = "ines.garnier@hub.example", "paul.lefevre@hub.example"
SARAH, MARC = "sarah.cohen@hub.example", "marc.dubois@hub.example"
FILE = OutputFile("incidence.csv", 120, "sha256:" + "a" * 64)

PERMIT = Permit(
    permit_number="FR-2026-0001",
    application_number="2026-00001",
    title="Gastrointestinal bleeding in new users of celecoxib or diclofenac",
    organisation="Université d'Exemple",
    persons=(AuthorisedPerson(PI, "Camille Moreau", is_principal_investigator=True),),
    purposes=("e",),
    purpose_text="Compare the incidence of bleeding.",
    datasets=(
        DatasetScope(
            "snds-synthetic",
            (TableScope("ER_PHA_F", ("PHA_PRS_C13", "PHA_ACT_QSN")),),
            date(2021, 1, 1),
            date(2023, 12, 31),
        ),
    ),
    data_format=DataFormat.PSEUDONYMISED,
    applies_opt_out_exception=False,
    opt_out_exception_reason=None,
    valid_from=date(2026, 1, 5),
    valid_until=date(2027, 1, 4),
    environment="Sandboxed jobs, Python 3.11, no network",
    fees=(),
    conditions=("Publish within 18 months.",),
    minimum_count=11,
    assessed_by=(ASSESSOR,),
    decided_by=DECIDER,
    decided_at=DECIDED_AT,
)

ORDER = ExtractionOrder(
    order_number="FR-2026-0001-E1",
    permit_number="FR-2026-0001",
    permit_digest="sha256:" + "1" * 64,
    dataset="snds-synthetic",
    snapshot="20260105T100000Z-00000000",
    tables=(TableScope("ER_PHA_F", ("PHA_PRS_C13",)),),
    cohort=cohort_of(AtLeast(Events("drug_atc", ("M01AH01",)))),
    care_from=date(2022, 1, 1),
    care_to=date(2022, 12, 31),
    flux_until=date(2023, 6, 1),
    pseudonym_domain="FR-2026-0001",
    opt_out_list_digest="sha256:" + "2" * 64,
    ordered_by=PI,
)

JOB = JobOrder(
    job_number="FR-2026-0001-J1",
    permit_number="FR-2026-0001",
    permit_digest="sha256:" + "1" * 64,
    extraction_number="FR-2026-0001-E1",
    extraction_digest="sha256:" + "3" * 64,
    code_digest="sha256:" + "4" * 64,
    entry="analysis.py",
    submitted_by=PI,
)

REPORT = CheckReport(
    "FR-2026-0001-J1",
    "FR-2026-0001",
    "SNDS-2026",
    (FileVerdict(FILE.name, FILE.size, FILE.digest, Verdict.REVIEW, ()),),
    (),
)

REQUEST = OutputRequest(
    "FR-2026-0001-R1",
    "FR-2026-0001-J1",
    "FR-2026-0001",
    (RequestedFile(FILE.name, FILE.digest, "Counts of 11 persons or more."),),
    PI,
)


def vote(checker: str, decision: Decision = Decision.APPROVE) -> Vote:
    return Vote(checker, decision, DECIDED_AT)


RELEASE = Release(
    "FR-2026-0001-R1",
    "FR-2026-0001-J1",
    "FR-2026-0001",
    PI,
    "sha256:" + "5" * 64,
    "sha256:" + "6" * 64,
    (FILE,),
    (vote(SARAH), vote(MARC)),
)


def permit(**changes: object) -> Permit:
    return replace(PERMIT, **changes)  # type: ignore[arg-type]


def order(**changes: object) -> ExtractionOrder:
    return replace(ORDER, **changes)  # type: ignore[arg-type]


def release(**changes: object) -> Release:
    return replace(RELEASE, **changes)  # type: ignore[arg-type]
