"""Risks by a horizon: the life table, worked out by hand, and its report."""

import dataclasses

import numpy as np
import pytest

from ecluse.data.evaluation.reporting import building, timing
from ecluse.data.evaluation.reporting.computing import compute
from ecluse.data.evaluation.reporting.consistency import check_counts, check_disclosure, recompute
from ecluse.data.evaluation.reporting.timing import Followed
from ecluse.domain.errors import InvalidInput
from ecluse.domain.evaluations.analysis import Metric, Metrics, Primary
from ecluse.domain.evaluations.counts import LifeStep, LifeTable
from ecluse.domain.evaluations.measures import Direction, OutcomeKind
from ecluse.domain.evaluations.parts import Columns, Outcome
from ecluse.domain.evaluations.protocols import Protocol
from ecluse.domain.evaluations.reports import Basis
from tests.unit.data.evaluation.reporting import small


def plan() -> Protocol:
    metric = Metric(measure="uno-c", method="percentile")
    return small.protocol(
        outcome=Outcome(
            kind=OutcomeKind.TIME_TO_EVENT,
            definition="Readmission",
            horizon_days=365,
            censoring="End of data",
        ),
        metrics=Metrics(
            primary=Primary(metric=metric, acceptable="0.6", direction=Direction.AT_LEAST)
        ),
        run=Columns(time="days", event="event"),
    )


def followed(size: int = 600) -> Followed:
    rng = np.random.default_rng(4)
    risks = rng.uniform(0.05, 0.6, size)
    until = rng.exponential(365.0 / -np.log1p(-risks))
    censored = rng.uniform(100, 700, size)
    return Followed.of(
        np.ceil(np.minimum(until, censored)),
        (until <= censored).astype(int),
        risks,
        horizon=365.0,
        units=np.arange(size),
    )


def test_the_share_with_the_event_follows_from_the_table() -> None:
    # 100 followed; by day 100, 20 have the event; by 200, 20 of the 80 left, 20 are censored.
    life = LifeTable("all", "day", (LifeStep("100", 20, 0, 0), LifeStep("200", 20, 0, 20)))
    rest = LifeStep("300", 0, 0, 40)
    whole = dataclasses.replace(life, steps=(*life.steps, rest))

    found = compute((), (), (whole,), protocol=plan())

    # .2, then .2 + .8 x 20 / (80 - 10)
    assert [(one.at, one.value) for one in found] == [
        ("100", "0.200000"),
        ("200", "0.428571"),
        ("300", "0.428571"),
    ]


def test_every_number_of_a_life_table_may_be_told() -> None:
    table = timing.life_table(followed(), least=11)
    counts = [
        count for step in table.steps for count in (step.events, step.competing, step.censored)
    ]

    assert sum(counts) == 600
    assert min(count for count in counts if count) >= 11
    assert any(step.until == "365" for step in table.steps)


def test_too_few_events_make_no_table() -> None:
    few = Followed.of(
        [10.0] * 5 + [400.0] * 50, [1] * 5 + [0] * 50, [0.2] * 55, horizon=365.0, units=range(55)
    )

    with pytest.raises(InvalidInput, match="Fewer than 11 persons"):
        timing.life_table(few, least=11)


def test_a_report_over_time_is_consistent_with_its_counts() -> None:
    given = building.Given(digests=small.digests(plan(), b"lock"))

    made = building.build_over_time(followed(), plan(), given, policy=small.POLICY, now=small.LATER)
    concordance = made.figure("uno-c")

    assert list(check_counts(made, recompute(made, plan()))) == []
    assert list(check_disclosure(made, least=11)) == []
    assert concordance is not None
    assert concordance.basis is Basis.ATTESTED
    # Risks are the true ones: far from .5.
    assert 0.6 < float(concordance.value) < 0.8
