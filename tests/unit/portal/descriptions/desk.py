"""A hospital, Anne and Remi who speak for it, the hub's officers, and a description of theirs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from ecluse.domain.metadata.answers import PAGES, Answer
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.cases.models import ClockRow
from ecluse.portal.descriptions import actions, writing
from ecluse.portal.descriptions.models import DescriptionFile
from ecluse.portal.descriptions.writing import Typed
from ecluse.portal.holders.actions import HolderEntry, keep_holder
from ecluse.portal.holders.models import Holder

NOW = datetime(2029, 4, 2, 10, tzinfo=UTC)
"""A Monday, once the chapter of secondary use applies."""
DAY = timedelta(days=1)
SQL = b"""CREATE TABLE sejour (
  id_patient BIGINT NOT NULL,
  date_entree DATE,
  diagnostic VARCHAR(8)
);"""
COMPLETE: dict[str, dict[str, Answer]] = {
    "what": {
        "title_fr": "Infarctus du CHU d’Exemple",
        "summary_fr": "Tous les séjours pour infarctus depuis 2015.",
        "keywords": "infarctus, cardiologie",
        "categories": ("EHRS",),
        "themes": ("NONCOMMUNICABLE_DISEASES",),
        "title_en": "Infarctions of the hospital",
        "summary_en": "All stays for infarction since 2015.",
    },
    "who": {
        "holder_name": "CHU d’Exemple",
        "holder_kind": "inpatient-institute",
        "publisher_name": "CHU d’Exemple",
        "publisher_kind": "inpatient-institute",
        "contact_email": "dim@chu.example",
        "contact_page": "",
    },
    "coverage": {
        "countries": ("FRA",),
        "first_day": "2015-01-01",
        "last_day": "",
        "frequency": "MONTHLY",
        "languages": ("FRA",),
        "provenance": "Dossiers du service de cardiologie, saisis à l’admission.",
        "activities": ("HOSPITAL_RECORDS",),
    },
    "population": {
        "population_fr": "Adultes hospitalisés pour un infarctus",
        "minimum_age": "18",
        "maximum_age": "",
        "person_count": "5200",
        "record_count": "6100",
        "personal_data": ("Age", "Gender"),
    },
    "access": {
        "access": "NON_PUBLIC",
        "kinds": ("PERSONAL_DATA",),
        "legal_basis": "Code de la santé publique, art. L. 6113-7.",
        "purposes": "Soins, puis évaluation.",
        "use_terms": ("0000006",),
        "protected_part": "",
        "protected_ground": "",
        "protected_measures": "",
    },
    "data": {
        "structured": "yes",
        "coding_systems": ("ICD-10",),
        "standards": (),
    },
}
"""Right answers to every question, page by page."""


@dataclass(frozen=True)
class Desk:
    """Who meets at the desk."""

    holder: Holder
    anne: User
    remi: User
    bob: User
    preparer: User
    assessor: User
    auditor: User
    stranger: User

    def started(self) -> DescriptionFile:
        """A description with a title alone."""
        return writing.start(self.holder, "Infarctus du CHU d’Exemple", by=self.anne, now=NOW)

    def written(self) -> DescriptionFile:
        """The same, every question answered, with a table."""
        file = self.started()
        for page in PAGES:
            self.save(file, page, {})
        writing.import_tables(file, "schema.sql", SQL, by=self.anne, now=NOW)
        return actions.again(file)

    def submitted(self) -> DescriptionFile:
        """The same, sent to the hub."""
        return actions.submit(self.written(), "", by=self.anne, now=NOW)

    def validated(self) -> DescriptionFile:
        """The same, found right."""
        return actions.act(self.submitted(), "validate", by=self.preparer, now=NOW)

    def published(self) -> DescriptionFile:
        """The same, in the catalogue."""
        return actions.act(self.validated(), "publish", by=self.preparer, now=NOW)

    def save(
        self,
        file: DescriptionFile,
        page: str,
        changes: dict[str, Answer],
        *,
        by: User | None = None,
        seen: str | None = None,
    ) -> tuple[DescriptionFile, tuple[str, ...]]:
        """Answer one page rightly, but for these changes."""
        held = actions.again(file)
        drawn = writing.seen(held, page) if seen is None else seen
        typed = Typed(page, {**COMPLETE[page], **changes}, drawn)
        return writing.save(held, typed, by=by or self.anne, now=NOW)


def check_clock(file: DescriptionFile) -> ClockRow:
    """The last clock of the yearly check."""
    return ClockRow.objects.filter(item=file.item, rule="description-check").latest("pk")


@pytest.fixture
def desk(account: Callable[..., User]) -> Desk:
    """The hospital, and another holder that Bob speaks for."""
    preparer = account(Role.PREPARER)
    anne, remi, bob = (account(email=f"{name}@chu.example") for name in ("anne", "remi", "bob"))
    hospital = HolderEntry(
        "CHU d’Exemple", "", "dim@chu.example", (), frozenset({anne.subject, remi.subject})
    )
    other = HolderEntry("Registre", "", "r@registre.example", (), frozenset({bob.subject}))
    holder = keep_holder(None, hospital, by=preparer, now=NOW)
    keep_holder(None, other, by=preparer, now=NOW)
    return Desk(
        holder,
        anne,
        remi,
        bob,
        preparer,
        account(Role.ASSESSOR),
        account(Role.AUDITOR),
        account(email="stranger@chu.example"),
    )


@pytest.fixture
def at_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock of the site stands at NOW."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
