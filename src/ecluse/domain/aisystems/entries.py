"""What is added to a system over its life: each a value, written once, replaced and never changed.

Figures are texts of a decimal number, such as `0.912`: they are compared as decimals, and every
machine prints them alike.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Final

from ecluse.domain.errors import InvalidInput

DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
FINESS: Final = re.compile(r"[0-9][0-9AB][0-9]{7}")
"""Nine characters; the first two, or four overseas, tell the department."""


class Design(StrEnum):
    """How the study behind an evaluation was made."""

    RETROSPECTIVE = "retrospective"
    PROSPECTIVE = "prospective"
    RANDOMISED = "randomised"


class Basis(StrEnum):
    """What an evaluation rests on: the provider's word, a publication, a signed report of a hub."""

    CLAIMED = "claimed"
    PUBLISHED = "published"
    HUB_REPORT = "hub-report"


class Severity(StrEnum):
    """How serious an incident was."""

    MINOR = "minor"
    SERIOUS = "serious"
    DEATH = "death"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """An accuracy that the instructions for use state."""

    metric: str
    value: str
    stated_in: str

    def __post_init__(self) -> None:
        number(self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """One figure measured by one study: its value and its interval (95 %), on which artefact.

    `artefact` is the digest of what was evaluated, empty where the study does not say. `gap` is the
    largest difference between subgroups.
    """

    metric: str
    value: str
    low: str
    high: str
    design: Design
    basis: Basis
    is_external: bool
    reference: str
    measured_on: date
    artefact: str = ""
    gap: str = ""

    def __post_init__(self) -> None:
        if not number(self.low) <= number(self.value) <= number(self.high):
            raise InvalidInput("A figure stands inside its own interval: correct one of the three.")
        if self.gap:
            number(self.gap)
        check_digest(self.artefact)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """Where a system runs: establishment, unit, cases a month, the artefact in service."""

    finess: str
    establishment: str
    unit: str
    started_on: date
    ended_on: date | None = None
    monthly_volume: int = 0
    threshold: str = ""
    artefact: str = ""

    def __post_init__(self) -> None:
        if not FINESS.fullmatch(self.finess):
            raise InvalidInput(f"{self.finess} is no FINESS number of nine figures: copy it again.")
        if self.ended_on is not None and self.ended_on < self.started_on:
            raise InvalidInput("A system leaves service after it came: correct one of the days.")
        if self.monthly_volume < 0:
            raise InvalidInput("A volume is zero cases a month or more.")
        check_digest(self.artefact)

    def runs_on(self, day: date) -> bool:
        """Whether it is in service on a day."""
        return self.started_on <= day and (self.ended_on is None or day <= self.ended_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """An incident, told without anything of the person concerned."""

    reference: str
    happened_on: date
    severity: Severity
    summary: str
    measure: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A value of a post-market indicator: what the plan tolerates, how often it is measured.

    `least` and `most` are the limits; one of them may be empty.
    """

    indicator: str
    value: str
    measured_on: date
    every_days: int
    least: str = ""
    most: str = ""

    def __post_init__(self) -> None:
        for text in (self.value, self.least or "0", self.most or "0"):
            number(text)
        if not (self.least or self.most):
            raise InvalidInput(f"Say the limit of {self.indicator}: the least, the most, or both.")
        if self.every_days < 1:
            raise InvalidInput("An indicator is measured every day at most.")

    @property
    def is_within(self) -> bool:
        """Whether the value keeps to its limits."""
        value = number(self.value)
        above = not self.least or value >= number(self.least)
        return above and (not self.most or value <= number(self.most))


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What proves a duty: where it is, since when, and until when it holds."""

    duty: str
    reference: str
    on: date
    expires_on: date | None = None

    def __post_init__(self) -> None:
        if self.expires_on is not None and self.expires_on < self.on:
            raise InvalidInput("A proof ends after it begins: correct one of the days.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate of a notified body: its kind, number, class and last day."""

    kind: str
    number: str
    body: str
    device_class: str
    expires_on: date


Entry = Claim | Evaluation | Deployment | Incident | Reading | Evidence | Certificate
KINDS: Final[Mapping[str, type[Entry]]] = {
    "claim": Claim,
    "evaluation": Evaluation,
    "deployment": Deployment,
    "incident": Incident,
    "reading": Reading,
    "evidence": Evidence,
    "certificate": Certificate,
}
"""The kinds of entries, by the name that addresses and rows give them."""


def number(text: str) -> Decimal:
    """The number that a text writes. Raises InvalidInput."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise InvalidInput(f"{text!r} is no number like 0.91: write it with a point.") from None
    if not value.is_finite():
        raise InvalidInput(f"{text!r} is no number like 0.91: write it with a point.")
    return value


def check_digest(text: str) -> None:
    """Pass if a digest is empty or one of SHA-256. Raises InvalidInput."""
    if text and not DIGEST.fullmatch(text):
        raise InvalidInput(
            "A digest is written sha256: and 64 hexadecimal digits in small letters."
        )
