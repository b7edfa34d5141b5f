"""Regressions: ordinary least squares, logit, Poisson by Newton, and Cox with Breslow's ties.

Plain NumPy, so that the engine needs no statistics package to compute the same numbers again.
Source: McCullagh and Nelder (1989); Cox (1972); Breslow (1974).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from ecluse.data.results.requests import Category, Floats, Model, Regression, Request
from ecluse.domain.errors import InvalidInput

STEPS: Final = 60
CLOSE: Final = 1e-9
INTERCEPT: Final = "(intercept)"


@dataclass(frozen=True, slots=True)
class Design:
    """What is fitted: one row a person; `matrix` with an intercept except for Cox."""

    terms: tuple[str, ...]
    matrix: Floats
    outcome: Floats
    duration: Floats | None


@dataclass(frozen=True, slots=True)
class Fit:
    """The estimates of a model, with standard errors; `fit` is R², or the log-likelihood."""

    model: Model
    terms: tuple[str, ...]
    estimates: Floats
    errors: Floats
    persons: int
    residual_degrees: int
    fit: float


def design(request: Request) -> Design:
    """Return the design of a regression, rows with a missing number left out.

    Raises:
        InvalidInput: a person in several rows, an outcome that the model cannot have, or
            variables that tell the same.
    """
    asked = _regression(request)
    duration = request.number(asked.duration) if asked.duration else None
    outcome = request.number(asked.outcome)
    found = dict(_columns(request, asked))
    matrix = np.column_stack(list(found.values()))
    kept = ~np.isnan(np.column_stack([matrix, outcome])).any(axis=1)
    if duration is not None:
        kept &= ~np.isnan(duration)
    made = Design(
        tuple(found), matrix[kept], outcome[kept], None if duration is None else duration[kept]
    )
    _check(made, asked, request.persons[kept].size - np.unique(request.persons[kept]).size)
    return made


def fit(request: Request) -> Fit:
    """Return the estimates of a regression. Raises InvalidInput."""
    asked, made = _regression(request), design(request)
    if asked.model is Model.LINEAR:
        return _least_squares(made)
    if asked.model is Model.COX:
        return _newton(made, Model.COX, _cox)
    return _newton(made, asked.model, _logit if asked.model is Model.LOGISTIC else _poisson)


def _regression(request: Request) -> Regression:
    if not isinstance(request.asked, Regression):
        raise InvalidInput(f"Result {request.name} is no regression.")
    return request.asked


def _columns(request: Request, asked: Regression) -> Iterator[tuple[str, Floats]]:
    if asked.model is not Model.COX:
        yield INTERCEPT, np.ones(request.persons.size)
    for name in asked.on:
        column = request.columns[name]
        if not isinstance(column, Category):
            yield name, column.values
            continue
        for rank, label in enumerate(column.labels):
            if rank:
                yield f"{name}: {label}", (column.codes == rank).astype(np.float64)


def _check(made: Design, asked: Regression, repeated: int) -> None:
    if repeated:
        raise InvalidInput(f"{repeated} rows repeat a person: aggregate to one row a person.")
    outcome = made.outcome
    is_event = asked.model in (Model.LOGISTIC, Model.COX)
    if is_event and not np.isin(outcome, (0.0, 1.0)).all():
        raise InvalidInput(f"The outcome of a {asked.model} model is 0 or 1.")
    if asked.model is Model.POISSON and (outcome < 0).any():
        raise InvalidInput("The outcome of a Poisson model is 0 or more.")
    if not outcome.size or np.linalg.matrix_rank(made.matrix) < made.matrix.shape[1]:
        raise InvalidInput("Variables tell the same, or there are too few rows: take some out.")


def _least_squares(made: Design) -> Fit:
    matrix, outcome = made.matrix, made.outcome
    rows, terms = matrix.shape
    estimates = np.asarray(np.linalg.lstsq(matrix, outcome, rcond=None)[0], np.float64)
    rest = outcome - matrix @ estimates
    degrees = rows - terms
    variance = float(rest @ rest) / degrees if degrees else 0.0
    errors = np.sqrt(np.diag(np.linalg.inv(matrix.T @ matrix)) * variance)
    spread = float(((outcome - outcome.mean()) ** 2).sum())
    explained = 1.0 - float(rest @ rest) / spread if spread else 1.0
    return Fit(Model.LINEAR, made.terms, estimates, errors, rows, degrees, explained)


Likelihood = Callable[[Design, Floats], tuple[float, Floats, Floats]]
"""Gives, at some estimates, the log-likelihood, its slope and its information."""


def _newton(made: Design, model: Model, likelihood: Likelihood) -> Fit:
    rows, terms = made.matrix.shape
    at = np.zeros(terms)
    value, slope, information = likelihood(made, at)
    for _ in range(STEPS):
        step = _solved(information, slope)
        while not (found := likelihood(made, at + step))[0] >= value - CLOSE:
            step = step / 2
            if np.abs(step).max() < CLOSE:
                raise InvalidInput("The model does not converge: take out variables.")
        at, (value, slope, information) = at + step, found
        if np.abs(step).max() < CLOSE:
            errors = np.sqrt(np.diag(np.linalg.inv(information)))
            events = int(made.outcome.sum()) if model is Model.COX else rows
            return Fit(model, made.terms, at, errors, rows, events - terms, value)
    raise InvalidInput("The model does not converge: a variable may separate the outcomes.")


def _solved(information: Floats, slope: Floats) -> Floats:
    try:
        return np.asarray(np.linalg.solve(information, slope), np.float64)
    except np.linalg.LinAlgError:
        raise InvalidInput("A variable separates the outcomes: take it out.") from None


def _logit(made: Design, at: Floats) -> tuple[float, Floats, Floats]:
    linear = made.matrix @ at
    mean = 1.0 / (1.0 + np.exp(-np.clip(linear, -500, 500)))
    value = float((made.outcome * linear - np.logaddexp(0.0, linear)).sum())
    slope = made.matrix.T @ (made.outcome - mean)
    return value, slope, (made.matrix.T * (mean * (1.0 - mean))) @ made.matrix


def _poisson(made: Design, at: Floats) -> tuple[float, Floats, Floats]:
    """The log-likelihood lacks the constant that depends on outcomes alone."""
    linear = np.clip(made.matrix @ at, -500, 500)
    mean = np.exp(linear)
    value = float((made.outcome * linear - mean).sum())
    slope = made.matrix.T @ (made.outcome - mean)
    return value, slope, (made.matrix.T * mean) @ made.matrix


def _cox(made: Design, at: Floats) -> tuple[float, Floats, Floats]:
    """Breslow's partial likelihood: those at risk at a time are those who last as long."""
    if made.duration is None:
        raise InvalidInput("The model of Cox needs a duration.")
    order = np.argsort(-made.duration, kind="stable")
    matrix, events = made.matrix[order], made.outcome[order] == 1.0
    linear = matrix @ at
    weights = np.exp(linear - linear.max())
    # Sums over those at risk, at the last row of each duration.
    last = np.searchsorted(-made.duration[order], -made.duration[order], side="right") - 1
    total = np.cumsum(weights)[last]
    first = np.cumsum(weights[:, None] * matrix, axis=0)[last]
    outer = matrix[:, :, None] * matrix[:, None, :]
    second = np.cumsum(weights[:, None, None] * outer, axis=0)[last]
    mean = first / total[:, None]
    value = float((linear - np.log(total) - linear.max())[events].sum())
    slope = (matrix - mean)[events].sum(axis=0)
    spread = second / total[:, None, None] - mean[:, :, None] * mean[:, None, :]
    return value, slope, spread[events].sum(axis=0)
