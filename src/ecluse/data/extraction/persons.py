"""Who is extracted: from the whole dataset to the persons kept, one counted step after another."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from duckdb import ColumnExpression

from ecluse.data.cohorts import Reading
from ecluse.data.cohorts import duckdb as engine
from ecluse.data.cohorts.selected import Selected
from ecluse.data.extraction.naming import Kept, kept_of
from ecluse.data.extraction.warrants import Warrant
from ecluse.data.filters import DEFAULTS, State, Switches
from ecluse.data.lake import Snapshot, read_persons
from ecluse.data.optouts import Told, tell
from ecluse.data.pseudonyms import ProjectPseudonyms
from ecluse.domain import cohorts
from ecluse.domain.documents import AttritionStep, ExtractionOrder

Keys = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The persons extracted, what the cohort says of each, and how many each step left.

    `rows` are those of `Selected`, of the persons kept alone; `told` is what the list of opt-outs
    says of the whole cohort.
    """

    kept: Kept
    rows: pa.Table
    attrition: tuple[AttritionStep, ...]
    told: Told


def choose(
    warrant: Warrant,
    snapshot: Snapshot,
    project: ProjectPseudonyms,
    *,
    connection: duckdb.DuckDBPyConnection,
) -> Chosen:
    """Return the persons of the cohort who are not opted out, named for the project."""
    order = warrant.order
    found = engine.run(order.cohort, snapshot, reading_of(order), connection=connection)
    steps = list(found.attrition)
    if order.cohort.matching is not None:
        steps.append(("with-controls", found.rows.num_rows))
    told = tell(found.rows["person_key"].to_numpy(), warrant.listing, snapshot, connection)
    keys = told.keys
    for step, left in _after_opt_outs(told, warrant, snapshot, connection):
        steps.append((step, len(left)))
        keys = left
    rows = _rows_of(found, keys)
    if order.cohort.matching is not None:
        rows = _with_their_case(rows)
        steps.append(("in-a-set-with-its-case", rows.num_rows))
    kept = _named(rows, snapshot, project, connection)
    return Chosen(kept, rows, tuple(AttritionStep(name, count) for name, count in steps), told)


def with_cases_seen(chosen: Chosen, seen: npt.NDArray[np.bool_]) -> Chosen:
    """Leave out the controls whose case has no row to deliver: they would serve no purpose.

    `seen` says, by rank, who has a row.
    """
    rows = chosen.rows
    is_case_seen = pc.and_(
        rows["is_case"],
        pc.is_in(rows["person_key"], value_set=pa.array(chosen.kept.keys[seen], pa.int32())),
    )
    sets = rows.filter(is_case_seen)["set_number"].combine_chunks()
    left = rows.filter(pc.is_in(rows["set_number"], value_set=sets))
    is_left = np.isin(chosen.kept.keys, left["person_key"].to_numpy())
    step = AttritionStep("in-a-set-whose-case-has-rows", left.num_rows)
    return replace(
        chosen,
        kept=chosen.kept.only(is_left),
        rows=left,
        attrition=(*chosen.attrition, step),
    )


def reading_of(order: ExtractionOrder) -> Reading:
    """Return which rows the order lets be read."""
    return Reading(order.care_from, order.care_to, order.flux_until, switches_of(order))


def switches_of(order: ExtractionOrder) -> Switches:
    """Return the filters that the order asks for, those of the documentation for the rest."""
    asked = replace(DEFAULTS, flux_until=order.flux_until)
    for switch in order.filters:
        asked = asked.with_state(switch.filter, State(switch.state.value))
    return asked


def _after_opt_outs(
    told: Told,
    warrant: Warrant,
    snapshot: Snapshot,
    connection: duckdb.DuckDBPyConnection,
) -> Iterable[tuple[str, Keys]]:
    """Yield the steps that lead to who may be extracted.

    Of a person whom the register cannot name, nobody can say that they did not opt out: they are
    left out (EHDS art. 71; docs/decisions/0007), unless the permit applies art. 71(4), which does
    not lift the opposition to the national copy.
    """
    if told.is_exception:
        yield "opt-out-exception-applied", told.keys
        if told.opposed().any():
            yield "not-opposed-to-the-national-copy", told.keys[~told.left_out()]
    else:
        yield "known-to-the-opt-out-register", told.keys[told.is_known]
        yield "not-opted-out", told.keys[~told.left_out()]
    links = sorted(cohorts.links(warrant.order.cohort))
    if links and (not told.is_exception or told.is_out):
        barred = _barred(warrant, snapshot, connection)
        led = [_led_to(barred, link, warrant, snapshot, connection) for link in links]
        left = told.keys[~told.left_out()]
        yield "linked-persons-not-opted-out", np.setdiff1d(left, np.concatenate(led))


def _led_to(
    barred: Keys,
    name: str,
    warrant: Warrant,
    snapshot: Snapshot,
    connection: duckdb.DuckDBPyConnection,
) -> Keys:
    """Return who is joined by a link to one of the persons `barred`.

    What the cohort says of a child comes from the stays of the mother: of a mother who opted out,
    it may say nothing.
    """
    pairs = engine.linked(name, snapshot, reading_of(warrant.order), connection=connection)
    is_barred = pc.is_in(pairs["person_key"], value_set=pa.array(barred, pa.int32()))
    led: Keys = pairs.filter(is_barred)["linked_to"].to_numpy()
    return led


def _barred(warrant: Warrant, snapshot: Snapshot, connection: duckdb.DuckDBPyConnection) -> Keys:
    """Return everyone of the dataset who may not be used, in the cohort or not."""
    everyone = engine.keys_of(read_persons(connection, snapshot))
    told = tell(everyone, warrant.listing, snapshot, connection)
    barred: Keys = told.keys[told.left_out()]
    return barred


def _rows_of(found: Selected, keys: Keys) -> pa.Table:
    is_left = pc.is_in(found.rows["person_key"], value_set=pa.array(keys, pa.int32()))
    return found.rows.filter(is_left)


def _with_their_case(rows: pa.Table) -> pa.Table:
    """Leave out the controls of a case who opted out: they would serve no purpose."""
    cases = rows.filter(rows["is_case"])["set_number"]
    return rows.filter(pc.is_in(rows["set_number"], value_set=cases.combine_chunks()))


def _named(
    rows: pa.Table,
    snapshot: Snapshot,
    project: ProjectPseudonyms,
    connection: duckdb.DuckDBPyConnection,
) -> Kept:
    """Return the persons of these rows, each identity hashed once."""
    chosen = pa.table({"kept_key": pc.unique(rows["person_key"].combine_chunks())})
    is_kept = ColumnExpression("person_key") == ColumnExpression("kept_key")
    persons = read_persons(connection, snapshot)
    joined = persons.join(connection.from_arrow(chosen), is_kept, how="semi")
    found = joined.select(ColumnExpression("person_key"), ColumnExpression("person_id"))
    table = found.to_arrow_table().sort_by("person_key")
    keys, identities = (_whole(table.column(name)) for name in ("person_key", "person_id"))
    return kept_of(keys, identities, project)


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
