"""What a record says in one place and denies in another: each is told, with the figures."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ecluse.domain.aisystems.entries import Basis, Certificate, number
from ecluse.domain.aisystems.levels import is_overdue, last_of
from ecluse.domain.aisystems.rules import CLASSES, Classification
from ecluse.domain.aisystems.systems import AISystem, Status


class Kind(StrEnum):
    """What is contradicted."""

    CLAIM = "claim"
    CERTIFICATE_EXPIRED = "certificate-expired"
    CERTIFICATE_MISSING = "certificate-missing"
    CLASS = "class"
    ARTEFACT = "artefact"
    WITHDRAWN = "withdrawn"
    PROHIBITED = "prohibited"
    INDICATOR_LIMIT = "indicator-limit"
    INDICATOR_OVERDUE = "indicator-overdue"


@dataclass(frozen=True, slots=True)
class Contradiction:
    """One contradiction: its kind, what is said, and what denies it."""

    kind: Kind
    said: str
    denied: str


def contradictions_of(
    system: AISystem, found: Classification, *, today: date
) -> tuple[Contradiction, ...]:
    """Every contradiction of a record on a day, in the order of `Kind`."""
    return (
        *_claims(system),
        *_certificate(system, found, today=today),
        *_artefacts(system, today=today),
        *_service(system, found, today=today),
        *_indicators(system, today=today),
    )


def _claims(system: AISystem) -> Iterator[Contradiction]:
    """Figures stated outside the interval of a study of the same metric."""
    measured = [one for one in system.evaluations if one.basis is not Basis.CLAIMED]
    for claim in system.claims:
        for one in measured:
            inside = number(one.low) <= number(claim.value) <= number(one.high)
            if one.metric == claim.metric and not inside:
                interval = f"{one.value} [{one.low} ; {one.high}] ({one.reference})"
                said = f"{claim.metric} {claim.value} ({claim.stated_in})"
                yield Contradiction(Kind.CLAIM, said, interval)


def _certificate(
    system: AISystem, found: Classification, *, today: date
) -> Iterator[Contradiction]:
    is_running = system.runs_on(today)
    needs = found.one("notified_body") == "yes"
    if needs and is_running and not system.certificates:
        yield Contradiction(Kind.CERTIFICATE_MISSING, _class(found), "–")
    if not system.certificates:
        return
    last = max(system.certificates, key=lambda one: one.expires_on)
    if is_running and last.expires_on < today:
        yield Contradiction(Kind.CERTIFICATE_EXPIRED, last.number, last.expires_on.isoformat())
    if _is_weaker(last, found):
        yield Contradiction(Kind.CLASS, f"{last.number} : {last.device_class}", _class(found))


def _is_weaker(certificate: Certificate, found: Classification) -> bool:
    """Whether the class certified is below the one computed."""
    for name, order in CLASSES.items():
        computed = found.one(name)
        if computed and certificate.device_class in order:
            return order.index(certificate.device_class) < order.index(computed)
    return False


def _class(found: Classification) -> str:
    return found.one("mdr_class") or found.one("ivdr_class")


def _artefacts(system: AISystem, *, today: date) -> Iterator[Contradiction]:
    """What runs and was evaluated by no study."""
    evaluated = {
        one.artefact
        for one in system.evaluations
        if one.artefact and one.basis is not Basis.CLAIMED
    }
    for one in system.deployments:
        if one.runs_on(today) and one.artefact and evaluated and one.artefact not in evaluated:
            said = f"{one.establishment}, {one.unit} : {one.artefact}"
            yield Contradiction(Kind.ARTEFACT, said, ", ".join(sorted(evaluated)))


def _service(system: AISystem, found: Classification, *, today: date) -> Iterator[Contradiction]:
    if not system.runs_on(today):
        return
    running = sum(one.runs_on(today) for one in system.deployments)
    if system.status in {Status.WITHDRAWN, Status.RECALLED, Status.RETIRED}:
        yield Contradiction(Kind.WITHDRAWN, system.status.value, str(running))
    if "prohibited" in found.of("aia"):
        yield Contradiction(Kind.PROHIBITED, "prohibited", str(running))


def _indicators(system: AISystem, *, today: date) -> Iterator[Contradiction]:
    for one in last_of(system.readings):
        if not one.is_within:
            limits = f"{one.least or '…'} – {one.most or '…'}"
            yield Contradiction(Kind.INDICATOR_LIMIT, f"{one.indicator} : {one.value}", limits)
        if system.runs_on(today) and is_overdue(one, today=today):
            day = one.measured_on.isoformat()
            yield Contradiction(Kind.INDICATOR_OVERDUE, one.indicator, day)
