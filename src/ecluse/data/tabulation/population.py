"""Whom a data request may count: the persons of its cohort, nobody who opted out.

Source: EHDS art. 71: an opt-out holds for data requests as for permits.
"""

import numpy as np
import pyarrow as pa
from duckdb import ColumnExpression, DuckDBPyConnection

from ecluse.data.cohorts import duckdb as engine
from ecluse.data.lake import Snapshot, read_persons
from ecluse.data.tabulation.holdings import PersonKeys
from ecluse.domain.cohorts import Cohort
from ecluse.domain.documents import OptOutList
from ecluse.domain.errors import StaleOptOuts


def countable(
    connection: DuckDBPyConnection, snapshot: Snapshot, opt_outs: OptOutList, *, number: str
) -> PersonKeys:
    """Return the persons of a snapshot whom the request `number` may count.

    A person whom the register of opt-outs cannot name is left out: nobody can say that they did not
    opt out (docs/decisions/0007).

    Raises:
        StaleOptOuts: the list was made for another request.
    """
    if opt_outs.permit_number != number:
        raise StaleOptOuts(
            f"The opt-out list is for {opt_outs.permit_number}, not for the request {number}: ask "
            "the register for the right list."
        )
    listed = connection.from_arrow(
        pa.table({"listed_id": pa.array(opt_outs.opt_out_ids, pa.string())})
    )
    is_listed = ColumnExpression("opt_out_id") == ColumnExpression("listed_id")
    named = read_persons(connection, snapshot).filter(ColumnExpression("opt_out_id").isnotnull())
    keys = named.join(listed, is_listed, how="anti").select("person_key").fetchnumpy()
    return np.unique(np.asarray(keys["person_key"], np.int32))


def counted(
    connection: DuckDBPyConnection,
    snapshot: Snapshot,
    cohort: Cohort | None,
    countable_keys: PersonKeys,
) -> PersonKeys:
    """Return those of `countable_keys` who are in a cohort; all of them without a cohort.

    Raises:
        InvalidInput: the cohort asks for what the data model does not have.
        NotFound: the snapshot lacks a table that the cohort reads.
    """
    if cohort is None:
        return countable_keys
    found = engine.run(cohort, snapshot, engine.EVERYTHING, connection=connection)
    chosen = found.rows["person_key"].to_numpy()
    return np.intersect1d(countable_keys, chosen).astype(np.int32)
