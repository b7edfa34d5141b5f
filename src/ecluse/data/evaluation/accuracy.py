"""The 2x2 table of a diagnostic test against its reference standard.

Sources: Altman and Bland, BMJ 1994;308:1552 and 309:102 (measures). Simel, J Clin Epidemiol
1991;44:763 (likelihood ratios, log method). Mercaldo, Lau and Zhou, Stat Med 2007;26:2170
(predictive values at a target prevalence). Rogan and Gladen, Am J Epidemiol 1978;107:71.
"""

import math
from dataclasses import dataclass
from typing import Literal

from ecluse.data.evaluation import arrays
from ecluse.data.evaluation.arrays import Values
from ecluse.data.evaluation.intervals import LEVEL, Estimate, Interval, expit, on_log, quantile
from ecluse.data.evaluation.proportions import proportion
from ecluse.domain.errors import InvalidInput

Design = Literal["cross-sectional", "case-control"]
Scale = Literal["logit", "delta"]
HALF = 0.5


@dataclass(frozen=True, slots=True)
class TwoByTwo:
    """Counts of cases: true positives, false negatives, false positives, true negatives.

    `design` is "case-control" where cases and controls were picked apart, so that the share of
    cases says nothing of any population.
    """

    true_positives: int
    false_negatives: int
    false_positives: int
    true_negatives: int
    design: Design = "cross-sectional"

    def __post_init__(self) -> None:
        for name in ("true_positives", "false_negatives", "false_positives", "true_negatives"):
            arrays.count(getattr(self, name), name=name.replace("_", " "))

    @property
    def positives(self) -> int:
        """Count those who have the condition."""
        return self.true_positives + self.false_negatives

    @property
    def negatives(self) -> int:
        """Count those who have it not."""
        return self.false_positives + self.true_negatives

    @property
    def total(self) -> int:
        """Count all."""
        return self.positives + self.negatives


@dataclass(frozen=True, slots=True)
class Ratio:
    """A ratio with its interval; `corrected` says that 0.5 was added to each cell."""

    value: float
    interval: Interval
    corrected: bool


def tabulate(
    outcomes: Values, scores: Values, *, threshold: float, design: Design = "cross-sectional"
) -> TwoByTwo:
    """Return the table of the test "score of at least `threshold`", one row a case."""
    ill, marks = arrays.binary(outcomes), arrays.numbers(scores, name="scores")
    arrays.same_length(outcomes=ill, scores=marks)
    called = marks >= threshold
    cells = (ill & called, ill & ~called, ~ill & called, ~ill & ~called)
    tp, fn, fp, tn = (int(cell.sum()) for cell in cells)
    return TwoByTwo(tp, fn, fp, tn, design)


def sensitivity(table: TwoByTwo, *, level: float = LEVEL, safety_claim: bool = False) -> Estimate:
    """Return the share of the ill that the test calls. Raises InvalidInput where no one is ill."""
    return _share(
        table.true_positives, table.positives, "sensitivity", level, safety_claim=safety_claim
    )


def specificity(table: TwoByTwo, *, level: float = LEVEL, safety_claim: bool = False) -> Estimate:
    """Return the share of the well that the test leaves. Raises InvalidInput where all are ill."""
    return _share(
        table.true_negatives, table.negatives, "specificity", level, safety_claim=safety_claim
    )


def positive_predictive_value(table: TwoByTwo, *, level: float = LEVEL) -> Estimate:
    """Return the share of the called who are ill. Raises InvalidInput for a case-control table."""
    _natural(table, "PPV")
    called = table.true_positives + table.false_positives
    return _share(table.true_positives, called, "PPV", level)


def negative_predictive_value(table: TwoByTwo, *, level: float = LEVEL) -> Estimate:
    """Return the share of the not called who are well. Raises InvalidInput for case-control."""
    _natural(table, "NPV")
    left = table.true_negatives + table.false_negatives
    return _share(table.true_negatives, left, "NPV", level)


def overall_accuracy(table: TwoByTwo, *, level: float = LEVEL) -> Estimate:
    """Return the share of the well judged. Raises InvalidInput for a case-control table."""
    _natural(table, "accuracy")
    right = table.true_positives + table.true_negatives
    return _share(right, table.total, "accuracy", level)


def prevalence(table: TwoByTwo, *, level: float = LEVEL) -> Estimate:
    """Return the share of the ill. Raises InvalidInput for a case-control table."""
    _natural(table, "prevalence")
    return _share(table.positives, table.total, "prevalence", level)


def positive_likelihood_ratio(table: TwoByTwo, *, level: float = LEVEL) -> Ratio:
    """Return sensitivity/(1 - specificity), interval by the log method."""
    return _ratio(table, level, called=True)


def negative_likelihood_ratio(table: TwoByTwo, *, level: float = LEVEL) -> Ratio:
    """Return (1 - sensitivity)/specificity, interval by the log method."""
    return _ratio(table, level, called=False)


