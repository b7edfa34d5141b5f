"""What is drawn again: measures at thresholds, subgroups and their gaps, losses under perturbation.

Measures at thresholds depend on counts of steps alone, so counts are drawn; where cases come in
clusters, whole clusters are.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from ecluse.data.evaluation import fairness, robustness
from ecluse.data.evaluation.arrays import Floats, Ints
from ecluse.data.evaluation.bootstrap import Replicates as Drawn
from ecluse.data.evaluation.bootstrap import bootstrap, bootstrap_counts
from ecluse.data.evaluation.reporting.attesting import (
    Area,
    Attested,
    Sample,
    filled,
    plan_of,
    summarise,
    without_numbers,
)
from ecluse.data.evaluation.reporting.computing import (
    figure,
    is_evaluable,
    is_natural,
    method_of,
    prevalences,
)
from ecluse.data.evaluation.subgroups import MEASURES, Group, Subgroups
from ecluse.domain.errors import InvalidInput
from ecluse.domain.evaluations.counts import ALL, write
from ecluse.domain.evaluations.judging import place_of_primary
from ecluse.domain.evaluations.measures import RESAMPLED
from ecluse.domain.evaluations.protocols import Protocol
from ecluse.domain.evaluations.reports import (
    Basis,
    Figure,
    Gap,
    Loss,
    Replicates,
    Withheld,
)

SHARES: Final = ("sensitivity", "specificity", "ppv", "npv", "accuracy", "f1")
Place = tuple[str, str, str]


def at_thresholds(sample: Sample, edges: Sequence[str], protocol: Protocol) -> Attested:
    """Return what the draws say at stated edges: net benefit, F1, and shares where asked or due.

    Shares are due where cases come in clusters: the interval of their counts would be too narrow.
    """
    wanted = list(_wanted(sample, edges, protocol))
    if not wanted:
        return Attested(())
    drawn = _draw(sample, edges, wanted, protocol)
    figures: list[Figure] = []
    replicates: list[Replicates] = []
    withheld: list[Withheld] = []
    for index, place in enumerate(wanted):
        try:
            estimate = drawn.estimate(index)
        except InvalidInput as error:
            withheld.append(Withheld(" ".join(filter(None, place)), without_numbers(str(error))))
            continue
        figures.append(figure(place, estimate, basis=Basis.ATTESTED))
        replicates.append(summarise(place, drawn, index))
    return Attested(tuple(figures), tuple(replicates), tuple(withheld))


def _wanted(sample: Sample, edges: Sequence[str], protocol: Protocol) -> Iterator[Place]:
    for threshold in protocol.index_test.thresholds:
        if threshold.value in edges:
            yield from _at(threshold.value, sample, protocol)
    if protocol.utility is not None and is_natural(protocol) and sample.cases.are_risks:
        low, high = float(protocol.utility.low), float(protocol.utility.high)
        yield from (("net-benefit", ALL, edge) for edge in edges if low <= float(edge) <= high)


def _at(threshold: str, sample: Sample, protocol: Protocol) -> Iterator[Place]:
    def is_due(name: str) -> bool:
        return sample.clusters is not None or method_of(protocol, name) in RESAMPLED

    for name in SHARES if is_natural(protocol) else SHARES[:2]:
        if is_due(name) or name == "f1":
            yield name, ALL, threshold
    for prevalence in prevalences(protocol):
        for name in ("ppv-at-target", "npv-at-target"):
            if is_due(name):
                yield name, ALL, f"{threshold}|{prevalence}"


def _draw(
    sample: Sample, edges: Sequence[str], places: Sequence[Place], protocol: Protocol
) -> Drawn:
    cuts = np.array([float(edge) for edge in edges])
    cells = cuts.size + 1
    truth = sample.cases.outcomes
    slots = np.searchsorted(cuts, filled(sample.cases), side="right") + cells * truth
    size = 2 * cells

    def measures(tables: Floats) -> Floats:
        return _at_edges(tables, edges, places)

    plan = plan_of(protocol)
    if sample.clusters is None:
        return bootstrap_counts(np.bincount(slots, minlength=size), measures, plan=plan)
    return bootstrap(
        lambda weights: measures(_tables(slots, weights, size))[0],
        sample.clusters,
        plan=plan,
    )


def _tables(slots: Ints, weights: Floats, size: int) -> Floats:
    return np.asarray(np.bincount(slots, weights, size), np.float64)[None, :]


def _at_edges(tables: Floats, edges: Sequence[str], places: Sequence[Place]) -> Floats:
    """Return draws x places from draws x (controls by step, then cases by step)."""
    controls, cases = np.split(np.asarray(tables, np.float64), 2, axis=1)
    columns = []
    for name, _, at in places:
        edge, _, prevalence = at.partition("|")
        cut = list(edges).index(edge) + 1
        hits, alarms = cases[:, cut:].sum(axis=1), controls[:, cut:].sum(axis=1)
        cells = (hits, cases.sum(axis=1) - hits, alarms, controls.sum(axis=1) - alarms)
        columns.append(_measure(name, cells, float(edge), float(prevalence or "nan")))
    return np.column_stack(columns)


def _measure(
    name: str, cells: tuple[Floats, Floats, Floats, Floats], edge: float, prevalence: float
) -> Floats:
    hits, missed, alarms, left = cells
    total = hits + missed + alarms + left
    with np.errstate(invalid="ignore", divide="ignore"):
        se, sp = hits / (hits + missed), left / (left + alarms)
        return np.asarray(
            {
                "sensitivity": se,
                "specificity": sp,
                "ppv": hits / (hits + alarms),
                "npv": left / (left + missed),
                "accuracy": (hits + left) / total,
                "f1": 2 * hits / (2 * hits + alarms + missed),
                "net-benefit": (hits - alarms * edge / (1.0 - edge)) / total,
                "ppv-at-target": _bayes(se, sp, prevalence),
                "npv-at-target": _bayes(sp, se, 1.0 - prevalence),
            }[name]
        )


def _bayes(own: Floats, other: Floats, prevalence: float) -> Floats:
    right = own * prevalence
    return np.asarray(right / (right + (1.0 - other) * (1.0 - prevalence)), np.float64)


def by_subgroup(
    sample: Sample, stated: frozenset[str], protocol: Protocol
) -> tuple[Attested, tuple[Gap, ...]]:
    """Return measures of the groups that may be stated, and the gaps inside each variable.

    `stated` names the groups whose counts at the threshold are stated: of the others no share is.
    """
    if not sample.groups:
        return Attested(()), ()
    measure, threshold = _compared(protocol)
    subgroups = Subgroups(
        sample.cases.outcomes,
        _as_risks(sample),
        variables=dict(sample.groups),
        threshold=float(threshold),
    )
    study = fairness.study(subgroups, sample.units, plan=plan_of(protocol))
    figures: list[Figure] = []
    replicates: list[Replicates] = []
    for index, group in enumerate(study.groups):
        name, sizes = _name(group), (group.events, group.cases - group.events)
        if name not in stated or not is_evaluable(name, sizes, protocol):
            continue
        for one in _measures(measure, sample, protocol):
            estimate = study.estimate(group, one)
            if estimate is None:
                continue
            place = (one, name, threshold if one in fairness.SHARES else "")
            figures.append(figure(place, estimate, basis=Basis.ATTESTED))
            column = index * len(MEASURES) + Subgroups.column(one)
            replicates.append(summarise(place, study.replicates, column))
    evaluated = frozenset(one.group for one in figures)
    gaps = tuple(
        gap for variable in sample.groups for gap in _gaps(study, variable, measure, evaluated)
    )
    return Attested(tuple(figures), tuple(replicates)), gaps


def _compared(protocol: Protocol) -> tuple[str, str]:
    """Return the measure that groups are compared by, and the threshold where shares are taken."""
    measure, at = place_of_primary(protocol)
    thresholds = [one.value for one in protocol.index_test.thresholds]
    inside = [value for value in thresholds if 0.0 < float(value) < 1.0]
    threshold = at if at in inside else next(iter(inside), "0.5")
    return (measure if measure in MEASURES and measure != "net-benefit" else "auroc"), threshold


def _measures(measure: str, sample: Sample, protocol: Protocol) -> tuple[str, ...]:
    wanted = ["auroc"]
    if sample.cases.are_risks:
        wanted.append("brier")
        if sample.clusters is not None:
            wanted += ["sensitivity", "specificity", *(["ppv"] if is_natural(protocol) else [])]
        if measure in fairness.SHARES and method_of(protocol, measure) in RESAMPLED:
            wanted.append(measure)
    return tuple(dict.fromkeys(wanted))


def _as_risks(sample: Sample) -> Floats:
    """Return risks; of other scores their ranks between 0 and 1, that have the same areas."""
    marks = filled(sample.cases)
    if sample.cases.are_risks:
        return marks
    return np.asarray((np.argsort(np.argsort(marks)) + 0.5) / marks.size, np.float64)


def _gaps(
    study: fairness.Study, variable: str, measure: str, stated: frozenset[str]
) -> Iterator[Gap]:
    try:
        found = study.gaps(variable, measure)
    except InvalidInput:
        return  # Fewer than two groups can be told: each is listed as not evaluable.
    for pair in found.pairs:
        names = [_name(pair.first), _name(pair.second)]
        if stated.issuperset(names):
            ends = pair.difference.interval
            told = (pair.difference.value, ends.low, ends.high, pair.p_value)
            value, low, high, p_value = (write(number) for number in told)
            first, second = names
            yield Gap(variable, measure, first, second, value, low, high, p_value, ends.method)


def _name(group: Group) -> str:
    return f"{group.variable}={group.label}"


def losses(sample: Sample, protocol: Protocol) -> tuple[Loss, ...]:
    """Return what each perturbation cost in the area under the curve, drawn in pairs."""
    tolerated = {one.kind.value: one.tolerated_loss for one in protocol.robustness}
    clean = filled(sample.cases)
    found = []
    for name, scores in sample.perturbed.items():
        perturbed = filled(sample.cases, scores)
        trial = robustness.Trial(
            name, sample.cases.outcomes, clean, perturbed, float(tolerated[name])
        )
        areas = {id(marks): Area(sample.cases.outcomes, marks) for marks in (clean, perturbed)}
        measured = robustness.loss(
            trial, _by_identity(areas), plan=plan_of(protocol), clusters=sample.clusters
        )
        ends = measured.loss.interval
        found.append(
            Loss(
                perturbation=name,
                measure="auroc",
                clean=write(measured.clean),
                perturbed=write(measured.perturbed),
                value=write(measured.loss.value),
                low=write(ends.low),
                high=write(ends.high),
                tolerated=tolerated[name],
                method=ends.method,
            )
        )
    return tuple(found)


def _by_identity(areas: dict[int, Area]) -> robustness.Measure:
    """Return the measure that takes what was sorted beforehand: the same arrays come back."""

    def area(_: Floats, marks: Floats, weights: Floats) -> float:
        return areas[id(marks)](weights)

    return area
