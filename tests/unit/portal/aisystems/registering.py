"""A provider, the officers of the hub, a hospital that is asked, and a system at each stage."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from django.utils import timezone

from ecluse.domain.aisystems.entries import (
    Basis,
    Certificate,
    Claim,
    Deployment,
    Design,
    Evaluation,
)
from ecluse.domain.aisystems.systems import Status
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.aisystems import actions, survey_actions
from ecluse.portal.aisystems.actions import Content
from ecluse.portal.aisystems.models import Survey, SystemRecord
from ecluse.portal.aisystems.survey_actions import Establishment
from tests.sites import Signers

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
TODAY = NOW.date()
TRIAGE = Content(
    texts={
        "trade_name": "Trieur 2.1",
        "provider": "Exemple SAS, 1 rue de l’Exemple, Paris",
        "intended_purpose": "Ordonner les patients à leur arrivée aux urgences.",
        "security": "Test d’intrusion du 3 mars 2026.",
    },
    facts={
        "ai": True,
        "medical_purpose": True,
        "significance": "drives_management",
        "situation": "critical",
        "uses": ("emergency_patient_triage",),
        "specialty": "emergency",
        "care_step": "triage",
    },
    status=Status.IN_SERVICE,
)
PLACE = Deployment(
    finess="750712184",
    establishment="Hôpital d’Exemple",
    unit="Urgences",
    started_on=date(2026, 1, 5),
    monthly_volume=1200,
)
CLAIM = Claim(metric="auroc", value="0.95", stated_in="notice 2.1, page 4")
STUDY = Evaluation(
    metric="auroc",
    value="0.88",
    low="0.85",
    high="0.91",
    design=Design.RETROSPECTIVE,
    basis=Basis.PUBLISHED,
    is_external=True,
    reference="doi:10.0000/exemple",
    measured_on=date(2026, 6, 1),
)
CERTIFICATE = Certificate(
    kind="MDR",
    number="CE-1",
    body="0459",
    device_class="IIb",
    expires_on=date(2028, 1, 1),
)


@dataclass(frozen=True)
class Registering:
    """Who meets over a record."""

    paul: User
    stranger: User
    hospital: User
    preparer: User
    assessor: User
    auditor: User

    def draft(self) -> SystemRecord:
        """A system declared."""
        return actions.declare(TRIAGE, by=self.paul, now=NOW)

    def submitted(self) -> SystemRecord:
        """The same, sent to the hub."""
        return self.act(self.draft(), "submit", by=self.paul)

    def published(self) -> SystemRecord:
        """The same, in the register, with a place, a claim and a certificate."""
        record = self.act(self.submitted(), "publish", by=self.preparer)
        for entry in (PLACE, CLAIM, CERTIFICATE):
            actions.add(record, entry, by=self.paul, now=NOW)
        return record

    def removed(self) -> SystemRecord:
        """The same, taken off."""
        return self.act(self.published(), "remove", by=self.preparer, reason="Doublon.")

    def survey(self) -> Survey:
        """Three establishments are asked."""
        asked = (
            Establishment("750712184", "Hôpital d’Exemple", self.hospital.email),
            Establishment("690781810", "CHU d’Exemple", "chu@chu.example"),
            Establishment("2A0000014", "Clinique d’Exemple", "clinique@clinique.example"),
        )
        closes_on = date(2026, 12, 31)
        return survey_actions.open_survey(
            "L’IA en 2026", asked, closes_on=closes_on, by=self.preparer, now=NOW
        )

    def act(self, record: SystemRecord, action: str, *, by: User, reason: str = "") -> SystemRecord:
        """Somebody does something to a record, read again."""
        actions.act(record, action, by=by, now=NOW, today=TODAY, reason=reason)
        return SystemRecord.objects.get(pk=record.pk)


@pytest.fixture
def registering(signers: Signers, account: Callable[..., User]) -> Registering:
    """A provider, a stranger, a hospital, and the officers."""
    return Registering(
        paul=account(email="paul@exemple.example"),
        stranger=account(email="stranger@autre.example"),
        hospital=account(email="dim@hopital.example"),
        preparer=account(Role.PREPARER),
        assessor=account(Role.ASSESSOR),
        auditor=account(Role.AUDITOR),
    )


@pytest.fixture
def at_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock of the site stands at NOW."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
