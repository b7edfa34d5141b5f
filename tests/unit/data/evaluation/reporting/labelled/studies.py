"""Two studies small enough to be worked out by hand: classes of cases, spans of texts."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from ecluse.data.evaluation.reporting import building
from ecluse.data.evaluation.reporting.labelled import samples
from ecluse.data.evaluation.reporting.labelled.building import build
from ecluse.data.evaluation.reporting.labelled.matching import Span
from ecluse.data.evaluation.reporting.labelled.samples import Labelled
from ecluse.domain.evaluations.analysis import Calibration, Metric, Metrics, Perturbation, Primary
from ecluse.domain.evaluations.measures import Direction, OutcomeKind
from ecluse.domain.evaluations.parts import Outcome
from ecluse.domain.evaluations.protocols import Protocol
from ecluse.domain.evaluations.reports import EvaluationReport
from tests.unit.data.evaluation.reporting import small

CLASSES = ("benign", "malign", "unsure")
CONFUSIONS = ((120, 20, 20), (30, 90, 20), (20, 20, 60))
"""Rows are true. Right: 270 of 400. Recalls 120/160, 90/140, 60/100; said: 170, 130, 100."""
LABELS = ("drug", "dose")


def protocol(
    kind: OutcomeKind,
    *,
    measure: str,
    method: str = "percentile",
    classes: Sequence[str] = CLASSES,
    perturbations: tuple[Perturbation, ...] = (),
) -> Protocol:
    """Return the plan of the small study for labels: the measure is to be .6 at least."""
    primary = Primary(
        metric=Metric(measure=measure, method=method),
        acceptable="0.6",
        direction=Direction.AT_LEAST,
    )
    whole = small.protocol(
        outcome=Outcome(kind=kind, definition="labels", classes=tuple(classes)),
        metrics=Metrics(primary=primary),
        calibration=Calibration(measures=()),
    )
    return dataclasses.replace(whole, utility=None, robustness=perturbations)


def classified(confusions: Sequence[Sequence[int]] = CONFUSIONS, *, lost: int = 0) -> Labelled:
    """Return the cases of a table of confusions, of one sex each in turn; `lost` of benign more."""
    pairs = [
        (true, said)
        for true, row in enumerate(confusions)
        for said, count in enumerate(row)
        for _ in range(count)
    ] + [(0, samples.UNANSWERED)] * lost
    true, said = np.array(pairs).T
    return Labelled(
        OutcomeKind.CLASSES,
        CLASSES,
        samples.of_classes(CLASSES, true, said),
        said != samples.UNANSWERED,
        None,
        {"sex": np.where(np.arange(true.size) % 2, "women", "men")},
        {},
    )


def spanned(true: Sequence[Sequence[Span]], said: Sequence[Sequence[Span]]) -> Labelled:
    """Return texts with spans."""
    return Labelled(
        OutcomeKind.SPANS,
        LABELS,
        samples.of_spans(LABELS, true, said),
        np.ones(len(true), bool),
        None,
        {"sex": np.where(np.arange(len(true)) % 2, "women", "men")},
        {},
    )


def notes() -> Labelled:
    """Three hundred texts: a drug and a dose each.

    Of a hundred, the drug is found in 80, its end is wrong in 20. The dose is found in 40, missed
    in 60; 30 have a dose that is none.
    """
    true: list[Span] = [(0, 8, "drug"), (9, 12, "dose")]
    found: list[list[Span]] = []
    for rank in range(300):
        spans: list[Span] = [(0, 8 if rank % 100 < 80 else 6, "drug")]
        spans += [(9, 12, "dose")] * (rank % 5 < 2)
        spans += [(20, 24, "dose")] * (rank % 10 < 3)
        found.append(spans)
    return spanned([true] * 300, found)


def report(sample: Labelled, plan: Protocol) -> EvaluationReport:
    """Return the report of a study."""
    given = building.Given(digests=small.digests(plan, b"lock"))
    return build(sample, plan, given, policy=small.POLICY, now=small.LATER)
