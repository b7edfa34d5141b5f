"""What the counts of a report say of its figures: computed again, or held within their bounds."""

import itertools
from collections.abc import Iterator, Mapping
from typing import Final

from ecluse.data.evaluation.reporting.computing import compute, curve
from ecluse.data.evaluation.reporting.labelled import figures
from ecluse.domain.evaluations.counts import ALL, ScoreTable, too_small
from ecluse.domain.evaluations.judging import RATIO_MEASURE, judge
from ecluse.domain.evaluations.labelled import LabelTable
from ecluse.domain.evaluations.measures import MEASURES
from ecluse.domain.evaluations.protocols import Protocol
from ecluse.domain.evaluations.reports import (
    QUANTILES,
    Basis,
    EvaluationReport,
    Figure,
    Gap,
    Loss,
    Replicates,
)

SAME: Final = 2e-6
"""How far two spellings of one number may be: both are rounded to six decimals."""
CLEAR: Final = 0.02
"""How far from 1 a ratio must be before the sign of the intercept has to agree with it."""
RESAMPLED: Final = ("bca", "percentile")

Recomputed = Mapping[tuple[str, str, str], Figure]


def recompute(report: EvaluationReport, protocol: Protocol) -> Recomputed:
    """Return every figure that the counts of a report give, by its key."""
    found = compute(report.tables, report.windows, report.lives, protocol=protocol)
    of_labels = figures.compute(report.labels, protocol=protocol)
    return {figure.key: figure for figure in (*found, *of_labels)}


def check_counts(report: EvaluationReport, found: Recomputed) -> Iterator[str]:
    """Yield what differs between the figures stated and those that the counts give."""
    stated = {figure.key: figure for figure in report.figures}
    for key in found.keys() - stated.keys():
        yield f"{_name(found[key])} follows from the counts and is not stated"
    for key, figure in stated.items():
        again = found.get(key)
        if again is None:
            if figure.basis is Basis.COUNTS:
                yield f"{_name(figure)} does not follow from the counts"
        elif not _same(figure.value, again.value):
            yield f"{_name(figure)} is stated as {figure.value}, the counts give {again.value}"
        elif figure.basis is Basis.COUNTS and not _same_interval(figure, again):
            yield f"the interval of {_name(figure)} is not the one that the counts give"


def check_attested(report: EvaluationReport) -> Iterator[str]:
    """Yield what no cases can have given: limits out of order, values out of their bounds."""
    for figure in report.figures:
        if figure.basis is Basis.ATTESTED:
            yield from _check_limits(figure)
    yield from _check_areas(report)
    yield from _check_brier(report)
    yield from _check_intercept(report)
    for gap in report.gaps:
        yield from _check_gap(gap, report)
    for loss in report.losses:
        yield from _check_loss(loss, report)


def check_draws(report: EvaluationReport, protocol: Protocol) -> Iterator[str]:
    """Yield what is wrong with the replicates: another plan, quantiles that fall, no figure."""
    fixed = (protocol.analysis.seed, protocol.analysis.draws)
    if (report.seed, report.draws) != fixed:
        yield "the seed or the number of draws is not the protocol's"
    for one in report.replicates:
        if (one.seed, one.draws) != fixed:
            yield f"the draws of {one.measure} are not those of the protocol"
        yield from _check_quantiles(one, report)
    drawn = {(one.measure, one.group, one.at) for one in report.replicates}
    for figure in report.figures:
        if figure.method in RESAMPLED and figure.key not in drawn:
            yield f"{_name(figure)} is drawn and its replicates are not kept"


def check_disclosure(report: EvaluationReport, *, least: int) -> Iterator[str]:
    """Yield the tables that show a number of persons under `least`."""
    if report.least < least:
        yield f"the report lets out counts from {report.least}, the policy from {least}"
    for table in (*report.tables, *report.windows):
        counts = (*table.cases, *table.controls, *table.failed)
        if too_small(counts, least=max(least, report.least)):
            yield f"the table of {table.group} shows too few persons"
    for one in report.labels:
        yield from _check_labels(one, least=max(least, report.least))
    for life in report.lives:
        counts = tuple(
            count for step in life.steps for count in (step.events, step.competing, step.censored)
        )
        if too_small(counts, least=max(least, report.least)):
            yield f"the life table of {life.group} shows too few persons"


def _check_labels(table: LabelTable, *, least: int) -> Iterator[str]:
    counts = (count for line in table.lines for count in line.counts)
    if too_small((table.cases, *counts), least=least):
        yield f"the labels of {table.group} show too few persons"


def check_findings(report: EvaluationReport, protocol: Protocol) -> Iterator[str]:
    """Yield the findings that the figures and the protocol do not give."""
    for said, found in zip(report.findings, judge(report, protocol), strict=False):
        if said != found:
            yield f"{said.subject} of {said.of} is said {said.outcome}, it is {found.outcome}"
    if len(report.findings) != len(judge(report, protocol)):
        yield "findings are missing or added"


