"""A study as the tour plays it: what its authors write in the forms, and the folder they send."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from ecluse.cli.country import DATASET

Value = str | tuple[str, ...]


@dataclass(frozen=True)
class Study:
    """What a data user asks, orders and runs on one dataset.

    `tables` gives the columns asked of each table; `criteria` the fields of the order's form.
    `released` is the output asked out; `blocked` one that the automatic checks must stop.
    """

    dataset: str
    title: str
    summary: str
    tables: Mapping[str, tuple[str, ...]]
    care_from: str
    care_to: str
    criteria: Mapping[str, str]
    folder: Traversable
    entry: str
    released: str
    blocked: str | None = None

    def bundle(self) -> bytes:
        """The study's folder as a zip archive."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for member in sorted(self.folder.iterdir(), key=lambda path: path.name):
                if member.is_file():
                    archive.writestr(member.name, member.read_bytes())
        return buffer.getvalue()

    def column_choices(self) -> dict[str, Value]:
        """The boxes ticked in every form that offers the dataset's tables."""
        return {f"tables_{table}": columns for table, columns in self.tables.items()}

    def answers(self, *, investigator: tuple[str, str]) -> dict[str, dict[str, Value]]:
        """What is written in the application's form, step by step."""
        name, subject = investigator
        return {
            "project": {"title": self.title, "lay_summary": self.summary},
            "applicant": {
                "organisation": "Université d’Exemple",
                "applicant_kind": "research-organisation",
                "functions": "Unité de recherche en épidémiologie, depuis 2009.",
                "persons_1_name": name,
                "persons_1_subject": subject,
                "persons_1_leads": "on",
            },
            "purpose": {
                "purposes": ("e",),
                "intended_use": self.summary,
                "expected_benefit": "Mieux dimensionner la prévention et le suivi.",
            },
            "data": {
                "population": self.title,
                "care_from": self.care_from,
                "care_to": self.care_to,
                "covers_other_countries": "no",
                **self.column_choices(),
                "necessity": "Chaque colonne sert au calcul des effectifs décrits.",
                "data_format": "pseudonymised",
                "pseudonymised_reason": "Il faut relier les lignes d’une même personne.",
                "gdpr_ground": "e",
                "gdpr_compliance": "Mission d’intérêt public ; registre tenu ; AIPD validée.",
                "brings_own_data": "no",
            },
            "environment": {
                "safeguards": "Aucune tentative de ré-identification ; comptes nominatifs.",
                "access_months": "12",
                "period_reason": "Analyse, relecture et publication.",
                "tools": "Python et DuckDB, quatre cœurs.",
                "ethics": "not-needed",
                "opt_out_exception": "no",
            },
        }


FIRST_STUDY = Study(
    dataset=DATASET,
    title="Personnes traitées pour un diabète, par sexe et âge",
    summary=(
        "Combien de personnes reçoivent un traitement du diabète, et à quel âge ? L’étude compte"
        " les personnes à qui des antidiabétiques ont été délivrés au moins trois fois en 2022."
    ),
    tables={
        "ER_PHA_F": ("PHA_PRS_C13", "PHA_ACT_QSN"),
        "IR_BEN_R": ("BEN_SEX_COD", "BEN_NAI_ANN"),
    },
    care_from="2022-01-01",
    care_to="2022-12-31",
    criteria={
        "source_1": "drug_atc",
        "codes_1": "A10",
        "match_1": "prefix",
        "dates_1": "3",
        "from_1": "2022-01-01",
        "to_1": "2022-12-31",
    },
    folder=files("ecluse") / "cli" / "first_study",
    entry="analysis.py",
    released="persons_by_sex_and_age.csv",
    blocked="one_row_per_person.csv",
)
