"""One small study for tests: three deliveries that count, one too late, one opted-out person.

Persons 1 to 4. Cohort: at least one delivery of ATC M01A in 2022. Person 3 has opted out. Person
4 received another drug. Person 1's second delivery arrived after the cut-off.
"""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from ecluse.data.extraction import Warrant
from ecluse.data.lake import Lake, Snapshot
from ecluse.data.pseudonyms import PseudonymKeys
from ecluse.domain.cohorts import AtLeast, Events, cohort_of
from ecluse.domain.documents import DatasetScope, ExtractionOrder, OptOutList, Permit, TableScope
from ecluse.trust.pseudonyms.keys import FIRST, SECOND, FileKey
from tests.unit.data.lakes import drug, publish
from tests.unit.domain import build

DATASET = "snds-synthetic"
NOW = datetime(2026, 2, 2, 9, tzinfo=UTC)
KEY = PseudonymKeys(FileKey(FIRST, bytes(range(32))), FileKey(SECOND, bytes(range(32, 64))))
PERMIT_DIGEST = "sha256:" + "1" * 64
OPT_OUTS_DIGEST = "sha256:" + "2" * 64
ORDER_DIGEST = "sha256:" + "3" * 64

CELECOXIB, METFORMIN = 3400930000001, 3400930000002
EARLY_FLOW, LATE_FLOW = date(2022, 6, 1), date(2024, 1, 1)

PERSONS = [
    (1, "IDENTITY-OF-1", "OPT-1"),
    (2, "IDENTITY-OF-2", "OPT-2"),
    (3, "IDENTITY-OF-3", "OPT-3"),
    (4, "IDENTITY-OF-4", None),
]


def _act(person: int, day: date, number: int, flow: date = EARLY_FLOW) -> dict[str, object]:
    return {
        "person_key": person,
        "event_date": day,
        "FLX_DIS_DTD": flow,
        "DCT_ORD_NUM": number,
        "EXE_SOI_DTD": day,
        "BEN_NIR_PSA": f"PSA-OF-{person}",
        "PFS_EXE_NUM": "GP-77",
        "PRS_NAT_REF": 3313,
    }


def _drug(person: int, day: date, number: int, cip: int, flow: date) -> dict[str, object]:
    return {
        "person_key": person,
        "event_date": day,
        "FLX_DIS_DTD": flow,
        "DCT_ORD_NUM": number,
        "PHA_PRS_C13": cip,
        "PHA_ACT_QSN": 1,
    }


TABLES = {
    "ER_PRS_F": [
        _act(1, date(2022, 3, 1), 101),
        _act(1, date(2022, 9, 1), 102, LATE_FLOW),
        _act(2, date(2022, 4, 1), 103),
        _act(2, date(2021, 4, 1), 104),
        _act(3, date(2022, 5, 1), 105),
        _act(4, date(2022, 6, 1), 106),
    ],
    "ER_PHA_F": [
        _drug(1, date(2022, 3, 1), 101, CELECOXIB, EARLY_FLOW),
        _drug(1, date(2022, 9, 1), 102, CELECOXIB, LATE_FLOW),
        _drug(2, date(2022, 4, 1), 103, CELECOXIB, EARLY_FLOW),
        _drug(2, date(2021, 4, 1), 104, METFORMIN, EARLY_FLOW),
        _drug(3, date(2022, 5, 1), 105, CELECOXIB, EARLY_FLOW),
        _drug(4, date(2022, 6, 1), 106, METFORMIN, EARLY_FLOW),
    ],
    "IR_BEN_R": [
        {
            "person_key": person,
            "event_date": None,
            "BEN_NIR_PSA": f"PSA-OF-{person}",
            "ASS_NIR_ANO": f"INSURED-{person}",
            "BEN_SEX_COD": 1 + person % 2,
        }
        for person in (1, 2, 3, 4)
    ],
    "IR_PHA_R": [drug(CELECOXIB, "M01AH01"), drug(METFORMIN, "A10BA02")],
}

SCOPE = (
    TableScope(
        "ER_PRS_F", ("DCT_ORD_NUM", "EXE_SOI_DTD", "BEN_NIR_PSA", "PFS_EXE_NUM", "PRS_NAT_REF")
    ),
    TableScope("ER_PHA_F", ("DCT_ORD_NUM", "PHA_PRS_C13", "PHA_ACT_QSN", "event_date")),
    TableScope("IR_BEN_R", ("BEN_NIR_PSA", "ASS_NIR_ANO", "BEN_SEX_COD")),
    TableScope("IR_PHA_R", ("PHA_CIP_C13", "PHA_ATC_C07")),
)
PERMIT = build.permit(
    datasets=(DatasetScope(DATASET, SCOPE, date(2022, 1, 1), date(2023, 12, 31)),),
)
OPT_OUTS = OptOutList(PERMIT.permit_number, PERMIT.decided_at, ("OPT-3", "OPT-9"))
COHORT = cohort_of(AtLeast(Events("drug_atc", ("M01A",))))


def load(folder: Path) -> Snapshot:
    """Publish the study's dataset in a lake at `folder`."""
    return publish(folder, DATASET, TABLES, PERSONS)


def order(published: Snapshot, **changes: object) -> ExtractionOrder:
    """The study's order on a snapshot, changed by keyword."""
    made = replace(
        build.ORDER,
        dataset=DATASET,
        snapshot=published.snapshot_id,
        permit_digest=PERMIT_DIGEST,
        opt_out_list_digest=OPT_OUTS_DIGEST,
        tables=SCOPE,
        cohort=COHORT,
        care_from=date(2022, 1, 1),
        care_to=date(2022, 12, 31),
        flux_until=date(2023, 6, 1),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def warrant(
    order: ExtractionOrder, permit: Permit = PERMIT, opt_outs: OptOutList = OPT_OUTS
) -> Warrant:
    """The order with its permit and opt-out list."""
    return Warrant(order, ORDER_DIGEST, permit, PERMIT_DIGEST, opt_outs, OPT_OUTS_DIGEST)


class Study:
    """A lake with the study's dataset, and where its extract goes."""

    def __init__(self, folder: Path) -> None:
        self.lake = Lake(folder / "lake")
        self.snapshot = load(folder / "lake")
        self.target = folder / "projects" / PERMIT.permit_number / "E1"
