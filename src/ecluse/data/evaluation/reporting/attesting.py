"""Figures that need the cases: areas, calibration fitted case by case, whatever is drawn again.

Whoever makes the report vouches for these. Each bootstrap figure leaves the quantiles of its
replicates, and `verifying` checks it against what the counts allow.

A case that the system failed counts as wrong: a failed case ranks under all others with a risk of
0, a failed control over all with a risk of 1. Calibration is of the cases that have a prediction.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ecluse.data.evaluation import calibration, discrimination, precision_recall
from ecluse.data.evaluation.arrays import Bools, Floats
from ecluse.data.evaluation.bootstrap import Method, Plan, bootstrap, by_rows
from ecluse.data.evaluation.bootstrap import Replicates as Drawn
from ecluse.data.evaluation.intervals import Estimate, Interval
from ecluse.data.evaluation.reporting.computing import figure, method_of
from ecluse.data.evaluation.reporting.steps import Cases
from ecluse.domain.errors import InvalidInput
from ecluse.domain.evaluations.counts import ALL, write
from ecluse.domain.evaluations.measures import RESAMPLED
from ecluse.domain.evaluations.protocols import Protocol
from ecluse.domain.evaluations.reports import QUANTILES, Basis, Figure, Replicates, Withheld

BOUND: Final = 1e-6
"""How near to 0 or 1 a risk may come before it is moved there: its logit must exist."""
Place = tuple[str, str, str]
"""A measure, its group, and where it is taken."""
Weighed = Callable[[Floats], float]
"""A measure of all cases, from how often each was drawn."""
Told = Iterator[tuple[Place, Estimate, Drawn | None]]
"""An estimate of a place, with its replicates where it was drawn."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Cases with what cuts and groups them: one value a case in every column.

    `clusters` is None where cases are independent. `perturbed` holds the scores of the same cases
    under each perturbation, by its name.
    """

    cases: Cases
    clusters: npt.NDArray[np.generic] | None
    groups: Mapping[str, npt.NDArray[np.generic]]
    perturbed: Mapping[str, Floats]

    @property
    def units(self) -> npt.NDArray[np.generic]:
        """What is drawn whole: the clusters, or each case."""
        return np.arange(self.cases.outcomes.size) if self.clusters is None else self.clusters


@dataclass(frozen=True, slots=True)
class Attested:
    """Figures with the replicates of those that were drawn, and what could not be told."""

    figures: tuple[Figure, ...]
    replicates: tuple[Replicates, ...] = ()
    withheld: tuple[Withheld, ...] = ()


def plan_of(protocol: Protocol, measure: str = "") -> Plan:
    """Return the plan of draws that a protocol fixed; percentile where it asks it of a measure."""
    method: Method = "percentile" if method_of(protocol, measure) == "percentile" else "bca"
    return Plan(protocol.analysis.seed, protocol.analysis.draws, method=method, threads=2)


def filled(cases: Cases, scores: Floats | None = None) -> Floats:
    """Return scores with failures at the wrong end."""
    marks = cases.scores if scores is None else scores
    lost = np.isnan(marks)
    known = marks[~lost]
    ends = (0.0, 1.0) if cases.are_risks else (float(known.min()) - 1.0, float(known.max()) + 1.0)
    return np.where(lost, np.where(cases.outcomes, *ends), marks)


def attest(sample: Sample, protocol: Protocol) -> Attested:
    """Return the figures of the whole sample that need its cases."""
    figures: list[Figure] = []
    replicates: list[Replicates] = []
    withheld: list[Withheld] = []
    steps: list[Callable[[Sample, Protocol], Told]] = [_areas, _precision]
    if sample.cases.are_risks:
        steps += [_brier, _calibration, _smooth]
    for step in steps:
        try:
            for place, estimate, drawn in step(sample, protocol):
                figures.append(figure(place, estimate, basis=Basis.ATTESTED))
                if drawn is not None:
                    replicates.append(summarise(place, drawn, 0))
        except InvalidInput as error:
            withheld.append(Withheld(step.__name__.strip("_"), without_numbers(str(error))))
    figures = [_without_interval(one) for one in figures]
    return Attested(tuple(figures), tuple(replicates), tuple(withheld))


def without_numbers(message: str) -> str:
    """Return a message without its numbers: they may count fewer persons than may be told."""
    return re.sub(r"[0-9]+(?:[.,][0-9]+)?", "…", message)


def summarise(place: Place, drawn: Drawn, index: int) -> Replicates:
    """Return the quantiles of the replicates of a figure."""
    column = drawn.draws[:, index]
    kept = column[np.isfinite(column)]
    ranks = [float(rank) for rank in QUANTILES]
    found = tuple(write(float(value)) for value in np.quantile(kept, ranks))
    return Replicates(*place, drawn.plan.seed, drawn.plan.draws, found)


def _areas(sample: Sample, protocol: Protocol) -> Told:
    truth, marks = sample.cases.outcomes, filled(sample.cases)
    place = ("auroc", ALL, "")
    if method_of(protocol, "auroc") in RESAMPLED:
        yield _drawn(place, sample, protocol, Area(truth, marks))
    elif sample.clusters is None:
        yield place, discrimination.auroc(truth, marks), None
    else:
        yield place, discrimination.clustered_auroc(truth, marks, sample.clusters), None


def _precision(sample: Sample, protocol: Protocol) -> Told:
    truth, marks = sample.cases.outcomes, filled(sample.cases)
    place = ("auprc", ALL, "")
    if sample.clusters is None and method_of(protocol, "auprc") not in RESAMPLED:
        yield place, precision_recall.auprc(truth, marks), None
    else:
        ranking = precision_recall.Ranking(truth, marks)
        yield _drawn(place, sample, protocol, ranking.average_precision)


def _brier(sample: Sample, protocol: Protocol) -> Told:
    truth, marks = sample.cases.outcomes, filled(sample.cases)
    place = ("brier", ALL, "")
    if sample.clusters is None and method_of(protocol, "brier") not in RESAMPLED:
        yield place, calibration.brier(truth, marks), None
    else:
        squares = (marks - truth) ** 2
        yield _drawn(place, sample, protocol, lambda w: float(w @ squares / w.sum()))


def _calibration(sample: Sample, _: Protocol) -> Told:
    rows = sample.cases.answered
    truth = sample.cases.outcomes[rows]
    risks = np.clip(sample.cases.scores[rows], BOUND, 1.0 - BOUND)
    clusters = None if sample.clusters is None else sample.clusters[rows]
    found = calibration.weak_calibration(truth, risks, clusters=clusters)
    yield ("calibration-intercept", ALL, ""), found.in_the_large, None
    yield ("calibration-slope", ALL, ""), found.slope, None


def _smooth(sample: Sample, protocol: Protocol) -> Told:
    rows = sample.cases.answered
    truth, risks = sample.cases.outcomes[rows], sample.cases.scores[rows]
    found = calibration.smooth_errors(truth, risks)
    if method_of(protocol, "ici") in RESAMPLED:
        measure = by_rows(lambda y, p: calibration.smooth_errors(y, p).ici, truth, risks)
        drawn = bootstrap(measure, sample.units[rows], plan=plan_of(protocol, "ici"))
        yield ("ici", ALL, ""), drawn.estimate(0), drawn
    else:
        yield ("ici", ALL, ""), _plain(found.ici, found.smoother), None
    yield ("e50", ALL, ""), _plain(found.e50, found.smoother), None
    yield ("e90", ALL, ""), _plain(found.e90, found.smoother), None


def _plain(value: float, method: str) -> Estimate:
    """Return an estimate whose ends, being itself, say that no interval was computed."""
    return Estimate(value, Interval(value, value, method, 0.0))


def _without_interval(found: Figure) -> Figure:
    if found.level != "0":
        return found
    place = (found.measure, found.group, found.at)
    return Figure(*place, found.value, "", "", found.method, "", found.basis)


class Area:
    """The area under the curve of weighted cases, sorted once for any number of weights."""

    def __init__(self, truth: Bools, marks: Floats) -> None:
        """Sort."""
        self._order = np.argsort(marks, kind="stable")
        self._ill = truth[self._order].astype(np.float64)
        ranked = marks[self._order]
        self._starts = np.flatnonzero(np.append(True, ranked[1:] != ranked[:-1]))

    def __call__(self, weights: Floats) -> float:
        """Return the area; NaN where no case or no control was drawn."""
        drawn = weights[self._order]
        cases = np.add.reduceat(drawn * self._ill, self._starts)
        controls = np.add.reduceat(drawn * (1.0 - self._ill), self._starts)
        under = np.cumsum(controls) - controls / 2.0
        total = float(cases.sum() * controls.sum())
        return float(cases @ under) / total if total else float("nan")


def _drawn(
    place: Place, sample: Sample, protocol: Protocol, measure: Weighed
) -> tuple[Place, Estimate, Drawn]:
    def statistic(weights: Floats) -> Floats:
        return np.array([measure(weights)])

    drawn = bootstrap(statistic, sample.units, plan=plan_of(protocol, place[0]))
    return place, drawn.estimate(0), drawn
