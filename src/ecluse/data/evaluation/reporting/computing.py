"""Figures that follow from stored counts: computed alike by who makes a report and who verifies it.

Nothing here sees a case. What a reader cannot compute from the tables is in `attesting`.

Sources: those of `accuracy`, `utility`, `drift`. The bounds of an area from a curve known at some
points are those of its steps: every curve through the points lies between them.
"""

import itertools
import math
from collections.abc import Iterable, Iterator
from typing import Final

from ecluse.data.evaluation import accuracy
from ecluse.data.evaluation.accuracy import TwoByTwo
from ecluse.data.evaluation.drift import stability_of_counts
from ecluse.data.evaluation.fairness import LEAST_EVENTS
from ecluse.data.evaluation.intervals import Estimate, Interval, on_log
from ecluse.data.evaluation.proportions import proportion
from ecluse.domain.errors import InvalidInput
from ecluse.domain.evaluations.counts import ALL, LifeTable, ScoreTable, write
from ecluse.domain.evaluations.judging import RATIO_MEASURE, STABILITY
from ecluse.domain.evaluations.parts import Sampling
from ecluse.domain.evaluations.protocols import Protocol
from ecluse.domain.evaluations.reports import Basis, Figure

THINNED: Final = "auroc-of-steps"
STEP_ERROR: Final = "calibration-error-of-steps"
NO_INTERVAL: Final = "no interval"


def compute(
    tables: Iterable[ScoreTable],
    windows: Iterable[ScoreTable],
    lives: Iterable[LifeTable],
    *,
    protocol: Protocol,
) -> tuple[Figure, ...]:
    """Return every figure that the counts of a report give, each once, in a fixed order.

    Where cases come in clusters, shares have no interval here: it needs the cases.
    """
    found: list[Figure] = []
    for table in tables:
        found += _of_table(table, protocol)
    found += _of_windows(tuple(windows))
    for life in lives:
        found += _of_life(life)
    return tuple(found)


def figure(
    found: tuple[str, str, str], estimate: Estimate, *, basis: Basis, has_interval: bool = True
) -> Figure:
    """Return an estimate of (measure, group, place) as a report states it."""
    interval = estimate.interval
    ends = (write(interval.low), write(interval.high)) if has_interval else ("", "")
    method = interval.method if has_interval else NO_INTERVAL
    return Figure(*found, write(estimate.value), *ends, method, f"{interval.level:g}", basis)


def bare(measure: str, group: str, at: str, value: float, method: str) -> Figure:
    """Return a figure from counts that has no interval."""
    return Figure(measure, group, at, write(value), "", "", method, "", Basis.COUNTS)


def is_evaluable(group: str, sizes: tuple[int, int], protocol: Protocol) -> bool:
    """Tell whether a group has enough with the outcome, enough without, and enough in all.

    The whole needs one of each; a subgroup what the core asks, and the floor of its protocol.
    """
    if group == ALL:
        return min(sizes) > 0
    column = group.partition("=")[0]
    floors = [one.least_cases for one in protocol.subgroups if one.column == column]
    return min(sizes) >= LEAST_EVENTS and sum(sizes) >= max(floors, default=0)


def _of_table(table: ScoreTable, protocol: Protocol) -> Iterator[Figure]:
    group = table.group
    if not is_evaluable(group, (table.events, table.others), protocol):
        return
    if is_natural(protocol):
        whole = TwoByTwo(table.events, 0, 0, table.others)
        yield from _share(("prevalence", group, ""), accuracy.prevalence(whole), protocol)
    for threshold in protocol.index_test.thresholds:
        if threshold.value in table.edges:
            yield from _at_threshold(table, threshold.value, protocol)
    yield from _calibration(table)
    if group == ALL:
        yield from _benefit(table, protocol)
        yield _area(table)


def shares(table: TwoByTwo) -> dict[str, tuple[int, int]]:
    """Return (successes, trials) of every share of a 2x2 table that its design allows."""
    hits, alarms = table.true_positives, table.false_positives
    missed, left = table.false_negatives, table.true_negatives
    found = {"sensitivity": (hits, hits + missed), "specificity": (left, left + alarms)}
    if table.design == "cross-sectional":
        found |= {
            "ppv": (hits, hits + alarms),
            "npv": (left, left + missed),
            "accuracy": (hits + left, table.total),
        }
    return {name: pair for name, pair in found.items() if pair[1]}


def method_of(protocol: Protocol, measure: str) -> str:
    """Return the method of interval that a protocol asks for a measure, empty where it is free."""
    asked = (metric.method for metric in protocol.metrics.all if metric.measure == measure)
    return next(asked, "")


def _at_threshold(table: ScoreTable, at: str, protocol: Protocol) -> Iterator[Figure]:
    design: accuracy.Design = "cross-sectional" if is_natural(protocol) else "case-control"
    found = TwoByTwo(*table.at(at), design)
    for name, pair in shares(found).items():
        is_exact = method_of(protocol, name) == "clopper-pearson"
        estimate = proportion(*pair, safety_claim=is_exact)
        yield from _share((name, table.group, at), estimate, protocol)
    if table.group == ALL:
        yield from _ratios(found, at, protocol)
        yield from _at_target(found, at, protocol)


def _share(place: tuple[str, str, str], estimate: Estimate, protocol: Protocol) -> Iterator[Figure]:
    alone = not protocol.population.cluster
    yield figure(place, estimate, basis=Basis.COUNTS, has_interval=alone)


