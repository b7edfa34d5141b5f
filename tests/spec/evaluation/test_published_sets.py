"""Published figures on public data sets that the project does not hold.

Two kinds of tests, each skipped in sight where its data are absent: those that read the reference
figures shared beside the repository, and those on sets that lifelines, scikit-survival or
scikit-learn carry. Tolerance: half of the last digit printed, 1e-3 at most.
"""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ecluse.data.evaluation import proportions
from ecluse.data.evaluation.accuracy import (
    TwoByTwo,
    negative_likelihood_ratio,
    negative_predictive_value,
    positive_likelihood_ratio,
    positive_predictive_value,
    sensitivity,
    specificity,
)
from ecluse.data.evaluation.calibration import brier, weak_calibration
from ecluse.data.evaluation.conformal import split_threshold
from ecluse.data.evaluation.discrimination import area, auroc, auroc_wald, hanley_mcneil_error
from ecluse.data.evaluation.regression import fit_logistic
from ecluse.data.evaluation.sample_size import (
    development,
    largest_r2,
    validation_concordance,
    validation_ratio,
    validation_slope,
)
from ecluse.data.evaluation.survival.concordance import harrell_c
from ecluse.data.evaluation.survival.cox import fit_cox
from ecluse.data.evaluation.survival.curves import kaplan_meier
from ecluse.data.evaluation.utility import decision_curve, survival_decision_curve

SHARED = Path(__file__).parents[3].parent / "shared" / "ai" / "eval"
FOUR, FIVE = 5e-5, 5e-6
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the reference figures are not here")


@pytest.fixture(scope="module")
def published() -> Any:
    return json.loads((SHARED / "reference_values.json").read_text())


def column(name: str, key: str) -> np.ndarray:
    with (SHARED / name).open(newline="") as lines:
        return np.array([row[key] for row in csv.DictReader(lines)])


@needs_shared
@pytest.mark.parametrize("case", range(4))
def test_intervals_of_proportions(published: Any, case: int) -> None:
    told = published["proportion_ci_newcombe_1998"]["cases"][case]

    wilson = proportions.wilson(told["k"], told["n"])
    exact = proportions.clopper_pearson(told["k"], told["n"])

    assert [wilson.low, wilson.high] == pytest.approx(told["wilson"], abs=FOUR)
    assert [exact.low, exact.high] == pytest.approx(told["clopper_pearson"], abs=FOUR)


@needs_shared
def test_the_liver_scans(published: Any) -> None:
    told = published["diagnostic_altman_bland_1994_liver"]
    table = TwoByTwo(told["tp"], told["fn"], told["fp"], told["tn"])
    se, sp = sensitivity(table), specificity(table)

    assert (se.value, sp.value) == pytest.approx((told["sens"], told["spec"]), abs=FOUR)
    assert positive_predictive_value(table).value == pytest.approx(told["ppv"], abs=FOUR)
    assert negative_predictive_value(table).value == pytest.approx(told["npv"], abs=FOUR)
    assert positive_likelihood_ratio(table).value == pytest.approx(told["lr_pos"], abs=5e-4)
    assert negative_likelihood_ratio(table).value == pytest.approx(told["lr_neg"], abs=5e-4)
    assert [se.interval.low, se.interval.high] == pytest.approx(told["sens_wilson"], abs=FOUR)
    assert [sp.interval.low, sp.interval.high] == pytest.approx(told["spec_wilson"], abs=FOUR)


@needs_shared
def test_the_rated_scans(published: Any) -> None:
    told = published["auc_hanley_mcneil_1982_ct"]
    scores = np.repeat(told["ratings"] * 2, told["normal"] + told["abnormal"])
    outcomes = np.repeat([0, 1], [sum(told["normal"]), sum(told["abnormal"])])
    found, plain = auroc(outcomes, scores), auroc_wald(outcomes, scores).interval

    assert found.value == pytest.approx(told["auc"], abs=FOUR)
    assert found.standard_error == pytest.approx(told["se_delong"], abs=FOUR)
    assert hanley_mcneil_error(found.value, cases=51, controls=58) == pytest.approx(
        told["se_hanley_exponential"], abs=FOUR
    )
    assert [plain.low, plain.high] == pytest.approx(told["ci95_wald_delong"], abs=1e-4)
    assert [found.interval.low, found.interval.high] == pytest.approx(
        told["ci95_logit_delong"], abs=FOUR
    )


