"""What the figures of a report say of its protocol: each claim met, not met, or not decided.

One rule everywhere: a claim is met where the whole interval lies on its good side, not met where
the whole interval lies on the other, and not decided in between. A figure without an interval
decides nothing by itself.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from ecluse.domain.evaluations.counts import ALL
from ecluse.domain.evaluations.measures import Direction
from ecluse.domain.evaluations.protocols import Protocol
from ecluse.domain.evaluations.reports import (
    EvaluationReport,
    Figure,
    Finding,
    Loss,
    Outcome,
    Subject,
)

RATIO: Final = (Decimal("0.8"), Decimal("1.25"))
"""Observed over expected that nobody would act on: a choice of this project, said in reports."""
MODERATE, LARGE = Decimal("0.1"), Decimal("0.25")
"""Stability index: watch, act. Convention of credit scoring, taken over by monitoring."""
STABILITY: Final = "stability-index"
RATIO_MEASURE: Final = "observed-expected"
SLOPE: Final = "calibration-slope"

Ends = tuple[Decimal | None, Decimal | None]


def judge(report: EvaluationReport, protocol: Protocol) -> tuple[Finding, ...]:
    """Return what the figures of a report say of each claim of its protocol, in a fixed order."""
    return (
        _primary(report, protocol),
        *_calibration(report, protocol),
        *_subgroups(report, protocol),
        *(_robustness(loss) for loss in report.losses),
        *_drift(report),
        _sample_size(report, protocol),
        *_privacy(report),
    )


def place_of_primary(protocol: Protocol) -> tuple[str, str]:
    """Return the measure of the primary claim, and where it is taken: threshold, prevalence."""
    metric = protocol.metrics.primary.metric
    return metric.measure, place_of(protocol, metric.threshold, metric.prevalence)


def place_of(protocol: Protocol, threshold: str, prevalence: str = "") -> str:
    """Return how figures name the place of a measure: the threshold's value, the prevalence."""
    value = protocol.index_test.threshold(threshold).value if threshold else ""
    return f"{value}|{prevalence}" if prevalence else value


def decide(figure: Figure, ends: Ends) -> Outcome:
    """Return whether the interval of a figure lies in a range, out of it, or across its ends."""
    least, most = ends
    if not figure.low:
        return Outcome.INCONCLUSIVE
    low, high = Decimal(figure.low), Decimal(figure.high)
    if (least is not None and high < least) or (most is not None and low > most):
        return Outcome.NOT_MET
    if (least is None or low >= least) and (most is None or high <= most):
        return Outcome.MET
    return Outcome.INCONCLUSIVE


def _finding(subject: Subject, of: str, figure: Figure | None, ends: Ends) -> Finding:
    if figure is None:
        return Finding(subject, of, Outcome.NOT_EVALUABLE, asked=_asked(ends))
    told = (figure.value, figure.low, figure.high)
    return Finding(subject, of, decide(figure, ends), *told, _asked(ends))


def _asked(ends: Ends) -> str:
    least, most = ends
    if least is not None and most is not None:
        return f"{least}-{most}"
    return f">= {least}" if least is not None else f"<= {most}"


def _claimed(protocol: Protocol) -> Ends:
    value = Decimal(protocol.metrics.primary.acceptable)
    at_least = protocol.metrics.primary.direction is Direction.AT_LEAST
    return (value, None) if at_least else (None, value)


def _primary(report: EvaluationReport, protocol: Protocol) -> Finding:
    measure, at = place_of_primary(protocol)
    return _finding(Subject.PRIMARY, measure, report.figure(measure, ALL, at), _claimed(protocol))


def _calibration(report: EvaluationReport, protocol: Protocol) -> Iterator[Finding]:
    asked = protocol.calibration
    if asked.slope_low:
        ends = (Decimal(asked.slope_low), Decimal(asked.slope_high))
        yield _finding(Subject.CALIBRATION, SLOPE, report.figure(SLOPE), ends)
    if RATIO_MEASURE in asked.measures:
        found = report.figure(RATIO_MEASURE)
        yield _finding(Subject.CALIBRATION, RATIO_MEASURE, found, RATIO)


def _subgroups(report: EvaluationReport, protocol: Protocol) -> Iterator[Finding]:
    measure, at = place_of_primary(protocol)
    told = [one.group for one in report.tables] + [one.group for one in report.labels]
    groups = dict.fromkeys([*told, *(held.what for held in report.withheld)])
    columns = {one.column for one in protocol.subgroups}
    for group in groups:
        if group.partition("=")[0] not in columns:
            continue
        yield _finding(
            Subject.SUBGROUP, group, report.figure(measure, group, at), _claimed(protocol)
        )
        ratio = report.figure(RATIO_MEASURE, group)
        if ratio is not None and RATIO_MEASURE in protocol.calibration.measures:
            yield _finding(Subject.CALIBRATION, group, ratio, RATIO)


def _robustness(loss: Loss) -> Finding:
    told = (loss.value, loss.low, loss.high, f"<= {loss.tolerated}")
    most = Decimal(loss.tolerated)
    outcome = Outcome.INCONCLUSIVE
    if Decimal(loss.high) <= most:
        outcome = Outcome.MET
    elif Decimal(loss.low) > most:
        outcome = Outcome.NOT_MET
    return Finding(Subject.ROBUSTNESS, loss.perturbation, outcome, *told)


def _drift(report: EvaluationReport) -> Iterator[Finding]:
    for figure in report.figures:
        if figure.measure != STABILITY:
            continue
        value, outcome = Decimal(figure.value), Outcome.INCONCLUSIVE
        if value > LARGE:
            outcome = Outcome.NOT_MET
        elif value <= MODERATE:
            outcome = Outcome.MET
        told = (figure.value, "", "", f"<= {MODERATE}")
        yield Finding(Subject.DRIFT, figure.group, outcome, *told)


def _sample_size(report: EvaluationReport, protocol: Protocol) -> Finding:
    lacking = protocol.sample_size.lacking(report.run.cases)
    outcome = Outcome.NOT_MET if lacking else Outcome.MET
    of, needed = ", ".join(lacking) or "all", protocol.sample_size.needed
    return Finding(Subject.SAMPLE_SIZE, of, outcome, str(report.run.cases), asked=f">= {needed}")


def _privacy(report: EvaluationReport) -> Iterator[Finding]:
    outcomes = {"pass": Outcome.MET, "refuse": Outcome.NOT_MET}
    for one in report.privacy:
        outcome = outcomes.get(one.verdict, Outcome.INCONCLUSIVE)
        told = (one.value, one.low, one.high, one.limit)
        yield Finding(Subject.PRIVACY, one.attack, outcome, *told)
