"""A system and its entries, for these tests."""

from datetime import date

from ecluse.domain.aisystems.entries import (
    Basis,
    Certificate,
    Claim,
    Deployment,
    Design,
    Entry,
    Evaluation,
    Reading,
)
from ecluse.domain.aisystems.rules import Classification, Facts, classify, rulebook_on
from ecluse.domain.aisystems.systems import AISystem, Status
from ecluse.portal.aisystems.rulebook import rule_sets

TODAY = date(2026, 11, 23)
RULES = rulebook_on(TODAY, rule_sets())
IIB: Facts = {
    "ai": True,
    "medical_purpose": True,
    "significance": "drives_management",
    "situation": "critical",
}
ONE, OTHER = "sha256:" + "1" * 64, "sha256:" + "2" * 64
STUDY = Evaluation(
    metric="auroc",
    value="0.88",
    low="0.85",
    high="0.91",
    design=Design.RETROSPECTIVE,
    basis=Basis.HUB_REPORT,
    is_external=True,
    reference="sha256:report",
    measured_on=date(2026, 6, 1),
    artefact=ONE,
)
CLAIM = Claim(metric="auroc", value="0.95", stated_in="notice v2")
RUNNING = Deployment(
    finess="750712184",
    establishment="Hôpital d’Exemple",
    unit="Urgences",
    started_on=date(2026, 1, 1),
    artefact=ONE,
)
CERTIFICATE = Certificate(
    kind="MDR",
    number="CE-1",
    body="0459",
    device_class="IIb",
    expires_on=date(2028, 1, 1),
)
READING = Reading(
    indicator="override-rate",
    value="0.08",
    most="0.10",
    measured_on=date(2026, 11, 1),
    every_days=30,
)


def system(*entries: Entry, status: Status = Status.IN_SERVICE, facts: Facts = IIB) -> AISystem:
    """A system in service with these entries."""
    return AISystem(number="IA-2026-0001", texts={}, facts=facts, status=status, entries=entries)


def found(facts: Facts = IIB) -> Classification:
    """What the rules of today say of it."""
    return classify(facts, RULES)
