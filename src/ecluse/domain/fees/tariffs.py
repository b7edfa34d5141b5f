"""A tariff: what each part of the work costs, on what legal ground, and who pays less.

A tariff is versioned data. An estimate names its version for ever, so that a later tariff changes
no price that was announced. Source: EHDS art. 62(1)-(3).
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from ecluse.domain.errors import InvalidInput, NotFound

PERMILLE: Final = 1000


class Component(StrEnum):
    """What is paid for. Source: EHDS art. 62(1)-(2), 68(12); TEHDAS2 M4.1.1."""

    HANDLING = "handling"  # assessing and deciding; due even when refused or withdrawn
    AMENDMENT = "amendment"
    PREPARATION = "preparation"  # extraction, minimisation, quality
    LINKAGE = "linkage"
    PSEUDONYMISATION = "pseudonymisation"  # or anonymisation
    ENVIRONMENT = "environment"
    STORAGE = "storage"
    OUTPUT_CHECK = "output-check"
    HOLDER = "holder"  # the data holder's own costs, passed on to it


class Unit(StrEnum):
    """What one price is for."""

    FILE = "file"
    DATASET = "dataset"
    HOLDER = "holder"
    HOUR = "hour"
    USER_MONTH = "user-month"
    TEBIBYTE_MONTH = "tebibyte-month"
    OUTPUT = "output"


class Payer(StrEnum):
    """Kinds of data users that may pay less. Source: EHDS art. 62(1), second subparagraph."""

    PUBLIC_BODY = "public-body"  # established in the Union
    UNIVERSITY_RESEARCHER = "university-researcher"
    MICRO_ENTERPRISE = "micro-enterprise"  # Recommendation 2003/361/EC
    OTHER = "other"


@dataclass(frozen=True)
class TariffLine:
    """The price of one unit of work, in euro cents without VAT, and what allows it to be asked."""

    code: str
    component: Component
    unit: Unit
    price_cents: int
    label_fr: str
    label_en: str
    ground: str

    def __post_init__(self) -> None:
        """Refuse a negative price, or one without a legal ground."""
        if self.price_cents < 0:
            raise ValueError(f"{self.code}: a price is not negative.")
        if not self.ground.strip():
            raise ValueError(f"{self.code}: a price names what allows it (art. 62(3)).")


@dataclass(frozen=True)
class Reduction:
    """What a kind of payer does not pay of some components, in thousandths, and on what ground."""

    payer: Payer
    components: tuple[Component, ...]
    permille: int
    ground: str

    def __post_init__(self) -> None:
        """Refuse more than all, and a reduction of costs that are another body's."""
        if not 0 < self.permille <= PERMILLE:
            raise ValueError(f"A reduction is 1 to {PERMILLE} thousandths, not {self.permille}.")
        if Component.HOLDER in self.components:
            raise ValueError("The holder's costs are the holder's to reduce (art. 62(2)).")
        if self.payer is Payer.OTHER:
            raise ValueError("A reduction is for a kind of payer that art. 62(1) names.")


@dataclass(frozen=True)
class Tariff:
    """The prices that hold from `effective_on`, until the next version. VAT in thousandths."""

    version: str
    effective_on: date
    vat_permille: int
    lines: tuple[TariffLine, ...]
    reductions: tuple[Reduction, ...]

    def __post_init__(self) -> None:
        """Refuse two prices under one code, and two reductions of one component for one payer."""
        codes = [line.code for line in self.lines]
        if len(set(codes)) != len(codes) or not codes:
            raise ValueError(f"Tariff {self.version}: each line has a code of its own.")
        given = [(item.payer, part) for item in self.reductions for part in item.components]
        if len(set(given)) != len(given):
            raise ValueError(f"Tariff {self.version}: one reduction a component and payer.")

    def line(self, code: str) -> TariffLine:
        """Return one line. Raises NotFound."""
        for line in self.lines:
            if line.code == code:
                return line
        raise NotFound(f"Tariff {self.version} has no line {code[:40]!r}.")

    def reduction(self, payer: Payer, component: Component) -> Reduction | None:
        """Return what `payer` does not pay of `component`, if anything."""
        for reduction in self.reductions:
            if reduction.payer is payer and component in reduction.components:
                return reduction
        return None


def tariff_on(tariffs: tuple[Tariff, ...], day: date) -> Tariff:
    """Return the tariff that holds on `day`. Raises InvalidInput when none does."""
    held = [tariff for tariff in tariffs if tariff.effective_on <= day]
    if not held:
        raise InvalidInput(f"No tariff holds on {day}: publish one (art. 62(1)).")
    return max(held, key=lambda tariff: tariff.effective_on)
