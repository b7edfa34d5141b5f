"""A regression asked from inside a job: fitted again, judged on its design, written as a table."""

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from ecluse.data.disclosure.making import Made, judge_labels, printed, rounded
from ecluse.data.disclosure.population import Known
from ecluse.data.disclosure.predicates import Predicate
from ecluse.data.results import Model, Regression, Request, tables
from ecluse.data.results.estimates import INTERCEPT, Design, Fit, design, fit
from ecluse.data.results.requests import Category, Floats
from ecluse.domain.disclosure import DesignFacts, DisclosurePolicy, check_design
from ecluse.domain.errors import InvalidInput

NORMAL_95: Final = 1.959964
"""The 97.5th percentile of the normal law: intervals are Wald's, for all models."""
CLOSE: Final = 1e-6
HEADERS: Final = ("term", "estimate", "standard error", "low 95 %", "high 95 %")


def judge(request: Request, known: Known, policy: DisclosurePolicy) -> Made:
    """Return the estimates as a table, with what stands against it.

    Raises:
        InvalidInput: the model cannot be fitted.
    """
    asked = request.asked
    if not isinstance(asked, Regression):
        raise InvalidInput(f"Result {request.name} is no regression.")
    made, fitted = design(request), fit(request)
    findings = (
        *judge_labels([(f"term {n}", term) for n, term in enumerate(fitted.terms[1:], 1)], policy),
        *check_design(facts(made, fitted), policy),
    )
    rows = tuple(_rows(fitted, policy))
    predicates = tuple(_predicates(request, known))
    note = f"{asked.model} model, {len(fitted.terms)} terms"
    return Made(HEADERS, rows, findings, predicates, note)


def facts(made: Design, fitted: Fit) -> DesignFacts:
    """Return what a regression rests on."""
    matrix, outcome = made.matrix, made.outcome
    full = matrix if INTERCEPT in made.terms else np.column_stack([np.ones(len(matrix)), matrix])
    rows, ranks, sizes = np.unique(full, axis=0, return_inverse=True, return_counts=True)
    basis = np.linalg.qr(full)[0]
    leverages = (basis**2).sum(axis=1)
    # The rows of a group are equal: when their leverages add up to 1 the design sets them apart.
    added = np.bincount(ranks, weights=leverages)
    isolated = sizes[added > 1 - CLOSE]
    spread = (
        [np.ptp(outcome[ranks == rank]) == 0 for rank in range(len(sizes))]
        if (len(rows) <= full.shape[1])
        else []
    )
    is_event = fitted.model in (Model.LOGISTIC, Model.COX)
    return DesignFacts(
        persons=fitted.persons,
        residual_degrees=fitted.residual_degrees,
        apart=dict(_apart(made)),
        largest_leverage=float(leverages.max()),
        isolated=int(isolated.min()) if isolated.size else None,
        patterns=tuple(sizes.tolist()),
        equal_patterns=sum(map(bool, spread)),
        is_saturated=len(rows) <= full.shape[1],
        explained=fitted.fit if fitted.model is Model.LINEAR else None,
        events=_events(made) if is_event else {},
    )


def _apart(made: Design) -> Iterator[tuple[str, int]]:
    """Yield, by term, the persons whose value is not the most frequent one."""
    for term, column in zip(made.terms, made.matrix.T, strict=True):
        if term != INTERCEPT:
            counts = np.unique(column, return_counts=True)[1]
            yield term, int(column.size - counts.max())


def _events(made: Design) -> Mapping[str, tuple[int, int]]:
    """Return the persons with the event and without: all, then on both sides of each indicator."""
    found = {"file": _having(made.outcome)}
    for term, column in zip(made.terms, made.matrix.T, strict=True):
        if term != INTERCEPT and np.isin(column, (0.0, 1.0)).all():
            found[f"term {term}"] = _having(made.outcome[column == 1.0])
            found[f"term {term}, the others"] = _having(made.outcome[column == 0.0])
    return found


def _having(outcome: Floats) -> tuple[int, int]:
    return int(outcome.sum()), int(outcome.size - outcome.sum())


def _rows(fitted: Fit, policy: DisclosurePolicy) -> Iterator[tuple[str, ...]]:
    for term, estimate, error in zip(fitted.terms, fitted.estimates, fitted.errors, strict=True):
        bounds = (estimate - NORMAL_95 * error, estimate + NORMAL_95 * error)
        yield (term, *(printed(float(one), policy) for one in (estimate, error, *bounds)))
    yield "persons", str(rounded(fitted.persons, policy)), "", "", ""
    if fitted.model is Model.LINEAR:
        yield "R²", printed(fitted.fit, policy), "", "", ""


def _predicates(request: Request, known: Known) -> Iterator[Predicate]:
    """Yield who the estimates tell of: all persons, and those of each label."""
    _, ranks = tables.people(request)
    asked = request.asked
    assert isinstance(asked, Regression)  # noqa: S101 - `judge` has seen to it
    numbers = [asked.outcome, *([asked.duration] if asked.duration else [])]
    columns = [request.columns[name] for name in asked.on]
    numeric = [request.number(name) for name in numbers]
    numeric += [column.values for column in columns if not isinstance(column, Category)]
    kept = ~np.isnan(np.column_stack(numeric)).any(axis=1)
    yield Predicate("persons", known.keys(ranks[kept]))
    for name, column in zip(asked.on, columns, strict=True):
        if isinstance(column, Category):
            for rank, label in enumerate(column.labels):
                mine = kept & (column.codes == rank)
                yield Predicate(f"{name} = {label}", known.keys(ranks[mine]))
