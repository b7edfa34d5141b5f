"""Survival asked from inside a job: steps merged until each tells of enough persons (R13)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from ecluse.data.disclosure.making import HIDDEN, Made, judge_labels, printed, rounded
from ecluse.data.disclosure.population import Known
from ecluse.data.disclosure.predicates import Predicate
from ecluse.data.results import Request, Survival, lifetimes
from ecluse.data.results.lifetimes import Curve
from ecluse.domain.disclosure import DisclosurePolicy
from ecluse.domain.errors import InvalidInput

HEADERS: Final = ("group", "time", "at risk", "events", "censored", "survival")


@dataclass(frozen=True, slots=True)
class Step:
    """What is told of a time: those at risk when the step begins, what happened until its end."""

    time: float
    at_risk: int
    events: int
    censored: int
    survival: float


def protect(request: Request, known: Known, policy: DisclosurePolicy) -> Made:
    """Return the curve of each group in steps of enough persons; a group under it is hidden.

    Raises InvalidInput.
    """
    if not isinstance(request.asked, Survival):
        raise InvalidInput(f"Result {request.name} is no survival.")
    curves = lifetimes.curves(request)
    findings = tuple(
        judge_labels([(f"group {n}", label) for n, label in enumerate(curves, 1)], policy)
    )
    rows: list[tuple[str, ...]] = []
    predicates: list[Predicate] = []
    people = np.unique(request.persons)
    for label, curve in curves.items():
        told = list(steps(curve, policy.minimum_count))
        rows += [_row(label, step, policy) for step in told] or [_hidden(label)]
        if told:
            ranks = np.searchsorted(people, curve.persons)
            predicates.append(Predicate(f"group = {label}", known.keys(ranks)))
    note = f"{len(curves)} groups, {len(curves) - len(predicates)} hidden"
    return Made(HEADERS, tuple(rows), findings, tuple(predicates), note)


def steps(curve: Curve, least: int) -> Iterator[Step]:
    """Yield steps, each of at least `least` events, none or as many censored, `least` left at risk.

    What follows the last step is not told: it is at least as many persons.
    """
    start, events, censored = 0, 0, 0
    for rank in range(curve.times.size):
        events += int(curve.events[rank])
        censored += int(curve.censored[rank])
        left = int(curve.at_risk[rank] - curve.events[rank] - curve.censored[rank])
        if events >= least and (censored == 0 or censored >= least) and left >= least:
            at_risk = int(curve.at_risk[start])
            time, survival = float(curve.times[rank]), float(curve.survival[rank])
            yield Step(time, at_risk, events, censored, survival)
            start, events, censored = rank + 1, 0, 0


def _row(label: str, step: Step, policy: DisclosurePolicy) -> tuple[str, ...]:
    counts = (str(rounded(n, policy)) for n in (step.at_risk, step.events, step.censored))
    return (label, printed(step.time, policy), *counts, printed(step.survival, policy))


def _hidden(label: str) -> tuple[str, ...]:
    return (label, *[HIDDEN] * (len(HEADERS) - 1))
