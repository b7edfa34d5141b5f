"""One pass over the cases gives what a loop over groups and rows would."""

import numpy as np
import pytest

from ecluse.data.evaluation.accuracy import (
    positive_predictive_value,
    sensitivity,
    specificity,
    tabulate,
)
from ecluse.data.evaluation.bootstrap import Plan
from ecluse.data.evaluation.calibration import brier, observed_over_expected
from ecluse.data.evaluation.discrimination import area, auroc
from ecluse.data.evaluation.fairness import study
from ecluse.data.evaluation.subgroups import MEASURES, Group, Subgroups
from ecluse.data.evaluation.utility import decision_curve
from ecluse.domain.errors import InvalidInput

RNG = np.random.default_rng(4)
SIZE = 400
RISKS = RNG.integers(1, 20, SIZE) / 20  # many ties
ILL = RNG.random(SIZE) < RISKS
SEX = RNG.choice(["f", "m"], SIZE)
AGE = RNG.choice(["18-39", "40-64", "65+"], SIZE)
FOUND = Subgroups(ILL, RISKS, variables={"sex": SEX, "age": AGE}, threshold=0.3)
ONES = np.ones(SIZE)


def of_rows(rows: np.ndarray) -> list[float]:
    """The measures of some rows, by the functions of one group."""
    ill, risks = ILL[rows], RISKS[rows]
    table = tabulate(ill, risks, threshold=0.3)
    return [
        area(ill, risks),
        brier(ill, risks).value,
        observed_over_expected(ill, risks).value,
        sensitivity(table).value,
        specificity(table).value,
        positive_predictive_value(table).value,
        1 - specificity(table).value,
        float(decision_curve(ill, risks, thresholds=[0.3]).model[0]),
    ]


def test_groups_are_named_with_their_cases_and_events() -> None:
    assert FOUND.groups[0] == Group("all", "all", SIZE, int(ILL.sum()))
    assert [(one.variable, one.label) for one in FOUND.groups[1:]] == [
        ("sex", "f"), ("sex", "m"), ("age", "18-39"), ("age", "40-64"), ("age", "65+"),
    ]  # fmt: skip
    assert FOUND.groups[1].events == int(ILL[SEX == "f"].sum())


def test_every_measure_of_every_group_is_that_of_its_rows() -> None:
    rows = [ONES > 0, SEX == "f", SEX == "m", AGE == "18-39", AGE == "40-64", AGE == "65+"]

    assert FOUND.table(ONES) == pytest.approx(np.array([of_rows(one) for one in rows]))


def test_weights_count_rows() -> None:
    weights = RNG.integers(0, 4, SIZE)
    drawn = np.repeat(np.arange(SIZE), weights)
    rows = [drawn, drawn[SEX[drawn] == "f"]]

    assert FOUND.table(weights.astype(float))[:2] == pytest.approx(
        np.array([of_rows(one) for one in rows])
    )


def test_a_row_may_be_drawn_more_often_than_a_byte_holds() -> None:
    weights = ONES.copy()
    weights[7] = 1000
    drawn = np.repeat(np.arange(SIZE), weights.astype(int))

    assert FOUND.table(weights)[0] == pytest.approx(np.array(of_rows(drawn)))


def test_a_group_without_cases_has_no_area() -> None:
    weights = np.where((SEX == "f") & ILL, 0.0, 1.0)

    found = FOUND.table(weights)

    assert np.isnan(found[1, MEASURES.index("auroc")])
    assert not np.isnan(found[1, MEASURES.index("specificity")])
    assert not np.isnan(found[0]).any()


def test_clusters_are_drawn_whole_and_threads_change_nothing() -> None:
    clusters = np.arange(SIZE) // 4
    plan = Plan(seed=3, draws=200, method="percentile")
    one = study(FOUND, clusters, plan=plan).replicates.draws
    two = study(FOUND, clusters, plan=Plan(3, 200, method="percentile", threads=2)).replicates.draws

    assert (one == two).all()


def test_the_bootstrap_error_of_the_area_is_near_delong_s() -> None:
    """DeLong's variance is that of the bootstrap, to the order of 1/n."""
    found = study(FOUND, np.arange(SIZE), plan=Plan(seed=1, draws=2000, method="bca"))

    estimate = found.estimate(found.groups[0], "auroc")
    assert estimate is not None
    expected = auroc(ILL, RISKS)
    assert estimate.standard_error == pytest.approx(expected.standard_error, rel=0.06)
    assert estimate.interval.low == pytest.approx(expected.interval.low, abs=0.006)
    assert estimate.interval.high == pytest.approx(expected.interval.high, abs=0.006)


def test_an_unknown_measure_is_refused_with_those_that_exist() -> None:
    with pytest.raises(InvalidInput, match="one of auroc, brier"):
        Subgroups.column("magic")
