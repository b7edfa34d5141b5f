"""What moved: volumes from one period to its neighbours, and everything since the former report."""

from collections.abc import Iterator, Sequence
from statistics import median
from typing import Final

from ecluse.data.quality.codes import divergence
from ecluse.data.quality.examinations import Examination
from ecluse.data.quality.reports import (
    CheckResult,
    CodeUse,
    LagCurve,
    QualityReport,
    Scope,
    TableChange,
    TableQuality,
    Unit,
)

NEIGHBOURS: Final = 3
"""Periods looked at on each side of one."""
LEAST_NEIGHBOURS: Final = 3
LEAST_ROWS: Final = 100
"""A period is not called unusual where its neighbours hold fewer rows: chance makes it so."""
LEAST_ROWS_ABSENT: Final = 20
LOW, HIGH = 0.5, 2.0
WHOLE: Final = "all"


def check_volumes(
    examination: Examination, table: TableQuality, lags: Sequence[LagCurve]
) -> Iterator[CheckResult]:
    """Give the checks of the rows of each period: flows or years, and months of care.

    Months of care that are still arriving, or older than the first period, are not judged.
    """
    if table.cut != "whole":
        yield from _judged(examination, table.name, "period", _rows_by_period(table))
    arriving = {month.month for lag in lags for month in lag.recent}
    first = table.periods[0].name if table.periods else ""
    rows = [
        volume.rows or 0
        for volume in table.volumes
        if volume.month not in arriving and volume.month >= first
    ]
    yield from _judged(examination, table.name, "event_date", rows)


def _rows_by_period(table: TableQuality) -> list[int]:
    """Return the rows of each month of flow or year, those that no part holds as 0."""
    rows = {period.name: period.rows or 0 for period in table.periods}
    numbers = {_number(name): count for name, count in rows.items() if name != WHOLE}
    if not numbers:
        return []
    return [numbers.get(number, 0) for number in range(min(numbers), max(numbers) + 1)]


def _number(period: str) -> int:
    """Return the rank of a period among months (`2021-03`) or years (`2021`)."""
    year, _, month = period.partition("-")
    return int(year) * 12 + int(month) if month else int(year)


def unusual(rows: Sequence[int]) -> list[int]:
    """Return the ranks of the numbers under half or over twice the median of their neighbours."""
    usual = _usual(rows)
    return [
        rank
        for rank, value in enumerate(rows)
        if value and usual[rank] >= LEAST_ROWS and not LOW <= value / usual[rank] <= HIGH
    ]


def absent(rows: Sequence[int]) -> list[int]:
    """Return the ranks of the zeros that cannot be chance, their neighbours being what they are."""
    usual = _usual(rows)
    return [
        rank for rank, value in enumerate(rows) if not value and usual[rank] >= LEAST_ROWS_ABSENT
    ]


def _usual(rows: Sequence[int]) -> list[float]:
    """Return the median of the neighbours of each number, 0 where there are too few."""
    around = [
        [*rows[max(0, rank - NEIGHBOURS) : rank], *rows[rank + 1 : rank + 1 + NEIGHBOURS]]
        for rank in range(len(rows))
    ]
    return [median(some) if len(some) >= LEAST_NEIGHBOURS else 0.0 for some in around]


def changes(tables: Sequence[TableQuality], former: QualityReport) -> tuple[TableChange, ...]:
    """Return what each table has become since the former report, unchanged tables left out."""
    now = {table.name: table for table in tables}
    before = {table.name: table for table in former.tables}
    found = [_change(before.get(name), now.get(name)) for name in sorted(now.keys() | before)]
    return tuple(change for change in found if _is_change(change))


def check_against(
    examination: Examination,
    tables: Sequence[TableQuality],
    persons: int | None,
    former: QualityReport,
) -> Iterator[CheckResult]:
    """Give the checks against a former report."""
    before = former.population.persons if former.population else None
    if persons is not None and before is not None:
        yield examination.judge(
            "lost-persons",
            table="",
            violations=max(0, before - persons),
            examined=before,
            unit=Unit.PERSONS,
        )
    now = {table.name: table for table in tables}
    for old in former.tables:
        yield from _check_table(examination, old, now.get(old.name), former.scope)


def _check_table(
    examination: Examination, old: TableQuality, new: TableQuality | None, former_scope: Scope
) -> Iterator[CheckResult]:
    if old.rows is not None:
        rows = new.rows or 0 if new else 0
        yield examination.judge(
            "lost-rows", table=old.name, violations=max(0, old.rows - rows), examined=old.rows
        )
    if new is None:
        return
    columns = {column.name for column in new.columns}
    lost = [column.name for column in old.columns if column.name not in columns]
    yield examination.judge(
        "lost-columns",
        table=old.name,
        violations=len(lost),
        examined=len(old.columns),
        unit=Unit.COLUMNS,
    )
    # Codes of one load and of a whole dataset cannot be compared; months are, one with the next.
    is_whole = former_scope is Scope.DATASET and not examination.fresh
    used = {code.column: code for code in new.codes} if is_whole else {}
    for before in old.codes:
        if before.column in used:
            yield examination.judge(
                "changed-codes-since-former",
                table=old.name,
                column=before.column,
                violations=round(10_000 * _bits_between(before, used[before.column])),
                examined=10_000,
                unit=Unit.SHARE,
            )


def _bits_between(before: CodeUse, now: CodeUse) -> float:
    """Compare the codes that the reports show; all others are one code more.

    A code that only one report shows is rare in the other, if there at all: it counts for nothing.
    """
    return divergence(_counts(before), _counts(now))


def _counts(use: CodeUse) -> dict[str, int]:
    return {"": use.rest or 0, **{item.code: item.rows for item in use.codes}}


def _judged(
    examination: Examination, table: str, column: str, rows: Sequence[int]
) -> Iterator[CheckResult]:
    if not rows:
        return
    yield examination.judge(
        "unusual-volume",
        table=table,
        column=column,
        violations=len(unusual(rows)),
        examined=len(rows),
        unit=Unit.PERIODS,
    )
    yield examination.judge(
        "missing-month",
        table=table,
        column=column,
        violations=len(absent(rows)),
        examined=len(rows),
        unit=Unit.PERIODS,
    )


def _change(before: TableQuality | None, now: TableQuality | None) -> TableChange:
    name = (now or before).name  # type: ignore[union-attr]  # one of the two is there
    old = {column.name: None for column in before.columns} if before else {}
    new = {column.name: None for column in now.columns} if now else {}
    digests = {period.name: period.digest for period in before.periods} if before else {}
    periods = {period.name: period.digest for period in now.periods} if now else {}
    changed = {
        period
        for period in digests.keys() | periods.keys()
        if digests.get(period) != periods.get(period)
    }
    return TableChange(
        table=name,
        rows_before=before.rows if before else None,
        rows_now=now.rows if now else None,
        columns_appeared=tuple(column for column in new if column not in old),
        columns_vanished=tuple(column for column in old if column not in new),
        periods_changed=tuple(sorted(changed)),
    )


def _is_change(change: TableChange) -> bool:
    return bool(change.periods_changed or change.columns_appeared or change.columns_vanished)
