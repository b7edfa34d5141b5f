"""The page of a quality report: for the data manager first, everything in one file."""

from importlib.resources import files
from typing import Final

from ecluse.data.quality.pages import sections
from ecluse.data.quality.pages.markup import Markup, joined, tag
from ecluse.data.quality.pages.tables import table_sections
from ecluse.data.quality.pages.words import Words, words
from ecluse.data.quality.reports import QualityReport

STYLE: Final = (files("ecluse.data.quality.pages") / "style.css").read_text(encoding="utf-8")
# A page that may hold figures about persons fetches nothing and runs nothing, whoever opens it.
POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"


def page(report: QualityReport, *, language: str) -> str:
    """Return the page of a report in `fr` or `en`. Raises InvalidInput for another language."""
    told = words(language)
    title = told("title", dataset=report.dataset)
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'),
        tag("title", title),
        tag("style", Markup(STYLE)),
    )
    header = tag("header", tag("h1", title), sections.facts(report, told))
    main = tag("main", *_sections(report, told))
    footer = tag("footer", tag("h2", told("method")), tag("p", told("method_told")))
    body = tag("body", header, main, footer)
    return joined((Markup("<!doctype html>"), tag("html", head, body, lang=language)))


def _sections(report: QualityReport, told: Words) -> list[Markup]:
    found = [
        sections.scores(report, told),
        sections.found(report, told),
        sections.changes(report, told),
        sections.population(report, told),
        *(sections.lag(lag, told) for lag in report.lags),
        table_sections(report, told),
        sections.refusals(report, told),
    ]
    return [section for section in found if section]
