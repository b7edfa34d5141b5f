"""The six plots of a report, from its counts and figures; none where there is nothing to draw."""

from typing import Final

from ecluse.data.evaluation.reporting import drawing
from ecluse.data.evaluation.reporting.computing import curve
from ecluse.data.evaluation.reporting.drawing import Axis, Bar, Legend
from ecluse.data.evaluation.reporting.words import measure, text
from ecluse.domain.evaluations.counts import ALL, ScoreTable
from ecluse.domain.evaluations.judging import place_of_primary
from ecluse.domain.evaluations.protocols import Protocol
from ecluse.domain.evaluations.reports import EvaluationReport, Figure

OVER_TIME: Final = "observed-expected-over-time"
OF_ALL: Final = ("macro-f1", "micro-f1")
MOST_BARS: Final = 40
_ALL_F1: Final = {(name, ALL, "") for name in OF_ALL}
FRAME: Final = 1.1
"""How much longer than the largest value an axis is."""


def roc(report: EvaluationReport, language: str) -> str:
    """Return the ROC curve through the points that the counts know."""
    table = report.table()
    if table is None or not table.edges:
        return ""
    axes = (
        Axis(text("false-axis", language), 0, 1),
        Axis(text("sensitivity-axis", language), 0, 1),
    )
    diagonal = ((0.0, 0.0), (1.0, 1.0))
    return drawing.lines(_legend("roc", language), axes, curve(table), diagonal)


def calibration_points(table: ScoreTable) -> list[tuple[float, float, int]]:
    """Return mean predicted risk, observed frequency and persons of each step that has some."""
    steps = zip(table.means, table.cases, table.controls, strict=True) if table.means else ()
    return [
        (float(mean), ill / (ill + well), ill + well)
        for mean, ill, well in steps
        if mean and ill + well
    ]


def calibration(report: EvaluationReport, language: str) -> str:
    """Return observed frequencies against predicted risks, a point a step."""
    table = report.table()
    points = calibration_points(table) if table is not None else []
    if not points:
        return ""
    most = min(max(max(x, y) for x, y, _ in points) * FRAME, 1.0)
    axes = (
        Axis(text("predicted", language), 0, most, 2),
        Axis(text("observed", language), 0, most, 2),
    )
    found = [(x, y) for x, y, _ in points]
    return drawing.lines(_legend("calibration", language), axes, found, ((0, 0), (most, most)))


def decision(report: EvaluationReport, language: str) -> str:
    """Return net benefit at each threshold, of the system and of treating all."""
    model = _by_threshold(report, "net-benefit")
    everyone = _by_threshold(report, "net-benefit-of-all")
    if not model:
        return ""
    # Treating all falls without end: only what the system does sets the frame.
    low, high = (pick([0.0, *(y for _, y in model)]) for pick in (min, max))
    air = (high - low) * FRAME - (high - low) or 0.01
    axes = (
        Axis(text("threshold-axis", language), model[0][0], model[-1][0], 2),
        Axis(measure("net-benefit", language), low - air, high + air, 3),
    )
    shown = [(x, y) for x, y in everyone if axes[1].low <= y <= axes[1].high]
    return drawing.lines(_legend("decision", language), axes, model, shown)


def forest(report: EvaluationReport, protocol: Protocol, language: str) -> str:
    """Return the primary measure of each group with its interval, against the value asked."""
    name, at = place_of_primary(protocol)
    found = [one for one in report.figures if one.measure == name and one.at == at]
    bars = [_bar(one, "" if one.group == ALL else one.group) for one in found]
    if len(bars) < 2:  # noqa: PLR2004 - all, and one group at least
        return ""
    asked = float(protocol.metrics.primary.acceptable)
    return drawing.intervals(
        _legend("forest", language), drawing.span(bars, around=asked), bars, mark=asked
    )


def labels(report: EvaluationReport, language: str) -> str:
    """Return F1 of each label that has a line, the worst first, against that of all of them."""
    found = sorted(
        (one for one in report.figures if one.measure == "label-f1"),
        key=lambda one: (float(one.value), one.at),
    )
    bars = [_bar(one, one.at) for one in found[:MOST_BARS]]
    if not bars:
        return ""
    whole = next((float(one.value) for one in report.figures if one.key in _ALL_F1), None)
    around = bars[0].value if whole is None else whole
    return drawing.intervals(
        _legend("labels", language), drawing.span(bars, around=around), bars, mark=whole
    )


def over_time(report: EvaluationReport, language: str) -> str:
    """Return observed over expected of each period."""
    bars = [_bar(one, one.group) for one in report.figures if one.measure == OVER_TIME]
    if not bars:
        return ""
    return drawing.intervals(
        _legend("drift", language), drawing.span(bars, around=1.0), bars, mark=1.0
    )


def _legend(name: str, language: str) -> Legend:
    return Legend(name, text(f"{name}-title", language), text(f"{name}-desc", language))


def _bar(figure: Figure, label: str) -> Bar:
    ends = (float(figure.low), float(figure.high)) if figure.low else (None, None)
    return Bar(label or "·", float(figure.value), *ends)


def _by_threshold(report: EvaluationReport, name: str) -> list[tuple[float, float]]:
    found = (one for one in report.figures if one.measure == name)
    return sorted((float(one.at), float(one.value)) for one in found)
