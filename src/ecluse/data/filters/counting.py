"""What each filter does to a table: rows before, after it alone, and after it and those before."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_
from typing import Final

import duckdb
from duckdb import (
    CaseExpression,
    ColumnExpression,
    ConstantExpression,
    DuckDBPyRelation,
    Expression,
    FunctionExpression,
)

from ecluse.data.filters.cleaning import Years, clean, known_filters, merge, opened
from ecluse.data.filters.conditions import decided
from ecluse.data.filters.definitions import Filter
from ecluse.data.filters.episodes import can_merge
from ecluse.data.filters.judging import (
    KEY_OF_REJECTS,
    VERDICT,
    Absent,
    ByKey,
    Direct,
    Judgement,
    Source,
    judgements,
)
from ecluse.data.filters.netting import can_net
from ecluse.data.filters.repairing import can_repair, is_repairable
from ecluse.data.filters.switches import DEFAULTS, State, Switches
from ecluse.data.lake import Snapshot

NO: Final = ConstantExpression(False)  # noqa: FBT003 - a constant of the engine, not a switch


@dataclass(frozen=True, slots=True)
class FilterCount:
    """What one filter does to one table, in rows.

    `rows_after`: left by this filter alone, whatever its state; `rows_left`: left by it and those
    before it, in their states. `rows_unknown`: kept because a value that decides is absent, which
    `strict` would drop. `rows_repaired`: with a code filled in. `lacks`: what the dataset would
    need for the filter to be applied, None when nothing.
    """

    name: str
    table: str
    state: State
    rows_before: int
    rows_after: int
    rows_left: int
    rows_unknown: int = 0
    rows_repaired: int = 0
    lacks: str | None = None

    @property
    def is_applied(self) -> bool:
        """Whether the filter changed what is left."""
        return self.state is not State.OFF and self.lacks is None


@dataclass(frozen=True, slots=True)
class _Verdict:
    """One filter that leaves rows out: TRUE to drop, NULL when that cannot be told."""

    name: str
    state: State
    judged: Expression
    lacks: str | None

    @property
    def dropped(self) -> Expression:
        if self.state is State.OFF:
            return NO
        return decided(self.judged, unknown=self.state is State.STRICT)


def counts(
    connection: duckdb.DuckDBPyConnection,
    snapshot: Snapshot,
    table: str,
    *,
    switches: Switches = DEFAULTS,
    years: Years | None = None,
) -> tuple[FilterCount, ...]:
    """Return what each filter that reaches `table` does to it, in the order of application.

    Filters that leave rows out are counted in one reading of the table, those that are off too.

    Raises:
        NotFound: the snapshot has no such table.
        InvalidInput: the switches name a filter that the model does not have.
    """
    source = Source(connection, snapshot, switches.flux_until)
    known = known_filters(snapshot, switches)
    rows = opened(source, table, years)
    left_out = _count_left_out(source, table, rows, known, switches)
    left = left_out[-1].rows_left if left_out else _count(rows)
    done = [*left_out, *_count_repaired(table, rows, known, switches, left)]
    for found in known:
        counted = _count_merged(source, table, rows, found, switches)
        if counted is not None:
            left = _left_after(source, table, counted, switches, years, left)
            done.append(replace(counted, rows_left=left))
    return tuple(done)


def _count_left_out(
    source: Source,
    table: str,
    rows: DuckDBPyRelation,
    known: tuple[Filter, ...],
    switches: Switches,
) -> list[FilterCount]:
    marked, verdicts = rows, []
    for found in known:
        judged = []
        reached = list(judgements(source, table, rows, found))
        for rank, judgement in enumerate(reached):
            marked, expression = _marked(marked, judgement, f"{found.name}_{rank}")
            judged.append(expression)
        if judged:
            state = switches.state(found.name, default=found.default)
            lacks = next((item.lacks for item in reached if isinstance(item, Absent)), None)
            verdicts.append(_Verdict(found.name, state, reduce(or_, judged), lacks))
    if not verdicts:
        return []
    before, *figures = _aggregated(marked, verdicts)
    return [
        FilterCount(
            verdict.name,
            table,
            verdict.state,
            rows_before=before,
            rows_after=before - figures[3 * rank],
            rows_unknown=figures[3 * rank + 1],
            rows_left=before - figures[3 * rank + 2],
            lacks=verdict.lacks,
        )
        for rank, verdict in enumerate(verdicts)
    ]


def _marked(
    rows: DuckDBPyRelation, judgement: Judgement, mark: str
) -> tuple[DuckDBPyRelation, Expression]:
    """Return the rows, wider if the verdict is elsewhere, and the verdict as an expression."""
    if isinstance(judgement, Direct):
        return rows, judgement.judged
    if isinstance(judgement, ByKey):
        key, verdict = ColumnExpression(f"key_{mark}"), ColumnExpression(f"verdict_{mark}")
        rejects = judgement.rejects.select(
            ColumnExpression(KEY_OF_REJECTS).alias(f"key_{mark}"),
            ColumnExpression(VERDICT).alias(f"verdict_{mark}"),
        )
        joined = rows.join(rejects, ColumnExpression(judgement.key) == key, how="left")
        return joined, CaseExpression(key.isnull(), NO).otherwise(verdict)
    return rows, NO


def _aggregated(marked: DuckDBPyRelation, verdicts: list[_Verdict]) -> list[int]:
    """Return the rows, then for each verdict those it drops, cannot tell, and all dropped so far.

    A filter that is off is measured alone as if it were on.
    """
    figures: list[Expression] = [FunctionExpression("count_star")]
    so_far: Expression = NO
    for verdict in verdicts:
        alone = decided(verdict.judged, unknown=verdict.state is State.STRICT)
        so_far = so_far | verdict.dropped
        figures += [
            FunctionExpression("count_if", expression)
            for expression in (alone, verdict.judged.isnull(), so_far)
        ]
    row = marked.aggregate(figures).fetchall()[0]
    return [int(figure) for figure in row]


def _count_repaired(
    table: str,
    rows: DuckDBPyRelation,
    known: tuple[Filter, ...],
    switches: Switches,
    left: int,
) -> Iterator[FilterCount]:
    for found in known:
        for part in found.repairs:
            if part.table == table:
                lacks = can_repair(rows, part)
                before = _count(rows)
                concerned = 0 if lacks else _count(rows.filter(is_repairable(part)))
                state = switches.state(found.name, default=found.default)
                yield FilterCount(
                    found.name,
                    table,
                    state,
                    rows_before=before,
                    rows_after=before,
                    rows_left=left,
                    rows_repaired=concerned,
                    lacks=lacks,
                )


def _count_merged(
    source: Source,
    table: str,
    rows: DuckDBPyRelation,
    found: Filter,
    switches: Switches,
) -> FilterCount | None:
    """Return what merging does alone; None when the filter does not merge rows of `table`."""
    lacking = [can_net(source, rows, item) for item in found.nettings if item.table == table]
    lacking += [can_merge(rows, item) for item in found.episodes if item.table == table]
    if not lacking:
        return None
    before = _count(rows)
    return FilterCount(
        found.name,
        table,
        switches.state(found.name, default=found.default),
        rows_before=before,
        rows_after=_count(merge(source, rows, table, found)),
        rows_left=before,
        lacks=lacking[0],
    )


def _left_after(
    source: Source,
    table: str,
    counted: FilterCount,
    switches: Switches,
    years: Years | None,
    left: int,
) -> int:
    if not counted.is_applied:
        return left
    rows = clean(source.connection, source.snapshot, table, switches=switches, years=years)
    return _count(rows)


def _count(rows: DuckDBPyRelation) -> int:
    ((number,),) = rows.aggregate([FunctionExpression("count_star")]).fetchall()
    return int(number)
