"""What moved between a reference window and a new one, and what such windows could have shown.

Sources: Smirnov 1948 (two samples). Pearson 1900. Siddiqi 2006 (stability index and its customary
bounds 0.1 and 0.25). Lipton, Wang and Smola, ICML 2018 (label shift from a black box). Alarms come
with the shift that the windows could detect: silence of a small window is no proof.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.stats import chi2, ks_2samp

from ecluse.data.evaluation import arrays
from ecluse.data.evaluation.arrays import Floats, Values
from ecluse.data.evaluation.multiplicity import benjamini_hochberg
from ecluse.domain.errors import InvalidInput

MODERATE, LARGE = 0.1, 0.25
"""The customary bounds of the stability index: a habit of credit scoring, not a test."""
FLOOR: Final = 1e-4
"""Share given to an empty bin, so that the index stays finite; part of the convention."""
BINS: Final = 10
LEAST: Final = 20
CONDITION: Final = 1e3


@dataclass(frozen=True, slots=True)
class Shift:
    """A test of one variable: statistic, p-value, and adjusted for all variables tested."""

    name: str
    test: str
    statistic: float
    p_value: float
    q_value: float


@dataclass(frozen=True, slots=True)
class LabelShift:
    """Prevalence of each class in the new window, its weight against the reference, and a test."""

    weights: Floats
    shares: Floats
    p_value: float


def kolmogorov_smirnov(reference: Values, new: Values) -> tuple[float, float]:
    """Return the largest gap of both distributions, and its two-sided p-value."""
    found = ks_2samp(*_windows(reference, new))
    return float(found.statistic), float(found.pvalue)


def chi_square(reference: Values, new: Values) -> tuple[float, float]:
    """Return Pearson's statistic of the categories of both windows, and its p-value."""
    old, recent = np.asarray(reference), np.asarray(new)
    names, codes = arrays.labels(np.concatenate([old, recent]), name="categories")
    if len(names) == 1:
        return 0.0, 1.0
    table = np.stack(
        [np.bincount(part, minlength=len(names)) for part in np.split(codes, [old.size])]
    ).astype(np.float64)
    return _pearson(table)


def shifts(
    numeric: Mapping[str, tuple[Values, Values]],
    categorical: Mapping[str, tuple[Values, Values]],
) -> tuple[Shift, ...]:
    """Return one test a variable, (reference, new) each, with Benjamini and Hochberg over all."""
    tested = [
        (name, "kolmogorov-smirnov", *kolmogorov_smirnov(*pair)) for name, pair in numeric.items()
    ]
    tested += [(name, "chi-square", *chi_square(*pair)) for name, pair in categorical.items()]
    if not tested:
        raise InvalidInput("No variable to compare: name one at least.")
    adjusted = benjamini_hochberg([one[3] for one in tested])
    return tuple(Shift(*one, float(q)) for one, q in zip(tested, adjusted, strict=True))


def stability_index(reference: Values, new: Values, *, bins: int = BINS) -> float:
    """Return Σ (p-q)·ln(p/q) over bins of equal size of the reference (PSI)."""
    old, recent = _windows(reference, new)
    arrays.count(bins, name="bins", least=2)
    edges = np.unique(np.quantile(old, np.linspace(0.0, 1.0, bins + 1)[1:-1]))
    found = [
        np.bincount(np.searchsorted(edges, part, side="right"), minlength=edges.size + 1)
        for part in (old, recent)
    ]
    return stability_of_counts(*found)


def stability_of_counts(reference: npt.ArrayLike, new: npt.ArrayLike) -> float:
    """Return the stability index of counts by category, in the same order."""
    old, recent = arrays.positives(reference), arrays.positives(new)
    arrays.same_length(reference=old, new=recent)
    if not old.sum() or not recent.sum():
        raise InvalidInput("A window holds nobody.")
    p, q = np.maximum(old / old.sum(), FLOOR), np.maximum(recent / recent.sum(), FLOOR)
    return float(((p - q) * np.log(p / q)).sum())


