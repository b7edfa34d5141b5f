"""Known dirt, at known rates: what makes real claims hard to count, injected and written down.

Each regularised act is a wrong line, the same line negated, and a correction; some are corrected
twice, some cancelled for good. Rates are our assumptions, printed in the report.
"""

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ecluse.data.synthetic.calendar import Ints
from ecluse.data.synthetic.care import NO_DRUG, PRIVATE_STAY, Lines, join_lines

REGULARISED: Final = 0.01
"""Share of lines later cancelled (same line, negative)."""
CORRECTED_TWICE: Final = 0.10
"""Among the regularised, those whose correction was cancelled and written once more."""
CANCELLED: Final = 0.15
"""Among the regularised, those never written again."""
SURCHARGED: Final = 0.03
"""Share of visits doubled by a surcharge line (CPL_MAJ_TOP 2 or 3)."""
INFORMATIVE: Final = 0.012
"""Share of visits doubled by a line for information (71 or 72)."""
FIRST_KIND: Final = 0.8
"""Share of the surcharge lines with CPL_MAJ_TOP = 2; 3 for the others."""
SURCHARGE_PRICE: Final = 500
INFORMATION: Final = ((71, True, True), (71, True, False), (71, False, True), (72, True, True))
"""Qualifier, then whether DPN_QLF and PRS_DPN_QLP carry it; position + 1 is `Lines.qualifier`."""
NULL_QUALIFIER: Final = len(INFORMATION) + 1
"""An ordinary line where both qualifiers are empty: `NOT IN (71, 72)` would drop it."""
NULL_QUALIFIERS: Final = 0.02
NO_CARE_DATE: Final = 0.001
"""Share of days of care whose date is missing, so written 01/01/1600 on all their lines."""
NO_PRESCRIPTION_DATE: Final = 0.005
"""Share of dispensings whose date of prescription is missing, so written 01/01/1600."""

ROLES: Final = (
    "plain",
    "wrong",
    "cancellation",
    "correction",
    "second cancellation",
    "second correction",
    "surcharge",
    "information",
)
PLAIN, WRONG, CANCELLATION, CORRECTION, CANCELLATION_2, CORRECTION_2, SURCHARGE, INFORMING = range(
    len(ROLES)
)


def inject(rng: np.random.Generator, lines: Lines) -> Lines:
    """Return the lines with the traps added; `Lines.role` says which line is what."""
    lines = _without_qualifier(rng, lines)
    wrong = _some(rng, np.flatnonzero(lines.act != PRIVATE_STAY), REGULARISED)
    visits = np.flatnonzero((lines.drug == NO_DRUG) & (lines.act != PRIVATE_STAY))
    role = lines.role.copy()
    role[wrong] = WRONG
    return join_lines(
        [
            replace(lines, role=role),
            *_regularised(rng, lines.take(wrong)),
            _surcharges(rng, lines.take(_some(rng, visits, SURCHARGED))),
            _informations(rng, lines.take(_some(rng, visits, INFORMATIVE))),
        ]
    )


def _regularised(rng: np.random.Generator, original: Lines) -> list[Lines]:
    fate = rng.random(original.count)
    written = fate >= CANCELLED
    twice = fate >= 1 - CORRECTED_TWICE
    # A correction often lowers the quantity; the price follows.
    first = _corrected(original.take(written), original.quantity[written])
    second = original.take(twice)
    return [
        _marked(_negated(original), role=CANCELLATION, wave=1),
        _marked(first, role=CORRECTION, wave=1),
        _marked(_negated(_corrected(second, second.quantity)), role=CANCELLATION_2, wave=2),
        _marked(second, role=CORRECTION_2, wave=2),
    ]


def _corrected(lines: Lines, quantity: NDArray[np.integer]) -> Lines:
    one = np.ones(lines.count, dtype=np.int16)
    return replace(lines, quantity=one, price=(lines.price // quantity).astype(np.int32))


def _negated(lines: Lines) -> Lines:
    return replace(lines, quantity=-lines.quantity, price=-lines.price)


def _surcharges(rng: np.random.Generator, lines: Lines) -> Lines:
    kind = np.where(rng.random(lines.count) < FIRST_KIND, 2, 3).astype(np.int8)
    price = np.full(lines.count, SURCHARGE_PRICE, dtype=np.int32)
    return _marked(replace(lines, surcharge=kind, price=price), role=SURCHARGE, wave=0)


def _informations(rng: np.random.Generator, lines: Lines) -> Lines:
    kind = rng.choice(len(INFORMATION), lines.count, p=(0.70, 0.08, 0.07, 0.15)) + 1
    return _marked(replace(lines, qualifier=kind.astype(np.int8)), role=INFORMING, wave=0)


def _without_qualifier(rng: np.random.Generator, lines: Lines) -> Lines:
    absent = rng.random(lines.count, dtype=np.float32) < NULL_QUALIFIERS
    return replace(lines, qualifier=np.where(absent, NULL_QUALIFIER, 0).astype(np.int8))


def _marked(lines: Lines, *, role: int, wave: int) -> Lines:
    """Return the lines with this role: children and facilities stay with the first line alone."""
    return replace(
        lines,
        role=np.full(lines.count, role, dtype=np.int8),
        wave=np.full(lines.count, wave, dtype=np.int8),
    )


def _some(rng: np.random.Generator, candidates: Ints, share: float) -> Ints:
    return candidates[rng.random(len(candidates), dtype=np.float32) < share]
