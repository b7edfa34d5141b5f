"""A study as the tour plays it: what its authors write in the forms, and the folder they send."""

import io
import re
import tomllib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from ecluse.cli.country import DATASET

Value = str | tuple[str, ...]
Attachment = tuple[str, bytes, str]
"""A file as a browser sends it: its name, its content, its type."""


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
        own: dict[str, dict[str, Value]] = {
            "project": {"title": self.title, "lay_summary": self.summary},
            "applicant": {
                "persons_1_name": name,
                "persons_1_subject": subject,
                "persons_1_leads": "on",
                "contact_name": name,
                "contact_email": subject,
                "contact_affiliation": "Université d’Exemple",
            },
            "purpose": {"responsible_name": name, "intended_use": self.summary},
            "data": {
                "population": self.title,
                "care_from": self.care_from,
                "care_to": self.care_to,
                **self.column_choices(),
            },
        }
        return {step: {**told, **own.get(step, {})} for step, told in _told().items()}

    def attachments(self) -> dict[str, dict[str, Attachment]]:
        """The files attached, by step and question: the research plan of EHDS art. 67(2)(c)."""
        content = _page(f"Plan de recherche : {self.title}")
        return {"purpose": {"research_plan": ("plan.pdf", content, "application/pdf")}}


def _told() -> dict[str, dict[str, Value]]:
    """What every study of the tour answers, step by step, in the order of the form."""
    told = tomllib.loads((files("ecluse") / "cli" / "application.toml").read_text("utf-8"))
    return {
        step: {name: tuple(one) if isinstance(one, list) else one for name, one in answers.items()}
        for step, answers in told.items()
    }


def _page(line: str) -> bytes:
    """A PDF of one page that says one line, in Latin-1."""
    text = line.replace("’", "'").encode("latin-1", "replace")
    text = re.sub(rb"([\\()])", rb"\\\1", text)
    drawn = b"BT /F1 14 Tf 60 780 Td (" + text + b") Tj ET"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    )
    content, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return content + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table, len(objects) + 1, len(content))
    )


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
