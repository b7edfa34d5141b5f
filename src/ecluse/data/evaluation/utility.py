"""Net benefit: whether acting on the model does more good than acting on all or on none.

Sources: Vickers and Elkin, Med Decis Making 2006;26:565. Vickers and others, BMC Med Inform Decis
Mak 2008;8:53 (survival). Vickers, Van Calster and Steyerberg, Diagn Progn Res 2019;3:18.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ecluse.data.evaluation import arrays
from ecluse.data.evaluation.arrays import Floats, Values
from ecluse.data.evaluation.bootstrap import Plan, bootstrap_counts
from ecluse.data.evaluation.intervals import Interval
from ecluse.data.evaluation.survival.competing import incidence_at
from ecluse.domain.errors import InvalidInput

PER: Final = 100.0


@dataclass(frozen=True, slots=True)
class DecisionCurve:
    """Net benefit at each threshold: of the model, of treating all; treating none is 0.

    Unit: true positives per person, net of false positives at the odds of the threshold.
    `avoided` is interventions avoided per 100 persons, at no loss, against treating all.
    """

    thresholds: Floats
    model: Floats
    all: Floats
    none: Floats
    avoided: Floats


def decision_curve(
    outcomes: Values,
    probabilities: Values,
    *,
    thresholds: Values,
    prevalence: float | None = None,
) -> DecisionCurve:
    """Return the curve at thresholds declared beforehand; "at least the threshold" is treated.

    `prevalence` is that of the population to serve: mandatory for a case-control sample, whose own
    share of cases means nothing.

    Raises:
        InvalidInput: a threshold is not strictly between 0 and 1, outcomes are all the same.
    """
    ill, risks = arrays.both_classes(outcomes), arrays.probabilities(probabilities)
    arrays.same_length(outcomes=ill, probabilities=risks)
    at = _thresholds(thresholds)
    share = float(ill.mean()) if prevalence is None else arrays.share(prevalence, name="prevalence")
    hit = _share_at_least(risks[ill], at)
    alarm = _share_at_least(risks[~ill], at)
    return _curve(at, share * hit, (1.0 - share) * alarm, share)


def net_benefit_band(
    outcomes: Values, probabilities: Values, *, thresholds: Values, plan: Plan
) -> tuple[Interval, ...]:
    """Return the bootstrap interval of the model's net benefit at each threshold.

    Cases are independent. Exact and fast: net benefit depends on counts between thresholds alone,
    so counts are drawn instead of cases.
    """
    ill, risks = arrays.both_classes(outcomes), arrays.probabilities(probabilities)
    arrays.same_length(outcomes=ill, probabilities=risks)
    at = _thresholds(thresholds)
    slots = np.searchsorted(at, risks, side="right") + (at.size + 1) * ill
    counts = np.bincount(slots, minlength=2 * (at.size + 1))
    odds = at / (1.0 - at)

    def benefits(tables: Floats) -> Floats:
        alarms, hits = np.split(tables, 2, axis=1)
        above = [np.cumsum(part[:, ::-1], axis=1)[:, ::-1][:, 1:] for part in (hits, alarms)]
        return np.asarray((above[0] - above[1] * odds) / tables.sum(axis=1)[:, None], np.float64)

    found = bootstrap_counts(counts, benefits, plan=plan)
    return tuple(one.interval for one in found.estimates())


def survival_decision_curve(
    times: Values,
    events: Values,
    risks: Values,
    *,
    horizon: float,
    thresholds: Values,
) -> DecisionCurve:
    """Return the curve of risks by `horizon`, in the unit of `times`, with censored persons.

    `events` is 0 (censored), 1 (the event), 2 or more (another that prevents it). Among those at
    or over a threshold, the share with the event is the Aalen-Johansen estimate; with no competing
    event it is 1 - Kaplan-Meier. A threshold that nobody reaches has net benefit 0.
    """
    clock, kinds = arrays.positives(times, name="times"), arrays.numbers(events, name="events")
    chances = arrays.probabilities(risks, name="risks")
    arrays.same_length(times=clock, events=kinds, risks=chances)
    at = _thresholds(thresholds)
    whole = incidence_at(clock, kinds, horizon=horizon)
    hits, alarms = np.zeros(at.size), np.zeros(at.size)
    for index, threshold in enumerate(at):
        called = chances >= threshold
        if called.any():
            risk = incidence_at(clock[called], kinds[called], horizon=horizon)
            hits[index], alarms[index] = risk * called.mean(), (1.0 - risk) * called.mean()
    return _curve(at, hits, alarms, whole)


def _curve(at: Floats, hits: Floats, alarms: Floats, share: float) -> DecisionCurve:
    odds = at / (1.0 - at)
    model, everyone = hits - alarms * odds, share - (1.0 - share) * odds
    return DecisionCurve(at, model, everyone, np.zeros(at.size), PER * (model - everyone) / odds)


def _share_at_least(risks: Floats, at: Floats) -> Floats:
    ordered = np.sort(risks)
    return np.asarray(1.0 - np.searchsorted(ordered, at, side="left") / risks.size, np.float64)


def _thresholds(values: Values) -> Floats:
    found = arrays.numbers(values, name="thresholds")
    if (found <= 0).any() or (found >= 1).any() or (np.diff(found) <= 0).any():
        raise InvalidInput("Thresholds must rise, each strictly between 0 and 1.")
    return found