@needs_shared
def test_the_logistic_model_of_spector(published: Any) -> None:
    told = published["logit_spector"]
    data = pytest.importorskip("statsmodels.datasets.spector").load_pandas()
    outcomes, columns = data.endog.to_numpy(), data.exog.to_numpy()
    columns = np.column_stack([np.ones(32), columns])
    model = fit_logistic(columns, outcomes)
    null = fit_logistic(np.ones((32, 1)), outcomes)
    risks = 1 / (1 + np.exp(-columns @ model.coefficients))
    weak = weak_calibration(outcomes, risks)

    assert model.coefficients == pytest.approx(
        [told[name] for name in ("const", "GPA", "TUCE", "PSI")], abs=FOUR
    )
    assert model.log_likelihood == pytest.approx(told["llf"], abs=FOUR)
    assert 1 - model.log_likelihood / null.log_likelihood == pytest.approx(
        told["mcfadden"], abs=FOUR
    )
    assert area(outcomes, risks) == pytest.approx(told["auc"], abs=FOUR)
    assert brier(outcomes, risks).value == pytest.approx(told["brier"], abs=FOUR)
    assert weak.intercept.value == pytest.approx(told["calibration_intercept"], abs=1e-6)
    assert weak.slope.value == pytest.approx(told["calibration_slope"], abs=1e-6)


@needs_shared
@pytest.mark.parametrize("threshold", ["0.05", "0.10", "0.15", "0.20", "0.25", "0.35"])
@pytest.mark.parametrize("model", ["cancerpredmarker", "famhistory"])
def test_net_benefit_of_the_teaching_set(published: Any, model: str, threshold: str) -> None:
    told = published["dca_dcurves_df_binary"]["net_benefit"][threshold]
    outcomes = column("dcurves_df_binary.csv", "cancer") == "TRUE"
    risks = column("dcurves_df_binary.csv", model).astype(float)

    found = decision_curve(outcomes, risks, thresholds=[float(threshold)])

    assert found.model[0] == pytest.approx(told[model], abs=FIVE)
    assert found.all[0] == pytest.approx(told["all"], abs=FIVE)


@needs_shared
def test_the_area_of_the_teaching_set(published: Any) -> None:
    told = published["dca_dcurves_df_binary"]
    outcomes = column("dcurves_df_binary.csv", "cancer") == "TRUE"

    found = auroc(outcomes, column("dcurves_df_binary.csv", "cancerpredmarker").astype(float))

    assert (outcomes.size, outcomes.sum()) == (told["n"], told["events"])
    assert found.value == pytest.approx(told["auc"], abs=FOUR)
    assert found.standard_error == pytest.approx(told["auc_se_delong"], abs=FOUR)


@needs_shared
def test_net_benefit_over_time_of_the_teaching_set() -> None:
    """As dcurves 1.1.7 gives it at one year, cancer as the only event."""
    name = "dcurves_df_surv.csv"

    found = survival_decision_curve(
        column(name, "ttcancer").astype(float),
        column(name, "cancer") == "TRUE",
        column(name, "cancerpredmarker").astype(float),
        horizon=1.0,
        thresholds=[0.1, 0.2, 0.3, 0.5],
    )

    assert found.model == pytest.approx([0.083907, 0.063146, 0.054404, 0.031328], abs=1e-6)
    assert found.all == pytest.approx([0.052541, -0.065891, -0.218161, -0.705426], abs=1e-6)


@needs_shared
def test_net_benefit_of_the_picked_cases() -> None:
    """As dcurves 1.1.7 gives it for a prevalence of .15."""
    name = "dcurves_df_case_control.csv"

    found = decision_curve(
        column(name, "casecontrol").astype(float),
        column(name, "cancerpredmarker").astype(float),
        thresholds=[0.1, 0.2, 0.3],
        prevalence=0.15,
    )

    assert found.model == pytest.approx([0.04531626, 0.01673701, 0.01334416], abs=1e-7)


@needs_shared
def test_sample_sizes(published: Any) -> None:
    told = published["sample_size_development_riley"]
    given = told["input"]
    found = development(
        r2=given["r2_cs"], parameters=given["parameters"], prevalence=given["prevalence"]
    )

    assert list(found.by_criterion.values()) == told["n_by_criterion"]
    assert found.persons == told["n"]
    assert largest_r2(given["prevalence"]) == pytest.approx(told["max_r2_cs"], abs=FOUR)