def label_shift(truth: Values, predicted: Values, new: Values) -> LabelShift:
    """Return how common each class has become, from predicted classes alone (BBSE).

    `truth` and `predicted` are of the reference, `new` the predictions of a window whose truth is
    not known. Classes are ranks from 0. Supposes that cases of one class look as before.

    Raises:
        InvalidInput: the model tells two classes apart too badly for its predictions to say.
    """
    known = [arrays.numbers(one).astype(np.int64) for one in (truth, predicted, new)]
    arrays.same_length(truth=known[0], predicted=known[1])
    size = max(int(one.max()) for one in known) + 1
    joint = np.zeros((size, size))
    np.add.at(joint, (known[1], known[0]), 1.0 / known[0].size)
    if float(np.linalg.cond(joint)) > CONDITION:
        raise InvalidInput("Predictions tell classes apart too badly to show a shift of labels.")
    told = np.bincount(known[2], minlength=size)
    weights = np.maximum(np.linalg.solve(joint, told / told.sum()), 0.0)
    shares = weights * joint.sum(axis=0)
    before = np.bincount(known[1], minlength=size)
    _, p_value = _pearson(np.stack([before, told]).astype(np.float64))
    return LabelShift(weights, shares / shares.sum(), p_value)


def power_of_shift(
    sizes: tuple[int, int], *, shift: float, alpha: float = 0.05, draws: int = 2000, seed: int = 1
) -> float:
    """Return the chance that Kolmogorov-Smirnov sees a normal shift of `shift` deviations.

    `sizes` are those of the reference and of the new window. By simulation, seeded; exact to about
    ±1/√draws.
    """
    old, recent = (arrays.count(size, name="window", least=LEAST) for size in sizes)
    rng = np.random.default_rng(seed)
    effective = np.sqrt(old * recent / (old + recent))
    level = _critical(arrays.share(alpha, name="alpha")) / effective
    seen = 0
    for _ in range(arrays.count(draws, name="draws", least=LEAST)):
        one, two = np.sort(rng.normal(size=old)), np.sort(rng.normal(shift, 1.0, recent))
        both = np.concatenate([one, two])
        gap = np.searchsorted(one, both, side="right") / old
        gap -= np.searchsorted(two, both, side="right") / recent
        seen += bool(np.abs(gap).max() > level)
    return seen / draws


def smallest_shift(sizes: tuple[int, int], *, power: float = 0.8, alpha: float = 0.05) -> float:
    """Return the shift in deviations that windows of these sizes see with this power."""
    wanted, low, high = arrays.share(power, name="power"), 0.0, 8.0
    for _ in range(9):
        middle = (low + high) / 2.0
        seen = power_of_shift(sizes, shift=middle, alpha=alpha, draws=400)
        low, high = (low, middle) if seen >= wanted else (middle, high)
    return high


def _critical(alpha: float) -> float:
    """Return the asymptotic critical value of Kolmogorov's distribution: √(-ln(α/2)/2)."""
    return float(np.sqrt(-np.log(alpha / 2.0) / 2.0))


def _pearson(table: Floats) -> tuple[float, float]:
    kept = table[:, table.sum(axis=0) > 0]
    expected = np.outer(kept.sum(axis=1), kept.sum(axis=0)) / kept.sum()
    statistic = float(((kept - expected) ** 2 / expected).sum())
    return statistic, float(chi2.sf(statistic, max(kept.shape[1] - 1, 1)))


def _windows(reference: Values, new: Values) -> tuple[Floats, Floats]:
    found = arrays.numbers(reference, name="reference"), arrays.numbers(new, name="new window")
    if min(one.size for one in found) < LEAST:
        raise InvalidInput(f"A window of under {LEAST} values shows nothing: wait for more.")
    return found
