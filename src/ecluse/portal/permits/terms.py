"""The terms of a permit before it has a number: what the decider reviews and may narrow."""

from dataclasses import dataclass, fields
from datetime import date, datetime

from ecluse.domain.documents import (
    AuthorisedPerson,
    DataFormat,
    DatasetScope,
    FeeLine,
    Linkage,
    Permit,
)


@dataclass(frozen=True)
class Terms:
    """The content of EHDS art. 68(10) that the decider gives; see `domain.documents.Permit`."""

    title: str
    organisation: str
    persons: tuple[AuthorisedPerson, ...]
    purposes: tuple[str, ...]
    purpose_text: str
    datasets: tuple[DatasetScope, ...]
    data_format: DataFormat
    applies_opt_out_exception: bool
    opt_out_exception_reason: str | None
    valid_from: date
    valid_until: date
    environment: str
    fees: tuple[FeeLine, ...]
    conditions: tuple[str, ...]
    minimum_count: int
    together: tuple[str, ...] = ()
    together_reason: str | None = None
    linkages: tuple[Linkage, ...] = ()
    stops_when_late: bool = False


@dataclass(frozen=True)
class Decision:
    """Who decided which file, when, and under which number."""

    permit_number: str
    application_number: str
    assessed_by: tuple[str, ...]
    decided_by: str
    decided_at: datetime


def permit(terms: Terms, decision: Decision) -> Permit:
    """Return the permit that these terms make once decided."""
    parts = {
        field.name: getattr(source, field.name)
        for source in (terms, decision)
        for field in fields(source)
    }
    return Permit(**parts)
