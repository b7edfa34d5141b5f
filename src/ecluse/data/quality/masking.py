"""Small numbers taken out of a report, and those beside them that would give them away."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from ecluse.data.quality.reports import (
    AgeBand,
    CheckResult,
    CodeUse,
    ColumnQuality,
    LagCurve,
    Population,
    QualityReport,
    Refusal,
    TableChange,
    TableQuality,
    Unit,
)

T = TypeVar("T")
ABOUT_PERSONS = frozenset({Unit.ROWS, Unit.PERSONS})
BALANCE = "unbalanced-sexes"
"""The check whose two numbers are a difference and a sum: what is left is twice the smaller sex."""


def masked(report: QualityReport, *, minimum: int) -> QualityReport:
    """Return `report` without the counts of rows or persons from 1 to `minimum` − 1.

    Rows stand for persons here: few rows are few persons. In a series whose total is shown, the
    smallest other counts go too, until those not shown add up to `minimum` at least.
    """
    return replace(
        report,
        minimum_count=minimum,
        checks=_checks(report, minimum),
        population=_population(report.population, minimum),
        tables=tuple(_table(table, minimum) for table in report.tables),
        lags=tuple(_lag(lag, minimum) for lag in report.lags),
        changes=tuple(_change(change, minimum) for change in report.changes),
        refusals=_refusals(report.refusals, minimum),
    )


def shown(counts: Sequence[int | None], minimum: int) -> tuple[int | None, ...]:
    """Return the counts of a series, None for those that must not be shown beside its total."""
    hidden = {rank for rank, count in enumerate(counts) if alone(count, minimum) is None}
    left = sorted(
        (count, rank) for rank, count in enumerate(counts) if count and rank not in hidden
    )
    while left and hidden and sum(counts[rank] or 0 for rank in hidden) < minimum:
        hidden.add(left.pop(0)[1])
    return tuple(None if rank in hidden else count for rank, count in enumerate(counts))


def alone(count: int | None, minimum: int) -> int | None:
    """Return a count that stands alone, None if it is small or was not shown already."""
    return None if count is None or 0 < count < minimum else count


def shown_parts(
    parts: Sequence[int | None], wholes: Sequence[int | None], minimum: int
) -> tuple[int | None, ...]:
    """Return parts of known wholes, None for those that must not be shown beside their total.

    What remains of each whole is as telling as the part: both are hidden, or neither.
    """
    pairs = [
        (part or 0, (whole or 0) - (part or 0)) for part, whole in zip(parts, wholes, strict=True)
    ]
    told = [_part(part, whole, minimum) for part, whole in zip(parts, wholes, strict=True)]
    hidden = {rank for rank, part in enumerate(told) if part is None}
    left = sorted((sum(pairs[rank]), rank) for rank in range(len(pairs)) if rank not in hidden)
    while left and hidden and min(_sums(pairs, hidden)) < minimum:
        hidden.add(left.pop(0)[1])
    return tuple(None if rank in hidden else part for rank, part in enumerate(told))


def _sums(pairs: Sequence[tuple[int, int]], ranks: Collection[int]) -> tuple[int, int]:
    chosen = [pairs[rank] for rank in ranks]
    return sum(part for part, _ in chosen), sum(rest for _, rest in chosen)


def _part(part: int | None, whole: int | None, minimum: int) -> int | None:
    """Return `part` of `whole`, None if it or what remains of the whole is small."""
    if part is None or (whole is not None and alone(whole - part, minimum) is None):
        return None
    return alone(part, minimum)


def _checks(report: QualityReport, minimum: int) -> tuple[CheckResult, ...]:
    """Mask each check, and what two checks of one table would tell by the rows they examined.

    A check of dates examines the rows that have one: beside the number of all rows, it would say
    how many have none.
    """
    totals = {
        **{(table.name, Unit.ROWS): table.rows for table in report.tables},
        ("", Unit.PERSONS): report.population.persons if report.population else None,
    }
    # Persons are of one register, whatever the table.
    groups = [
        ("" if check.unit is Unit.PERSONS else check.table, check.unit) for check in report.checks
    ]
    seen: dict[tuple[str, Unit], set[int]] = {}
    for check, group in zip(report.checks, groups, strict=True):
        seen.setdefault(group, {totals.get(group) or 0}).add(check.examined or 0)
    apart = {group: _apart(numbers, minimum) for group, numbers in seen.items()}
    return tuple(
        _check(check, apart[group], minimum)
        for check, group in zip(report.checks, groups, strict=True)
    )


def _apart(numbers: Collection[int], minimum: int) -> frozenset[int]:
    """Return the numbers that may be shown together: no two of them differ by little."""
    kept: list[int] = []
    for number in sorted(numbers, reverse=True):
        if not kept or kept[-1] - number >= minimum:
            kept.append(number)
    return frozenset(kept)


def _check(check: CheckResult, apart: Collection[int], minimum: int) -> CheckResult:
    if check.unit not in ABOUT_PERSONS:
        return check
    least = 2 * minimum if check.check == BALANCE else minimum
    return replace(
        check,
        violations=_part(check.violations, check.examined, least),
        examined=alone(check.examined, minimum) if check.examined in apart else None,
    )


def _population(population: Population | None, minimum: int) -> Population | None:
    if population is None:
        return None
    women = _with_rest(population.women, [band.women for band in population.ages], minimum)
    men = _with_rest(population.men, [band.men for band in population.ages], minimum)
    sexes = [population.women, population.men]
    all_women, all_men = _with_rest(population.persons, sexes, minimum)
    return Population(
        persons=alone(population.persons, minimum),
        women=all_women,
        men=all_men,
        dead=_part(population.dead, population.persons, minimum),
        ages=tuple(
            AgeBand(band.first_age, some, others)
            for band, some, others in zip(population.ages, women, men, strict=True)
        ),
    )


def _with_rest(
    total: int | None, counts: Sequence[int | None], minimum: int
) -> tuple[int | None, ...]:
    """Return the counts of a series of which the total also counts others, not listed."""
    rest = (total or 0) - sum(count or 0 for count in counts)
    return shown([*counts, max(0, rest)], minimum)[:-1]


def _table(table: TableQuality, minimum: int) -> TableQuality:
    periods = shown([period.rows for period in table.periods], minimum)
    volumes = shown([volume.rows for volume in table.volumes], minimum)
    return replace(
        table,
        rows=alone(table.rows, minimum),
        periods=_with_rows(table.periods, periods),
        columns=tuple(_column(column, table, minimum) for column in table.columns),
        volumes=_with_rows(table.volumes, volumes),
        codes=tuple(_codes(use, minimum) for use in table.codes),
    )


def _column(column: ColumnQuality, table: TableQuality, minimum: int) -> ColumnQuality:
    rows = [period.rows for period in table.periods]
    return replace(
        column,
        missing=_part(column.missing, table.rows, minimum),
        missing_by_period=shown_parts(column.missing_by_period, rows, minimum),
    )


def _codes(use: CodeUse, minimum: int) -> CodeUse:
    """Move small codes to the rest, then others until the rest is not small itself."""
    codes = list(use.codes)
    rest = use.rest or 0
    while codes and (codes[-1].rows < minimum or 0 < rest < minimum):
        rest += codes.pop().rows
    return replace(use, codes=tuple(codes), rest=alone(rest, minimum))


def _lag(lag: LagCurve, minimum: int) -> LagCurve:
    return replace(
        lag,
        recent=tuple(replace(month, rows=alone(month.rows, minimum)) for month in lag.recent),
    )


def _change(change: TableChange, minimum: int) -> TableChange:
    return replace(
        change,
        rows_before=alone(change.rows_before, minimum),
        rows_now=alone(change.rows_now, minimum),
    )


def _refusals(refusals: tuple[Refusal, ...], minimum: int) -> tuple[Refusal, ...]:
    return _with(refusals, [alone(refusal.lines, minimum) for refusal in refusals], "lines")


def _with_rows(items: tuple[T, ...], rows: Iterable[int | None]) -> tuple[T, ...]:
    return _with(items, rows, "rows")


def _with(items: tuple[T, ...], counts: Iterable[int | None], member: str) -> tuple[T, ...]:
    return tuple(
        replace(item, **{member: count})  # type: ignore[type-var]  # dataclasses with that member
        for item, count in zip(items, counts, strict=True)
    )
