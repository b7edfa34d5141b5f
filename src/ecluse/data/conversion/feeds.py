"""Which columns of the SNDS become which OMOP rows: the conversion, as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

CLAIMS: Final = "DCIR"
REGISTER: Final = "IR_BEN_R"
CLAIM_LINES: Final = "ER_PRS_F"
CLAIM_FACILITIES: Final = "ER_ETE_F"
CERTIFICATES: Final = "KI_CCI_R"
PACKS: Final = "IR_PHA_R"
WARDS: Final = "T_MCOaaUM"

AUTHORIZATION: Final = 32811
ENROLMENT: Final = 32813
CERTIFICATE: Final = 32815
INPATIENT: Final = 32853
OUTPATIENT: Final = 32859
PHARMACY: Final = 32869
REGISTRY: Final = 32879
"""Type concepts: what kind of record says so (OHDSI vocabulary `Type Concept`)."""

MAIN: Final = 32902
SECONDARY: Final = 32908
"""Condition status concepts (OHDSI vocabulary `Condition Status`)."""


@dataclass(frozen=True, slots=True)
class StayFamily:
    """One hospital database: who stayed and when (`persons`), and why (`stays`, None if apart)."""

    name: str
    persons: str
    stays: str | None
    facility: str
    type_concept: int = INPATIENT


STAY_FAMILIES: Final = (
    StayFamily("MCO", "T_MCOaaC", "T_MCOaaB", "ETA_NUM"),
    StayFamily("SSR", "T_SSRaaC", "T_SSRaaB", "ETA_NUM"),
    StayFamily("HAD", "T_HADaaC", "T_HADaaB", "ETA_NUM_EPMSI"),
    StayFamily("RIM-P", "T_RIPaaC", "T_RIPaaRSA", "ETA_NUM_EPMSI"),
    StayFamily("ACE", "T_MCOaaCSTC", None, "ETA_NUM", OUTPATIENT),
)


@dataclass(frozen=True, slots=True)
class Feed:
    """One code column of an SNDS table: each of its codes becomes a row of the OMOP `target`.

    `family`: the claims or the stays that the rows detail, where their visit is found; None for a
    register. `columns`: other columns that are read, by the name they have in `events`:
    `quantity`, `ended_on`, `delay` (days after the start of the stay), `modifier`, `ward` (order
    number of the ward in the stay).
    """

    table: str
    code: str
    target: str
    vocabulary: str
    type_concept: int
    family: str | None = CLAIMS
    status: str | None = None
    status_concept: int = 0
    columns: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What the report calls this feed."""
        return f"{self.table}.{self.code}"


def _diagnosis(
    table: str, code: str, family: str, status: str, concept: int, **columns: str
) -> Feed:
    return Feed(
        table=table,
        code=code,
        target="condition_occurrence",
        vocabulary="CIM10",
        type_concept=INPATIENT,
        family=family,
        status=status,
        status_concept=concept,
        columns=columns,
    )


CONDITIONS: Final = (
    _diagnosis("T_MCOaaB", "DGN_PAL", "MCO", "DP", MAIN),
    _diagnosis("T_MCOaaB", "DGN_REL", "MCO", "DR", SECONDARY),
    _diagnosis("T_MCOaaD", "ASS_DGN", "MCO", "DAS", SECONDARY),
    _diagnosis(WARDS, "DGN_PAL", "MCO", "DP-UM", MAIN, ward="UM_ORD_NUM"),
    _diagnosis(WARDS, "DGN_REL", "MCO", "DR-UM", SECONDARY, ward="UM_ORD_NUM"),
    _diagnosis("T_SSRaaB", "MOR_PRP", "SSR", "MMP", MAIN),
    _diagnosis("T_SSRaaB", "FP_PEC", "SSR", "FPP", SECONDARY),
    _diagnosis("T_SSRaaB", "ETL_AFF", "SSR", "AE", SECONDARY),
    _diagnosis("T_SSRaaD", "DGN_COD", "SSR", "DAS", SECONDARY),
    _diagnosis("T_HADaaB", "DGN_PAL", "HAD", "DP", MAIN),
    _diagnosis("T_HADaaD", "DGN_ASS", "HAD", "DAS", SECONDARY),
    _diagnosis("T_RIPaaRSA", "DGN_PAL", "RIM-P", "DP", MAIN),
    _diagnosis("T_RIPaaRSAD", "ASS_DGN", "RIM-P", "DAS", SECONDARY),
    Feed(
        "IR_IMB_R",
        "MED_MTF_COD",
        "condition_occurrence",
        "CIM10",
        AUTHORIZATION,
        family=None,
        status="ALD",
        columns={"ended_on": "IMB_ALD_DTF"},
    ),
)
DRUGS: Final = (
    Feed(
        "ER_PHA_F",
        "PHA_PRS_C13",
        "drug_exposure",
        "CIP13",
        PHARMACY,
        columns={"quantity": "PHA_ACT_QSN", "unit_quantity": "PHA_DEC_QSU"},
    ),
    Feed(
        "ER_UCD_F",
        "UCD_UCD_COD",
        "drug_exposure",
        "UCD",
        PHARMACY,
        columns={"unit_quantity": "UCD_DLV_NBR"},
    ),
    Feed("IR_VAC_F", "PHA_PRS_C13", "drug_exposure", "CIP13", REGISTRY, family=None),
)
PROCEDURES: Final = (
    Feed(
        "ER_CAM_F",
        "CAM_PRS_IDE",
        "procedure_occurrence",
        "CCAM",
        OUTPATIENT,
        columns={"modifier": "CAM_ACT_COD"},
    ),
    Feed(
        "T_MCOaaA",
        "CDC_ACT",
        "procedure_occurrence",
        "CCAM",
        INPATIENT,
        family="MCO",
        columns={"modifier": "ACV_ACT", "quantity": "NBR_EXE_ACT", "delay": "ENT_DAT_DEL"},
    ),
    Feed(
        "T_MCOaaFMSTC",
        "CCAM_COD",
        "procedure_occurrence",
        "CCAM",
        OUTPATIENT,
        family="ACE",
        columns={"modifier": "ACV_ACT", "delay": "DEL_DAT_ENT"},
    ),
    Feed(
        "T_SSRaaCCAM",
        "CCAM_ACT",
        "procedure_occurrence",
        "CCAM",
        INPATIENT,
        family="SSR",
        columns={"modifier": "CCAM_COD_ACT", "quantity": "CCAM_NBR_REA"},
    ),
    Feed(
        "T_HADaaA",
        "CCAM_COD",
        "procedure_occurrence",
        "CCAM",
        INPATIENT,
        family="HAD",
        columns={"modifier": "ACT_COD", "quantity": "REAL_NBR", "delay": "DEL_DAT_ENT"},
    ),
)
MEASUREMENTS: Final = (Feed("ER_BIO_F", "BIO_PRS_IDE", "measurement", "NABM", OUTPATIENT),)
DEVICES: Final = (
    Feed(
        "ER_TIP_F",
        "TIP_PRS_IDE",
        "device_exposure",
        "LPP",
        OUTPATIENT,
        columns={"quantity": "TIP_ACT_QSN"},
    ),
    Feed(
        "T_MCOaaDMIP",
        "LPP_COD",
        "device_exposure",
        "LPP",
        INPATIENT,
        family="MCO",
        columns={"quantity": "NBR_POS", "delay": "DELAI"},
    ),
)
FEEDS: Final = (*CONDITIONS, *DRUGS, *PROCEDURES, *MEASUREMENTS, *DEVICES)
TARGETS: Final = tuple(dict.fromkeys(feed.target for feed in FEEDS))