@needs_shared
@pytest.mark.parametrize("case", range(2))
def test_sample_sizes_of_validation(published: Any, case: int) -> None:
    told = published["sample_size_validation"]["cases"][case]
    mean, deviation = told["lp_normal"]

    assert told["n_oe"] == validation_ratio(
        prevalence=told["prevalence"], width=told["oe_ci_width"]
    )
    assert told["n_c"] == validation_concordance(
        concordance=told["c"], prevalence=told["prevalence"], width=told.get("c_ci_width", 0.1)
    )
    assert validation_slope(mean=mean, deviation=deviation, width=0.2) == pytest.approx(
        told["n_slope"], rel=0.01
    )


ROSSI = {
    "fin": -0.3794, "age": -0.0574, "race": 0.3139, "wexp": -0.1498, "mar": -0.4337,
    "paro": -0.0849, "prio": 0.0915,
}  # fmt: skip


def test_the_return_to_prison_of_rossi() -> None:
    """Allison 1995; Fox and Weisberg: 432 men, hazards of arrest in a year."""
    data = pytest.importorskip("lifelines.datasets").load_rossi()
    columns = data[list(ROSSI)].to_numpy(float)

    model = fit_cox(data.week, data.arrest, columns)
    concordance = harrell_c(data.week, data.arrest, columns @ model.coefficients)

    assert model.coefficients == pytest.approx(list(ROSSI.values()), abs=FOUR)
    assert model.log_likelihood == pytest.approx(-658.748, abs=5e-4)
    assert concordance.value == pytest.approx(0.6403, abs=FOUR)


def test_the_survival_of_lung_cancer() -> None:
    """R's survival::lung: median 310, 284-361 on log-log and 285-363 on log; hazard of women."""
    data = pytest.importorskip("lifelines.datasets").load_lung()
    curve = kaplan_meier(data.time, data.status)
    model = fit_cox(data.time, data.status, data[["sex"]].to_numpy(float))

    assert curve.median() == 310
    assert curve.median_interval(transform="log-log") == (284, 361)
    assert curve.median_interval(transform="log") == (285, 363)
    assert model.coefficients[0] == pytest.approx(-0.531, abs=5e-4)
    assert np.exp(model.coefficients[0]) == pytest.approx(0.588, abs=5e-4)
    assert model.p_value(0) == pytest.approx(0.00149, abs=5e-6)


def test_the_veterans_with_lung_cancer() -> None:
    """Kalbfleisch and Prentice, as scikit-survival's guide gives them."""
    table, ends = pytest.importorskip("sksurv.datasets").load_veterans_lung_cancer()
    columns = np.column_stack(
        [
            table.Age_in_years,
            table.Karnofsky_score,
            table.Months_from_Diagnosis,
            table.Celltype == "large",
            table.Celltype == "smallcell",
            table.Celltype == "squamous",
            table.Prior_therapy == "yes",
            table.Treatment == "test",
        ]
    ).astype(float)

    model = fit_cox(ends["Survival_in_days"], ends["Status"], columns)

    assert model.coefficients[[7, 1, 5]] == pytest.approx([0.2946, -0.0328, -1.1961], abs=FOUR)


def test_the_german_breast_cancer_study() -> None:
    """GBSG2 in R: Efron's ties, grade by orthogonal polynomials."""
    table, ends = pytest.importorskip("sksurv.datasets").load_gbsg2()
    grade = table.tgrade.astype(str)
    columns = np.column_stack(
        [
            table.age,
            table.estrec,
            table.horTh == "yes",
            table.menostat == "Post",
            table.pnodes,
            table.progrec,
            grade.map({"I": -1, "II": 0, "III": 1}).astype(float) / np.sqrt(2),
            grade.map({"I": 1, "II": -2, "III": 1}).astype(float) / np.sqrt(6),
            table.tsize,
        ]
    ).astype(float)

    model = fit_cox(ends["time"], ends["cens"], columns)

    assert model.coefficients[[2, 4, 6]] == pytest.approx([-0.34628, 0.04879, 0.55130], abs=FIVE)


def test_split_intervals_hold_nine_in_ten_of_the_diabetes_set() -> None:
    """A hundred splits in thirds (fit, calibrate, new) of 442 persons: .9027 in our reference."""
    features, progress = pytest.importorskip("sklearn.datasets").load_diabetes(return_X_y=True)
    columns = np.column_stack([np.ones(progress.size), features])
    rng = np.random.default_rng(0)

    def held() -> float:
        fit, calibrate, new = np.array_split(rng.permutation(progress.size), 3)
        weights = np.linalg.lstsq(columns[fit], progress[fit], rcond=None)[0]
        apart = np.abs(progress - columns @ weights)
        return float((apart[new] <= split_threshold(apart[calibrate], miss=0.1)).mean())

    assert np.mean([held() for _ in range(100)]) == pytest.approx(0.9027, abs=0.01)
