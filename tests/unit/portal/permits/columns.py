"""A dataset whose columns can be given with less than their values, and what is asked of it."""

from datetime import date

from ecluse.domain.codec import JSON
from ecluse.domain.documents import (
    ColumnDescription,
    FilterDescription,
    FilterState,
    Precision,
    SnapshotNotice,
    SourceDescription,
    TableDescription,
)
from tests.unit.portal.applications.road import NOTICE, NOW

DAY = (Precision.MONTH, Precision.YEAR, Precision.CHOICE_ONLY)
YEAR = (Precision.AGE_BAND, Precision.CHOICE_ONLY)
PLACE = (Precision.DEPARTMENT, Precision.REGION, Precision.CHOICE_ONLY)
CODE = (Precision.FIRST_CHARACTERS, Precision.CHOICE_ONLY)
ONLY = (Precision.CHOICE_ONLY,)


def column(name: str, role: str, precisions: tuple[Precision, ...]) -> ColumnDescription:
    return ColumnDescription(name, "text", role, f"Titre de {name}", f"Title of {name}", precisions)


RICH = SnapshotNotice(
    dataset=NOTICE.dataset,
    snapshot="20260105T093000Z-00000001",
    model="snds",
    loaded_at=NOW,
    person_count=20_000,
    care_from=date(2021, 1, 1),
    care_to=date(2023, 12, 31),
    tables=(
        TableDescription(
            "ER_PHA_F",
            "Médicaments délivrés",
            "Drugs dispensed",
            123_456,
            (
                column("event_date", "date", DAY),
                column("PHA_PRS_C13", "code", CODE),
                column("PHA_ACT_QSN", "quantity", (Precision.ROUNDED, Precision.CHOICE_ONLY)),
            ),
        ),
        TableDescription(
            "IR_BEN_R",
            "Bénéficiaires",
            "Beneficiaries",
            20_000,
            (
                column("BEN_NIR_ANO", "identifier", ()),
                column("BEN_SEX_COD", "code", ONLY),
                column("BEN_NAI_ANN", "date", YEAR),
                column("BEN_NAI_MOI", "date", ONLY),
                column("BEN_DCD_DTE", "date", DAY),
                column("BDI_COD", "attribute", PLACE),
            ),
        ),
    ),
    sources=(
        SourceDescription("drug_atc", "Médicaments", "Drugs", "ER_PHA_F", "PHA_PRS_C13", "ATC"),
        SourceDescription("sex", "Sexe", "Sex", "IR_BEN_R", "BEN_SEX_COD", "IR_SEX_V"),
    ),
    filters=(
        FilterDescription(
            "surcharges",
            "Lignes de majoration",
            "Surcharge lines",
            "L’écarter pour compter.",
            "Leave it out to count.",
            FilterState.ON,
            ("ER_PHA_F",),
        ),
        FilterDescription(
            "provisional_persons",
            "Numéros provisoires",
            "Provisional numbers",
            "De vraies personnes.",
            "Real persons.",
            FilterState.OFF,
            ("IR_BEN_R",),
        ),
    ),
)

ASKED: list[JSON] = [
    {"table": "ER_PHA_F", "columns": ["event_date", "PHA_PRS_C13"]},
    {
        "table": "IR_BEN_R",
        "columns": ["BEN_SEX_COD", "BEN_NAI_ANN", "BEN_NAI_MOI", "BEN_DCD_DTE", "BDI_COD"],
        "coarsened": [{"column": "BEN_NAI_ANN", "to": "age-band", "step": 5}],
    },
]
"""What the applicant asks: four facts that could identify, the year of birth by five years."""
