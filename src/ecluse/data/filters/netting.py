"""Lines that cancel each other: an act that was corrected becomes one line, or none.

An act that nothing cancels keeps its lines as they are. So only the acts with a negative line are
grouped: a hundredth of the table, whatever its size.
"""

from typing import Final

from duckdb import ColumnExpression, ConstantExpression, DuckDBPyRelation

from ecluse.data.engines import quoted
from ecluse.data.filters.definitions import Netting
from ecluse.data.filters.judging import EVENT_KEY, PERSON_KEY, Source

FLOW_DATE: Final = "FLX_DIS_DTD"
PARENT_EVENT: Final = "quantity_event"
ACT_HASH: Final = "act_hash"
"""One number in place of the act's columns, to find the few that matter; never to decide."""
DECIMALS: Final = 4
"""Sums of amounts are rounded, so that the order of addition does not show."""


def can_net(source: Source, relation: DuckDBPyRelation, netting: Netting) -> str | None:
    """Return what the dataset lacks to net `relation`, None when nothing."""
    home = netting.quantity_table
    if home is not None and home not in source.snapshot.tables:
        return home
    with_quantity = source.rows(home) if home else relation
    keys = (PERSON_KEY, EVENT_KEY) if home else (PERSON_KEY,)
    lacking = [name for name in keys if name not in relation.columns]
    if netting.quantity not in with_quantity.columns:
        lacking.append(netting.quantity)
    return ", ".join(lacking) or None


def net(source: Source, relation: DuckDBPyRelation, netting: Netting) -> DuckDBPyRelation:
    """Return the lines of `relation`, those of a cancelled act replaced by what is left of it.

    An act with a line whose quantity is not positive becomes one line with the sums of quantities
    and amounts, or none when the quantities do not add up to more than 0. Its other values are
    those of its latest positive line.
    """
    act = ", ".join(act_of(relation, netting.act, netting.unnamed))
    named = ", ".join(act_of(relation, netting.act, ()))
    hashed = _with_quantity(source, relation, netting).project(f"*, hash({named}) AS {ACT_HASH}")
    lines = hashed.set_alias("lines")
    cancelled = (
        lines.filter(ColumnExpression(netting.quantity) <= ConstantExpression(0))
        .select(ColumnExpression(ACT_HASH).alias("cancelled_hash"))
        .distinct()
        .set_alias("cancelled")
    )
    is_suspect = ColumnExpression(ACT_HASH) == ColumnExpression("cancelled_hash")
    columns = ", ".join(quoted(name) for name in relation.columns)
    untouched = lines.join(cancelled, is_suspect, how="anti").project(columns)
    left = _left_of_acts(lines.join(cancelled, is_suspect, how="semi"), netting, act)
    return untouched.union(left.project(columns))


def _with_quantity(
    source: Source, relation: DuckDBPyRelation, netting: Netting
) -> DuckDBPyRelation:
    if netting.quantity_table is None:
        return relation
    parents = source.rows(netting.quantity_table).select(
        ColumnExpression(EVENT_KEY).alias(PARENT_EVENT), ColumnExpression(netting.quantity)
    )
    is_parent = ColumnExpression(EVENT_KEY) == ColumnExpression(PARENT_EVENT)
    return relation.join(parents, is_parent, how="left")


def _left_of_acts(lines: DuckDBPyRelation, netting: Netting, act: str) -> DuckDBPyRelation:
    """Return what is left of each act; two acts may share a hash, so each is judged by itself."""
    types = dict(zip(lines.columns, map(str, lines.types), strict=True))
    is_cancelled = f"min({quoted(netting.quantity)}) OVER (PARTITION BY {act}) <= 0"
    summed = [name for name in (netting.quantity, *netting.sums) if name in types]
    sums = ", ".join(
        f"CASE WHEN {is_cancelled} THEN CAST(round(sum({quoted(name)}) OVER (PARTITION BY {act}), "
        f"{DECIMALS}) AS {types[name]}) ELSE {quoted(name)} END AS {quoted(name)}"
        for name in summed
    )
    latest = [f"{quoted(netting.quantity)} > 0 DESC"]
    latest += [f"{quoted(n)} DESC NULLS LAST" for n in (FLOW_DATE, EVENT_KEY) if n in types]
    rank = f"row_number() OVER (PARTITION BY {act} ORDER BY {', '.join(latest)})"
    judged = lines.project(
        f"* REPLACE ({sums}), {rank} AS rank_in_act, {is_cancelled} AS is_cancelled"
    )
    return judged.filter(
        f"is_cancelled IS NOT TRUE OR (rank_in_act = 1 AND {quoted(netting.quantity)} > 0)"
    )


def act_of(
    relation: DuckDBPyRelation, columns: tuple[str, ...], unnamed: tuple[str, ...]
) -> list[str]:
    """Return what tells one act from another: the person, or who stands for one, then `columns`."""
    present = set(relation.columns)
    stand_ins = [
        f"CASE WHEN {PERSON_KEY} IS NULL THEN {quoted(name)} END"
        for name in unnamed
        if name in present
    ]
    return [PERSON_KEY, *stand_ins, *(quoted(name) for name in columns if name in present)]
