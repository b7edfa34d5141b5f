"""The gate on random persons, against the checks of the field computed here in plain Python.

What the engine shows must pass the checks that ACRO makes by default (10 persons, two largest
shares of at most 90 %, 10 % without them, 10 residual degrees of freedom), and stay shown or
hidden whatever the order of rows. Each table that it makes is then audited as if an author had
written it.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecluse.data.disclosure.auditing import audit
from ecluse.data.disclosure.modelling import facts
from ecluse.data.disclosure.population import alone
from ecluse.data.disclosure.tabulating import protect
from ecluse.data.results import Category, Model, Number, Regression, Request, Tabulation
from ecluse.data.results.estimates import design, fit
from ecluse.domain.disclosure import (
    DisclosurePolicy,
    Table,
    TableDeclaration,
    check_design,
    check_table,
    read_table,
)
from ecluse.domain.errors import InvalidInput

POLICY = DisclosurePolicy()
FEW = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
SEEDS = st.integers(0, 2**32 - 1)


def drawn(seed: int, *, by: tuple[str, ...] = ("a", "b"), amount: str | None = "x") -> Request:
    """Rows of 60 to 400 persons, some in several rows, with skewed amounts."""
    chance = np.random.default_rng(seed)
    rows = int(chance.integers(60, 400))
    columns = {
        "a": Category(chance.geometric(0.4, rows).clip(1, 5).astype(np.int32) - 1, tuple("pqrst")),
        "b": Category(chance.integers(0, 3, rows).astype(np.int32), tuple("uvw")),
        "x": Number(np.round(chance.lognormal(3, 1.8, rows), 2)),
    }
    persons = chance.integers(0, rows, rows).astype(np.uint64)
    asked = Tabulation(by, amount, sensitive=("b",) if seed % 2 else ())
    return Request("t", asked, persons, columns)


def shown(request: Request) -> list[dict[str, str]]:
    """The rows shown of the table that the engine makes."""
    made = protect(request, alone(np.unique(request.persons)), POLICY)
    rows = csv.DictReader(io.StringIO(made.csv().decode()))
    return [row for row in rows if row["persons"] != "s"]


def shares(request: Request, row: dict[str, str]) -> list[float]:
    """The amounts of the persons of a row, added up by person, from the largest."""
    found: dict[int, float] = {}
    for rank, person in enumerate(request.persons.tolist()):
        labels = {name: request.category(name) for name in ("a", "b")}
        told = {name: one.labels[int(one.codes[rank])] for name, one in labels.items()}
        if all(row[name] in ("Total", told[name]) for name in told):
            found[person] = found.get(person, 0.0) + float(request.number("x")[rank])
    return sorted(found.values(), reverse=True)


def faults(request: Request) -> Iterator[str]:
    """What ACRO would say of the rows shown."""
    for row in shown(request):
        sums = shares(request, row)
        if len(sums) != int(row["persons"]):
            yield "another number of persons"
        if 0 < len(sums) < 10:
            yield "threshold"
        if sums and sum(sums[:2]) > 0.9 * sum(sums):
            yield "nk-rule"
        if sums and sum(sums[2:]) < 0.1 * sums[0]:
            yield "p-ratio"
        if len(sums) > 1 and max(sums) == min(sums):
            yield "all values are the same"


@FEW
@given(SEEDS)
def test_what_is_shown_passes_the_checks_of_the_field(seed: int) -> None:
    assert list(faults(drawn(seed))) == []


@FEW
@given(SEEDS)
def test_a_table_that_the_engine_made_stands_its_own_audit(seed: int) -> None:
    # One row a person: of persons in several categories a reader would not assume totals.
    rows = drawn(seed)
    request = replace(rows, persons=np.arange(rows.persons.size, dtype=np.uint64))
    made = protect(request, alone(request.persons), POLICY)
    reading = read_table(
        Table(made.headers, made.rows),
        TableDeclaration(counts=("persons",), labels=("a", "b")),
        POLICY,
    )

    found = [one.explanation for one in audit(reading) if "give back" not in one.explanation]

    # A number hidden for its amount may be given back: only small ones may not.
    assert found == []


@FEW
@given(SEEDS, SEEDS)
def test_the_order_of_rows_changes_nothing(seed: int, other: int) -> None:
    request = drawn(seed)
    order = np.random.default_rng(other).permutation(request.persons.size)
    columns = {
        "a": Category(request.category("a").codes[order], tuple("pqrst")),
        "b": Category(request.category("b").codes[order], tuple("uvw")),
        "x": Number(request.number("x")[order]),
    }
    moved = replace(request, persons=request.persons[order], columns=columns)

    assert shown(moved) == shown(request)


TABLES = st.lists(st.integers(0, 40), min_size=2, max_size=6)


@FEW
@given(TABLES, st.integers(2, 30), st.integers(2, 30))
def test_a_lower_minimum_never_blocks_more(numbers: list[int], one: int, other: int) -> None:
    low, high = sorted((one, other))
    rows = tuple((f"r{rank}", str(number)) for rank, number in enumerate(numbers))
    table = Table(("row", "persons"), rows)

    found = [
        {
            finding.place
            for finding in check_table(
                table,
                TableDeclaration(counts=("persons",)),
                DisclosurePolicy(minimum_count=minimum),
            )
        }
        for minimum in (low, high)
    ]

    assert found[0] <= found[1]


@FEW
@given(SEEDS)
def test_a_regression_that_passes_has_degrees_of_freedom_and_nobody_set_apart(seed: int) -> None:
    chance = np.random.default_rng(seed)
    rows = int(chance.integers(8, 60))
    columns = {
        "y": Number(np.round(chance.normal(size=rows), 3)),
        "x": Number(np.round(chance.normal(size=rows), 1)),
        "d": Category((chance.uniform(size=rows) < 0.15).astype(np.int32), ("no", "yes")),
    }
    asked = Regression(Model.LINEAR, "y", ("x", "d"))
    try:
        request = Request("r", asked, np.arange(rows, dtype=np.uint64), columns)
        made = design(request)
    except InvalidInput:
        return
    passes = not list(check_design(facts(made, fit(request)), POLICY))
    exposed = int(columns["d"].codes.sum())  # type: ignore[union-attr]

    assert not passes or (rows - 3 >= 10 and 11 <= exposed <= rows - 11)
