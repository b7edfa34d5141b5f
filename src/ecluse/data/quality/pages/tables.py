"""The section of each table: volumes, columns, codes."""

from collections.abc import Iterator, Sequence
from typing import Final

from ecluse.data.quality.pages import plots
from ecluse.data.quality.pages.markup import Markup, folded, joined, table, tag
from ecluse.data.quality.pages.words import Words
from ecluse.data.quality.reports import (
    CodeUse,
    ColumnQuality,
    QualityReport,
    TableQuality,
    percent,
)

CODES_SHOWN: Final = 20
MONTHS_SHOWN: Final = 240


def table_sections(report: QualityReport, told: Words) -> Markup:
    """Return every table, folded, in the order of the snapshot."""
    return tag(
        "section",
        tag("h2", told("tables_title")),
        *(_folded(item, told) for item in report.tables),
    )


def _folded(item: TableQuality, told: Words) -> Markup:
    title = told.choose(item.title_fr, item.title_en)
    name = f"{item.name} — {title}" if title else item.name
    summary = f"{name} ({told.number(item.rows)} {told('rows')})"
    return tag(
        "details",
        tag("summary", summary),
        *_volumes(item, told),
        _columns(item, told),
        *(_codes(use, item, told) for use in item.codes),
        class_="table",
    )


def _volumes(item: TableQuality, told: Words) -> Iterator[Markup]:
    months = [(volume.month, volume.rows) for volume in item.volumes][-MONTHS_SHOWN:]
    if months:
        yield _bars(f"care-{item.name}", told("volume", table=item.name), months, told)
        heads = [told("month"), told("row_count")]
        rows = [(month, told.number(count)) for month, count in months]
        yield folded(told("numbers"), table(told("volume", table=item.name), heads, rows))
    if item.cut != "whole":
        title = told("by_period", table=item.name)
        periods = [(period.name, period.rows) for period in item.periods]
        yield _bars(f"flow-{item.name}", title, periods, told)
        heads = [told("period"), told("row_count"), told("new")]
        rows_new = [
            (period.name, told.number(period.rows), told("yes" if period.is_new else "no"))
            for period in item.periods
        ]
        yield folded(told("numbers"), table(title, heads, rows_new))


def _bars(name: str, title: str, points: Sequence[tuple[str, int | None]], told: Words) -> Markup:
    most = told.number(max((value or 0 for _, value in points), default=0))
    description = told("volume_told", first=points[0][0], last=points[-1][0], most=most)
    height = plots.TOP + plots.HEIGHT + plots.FOOT
    return plots.figure(name, title, description, plots.bars(points, top_label=most), height=height)


def _columns(item: TableQuality, told: Words) -> Markup:
    title = told("columns_of", table=item.name)
    heads = [told(name) for name in ("column", "label", "filled", "worst", "empty_strip")]
    rows = [_column(column, item, told) for column in item.columns]
    return folded(title, table(title, heads, rows))


def _column(column: ColumnQuality, item: TableQuality, told: Words) -> tuple[str, ...]:
    shares = [
        None if missing is None or period.rows is None else missing / (period.rows or 1)
        for missing, period in zip(column.missing_by_period, item.periods, strict=True)
    ]
    return (
        column.name,
        told.choose(column.title_fr, column.title_en),
        _filled(column.missing, item.rows, told),
        _worst(column, item, told),
        plots.strip(shares) if len(shares) > 1 else Markup(),
    )


def _worst(column: ColumnQuality, item: TableQuality, told: Words) -> str:
    """Name the period where the column is the emptiest, where there are several."""
    known = [
        (missing / period.rows, period.name, _filled(missing, period.rows, told))
        for missing, period in zip(column.missing_by_period, item.periods, strict=True)
        if missing and period.rows
    ]
    if not known or len(item.periods) == 1:
        return ""
    _, name, filled = max(known)
    return f"{name} : {filled}" if told.language == "fr" else f"{name}: {filled}"


def _filled(missing: int | None, rows: int | None, told: Words) -> str:
    if missing is None or rows is None:
        return told("hidden")
    return told.percent(percent(rows - missing, rows, places=1))


def _codes(use: CodeUse, item: TableQuality, told: Words) -> Markup:
    title = told("codes_of", column=use.column, system=use.system)
    if use.digits:
        title += told("codes_cut", digits=use.digits)
    whole = sum(code.rows for code in use.codes) + (use.rest or 0)
    rows = [
        (code.code, told.number(code.rows), told.percent(percent(code.rows, whole, places=1)))
        for code in use.codes[:CODES_SHOWN]
    ]
    others = sum(code.rows for code in use.codes[CODES_SHOWN:])
    rest = None if use.rest is None and not others else others + (use.rest or 0)
    rows.append((told("rest"), told.number(rest), ""))
    heads = [told("code"), told("row_count"), told("part")]
    return folded(title, table(f"{item.name}. {title}", heads, rows), _drift(use, item, told))


def _drift(use: CodeUse, item: TableQuality, told: Words) -> Markup:
    if not use.divergences:
        return Markup()
    title = told("drift_of", column=f"{item.name}.{use.column}")
    rows = [(found.period, told.decimal(found.bits)) for found in use.divergences]
    most = max(found.bits for found in use.divergences)
    drawn = plots.figure(
        f"drift-{item.name}-{use.column}",
        title,
        told("volume_told", first=rows[0][0], last=rows[-1][0], most=told.decimal(most)),
        # Ten-thousandths of a bit, which the text of a divergence holds exactly.
        plots.bars(
            [(found.period, int(found.bits.replace(".", ""))) for found in use.divergences],
            top_label=told.decimal(most),
        ),
        height=plots.TOP + plots.HEIGHT + plots.FOOT,
    )
    numbers = table(title, [told("period"), told("bits")], rows)
    return joined((drawn, folded(told("numbers"), numbers)))