def _ratios(found: TwoByTwo, at: str, protocol: Protocol) -> Iterator[Figure]:
    hits = 2 * found.true_positives
    if hits:
        value = hits / (hits + found.false_positives + found.false_negatives)
        yield bare("f1", ALL, at, value, "counts")
    for name, make in (
        ("positive-likelihood-ratio", accuracy.positive_likelihood_ratio),
        ("negative-likelihood-ratio", accuracy.negative_likelihood_ratio),
        ("odds-ratio", accuracy.diagnostic_odds_ratio),
    ):
        ratio = make(found)
        method = f"{ratio.interval.method}, 0.5 added" if ratio.corrected else ratio.interval.method
        interval = Interval(ratio.interval.low, ratio.interval.high, method, ratio.interval.level)
        yield from _share((name, ALL, at), Estimate(ratio.value, interval), protocol)


def _at_target(found: TwoByTwo, at: str, protocol: Protocol) -> Iterator[Figure]:
    is_delta = method_of(protocol, "ppv-at-target") == "delta"
    scale: accuracy.Scale = "delta" if is_delta else "logit"
    for prevalence in prevalences(protocol):
        try:
            pair = accuracy.predictive_values_at(found, float(prevalence), scale=scale)
        except InvalidInput:
            continue  # Sensitivity or specificity is 0 or 1: no standard error exists.
        place = f"{at}|{prevalence}"
        for name, estimate in zip(("ppv-at-target", "npv-at-target"), pair, strict=True):
            yield from _share((name, ALL, place), estimate, protocol)


def prevalences(protocol: Protocol) -> tuple[str, ...]:
    """Return the prevalences at which a protocol asks for predictive values, each once."""
    asked = (metric.prevalence for metric in protocol.metrics.all)
    return tuple(dict.fromkeys(value for value in asked if value))


def _calibration(table: ScoreTable) -> Iterator[Figure]:
    expected, events = table.expected(), sum(table.cases)
    answered = events + sum(table.controls)
    if not expected or not events:
        return
    error = math.sqrt((1.0 - events / answered) / events)
    ratio = events / expected
    estimate = Estimate(ratio, on_log(ratio, error, method="log"), error)
    yield figure((RATIO_MEASURE, table.group, ""), estimate, basis=Basis.COUNTS)
    if table.edges:
        yield _step_error(table, answered)


def _step_error(table: ScoreTable, answered: int) -> Figure:
    steps = zip(table.cases, table.controls, table.means, strict=True)
    gaps = [abs(ill - (ill + well) * float(mean)) for ill, well, mean in steps]
    method = f"steps, {len(gaps)}"
    return bare(STEP_ERROR, table.group, "", sum(gaps) / answered, method)


def _benefit(table: ScoreTable, protocol: Protocol) -> Iterator[Figure]:
    if protocol.utility is None or not table.means or not is_natural(protocol):
        return
    low, high = float(protocol.utility.low), float(protocol.utility.high)
    share = table.events / table.persons
    for edge in table.edges:
        at = float(edge)
        if not low <= at <= high:
            continue
        hits, _, alarms, _ = table.at(edge)
        odds = at / (1.0 - at)
        value = (hits - alarms * odds) / table.persons
        yield bare("net-benefit", ALL, edge, value, "counts")
        yield bare("net-benefit-of-all", ALL, edge, share - (1.0 - share) * odds, "counts")


def curve(table: ScoreTable) -> tuple[tuple[float, float], ...]:
    """Return the points of the ROC curve that a table knows: false then true positive rates."""
    found = [(0.0, 0.0)]
    for edge in reversed(table.edges):
        hits, _, alarms, _ = table.at(edge)
        found.append((alarms / table.others, hits / table.events))
    return (*found, (1.0, 1.0))


def _area(table: ScoreTable) -> Figure:
    """Return the area by trapezes; its ends are the bounds of every curve through the points.

    Failures rank at the wrong end: a failed case under all, a failed control over all.
    """
    points = curve(table)
    area = slack = 0.0
    for (x, y), (next_x, next_y) in itertools.pairwise(points):
        area += (next_x - x) * (y + next_y) / 2.0
        slack += (next_x - x) * (next_y - y) / 2.0
    bounds = Interval(area - slack, area + slack, "bounds of the steps", 1.0)
    return figure((THINNED, ALL, ""), Estimate(area, bounds), basis=Basis.COUNTS)


def _of_windows(windows: tuple[ScoreTable, ...]) -> Iterator[Figure]:
    for rank, window in enumerate(windows):
        yield from _window_calibration(window)
        if rank and window.edges and window.edges == windows[0].edges:
            counts = [
                [ill + well for ill, well in zip(one.cases, one.controls, strict=True)]
                for one in (windows[0], window)
            ]
            value, told = stability_of_counts(*counts), f"against {windows[0].group}"
            yield bare(STABILITY, window.group, "", value, told)


def _window_calibration(window: ScoreTable) -> Iterator[Figure]:
    for found in _calibration(window):
        if found.measure == RATIO_MEASURE:
            yield Figure(
                "observed-expected-over-time",
                window.group,
                *(found.at, found.value, found.low, found.high, found.method),
                *(found.level, found.basis),
            )


def _of_life(life: LifeTable) -> Iterator[Figure]:
    """Give the share with the event by the end of each step: actuarial, other events competing."""
    at_risk = sum(step.events + step.competing + step.censored for step in life.steps)
    free, incidence = 1.0, 0.0
    for step in life.steps:
        exposed = at_risk - step.censored / 2.0
        if exposed <= 0:
            return
        incidence += free * step.events / exposed
        free *= 1.0 - (step.events + step.competing) / exposed
        at_risk -= step.events + step.competing + step.censored
        yield bare("incidence", life.group, step.until, incidence, "actuarial")


def is_natural(protocol: Protocol) -> bool:
    """Tell whether the share of the ill is that of a population, not one that was chosen."""
    return protocol.population.sampling is not Sampling.CASE_CONTROL
