"""Fees: tariff, estimate, what a withdrawal leaves owed, payments, the holders' parts (art. 62)."""

from ecluse.domain.fees.estimates import (
    Estimate,
    EstimateLine,
    HolderPart,
    Work,
    estimate,
    holders_parts,
    holders_received,
    incurred,
)
from ecluse.domain.fees.payments import FeeState, Payments, check_move
from ecluse.domain.fees.tariffs import (
    Component,
    Payer,
    Reduction,
    Tariff,
    TariffLine,
    Unit,
    tariff_on,
)

__all__ = [
    "Component",
    "Estimate",
    "EstimateLine",
    "FeeState",
    "HolderPart",
    "Payer",
    "Payments",
    "Reduction",
    "Tariff",
    "TariffLine",
    "Unit",
    "Work",
    "check_move",
    "estimate",
    "holders_parts",
    "holders_received",
    "incurred",
    "tariff_on",
]
