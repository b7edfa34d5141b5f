"""What a project receives of an indirect matching: its own pseudonyms, never the lake's names."""

from collections.abc import Collection
from dataclasses import dataclass

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from ecluse.data.lake import Snapshot, read_persons
from ecluse.data.linkage.records import RECORD, Matches
from ecluse.data.pseudonyms import PERSON_PSEUDONYM, Label, ProjectPseudonyms


@dataclass(frozen=True, slots=True)
class Given:
    """Who of a source is which pseudonym, and how many pairs were left out. Never printed.

    `opted_out` counts those who opted out, `unnameable` those whom the opt-out register cannot
    name, so that nobody can say that they did not.
    """

    rows: pa.Table
    opted_out: int
    unnameable: int

    def __repr__(self) -> str:
        return f"<{len(self.rows)} pairs>"


def give_matches(
    matches: Matches,
    snapshot: Snapshot,
    *,
    project: ProjectPseudonyms,
    opt_out_ids: Collection[str],
    connection: duckdb.DuckDBPyConnection,
) -> Given:
    """Return `record_id` and `person_pseudonym` of the pairs found, whose second is `person_id`.

    Who opted out is left out (EHDS art. 71), and whom the register cannot name (decision 0007).
    `connection` reads the dataset's folder.
    """
    pairs = pa.table(
        {
            RECORD: pa.array(matches.pairs.keys(), pa.string()),
            "person": pa.array(matches.pairs.values(), pa.string()),
        }
    )
    persons = read_persons(connection, snapshot).project("person_id, opt_out_id")
    found = connection.from_arrow(pairs).join(persons, "person = person_id").to_arrow_table()
    nameable = found.filter(pc.is_valid(found.column("opt_out_id")))
    opposed = pa.array(sorted(opt_out_ids), pa.string())
    kept = nameable.filter(pc.invert(pc.is_in(nameable.column("opt_out_id"), value_set=opposed)))
    pseudonyms = project.of(Label.PERSON, kept.column("person"))
    rows = pa.table({RECORD: kept.column(RECORD), PERSON_PSEUDONYM: pseudonyms})
    return Given(
        rows.sort_by(PERSON_PSEUDONYM), len(nameable) - len(kept), len(found) - len(nameable)
    )