def diagnostic_odds_ratio(table: TwoByTwo, *, level: float = LEVEL) -> Ratio:
    """Return the odds of a call among the ill over those among the well, by the log method."""
    (tp, fn, fp, tn), corrected = _cells(table)
    value, error = tp * tn / (fp * fn), math.sqrt(1 / tp + 1 / fn + 1 / fp + 1 / tn)
    return Ratio(value, on_log(value, error, level=level, method="log"), corrected)


def predictive_values_at(
    table: TwoByTwo, target: float, *, level: float = LEVEL, scale: Scale = "logit"
) -> tuple[Estimate, Estimate]:
    """Return PPV and NPV in a population of prevalence `target`, taken as known.

    Bayes from sensitivity and specificity, so that an enriched sample may be used; interval on
    the logit scale (the default: it stays within 0 and 1) or by the plain delta method.

    Raises:
        InvalidInput: sensitivity or specificity is 0 or 1, so that no standard error exists.
    """
    pi = arrays.share(target, name="target prevalence")
    _both(table)
    se, sp = table.true_positives / table.positives, table.true_negatives / table.negatives
    if min(se, sp, 1 - se, 1 - sp) == 0:
        raise InvalidInput(
            "Sensitivity or specificity is 0 or 1: predictive values have no standard error here. "
            "Give the interval of the exact bounds of both instead."
        )
    sides = (se, sp, table.positives, table.negatives), (sp, se, table.negatives, table.positives)
    make = _on_logit if scale == "logit" else _by_delta
    return make(sides[0], pi, level), make(sides[1], 1.0 - pi, level)


def rogan_gladen(apparent: Estimate, *, sensitivity: float, specificity: float) -> Estimate:
    """Return a true prevalence from one measured by an imperfect standard of known accuracy.

    `apparent` is the measured prevalence with its standard error; accuracy is taken as known.

    Raises:
        InvalidInput: the standard is no better than chance.
    """
    youden = sensitivity + specificity - 1.0
    if youden <= 0:
        raise InvalidInput("The reference standard is no better than chance: no correction exists.")
    low, value, high = (
        min(max((rate + specificity - 1.0) / youden, 0.0), 1.0)
        for rate in (apparent.interval.low, apparent.value, apparent.interval.high)
    )
    error = None if apparent.standard_error is None else apparent.standard_error / youden
    method = f"rogan-gladen of {apparent.interval.method}"
    return Estimate(value, Interval(low, high, method, apparent.interval.level), error)


def _share(
    part: int, whole: int, name: str, level: float, *, safety_claim: bool = False
) -> Estimate:
    if not whole:
        raise InvalidInput(f"No case enters the denominator of {name}: it is not evaluable.")
    return proportion(part, whole, level=level, safety_claim=safety_claim)


def _natural(table: TwoByTwo, name: str) -> None:
    if table.design == "case-control":
        raise InvalidInput(
            f"{name} of a case-control sample is an artefact of how many cases were picked: "
            "give the predictive values at a target prevalence instead."
        )


def _both(table: TwoByTwo) -> None:
    if not table.positives or not table.negatives:
        raise InvalidInput("The table lacks the ill or the well: this measure needs both.")


def _cells(table: TwoByTwo) -> tuple[tuple[float, float, float, float], bool]:
    _both(table)
    cells = (
        table.true_positives,
        table.false_negatives,
        table.false_positives,
        table.true_negatives,
    )
    add = 0.0 if all(cells) else HALF
    return (cells[0] + add, cells[1] + add, cells[2] + add, cells[3] + add), bool(add)


def _ratio(table: TwoByTwo, level: float, *, called: bool) -> Ratio:
    (tp, fn, fp, tn), corrected = _cells(table)
    among_ill, among_well = (tp, fp) if called else (fn, tn)
    ill, well = tp + fn, fp + tn
    value = (among_ill / ill) / (among_well / well)
    error = math.sqrt(1 / among_ill - 1 / ill + 1 / among_well - 1 / well)
    return Ratio(value, on_log(value, error, level=level, method="log"), corrected)


def _on_logit(side: tuple[float, float, int, int], pi: float, level: float) -> Estimate:
    own, other, size, other_size = side
    centre = math.log(own * pi / ((1 - other) * (1 - pi)))
    error = math.sqrt((1 - own) / (own * size) + other / ((1 - other) * other_size))
    reach, value = quantile(level) * error, expit(centre)
    interval = Interval(expit(centre - reach), expit(centre + reach), "logit", level)
    return Estimate(value, interval, error * value * (1 - value))


def _by_delta(side: tuple[float, float, int, int], pi: float, level: float) -> Estimate:
    found = _on_logit(side, pi, level)
    error = found.standard_error or 0.0
    reach = quantile(level) * error
    low, high = max(found.value - reach, 0.0), min(found.value + reach, 1.0)
    return Estimate(found.value, Interval(low, high, "delta", level), error)
