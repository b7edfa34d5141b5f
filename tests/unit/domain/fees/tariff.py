"""A small tariff, its amounts chosen to be worked out by hand."""

from datetime import date

from ecluse.domain.fees import Component, Payer, Reduction, Tariff, TariffLine, Unit

TARIFF = Tariff(
    version="2029-1",
    effective_on=date(2029, 3, 26),
    vat_permille=200,
    lines=(
        TariffLine(
            code="handling",
            component=Component.HANDLING,
            unit=Unit.FILE,
            price_cents=150_000,
            label_fr="Instruction du dossier",
            label_en="Handling of the file",
            ground="EHDS art. 62(1)",
        ),
        TariffLine(
            code="extraction",
            component=Component.PREPARATION,
            unit=Unit.HOUR,
            price_cents=9_999,
            label_fr="Extraction",
            label_en="Extraction",
            ground="EHDS art. 62(1)",
        ),
        TariffLine(
            code="workspace",
            component=Component.ENVIRONMENT,
            unit=Unit.USER_MONTH,
            price_cents=20_000,
            label_fr="Espace de travail",
            label_en="Workspace",
            ground="EHDS art. 62(1)",
        ),
        TariffLine(
            code="hospital-work",
            component=Component.HOLDER,
            unit=Unit.HOUR,
            price_cents=8_000,
            label_fr="Travail du détenteur",
            label_en="Work of the holder",
            ground="EHDS art. 62(2)",
        ),
    ),
    reductions=(
        Reduction(
            payer=Payer.UNIVERSITY_RESEARCHER,
            components=(Component.HANDLING, Component.PREPARATION),
            permille=500,
            ground="EHDS art. 62(1), second subparagraph",
        ),
    ),
)
