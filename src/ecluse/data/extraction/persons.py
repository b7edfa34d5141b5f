"""Who is extracted: from the whole dataset to the persons kept, one counted step after another."""

from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
from duckdb import ColumnExpression, ConstantExpression, DuckDBPyRelation

from ecluse.data.cohorts import Reading
from ecluse.data.cohorts import duckdb as engine
from ecluse.data.extraction.plans import PERSON_PSEUDONYM, TablePlan
from ecluse.data.extraction.warrants import Warrant
from ecluse.data.lake import Snapshot, read, read_persons
from ecluse.data.pseudonyms import Label, ProjectPseudonyms
from ecluse.domain.documents import AttritionStep


@dataclass(frozen=True, slots=True)
class Kept:
    """The persons extracted, and how many were left after each step."""

    keys: engine.Keys
    attrition: tuple[AttritionStep, ...]


def choose(
    warrant: Warrant,
    snapshot: Snapshot,
    plans: tuple[TablePlan, ...],
    *,
    connection: duckdb.DuckDBPyConnection,
) -> Kept:
    """Return the persons of the cohort, not opted out, who have rows in the care period."""
    reading = reading_of(warrant)
    everyone = engine.everyone(snapshot, connection=connection)
    cohort = engine.select(warrant.order.cohort, snapshot, reading, connection=connection)
    left, opposed = _after_opt_outs(cohort, warrant, snapshot, connection)
    seen = _with_rows(left, plans, snapshot, reading, connection)
    steps = {
        "persons-of-dataset": everyone,
        "in-cohort": cohort,
        **opposed,
        "with-rows-in-care-period": seen,
    }
    return Kept(seen, tuple(AttritionStep(name, len(keys)) for name, keys in steps.items()))


def _after_opt_outs(
    cohort: engine.Keys,
    warrant: Warrant,
    snapshot: Snapshot,
    connection: duckdb.DuckDBPyConnection,
) -> tuple[engine.Keys, dict[str, engine.Keys]]:
    """Return who may be extracted, and the steps that led there.

    Of a person whom the register cannot name, nobody can say that they did not opt out: they are
    left out (EHDS art. 71; docs/decisions/0007), unless the permit applies art. 71(4).
    """
    if warrant.permit.applies_opt_out_exception:
        return cohort, {"opt-out-exception-applied": cohort}
    nameable = read_persons(connection, snapshot).filter(ColumnExpression("opt_out_id").isnotnull())
    known = np.intersect1d(cohort, engine.keys_of(nameable), assume_unique=True)
    opposed = _opted_out(warrant, snapshot, connection)
    left = np.setdiff1d(known, opposed, assume_unique=True)
    return left, {"known-to-the-opt-out-register": known, "not-opted-out": left}


def reading_of(warrant: Warrant) -> Reading:
    """Return which rows the order lets be read."""
    order = warrant.order
    return Reading(order.care_from, order.care_to, order.flux_until)


def readable(
    plan: TablePlan, snapshot: Snapshot, reading: Reading, connection: duckdb.DuckDBPyConnection
) -> DuckDBPyRelation:
    """Return the rows of a table within the care period and the cut-off, whoever they concern."""
    rows = engine.arrived(read(connection, snapshot, plan.table.name), reading)
    if not plan.is_dated:
        return rows
    day = ColumnExpression("event_date")
    first, last = ConstantExpression(reading.care_from), ConstantExpression(reading.care_to)
    return rows.filter((day >= first) & (day <= last))


def pseudonyms_of(
    keys: engine.Keys,
    snapshot: Snapshot,
    project: ProjectPseudonyms,
    *,
    connection: duckdb.DuckDBPyConnection,
) -> pa.Table:
    """Return the pseudonym of each person kept, beside the key that joins it to rows."""
    persons = read_persons(connection, snapshot)
    kept = connection.from_arrow(_key_table(keys))
    named = persons.join(kept, ColumnExpression("person_key") == ColumnExpression("kept_key"))
    found = named.select("kept_key", "person_id").to_arrow_table()
    pseudonyms = project.of(Label.PERSON, found.column("person_id").to_pylist())
    return pa.table(
        {"kept_key": found.column("kept_key"), PERSON_PSEUDONYM: pa.array(pseudonyms, pa.string())}
    )


def _opted_out(
    warrant: Warrant, snapshot: Snapshot, connection: duckdb.DuckDBPyConnection
) -> engine.Keys:
    listed = pa.table({"listed_id": pa.array(warrant.opt_outs.opt_out_ids, pa.string())})
    persons = read_persons(connection, snapshot)
    matched = persons.join(
        connection.from_arrow(listed),
        ColumnExpression("opt_out_id") == ColumnExpression("listed_id"),
        how="semi",
    )
    return engine.keys_of(matched)


def _with_rows(
    keys: engine.Keys,
    plans: tuple[TablePlan, ...],
    snapshot: Snapshot,
    reading: Reading,
    connection: duckdb.DuckDBPyConnection,
) -> engine.Keys:
    """Return the persons who have a row in a dated table; all, when no table ordered has dates."""
    dated = [plan for plan in plans if plan.is_about_persons and plan.is_dated]
    if not dated:
        return keys
    found = (readable(plan, snapshot, reading, connection) for plan in dated)
    seen = [engine.keys_of(rows.select("person_key").distinct()) for rows in found]
    return np.intersect1d(keys, np.unique(np.concatenate(seen)), assume_unique=True)


def _key_table(keys: engine.Keys) -> pa.Table:
    return pa.table({"kept_key": pa.array(keys, pa.int32())})
