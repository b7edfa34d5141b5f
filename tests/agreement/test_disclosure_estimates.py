"""Estimates of the engine and of statsmodels on the same random persons."""

import warnings

import numpy as np
import pytest

from ecluse.data.results import Category, Model, Number, Regression, Request, Survival
from ecluse.data.results.estimates import Fit, fit
from ecluse.data.results.lifetimes import curves

sm = pytest.importorskip("statsmodels.api")
CHANCE = np.random.default_rng(2026)
COUNT = 800
AGE = CHANCE.uniform(20, 90, COUNT)
SEX = CHANCE.integers(0, 2, COUNT).astype(np.int32)
ARM = CHANCE.integers(0, 3, COUNT).astype(np.int32)
COST = 100 + 3 * AGE + 40 * SEX + CHANCE.normal(0, 25, COUNT)
SICK = (CHANCE.uniform(size=COUNT) < 1 / (1 + np.exp(4 - 0.06 * AGE - 0.5 * SEX))).astype(float)
STAYS = CHANCE.poisson(np.exp(0.01 * AGE)).astype(float)
DAYS = np.ceil(CHANCE.exponential(400 / (1 + SEX), COUNT))
INDICATORS = np.column_stack([AGE, SEX == 1, ARM == 1, ARM == 2]).astype(float)
COLUMNS = {
    "age": Number(AGE),
    "sex": Category(SEX, ("F", "M")),
    "arm": Category(ARM, ("A", "B", "C")),
    "cost": Number(COST),
    "sick": Number(SICK),
    "stays": Number(STAYS),
    "days": Number(DAYS),
}
PERSONS = np.arange(COUNT, dtype=np.uint64)


def fitted(model: Model, outcome: str, duration: str | None = None) -> Fit:
    asked = Regression(model, outcome, ("age", "sex", "arm"), duration)
    return fit(Request("r", asked, PERSONS, COLUMNS))


def same(made: Fit, reference: object, *, tolerance: float = 1e-7) -> bool:
    estimates, errors = reference.params, reference.bse  # type: ignore[attr-defined]
    return bool(
        np.allclose(made.estimates, estimates, rtol=tolerance)
        and np.allclose(made.errors, errors, rtol=tolerance)
    )


def test_least_squares() -> None:
    reference = sm.OLS(COST, sm.add_constant(INDICATORS)).fit()
    made = fitted(Model.LINEAR, "cost")

    assert same(made, reference)
    assert made.fit == pytest.approx(reference.rsquared)
    assert made.residual_degrees == reference.df_resid == 795


def test_logistic_regression() -> None:
    reference = sm.Logit(SICK, sm.add_constant(INDICATORS)).fit(disp=0)

    assert same(fitted(Model.LOGISTIC, "sick"), reference, tolerance=1e-6)


def test_poisson_regression() -> None:
    reference = sm.GLM(STAYS, sm.add_constant(INDICATORS), family=sm.families.Poisson()).fit()

    assert same(fitted(Model.POISSON, "stays"), reference, tolerance=1e-6)


def test_cox_regression() -> None:
    reference = sm.PHReg(DAYS, INDICATORS, status=SICK, ties="breslow").fit()

    assert same(fitted(Model.COX, "sick", "days"), reference, tolerance=1e-5)


def test_survival_by_group() -> None:
    made = curves(Request("s", Survival("days", "sick", "sex"), PERSONS, COLUMNS))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reference = sm.SurvfuncRight(DAYS[SEX == 1], SICK[SEX == 1])

    at_events = made["M"].survival[np.isin(made["M"].times, reference.surv_times)]

    assert np.allclose(at_events, reference.surv_prob)
    assert made["M"].persons.size + made["F"].persons.size == COUNT
