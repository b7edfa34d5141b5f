"""Classes and spans: precision, recall and F1, per class, macro and micro, counted by document.

Sources: van Rijsbergen 1979 (F). Opitz and Burst 2019, arXiv 1911.03347 (macro F1 is the mean of
F1, not the F1 of means). Spans of one document are not independent: intervals draw documents.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ecluse.data.evaluation import arrays
from ecluse.data.evaluation.arrays import Floats, Values
from ecluse.data.evaluation.bootstrap import Plan, bootstrap
from ecluse.data.evaluation.intervals import Estimate
from ecluse.domain.errors import InvalidInput

AXES = 3
COUNTS = 3


@dataclass(frozen=True, slots=True)
class Scores:
    """Precision, recall and F1 of each class, in the order of `classes`; then the summaries."""

    classes: tuple[str, ...]
    precision: Floats
    recall: Floats
    f1: Floats
    macro_f1: float
    micro_f1: float
    weighted_f1: float


@dataclass(frozen=True, slots=True)
class SpanScores:
    """Micro measures of spans, each with an interval that draws whole documents."""

    precision: Estimate
    recall: Estimate
    f1: Estimate
    documents: int


def class_scores(reference: Values, predicted: Values) -> Scores:
    """Return the measures of a classification of one label a case.

    A class that is in neither vector is not known here and counts for nothing; one that was never
    predicted has precision 0, one that is never true recall 0.
    """
    both = np.concatenate([np.asarray(reference).ravel(), np.asarray(predicted).ravel()])
    names, codes = arrays.labels(both, name="labels")
    size = arrays.same_length(reference=np.asarray(reference), predicted=np.asarray(predicted))
    true, told = codes[:size], codes[size:]
    hits = np.bincount(true[true == told], minlength=len(names)).astype(np.float64)
    called = np.bincount(told, minlength=len(names))
    present = np.bincount(true, minlength=len(names))
    f1 = f_measure(hits, called - hits, present - hits)
    micro = float(hits.sum() / size)
    weighted = float(f1 @ present / size)
    precision, recall = _ratio(hits, called), _ratio(hits, present)
    return Scores(names, precision, recall, f1, float(f1.mean()), micro, weighted)


def f_measure(
    hits: npt.ArrayLike, false_alarms: npt.ArrayLike, misses: npt.ArrayLike, *, beta: float = 1.0
) -> Floats:
    """Return F of counts of one shape: (1+β²)·hits/((1+β²)·hits + β²·misses + false alarms)."""
    square = beta**2
    top = (1.0 + square) * np.asarray(hits, np.float64)
    return _ratio(top, top + square * np.asarray(misses) + np.asarray(false_alarms))


def span_scores(counts: npt.ArrayLike, plan: Plan) -> SpanScores:
    """Return precision, recall and F1 of spans from a documents x 3 table of counts.

    Columns: hits, false alarms, misses of one document. The measure is a ratio of sums, and the
    interval draws documents: tokens or spans of one document are never taken as independent.

    Raises:
        InvalidInput: the table has another shape, or no span at all.
    """
    table = np.asarray(counts, np.float64)
    if table.ndim != AXES - 1 or table.shape[1] != COUNTS or (table < 0).any():
        raise InvalidInput(f"Shape {table.shape}: give hits, false alarms, misses a document.")
    if not table[:, 0].sum():
        raise InvalidInput("No span was found right: precision, recall and F1 are all 0.")

    def measures(weights: Floats) -> Floats:
        hits, alarms, misses = weights @ table
        pairs = [
            (hits, hits + alarms),
            (hits, hits + misses),
            (2 * hits, 2 * hits + alarms + misses),
        ]
        return np.array([one / whole if whole else np.nan for one, whole in pairs])

    found = bootstrap(measures, np.arange(table.shape[0]), plan=plan)
    precision, recall, f1 = found.estimates()
    return SpanScores(precision, recall, f1, documents=int(table.shape[0]))


def matthews(table: npt.ArrayLike) -> float:
    """Return Matthews' correlation of a k x k table of counts; 0 where a margin is empty."""
    counts = np.asarray(table, np.float64)
    if counts.ndim != AXES - 1 or counts.shape[0] != counts.shape[1]:
        raise InvalidInput(f"Shape {counts.shape}: give a square table of counts.")
    total, rows, columns = counts.sum(), counts.sum(axis=1), counts.sum(axis=0)
    top = np.trace(counts) * total - rows @ columns
    under = (total**2 - rows @ rows) * (total**2 - columns @ columns)
    return float(top / np.sqrt(under)) if under > 0 else 0.0


def _ratio(part: npt.ArrayLike, whole: npt.ArrayLike) -> Floats:
    top, under = np.asarray(part, np.float64), np.asarray(whole, np.float64)
    return np.divide(top, under, out=np.zeros_like(top), where=under > 0)
