"""The rows of a table by day of care and period, and the checks that one row alone decides.

Two scans of a few columns: one leaves a small table (days times periods), of which months of care
and delays are sums; the other counts every check of single rows at once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ecluse.data.engines import quoted
from ecluse.data.quality.examinations import PERSONS, PREFIX, Examination, view
from ecluse.data.quality.reports import CheckResult, Volume
from ecluse.data.quality.row_checks import RowCheck, day_checks, row_checks
from ecluse.data.schemas import TABLE_YEAR, TableSchema

FIRST_YEAR: Final = 1950
"""Earlier dates are of an illness begun long ago, or wrong: no month of theirs is drawn."""


@dataclass(frozen=True, slots=True)
class Profile:
    """The temporary table of a scan: `day`, `period`, `rows`."""

    name: str
    schema: TableSchema


def scan(examination: Examination, schema: TableSchema) -> Profile:
    """Keep the rows of a table by day of care and period."""
    name = f"{PREFIX}profile_{schema.name}"
    # GROUP BY ALL: a table may have a column called `day`, which would be taken for ours.
    # Of every slice, also those not looked at row by row: delays need all flows.
    every = examination.show(examination.snapshot.tables[schema.name], f"{PREFIX}all_{schema.name}")
    examination.keep(
        name,
        f"""
        SELECT {_day(examination, schema)} AS day, {_period(examination, schema)} AS period,
               count(*) AS "rows"
        FROM {every} AS t GROUP BY ALL
        """,  # noqa: S608 — every name is quoted
    )
    return Profile(name, schema)


def check(
    examination: Examination, profile: Profile, *, has_persons: bool
) -> Iterator[CheckResult]:
    """Give the results of the checks of days, then of those of single rows."""
    schema = profile.schema
    of_days = list(day_checks(examination, schema))
    weighted = 'coalesce(sum("rows") FILTER ({}), 0)'
    yield from _counted(examination, schema, of_days, weighted, quoted(profile.name))
    of_rows = list(row_checks(examination, schema, has_persons=has_persons))
    rows = f"{view(schema.name)} AS t"
    if has_persons and examination.has(schema.name, "person_key"):
        rows += f" LEFT JOIN {quoted(PERSONS)} AS p USING (person_key)"
    yield from _counted(examination, schema, of_rows, "coalesce(count_if({}), 0)", rows)


def _counted(
    examination: Examination,
    schema: TableSchema,
    checks: list[RowCheck],
    count: str,
    rows: str,
) -> Iterator[CheckResult]:
    """Count every check in one query; `count` says how the rows of an expression are counted."""
    if not checks:
        return
    counts = ", ".join(
        count.format(expression) for made in checks for expression in (made.violated, made.examined)
    )
    values = [value for made in checks for value in made.values]
    found = examination.row(f"SELECT {counts} FROM {rows}", values)  # noqa: S608 — quoted, bound
    for rank, made in enumerate(checks):
        violations, examined = found[2 * rank : 2 * rank + 2]
        yield examination.judge(
            made.check,
            table=schema.name,
            column=made.column,
            violations=int(violations),
            examined=int(examined),
        )


def volumes(examination: Examination, profile: Profile) -> tuple[Volume, ...]:
    """Return the rows of each month of care, oldest first, empty months between included."""
    found = examination.rows(
        f"""
        SELECT year(day) * 12 + month(day) - 1 AS month, sum("rows")::BIGINT
        FROM {quoted(profile.name)} WHERE day >= make_date(?, 1, 1) AND day <= ?
        GROUP BY month ORDER BY month
        """,  # noqa: S608 — our own table
        [FIRST_YEAR, examination.on],
    )
    by_month = {int(month): int(rows) for month, rows in found}
    if not by_month:
        return ()
    return tuple(
        Volume(month_name(month), by_month.get(month, 0))
        for month in range(min(by_month), max(by_month) + 1)
    )


def month_name(month: int) -> str:
    """Return `2021-03` for the month number year × 12 + month − 1."""
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def _day(examination: Examination, schema: TableSchema) -> str:
    return "t.event_date" if examination.has(schema.name, "event_date") else "NULL::DATE"


def _period(examination: Examination, schema: TableSchema) -> str:
    if schema.flow_date and examination.has(schema.name, schema.flow_date):
        return f"t.{quoted(schema.flow_date)}::DATE"
    if schema.is_yearly and examination.has(schema.name, TABLE_YEAR):
        return f"make_date(t.{quoted(TABLE_YEAR)}::INTEGER, 1, 1)"
    return "NULL::DATE"
