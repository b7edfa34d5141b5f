"""Documents of the portal's tests, beside those of the domain's."""

from datetime import UTC, date, datetime

from ecluse.domain.documents import (
    ColumnDescription,
    SnapshotNotice,
    SourceDescription,
    TableDescription,
)
from ecluse.portal.catalogue.actions import Description

CLAIMS = Description(
    title_fr="Remboursements d’un pays imaginaire",
    title_en="Claims of an invented country",
    summary_fr="Soins, médicaments et séjours à l’hôpital.",
    summary_en="Care, medicines and hospital stays.",
    holder="Caisse d’exemple",
    category="b",
    coverage_fr="France entière",
    coverage_en="Whole of France",
    conditions_fr="Autorisation, puis analyse dans la zone sécurisée.",
    conditions_en="A permit, then analysis in the secure zone.",
)

NOTICE = SnapshotNotice(
    dataset="snds-synthetic",
    snapshot="20260105T100000Z-00000000",
    model="snds",
    loaded_at=datetime(2026, 1, 5, 10, tzinfo=UTC),
    person_count=20_000,
    care_from=date(2021, 1, 1),
    care_to=date(2023, 12, 31),
    tables=(
        TableDescription(
            "ER_PHA_F",
            "Médicaments délivrés",
            "Medicines dispensed",
            123_456,
            (ColumnDescription("PHA_PRS_C13", "VARCHAR", "code", "Code CIP", "CIP code"),),
        ),
        TableDescription("IR_RARE_R", "Table rare", "Rare table", 7, ()),
    ),
    sources=(
        SourceDescription("drug_atc", "Médicaments", "Medicines", "ER_PHA_F", "PHA_PRS_C13", "ATC"),
    ),
)
