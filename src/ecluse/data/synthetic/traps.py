"""Known dirt, at known rates: what makes real claims hard to count, with the truth written down."""

from dataclasses import replace
from typing import Final

import numpy as np

from ecluse.data.synthetic.calendar import Ints
from ecluse.data.synthetic.care import NO_DRUG, Lines, join_lines

REGULARISED: Final = 0.01
"""Share of lines later cancelled (same line, negative) and written again."""
SURCHARGED: Final = 0.03
"""Share of visits doubled by a surcharge line (CPL_MAJ_TOP = 2)."""
INFORMATIVE: Final = 0.01
"""Share of visits doubled by a line for information (DPN_QLF = 71)."""
SURCHARGE_PRICE: Final = 500
INFORMATION: Final = 71


def inject(rng: np.random.Generator, lines: Lines) -> tuple[Lines, dict[str, int]]:
    """Return the lines with the traps added, and how many of each."""
    wrong = _some(rng, np.arange(lines.count), REGULARISED)
    visits = np.flatnonzero(lines.drug == NO_DRUG)
    surcharged = _some(rng, visits, SURCHARGED)
    informative = _some(rng, visits, INFORMATIVE)
    original = lines.take(wrong)
    later = np.ones(len(wrong), dtype=np.int64)
    cancelled = replace(original, quantity=-original.quantity, price=-original.price, wave=later)
    doubled, informed = lines.take(surcharged), lines.take(informative)
    parts = [
        lines,
        cancelled,
        replace(original, wave=later),
        replace(
            doubled,
            surcharge=np.full(doubled.count, 2, dtype=np.int64),
            price=np.full(doubled.count, SURCHARGE_PRICE, dtype=np.int64),
        ),
        replace(informed, qualifier=np.full(informed.count, INFORMATION, dtype=np.int64)),
    ]
    counts = {
        "regularisation_triplets": len(wrong),
        "surcharge_lines": len(surcharged),
        "information_lines": len(informative),
    }
    return join_lines(parts), counts


def _some(rng: np.random.Generator, candidates: Ints, share: float) -> Ints:
    return candidates[rng.random(len(candidates)) < share]
