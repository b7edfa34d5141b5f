"""Tables as they should be counted: the filters that are on, as one relation.

Nothing is computed by `clean`: the relation is read when something asks for its rows, and what is
asked of it (columns, persons, dates) goes down to the files.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final

import duckdb
from duckdb import ColumnExpression, DuckDBPyRelation

from ecluse.data.filters.conditions import between_years, decided
from ecluse.data.filters.definitions import Filter
from ecluse.data.filters.episodes import can_merge, merge_episodes
from ecluse.data.filters.judging import (
    KEY_OF_REJECTS,
    VERDICT,
    ByKey,
    Direct,
    Judgement,
    KeptRejects,
    Source,
    judgements,
)
from ecluse.data.filters.netting import can_net, net
from ecluse.data.filters.reading import filters
from ecluse.data.filters.repairing import can_repair, repaired
from ecluse.data.filters.switches import DEFAULTS, State, Switches
from ecluse.data.lake import Snapshot

Years = tuple[int, int]
"""First and last year, both included: of care for claims, of the yearly table for stays."""
MINIMUM_LAG_MONTHS: Final = 5
"""Months to wait after the last care; 12 are advised. Source: SNDS documentation, 2023-12-11."""


def clean(
    connection: duckdb.DuckDBPyConnection,
    snapshot: Snapshot,
    table: str,
    *,
    switches: Switches = DEFAULTS,
    years: Years | None = None,
    among: DuckDBPyRelation | None = None,
) -> DuckDBPyRelation:
    """Return the rows of `table` that count, with the columns of the lake.

    `among`, a relation of `person_key`, keeps those persons alone: the same rows as a filter on the
    result, read faster, since every trap is a matter of one person.
    A filter that needs a table or a column that the dataset lacks is not applied: `counts` says so.

    Raises:
        NotFound: the snapshot has no such table.
        InvalidInput: the switches name a filter that the model does not have.
    """
    source = Source(connection, snapshot, switches.flux_until, among)
    return _cleaned(source, table, switches, years)


class Cleaning:
    """Several tables of the same persons, as `clean` gives them one by one.

    What one table says of the others (a surcharge line has no drug that counts) is read once and
    kept in tables of the connection until `close`.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        snapshot: Snapshot,
        *,
        switches: Switches = DEFAULTS,
        among: DuckDBPyRelation | None = None,
    ) -> None:
        self._kept = KeptRejects(connection)
        self._source = Source(connection, snapshot, switches.flux_until, among, self._kept)
        self._switches = switches

    def table(self, name: str) -> DuckDBPyRelation:
        """Return the rows of one table that count. Raises NotFound and InvalidInput."""
        return _cleaned(self._source, name, self._switches, None)

    def close(self) -> None:
        """Forget what was kept."""
        self._kept.close()


def _cleaned(
    source: Source, table: str, switches: Switches, years: Years | None
) -> DuckDBPyRelation:
    on = [
        (found, state)
        for found in known_filters(source.snapshot, switches)
        if (state := switches.state(found.name, default=found.default)) is not State.OFF
    ]
    relation = repair(opened(source, table, years), table, (found for found, _ in on))
    for found, state in on:
        for judgement in judgements(source, table, relation, found):
            relation = _without(relation, judgement, state)
    for found, _ in on:
        relation = merge(source, relation, table, found)
    return relation


def earliest_cut_off(years: Years) -> date:
    """Return the first claims flow that can stand as the last one for care of `years`.

    FLX_DIS_DTD is the first day of the month after the claims came in.
    """
    return date(years[1] + 1, MINIMUM_LAG_MONTHS + 1, 1)


def known_filters(snapshot: Snapshot, switches: Switches) -> tuple[Filter, ...]:
    """Return the filters of the snapshot's model. Raises InvalidInput for a switch of no filter."""
    found = filters(snapshot.model.name)
    switches.check_known(tuple(item.name for item in found))
    return found


def opened(source: Source, table: str, years: Years | None) -> DuckDBPyRelation:
    """Return the rows of `table` in those years; a table that holds no care is given whole."""
    relation = source.rows(table)
    schema = source.snapshot.model.tables.get(table)
    if years is None or schema is None or not schema.holds_care:
        return relation
    in_time = between_years(source.columns(relation), *years)
    return relation if in_time is None else relation.filter(in_time)


def repair(relation: DuckDBPyRelation, table: str, found: Iterable[Filter]) -> DuckDBPyRelation:
    """Return the rows with the codes that these filters repair."""
    for item in found:
        for part in item.repairs:
            if part.table == table and can_repair(relation, part) is None:
                relation = repaired(relation, part)
    return relation


def merge(
    source: Source, relation: DuckDBPyRelation, table: str, found: Filter
) -> DuckDBPyRelation:
    """Return the rows that the filter makes of those that cancel or touch each other."""
    for netting in found.nettings:
        if netting.table == table and can_net(source, relation, netting) is None:
            return net(source, relation, netting)
    for episodes in found.episodes:
        if episodes.table == table and can_merge(relation, episodes) is None:
            return merge_episodes(relation, episodes)
    return relation


def _without(relation: DuckDBPyRelation, judgement: Judgement, state: State) -> DuckDBPyRelation:
    is_strict = state is State.STRICT
    if isinstance(judgement, Direct):
        return relation.filter(~decided(judgement.judged, unknown=is_strict))
    if isinstance(judgement, ByKey):
        rejects = judgement.rejects
        if not is_strict:
            rejects = rejects.filter(ColumnExpression(VERDICT))
        is_rejected = ColumnExpression(judgement.key) == ColumnExpression(KEY_OF_REJECTS)
        return relation.join(rejects, is_rejected, how="anti")
    return relation
