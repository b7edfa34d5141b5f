"""Whom a data request may count: the persons of its cohort, nobody who opted out.

Source: EHDS art. 71: an opt-out holds for data requests as for permits.
"""

import numpy as np
from duckdb import DuckDBPyConnection

from ecluse.data.cohorts import duckdb as engine
from ecluse.data.lake import Snapshot, read_persons
from ecluse.data.optouts import Listing, tell
from ecluse.data.tabulation.holdings import PersonKeys
from ecluse.domain.cohorts import Cohort
from ecluse.domain.errors import StaleOptOuts


def countable(
    connection: DuckDBPyConnection, snapshot: Snapshot, listing: Listing, *, number: str
) -> PersonKeys:
    """Return the persons of a snapshot whom the request `number` may count.

    A person whom the register of opt-outs cannot name is left out: nobody can say that they did not
    opt out (docs/decisions/0007); unless the decision applies the exception of art. 71(4).

    Raises:
        StaleOptOuts: the list was made for another request, or its file is not here.
    """
    listed_for = listing.opt_outs.permit_number
    if listed_for != number:
        raise StaleOptOuts(
            f"The opt-out list is for {listed_for}, not for the request {number}: ask "
            "the register for the right list."
        )
    everyone = engine.keys_of(read_persons(connection, snapshot))
    told = tell(everyone, listing, snapshot, connection)
    kept: PersonKeys = told.keys[~told.left_out()]
    return kept


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
