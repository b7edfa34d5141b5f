"""Intervals that need the cases: measures of labels drawn again, and losses under perturbation.

Whole cases are drawn, or whole clusters: never labels or spans of one text apart from each other.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ecluse.data.evaluation.arrays import Floats
from ecluse.data.evaluation.bootstrap import Replicates as Drawn
from ecluse.data.evaluation.bootstrap import bootstrap
from ecluse.data.evaluation.intervals import Estimate
from ecluse.data.evaluation.reporting.attesting import (
    Attested,
    plan_of,
    summarise,
    without_numbers,
)
from ecluse.data.evaluation.reporting.computing import figure, method_of
from ecluse.data.evaluation.reporting.labelled.figures import HALF, SHARES, is_evaluable, measures
from ecluse.data.evaluation.reporting.labelled.samples import Labelled, paired, stacked
from ecluse.data.evaluation.reporting.labelled.tables import Told, groups_of
from ecluse.domain.errors import InvalidInput
from ecluse.domain.evaluations.counts import ALL, write
from ecluse.domain.evaluations.judging import place_of_primary
from ecluse.domain.evaluations.labelled import CELLS, OTHERS, LabelTable
from ecluse.domain.evaluations.measures import RESAMPLED, OutcomeKind
from ecluse.domain.evaluations.protocols import Protocol
from ecluse.domain.evaluations.reports import Basis, Figure, Loss, Replicates, Withheld

Place = tuple[str, str, str]


def attest(told: Told, protocol: Protocol) -> Attested:
    """Return the figures of told tables that are drawn, with their replicates."""
    sample = told.sample
    tables = [one for one in told.tables if _has_labels(one, sample, protocol)]
    masks = {name: mask for part in groups_of(sample).values() for name, mask in part.items()}
    masks[ALL] = np.ones(sample.size, bool)
    wanted = [place for one in tables for place in _wanted(one, sample, protocol)]
    counts = stacked(sample.counts, [masks[one.group] for one in tables])
    shape = (len(tables), len(sample.labels), len(CELLS))
    ranks = {one.group: rank for rank, one in enumerate(tables)}

    def statistic(weights: Floats) -> Floats:
        sums = np.asarray(weights @ counts).reshape(shape)
        return np.array([
            measure_of(name, sums[ranks[group]][_lines(sample, name, label)])
            for name, group, label in wanted
        ])  # fmt: skip

    # One set of draws for all: by the method that the primary measure asks for.
    plan = plan_of(protocol, place_of_primary(protocol)[0])
    return _stated(bootstrap(statistic, sample.units, plan=plan), wanted)


def measure_of(name: str, sums: Floats) -> float:
    """Return a measure of sums, a row a label: the same arithmetic as that of `figures`."""
    right, part, missed, spurious = sums.T
    half = HALF if name.endswith("-partial") else 0.0
    hits, true, said = right + half * part, right + part + missed, right + part + spurious
    with np.errstate(invalid="ignore", divide="ignore"):
        if name == "macro-f1":
            return float(np.mean(2 * hits / (true + said)))
        if name in ("kappa", "mcc"):
            return _agreement(name, right, true, said)
        top, under = _shares(name.removesuffix("-partial"), hits, true, said)
        return float(np.divide(top, under))


def _shares(name: str, hits: Floats, true: Floats, said: Floats) -> tuple[Any, Any]:
    if name.endswith("precision"):
        return hits.sum(), said.sum()
    if name.endswith("f1"):
        return 2 * hits.sum(), true.sum() + said.sum()
    return hits.sum(), true.sum()


def _agreement(name: str, right: Floats, true: Floats, said: Floats) -> float:
    cases, both = true.sum(), true @ said
    top = right.sum() * cases - both
    if name == "kappa":
        return float(top / (cases**2 - both))
    silent = cases - said.sum()
    under = (cases**2 - true @ true) * (cases**2 - said @ said - silent**2)
    return float(top / np.sqrt(under))


def _has_labels(table: LabelTable, sample: Labelled, protocol: Protocol) -> bool:
    return len(table.lines) == len(sample.labels) and is_evaluable(table, protocol)


def _wanted(table: LabelTable, sample: Labelled, protocol: Protocol) -> list[Place]:
    found = []
    for name, label in measures(table, sample.kind):
        is_share = sample.kind is OutcomeKind.CLASSES and name in SHARES
        drawn = sample.clusters is not None or method_of(protocol, name) in RESAMPLED
        if drawn or not is_share:
            found.append((name, table.group, label))
    return found


def _lines(sample: Labelled, name: str, label: str) -> slice:
    """Return the lines that a measure is of: its label, those of one label each, or all."""
    if label:
        rank = sample.labels.index(label)
        return slice(rank, rank + 1)
    # What stands for several labels is the last line, and has no F1 of its own to be averaged.
    return slice(-1 if name == "macro-f1" and sample.labels[-1] == OTHERS else None)


def _stated(drawn: Drawn, places: Sequence[Place]) -> Attested:
    figures: list[Figure] = []
    replicates: list[Replicates] = []
    withheld: list[Withheld] = []
    for index, place in enumerate(places):
        try:
            estimate = drawn.estimate(index)
        except InvalidInput as error:
            of = " ".join(filter(None, place))
            withheld.append(Withheld(f"interval: {of}", without_numbers(str(error))))
            continue
        figures.append(figure(place, estimate, basis=Basis.ATTESTED))
        replicates.append(summarise(place, drawn, index))
    return Attested(tuple(figures), tuple(replicates), tuple(withheld))


def losses(told: Told, protocol: Protocol) -> tuple[Loss, ...]:
    """Return what each perturbation cost in the primary measure, drawn in pairs."""
    name, _ = place_of_primary(protocol)
    sample = told.sample
    tolerated = {one.kind.value: one.tolerated_loss for one in protocol.robustness}
    found = []
    for kind, counts in sample.perturbed.items():
        sides, estimate = _loss(name, sample, counts, protocol)
        ends = estimate.interval
        found.append(
            Loss(
                perturbation=kind,
                measure=name,
                clean=write(sides[0]),
                perturbed=write(sides[1]),
                value=write(estimate.value),
                low=write(ends.low),
                high=write(ends.high),
                tolerated=tolerated[kind],
                method=ends.method,
            )
        )
    return tuple(found)


def _loss(
    name: str, sample: Labelled, perturbed: Any, protocol: Protocol
) -> tuple[tuple[float, float], Estimate]:
    both, lines = paired(sample.counts, perturbed), _lines(sample, name, "")
    shape = (2, len(sample.labels), len(CELLS))

    def statistic(weights: Floats) -> Floats:
        clean, damaged = (
            measure_of(name, one[lines]) for one in np.asarray(weights @ both).reshape(shape)
        )
        return np.array([clean - damaged, clean, damaged])

    drawn = bootstrap(statistic, sample.units, plan=plan_of(protocol, name))
    return (float(drawn.values[1]), float(drawn.values[2])), drawn.estimate(0)