def _check_limits(figure: Figure) -> Iterator[str]:
    known = MEASURES.get(figure.measure)
    if known is not None:
        value = float(figure.value)
        if (known.low and value < float(known.low)) or (known.high and value > float(known.high)):
            yield f"{_name(figure)} is outside the values it can take"
    if not figure.low:
        return
    low, high = float(figure.low), float(figure.high)
    is_drawn = figure.method.startswith(RESAMPLED)
    if low > high or (not is_drawn and not low - SAME <= float(figure.value) <= high + SAME):
        yield f"the interval of {_name(figure)} is out of order"


def _check_areas(report: EvaluationReport) -> Iterator[str]:
    for table in report.tables:
        figure = report.figure("auroc", table.group)
        if figure is None or not table.events or not table.others:
            continue
        low, high = _area_bounds(table)
        if not low - SAME <= float(figure.value) <= high + SAME:
            yield f"{_name(figure)} is not between {low:.4f} and {high:.4f}, as its counts ask"


def _area_bounds(table: ScoreTable) -> tuple[float, float]:
    points = curve(table)
    low = high = 0.0
    for (x, y), (next_x, next_y) in itertools.pairwise(points):
        low += (next_x - x) * y
        high += (next_x - x) * next_y
    return low, high


def _check_brier(report: EvaluationReport) -> Iterator[str]:
    for table in report.tables:
        figure = report.figure("brier", table.group)
        if figure is None or not table.persons:
            continue
        low, high = _brier_bounds(table)
        if not low - SAME <= float(figure.value) <= high + SAME:
            yield f"{_name(figure)} is not between {low:.4f} and {high:.4f}, as its counts ask"


def _brier_bounds(table: ScoreTable) -> tuple[float, float]:
    """Return the least and the most that risks within their steps can give; failures give 1."""
    ends = [0.0, *(float(edge) for edge in table.edges), 1.0]
    low = high = float(sum(table.failed))
    for step, (ill, well) in enumerate(zip(table.cases, table.controls, strict=True)):
        start, end = ends[step], ends[step + 1]
        low += ill * (1.0 - end) ** 2 + well * start**2
        high += ill * (1.0 - start) ** 2 + well * end**2
    return low / table.persons, high / table.persons


def _check_intercept(report: EvaluationReport) -> Iterator[str]:
    ratio = report.figure(RATIO_MEASURE)
    intercept = report.figure("calibration-intercept")
    if ratio is None or intercept is None or abs(float(ratio.value) - 1.0) < CLEAR:
        return
    if (float(ratio.value) > 1.0) != (float(intercept.value) > 0.0):
        yield "the calibration intercept and observed over expected contradict each other"


def _check_gap(gap: Gap, report: EvaluationReport) -> Iterator[str]:
    name = f"the gap in {gap.measure} between {gap.first} and {gap.second}"
    sides = [
        next((f for f in report.figures if f.measure == gap.measure and f.group == group), None)
        for group in (gap.first, gap.second)
    ]
    if sides[0] is not None and sides[1] is not None:
        apart = float(sides[0].value) - float(sides[1].value)
        if abs(apart - float(gap.value)) > SAME:
            yield f"{name} is not that of its two groups"
    if not float(gap.low) <= float(gap.value) <= float(gap.high):
        yield f"the interval of {name} is out of order"


def _check_loss(loss: Loss, report: EvaluationReport) -> Iterator[str]:
    name = f"the loss under {loss.perturbation}"
    if abs(float(loss.clean) - float(loss.perturbed) - float(loss.value)) > SAME:
        yield f"{name} is not the difference of its two sides"
    if float(loss.low) > float(loss.high):
        yield f"the interval of {name} is out of order"
    whole = report.figure(loss.measure, ALL)
    if whole is not None and not _same(whole.value, loss.clean):
        yield f"{name} starts from another {loss.measure} than the report states"


def _check_quantiles(one: Replicates, report: EvaluationReport) -> Iterator[str]:
    values = [float(text) for text in one.quantiles]
    name = " ".join(filter(None, (one.measure, one.group, one.at)))
    if values != sorted(values):
        yield f"the quantiles of {name} fall"
    figure = report.figure(one.measure, one.group, one.at)
    if figure is None:
        yield f"the replicates of {name} belong to no figure"
        return
    if not figure.low:
        return
    by_rank = dict(zip(QUANTILES, values, strict=True))
    if figure.method == "percentile" and figure.level == "0.95":
        ends = (by_rank["0.025"], by_rank["0.975"])
        if max(abs(ends[0] - float(figure.low)), abs(ends[1] - float(figure.high))) > SAME:
            yield f"the interval of {name} is not that of its replicates"
    elif values[0] > float(figure.high) or float(figure.low) > values[-1]:
        yield f"the interval of {name} lies apart from its replicates"


def _name(figure: Figure) -> str:
    return " ".join(filter(None, (figure.measure, figure.group, figure.at)))


def _same(first: str, second: str) -> bool:
    return abs(float(first) - float(second)) <= SAME


def _same_interval(first: Figure, second: Figure) -> bool:
    if (first.method, first.level) != (second.method, second.level):
        return False
    if not first.low or not second.low:
        return first.low == second.low
    return _same(first.low, second.low) and _same(first.high, second.high)
