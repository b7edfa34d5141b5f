"""The sections of the page about the dataset as a whole."""

from collections.abc import Iterable
from typing import Final

from ecluse.data.quality.pages import plots
from ecluse.data.quality.pages.markup import Markup, folded, joined, table, tag
from ecluse.data.quality.pages.words import Words
from ecluse.data.quality.reports import (
    CheckResult,
    LagCurve,
    Population,
    QualityReport,
    Status,
    Unit,
    percent,
)
from ecluse.data.quality.rules import checks
from ecluse.data.quality.timeliness import USUAL

SIGNS: Final = {Status.PASSED: "✓", Status.WARNING: "▲", Status.FAILED: "✕"}
SHOWN_PERIODS: Final = 12
TARGET: Final = 99.0


def facts(report: QualityReport, told: Words) -> Markup:
    """Return which snapshot was measured, when, and what is not shown."""
    pairs = (
        (told("snapshot"), report.snapshot),
        (told("model"), report.model),
        (told("published"), told.day(report.published_at.date())),
        (told("measured"), told.day(report.measured_on)),
        (told("scope"), told(f"scope_{report.scope.value}")),
        (told("former"), report.former or told("nothing")),
    )
    listed = tag("dl", *(joined((tag("dt", name), tag("dd", value))) for name, value in pairs))
    note = (
        told("masked_note", last=report.minimum_count - 1)
        if report.minimum_count > 1
        else told("exact_note")
    )
    return joined((listed, tag("p", note, class_="note")))


def scores(report: QualityReport, told: Words) -> Markup:
    """Return the checks of each dimension, counted."""
    rows = [
        (
            told(score.dimension.value),
            told.number(score.checks),
            told.number(score.failed),
            told.number(score.warnings),
            told.percent(score.percent),
        )
        for score in report.scores
        if score.checks
    ]
    heads = ("dimension", "checks", "failed", "warning", "passed")
    return _section(
        told("scores"), table(told("scores_caption"), [told(head) for head in heads], rows)
    )


def found(report: QualityReport, told: Words) -> Markup:
    """Return the checks that ask for a look, the gravest first, then those that passed."""
    graves = [check for check in report.checks if check.status is Status.FAILED]
    others = [check for check in report.checks if check.status is Status.WARNING]
    passed = [check for check in report.checks if check.status is Status.PASSED]
    shown = (
        _checks(told("found_caption"), (*graves, *others), told)
        if graves or others
        else tag("p", told("found_none"))
    )
    summary = told("others", count=len(passed))
    return _section(told("found"), shown, folded(summary, _checks(summary, passed, told)))


def population(report: QualityReport, told: Words) -> Markup:
    """Return who the register describes, as a pyramid; nothing without a register."""
    people = report.population
    if people is None:
        return Markup()
    numbers = {
        name: told.number(getattr(people, name)) for name in ("persons", "women", "men", "dead")
    }
    return _section(
        told("population"),
        tag("p", told("population_told", **numbers)),
        _pyramid(people, told),
    )


def lag(curve: LagCurve, told: Words) -> Markup:
    """Return the lag curve of a table of claims, and the months still incomplete."""
    shares = [float(share) for share in curve.arrived]
    at_six = curve.arrived[min(USUAL, len(shares) - 1)]
    drawing = plots.curve(
        shares,
        line=TARGET,
        mark=USUAL,
        line_label=told("lag_line"),
        mark_label=told("lag_mark"),
    )
    six = told.percent(at_six).rstrip("%").rstrip("\u202f")
    title = told("lag_title", table=curve.table)
    shown = plots.figure(
        f"lag-{curve.table}", title, told("lag_told", six=six), drawing, height=_plot_height()
    )
    rows = [(str(delay), told.percent(share)) for delay, share in enumerate(curve.arrived)]
    numbers = table(title, [told("delay"), told("arrived")], rows)
    return _section(
        told("lag"),
        tag("p", told("lag_told", six=six)),
        shown,
        folded(told("numbers"), numbers),
        _recent(curve, told),
    )


def changes(report: QualityReport, told: Words) -> Markup:
    """Return what moved since the former snapshot; nothing when there is none."""
    if report.former is None:
        return Markup()
    rows = [
        (
            change.table,
            told.number(change.rows_before),
            told.number(change.rows_now),
            ", ".join(change.columns_appeared),
            ", ".join(change.columns_vanished),
            _periods(change.periods_changed),
        )
        for change in report.changes
    ]
    heads = ("place", "before", "now", "appeared", "vanished", "changed")
    shown = (
        table(told("changes"), [told(head) for head in heads], rows)
        if rows
        else tag("p", told("changes_none"))
    )
    return _section(told("changes"), shown)


def refusals(report: QualityReport, told: Words) -> Markup:
    """Return the reasons of the lines that the load refused."""
    rows = [(item.reason, item.column, told.number(item.lines)) for item in report.refusals]
    heads = [told("reason"), told("column"), told("lines")]
    shown = table(told("refusals"), heads, rows) if rows else tag("p", told("refusals_none"))
    return _section(told("refusals"), shown)


def _section(title: str, *children: Markup) -> Markup:
    return tag("section", tag("h2", title), *children)


def _checks(caption: str, results: Iterable[CheckResult], told: Words) -> Markup:
    heads = ("status", "check", "place", "violations", "part", "threshold")
    rows = [
        (
            tag(
                "span",
                f"{SIGNS[result.status]} {told(result.status.value)}",
                class_=f"status {result.status.value}",
            ),
            told.choose(checks()[result.check].title_fr, checks()[result.check].title_en),
            ".".join(part for part in (result.table, result.column) if part),
            told.counted(result),
            _share(result, told),
            _threshold(result, told),
        )
        for result in results
    ]
    return tag("div", table(caption, [told(head) for head in heads], rows), class_="checks")


def _threshold(result: CheckResult, told: Words) -> str:
    if result.unit is Unit.MONTHS:
        return f"{told.number(result.examined)} {told(result.unit.value)}"
    return told.percent(result.threshold)


def _share(result: CheckResult, told: Words) -> str:
    if result.unit is Unit.MONTHS:
        return ""
    if result.violations is None or result.examined is None:
        return told("hidden")
    return told.percent(percent(result.violations, result.examined))


def _pyramid(people: Population, told: Words) -> Markup:
    bands = [
        (f"{band.first_age}–{band.first_age + 4}", band.women, band.men) for band in people.ages
    ]
    # The last band has no end.
    bands[-1] = (f"{people.ages[-1].first_age} +", *bands[-1][1:])
    drawing = plots.pyramid(bands, left=told("women"), right=told("men"))
    title = told("pyramid")
    height = plots.pyramid_height(len(bands))
    shown = plots.figure("pyramid", title, told("pyramid_told"), drawing, height=height)
    rows = [(name, told.number(women), told.number(men)) for name, women, men in bands]
    heads = [told("age"), told("women"), told("men")]
    return joined((shown, folded(told("numbers"), table(title, heads, rows))))


def _recent(curve: LagCurve, told: Words) -> Markup:
    rows = [
        (month.month, told.number(month.rows), told.percent(month.arrived))
        for month in curve.recent
    ]
    if not rows:
        return Markup()
    heads = [told("month"), told("row_count"), told("arrived")]
    return table(told("recent", flow=curve.last_flow), heads, rows)


def _periods(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[-SHOWN_PERIODS:])
    return shown if len(names) <= SHOWN_PERIODS else f"({len(names)}) … {shown}"


def _plot_height() -> int:
    return plots.TOP + plots.HEIGHT + plots.FOOT
