"""One AI system as a value: what its provider declared, and what was added over its life."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TypeVar

from ecluse.domain.aisystems.entries import (
    Certificate,
    Claim,
    Deployment,
    Entry,
    Evaluation,
    Evidence,
    Incident,
    Reading,
)
from ecluse.domain.aisystems.rules import Facts

Kind = TypeVar("Kind", bound=Entry)


class Status(StrEnum):
    """Where the system is in its life, as its provider says."""

    DEVELOPMENT = "development"
    PILOT = "pilot"
    ON_MARKET = "on-market"
    IN_SERVICE = "in-service"
    WITHDRAWN = "withdrawn"
    RECALLED = "recalled"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True, kw_only=True)
class AISystem:
    """A system: texts by field, facts that the rules read, and its entries, the oldest first.

    `texts` are the declared fields by key; what nobody said is absent.
    """

    number: str
    texts: Mapping[str, str]
    facts: Facts
    status: Status
    entries: tuple[Entry, ...] = field(default=())

    @property
    def claims(self) -> tuple[Claim, ...]:
        """What the instructions for use state."""
        return _of(self.entries, Claim)

    @property
    def evaluations(self) -> tuple[Evaluation, ...]:
        """What studies measured."""
        return _of(self.entries, Evaluation)

    @property
    def deployments(self) -> tuple[Deployment, ...]:
        """Where it runs or ran."""
        return _of(self.entries, Deployment)

    @property
    def incidents(self) -> tuple[Incident, ...]:
        """What happened in service."""
        return _of(self.entries, Incident)

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The values of its post-market indicators."""
        return _of(self.entries, Reading)

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """What proves its duties."""
        return _of(self.entries, Evidence)

    @property
    def certificates(self) -> tuple[Certificate, ...]:
        """Its certificates."""
        return _of(self.entries, Certificate)

    def runs_on(self, day: date) -> bool:
        """Whether it is in service somewhere on a day."""
        return any(one.runs_on(day) for one in self.deployments)


def _of(entries: Iterable[Entry], kind: type[Kind]) -> tuple[Kind, ...]:
    return tuple(one for one in entries if isinstance(one, kind))
