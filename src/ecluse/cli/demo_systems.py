"""The AI systems of the demonstration: two evaluations made whole, and what the register says."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from ecluse.cli.home import Home
from ecluse.cli.serve import Site, in_site, site_environment

if TYPE_CHECKING:
    from ecluse.domain.aisystems.entries import Certificate
    from ecluse.domain.evaluations.protocols import Protocol
    from ecluse.domain.evaluations.reports import EvaluationReport

REGISTERED: Final = "registered"
"""The file that says that the register holds them: a set-up that was killed does it again."""

DECLARED_BY, JUDGED_BY = "louis.bernard@univ.example", "sofia.martin@hub.example"


@dataclass(frozen=True, slots=True)
class System:
    """What the provider of a system declares, claims, and where it runs."""

    texts: dict[str, str]
    facts: dict[str, bool | str]
    claimed: str
    finess: str
    establishment: str
    unit: str


SYSTEMS: Final = {
    "diabetes": System(
        texts={
            "trade_name": "Score DIAB-3 (exemple)",
            "provider": "Hub de démonstration",
            "intended_purpose": "Repérer, parmi les personnes diabétiques, celles dont le risque "
            "de complication à trois ans justifie un bilan spécialisé.",
            "known_limits": "Appris et évalué sur un pays synthétique : ne dit rien de personne.",
            "human_oversight": "Le médecin traitant propose ou non le bilan.",
        },
        facts={
            "ai": True,
            "medical_purpose": True,
            "significance": "informs_management",
            "situation": "non_serious",
            "specialty": "general-practice",
            "care_step": "prognosis",
        },
        claimed="0.72",
        finess="750000001",
        establishment="Maison de santé d’Exemple",
        unit="Diabétologie",
    ),
    "notes": System(
        texts={
            "trade_name": "Lecteur de comptes rendus PNEU-1 (exemple)",
            "provider": "Éditeur de démonstration",
            "intended_purpose": "Signaler une pneumopathie dans un compte rendu hospitalier.",
            "known_limits": "Textes fabriqués ; l’éditeur ne dit rien de sa calibration.",
            "human_oversight": "Un médecin relit chaque compte rendu signalé.",
        },
        facts={
            "ai": True,
            "medical_purpose": True,
            "significance": "drives_management",
            "situation": "serious",
            "specialty": "emergency",
            "care_step": "diagnosis",
        },
        claimed="0.95",
        finess="690000002",
        establishment="Hôpital d’Exemple",
        unit="Urgences",
    ),
}
"""By the name of the evaluation. The second claims more than what its report measures."""


def show_systems(home: Home, server_url: str) -> None:
    """Have both evaluations in the home and their systems in the register. Quick when done."""
    folder = home.path / "evaluations"
    if (folder / REGISTERED).exists():
        return
    from ecluse.data.evaluation.demonstration import running

    shown = list(running.show_all(folder, now=datetime.now(UTC)))
    environment = site_environment(home, Site.PUBLIC, server_url=server_url)
    in_site(environment, register, {one.name: (one.report, one.protocol) for one in shown})
    (folder / REGISTERED).touch()


def register(evaluated: "dict[str, tuple[EvaluationReport, Protocol]]") -> None:
    """Declare and publish each system, with what its report measured, unless the register has it.

    Runs in a process with the public site's settings.
    """
    from ecluse.portal.aisystems.models import SystemRecord

    known = {one.latest.content["texts"]["trade_name"] for one in SystemRecord.objects.all()}
    for name, (report, protocol) in evaluated.items():
        if SYSTEMS[name].texts["trade_name"] not in known:
            _register(SYSTEMS[name], report, protocol)


def _register(system: System, report: "EvaluationReport", protocol: "Protocol") -> None:
    from django.db import transaction

    from ecluse.domain.aisystems.entries import Claim, Deployment
    from ecluse.domain.aisystems.systems import Status
    from ecluse.portal.accounts.models import User
    from ecluse.portal.aisystems import actions
    from ecluse.portal.evaluations.reporting import entry_of

    now = datetime.now(UTC)
    provider = User.objects.get(email=DECLARED_BY)
    officer = User.objects.get(email=JUDGED_BY)
    measured = entry_of(report, protocol, dataset="synthetic")
    content = actions.Content(system.texts, system.facts, Status.IN_SERVICE)
    place = Deployment(
        finess=system.finess,
        establishment=system.establishment,
        unit=system.unit,
        started_on=(now - timedelta(days=90)).date(),
        monthly_volume=400,
        artefact=report.digests.model,
    )
    with transaction.atomic():
        record = actions.declare(content, by=provider, now=now)
        actions.act(record, "submit", by=provider, now=now, today=now.date())
        actions.act(record, "publish", by=officer, now=now, today=now.date())
        for entry in (place, _certificate(report, now)):
            actions.add(record, entry, by=provider, now=now)
        if measured is not None:
            claim = Claim(metric=measured.metric, value=system.claimed, stated_in="Notice, page 2")
            actions.add(record, claim, by=provider, now=now)
            actions.add(record, measured, by=officer, now=now)


def _certificate(report: "EvaluationReport", now: datetime) -> "Certificate":
    from ecluse.domain.aisystems.entries import Certificate

    return Certificate(
        kind="MDR",
        number=f"CE-{report.evaluation_number}",
        body="0459",
        device_class="IIa",
        expires_on=(now + timedelta(days=700)).date(),
    )
