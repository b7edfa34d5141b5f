"""The quality report as an attacker reads it: scripts in names, small counts by subtraction."""

from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser

import pytest

from ecluse.data.quality.masking import masked
from ecluse.data.quality.pages import page
from ecluse.data.quality.reports import (
    VERSION,
    AgeBand,
    CheckResult,
    CodeCount,
    CodeUse,
    ColumnQuality,
    Dimension,
    Period,
    Population,
    QualityReport,
    Refusal,
    Scope,
    Status,
    TableChange,
    TableQuality,
    Unit,
    Volume,
)

EVIL = "</title><script>alert(1)</script><img src=x onerror=alert(1)>\"'"
LEAST = 10


def table(**changes: object) -> TableQuality:
    """A table of 200 rows in two years of 100."""
    made = TableQuality(
        name="acts",
        title_fr="Actes",
        title_en="Acts",
        rows=200,
        cut="year",
        periods=tuple(Period(name, 100, "d" * 8, is_new=True) for name in ("2021", "2022")),
        columns=(),
        volumes=(),
        codes=(),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def check(name: str, violations: int, examined: int, unit: Unit = Unit.ROWS) -> CheckResult:
    """A check of the table `acts`."""
    dimension = Dimension.VALIDITY
    return CheckResult(name, dimension, "acts", "", unit, violations, examined, "0", Status.WARNING)


def report(**changes: object) -> QualityReport:
    """A report without anything in it."""
    made = QualityReport(
        version=VERSION,
        dataset="claims",
        snapshot="20260105T100000Z-0a1b2c3d",
        model="snds",
        published_at=datetime(2026, 1, 5, 10, tzinfo=UTC),
        measured_on=date(2026, 1, 6),
        former="20260104T100000Z-0a1b2c3d",
        scope=Scope.DATASET,
        minimum_count=1,
        scores=(),
        checks=(),
        population=None,
        tables=(),
        lags=(),
        changes=(),
        refusals=(),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


class Elements(HTMLParser):
    """The names of the elements and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {tag, *(name for name, _ in attrs)}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_no_name_becomes_markup(language: str) -> None:
    column = ColumnQuality(EVIL, EVIL, EVIL, 50, (20, 30))
    codes = CodeUse(EVIL, EVIL, None, (CodeCount(EVIL, 100),), 100, ())
    evil = table(
        name=EVIL,
        title_fr=EVIL,
        title_en=EVIL,
        periods=(Period(EVIL, 100, "d", is_new=True), Period(EVIL, 100, "d", is_new=False)),
        columns=(column,),
        volumes=(Volume("2021-01", 200),),
        codes=(codes,),
    )
    made = report(
        dataset=EVIL,
        model=EVIL,
        former=EVIL,
        checks=(replace(check("future-date", 20, 200), table=EVIL, column=EVIL),),
        tables=(evil,),
        changes=(TableChange(EVIL, 100, 200, (EVIL,), (EVIL,), (EVIL,)),),
        refusals=(Refusal(EVIL, EVIL, 20),),
    )
    elements = Elements()

    elements.feed(page(made, language=language))

    assert elements.found.isdisjoint({"script", "img", "onerror", "src", "href", "link", "iframe"})


def test_what_is_not_missing_is_hidden_with_all_that_would_tell_it() -> None:
    # 99 of 100 are missing in 2021: the total less 2022 would tell that one is not.
    column = ColumnQuality("code", "", "", 149, (99, 50))
    (found,) = masked(report(tables=(table(columns=(column,)),)), minimum=LEAST).tables

    assert found.columns[0].missing_by_period == (None, None)


def test_a_few_missing_are_hidden_with_all_that_would_tell_them() -> None:
    column = ColumnQuality("code", "", "", 53, (3, 50))
    (found,) = masked(report(tables=(table(columns=(column,)),)), minimum=LEAST).tables

    assert found.columns[0].missing_by_period == (None, None)


def test_the_few_of_unknown_sex_are_not_told_by_those_of_known_sex() -> None:
    population = Population(1000, women=500, men=497, dead=20, ages=())
    found = masked(report(population=population), minimum=LEAST).population

    assert found == Population(1000, women=500, men=None, dead=20, ages=())


def test_the_few_of_unknown_age_are_not_told_by_the_bands() -> None:
    bands = (AgeBand(0, 250, 250), AgeBand(5, 247, 250))
    found = masked(report(population=Population(1000, 500, 500, 0, bands)), minimum=LEAST)

    assert found.population is not None
    assert found.population.ages == (AgeBand(0, 250, 250), AgeBand(5, None, 250))


def test_the_balance_of_sexes_does_not_tell_the_smaller_one() -> None:
    # A sum of 107 and a difference of 93 tell 7 men.
    balance = check("unbalanced-sexes", 93, 107, Unit.PERSONS)
    (found,) = masked(report(checks=(balance,)), minimum=LEAST).checks

    assert found.violations is None


def test_a_few_rows_without_a_date_are_not_told_by_the_checks_of_dates() -> None:
    # 3 of 200 rows have no date: 197 examined beside 200 would tell it.
    checks = (check("missing-date", 3, 200), check("future-date", 20, 197))
    found = masked(report(checks=checks, tables=(table(),)), minimum=LEAST).checks

    assert [(item.violations, item.examined) for item in found] == [(None, 200), (20, None)]
