"""Public holidays are tables: each country's days of a year, as its own texts give them."""

from datetime import date

import pytest

from ecluse.domain.clocks.calendars import CALENDARS
from ecluse.domain.clocks.holidays import TABLES, easter, table
from ecluse.domain.errors import NotFound


def in_2026(days: str) -> set[date]:
    """Days of 2026 written as month-day."""
    return {date.fromisoformat(f"2026-{day}") for day in days.split()}


@pytest.mark.parametrize(
    ("year", "sunday"),
    [(2024, date(2024, 3, 31)), (2025, date(2025, 4, 20)), (2026, date(2026, 4, 5)),
     (2038, date(2038, 4, 25)), (2285, date(2285, 3, 22))],
)  # fmt: skip
def test_easter_falls_on_the_published_sundays(year: int, sunday: date) -> None:
    assert easter(year) == sunday


@pytest.mark.parametrize(
    ("country", "days"),
    [
        ("FR", "01-01 04-06 05-01 05-08 05-14 05-25 07-14 08-15 11-01 11-11 12-25"),
        ("BE", "01-01 04-06 05-01 05-14 05-25 07-21 08-15 11-01 11-11 12-25"),
        ("DE", "01-01 04-03 04-06 05-01 05-14 05-25 10-03 12-25 12-26"),
        ("ES", "01-01 01-06 04-03 05-01 08-15 10-12 11-01 12-06 12-08 12-25"),
        ("IT", "01-01 01-06 04-06 04-25 05-01 06-02 08-15 10-04 11-01 12-08 12-25 12-26"),
        ("LU", "01-01 04-06 05-01 05-09 05-14 05-25 06-23 08-15 11-01 12-25 12-26"),
        ("NL", "01-01 04-03 04-06 04-27 05-05 05-14 05-25 12-25 12-26"),
        (
            "FI",
            "01-01 01-06 04-03 04-06 05-01 05-14 06-19 06-20 10-31 12-06 12-24 12-25 12-26",
        ),
        (
            "EU",
            "01-01 01-02 04-02 04-03 04-06 05-01 05-09 05-14 05-15 05-25 07-21 08-15 11-01"
            " 11-02 12-24 12-25 12-26 12-27 12-28 12-29 12-30 12-31",
        ),
    ],
)
def test_each_country_keeps_its_holidays_of_2026(country: str, days: str) -> None:
    assert table(country).days(2026) == in_2026(days)


@pytest.mark.parametrize(
    ("country", "region", "added"),
    [
        ("FR", "alsace-moselle", "04-03 12-26"),
        ("FR", "guadeloupe", "05-27"),
        ("FR", "martinique", "05-22"),
        ("FR", "guyane", "06-10"),
        ("FR", "la-reunion", "12-20"),
        ("FR", "mayotte", "04-27"),
        ("DE", "BY", "01-06 06-04 11-01"),
        ("DE", "SN", "10-31 11-18"),
        ("DE", "BE", "03-08"),
    ],
)
def test_a_region_adds_its_own_days(country: str, region: str, added: str) -> None:
    assert table(country).days(2026, region) - table(country).days(2026) == in_2026(added)


def test_the_king_of_the_netherlands_gives_way_to_sunday() -> None:
    assert date(2031, 4, 26) in table("NL").days(2031)
    assert date(2031, 4, 27) not in table("NL").days(2031)


def test_a_day_counts_from_the_year_of_its_law() -> None:
    assert date(2025, 10, 4) not in table("IT").days(2025)
    assert date(2026, 10, 4) in table("IT").days(2026)


def test_every_table_names_its_source() -> None:
    assert [country for country, one in TABLES.items() if not one.source] == []


def test_a_country_or_a_region_that_has_no_table_is_refused() -> None:
    with pytest.raises(NotFound, match="known are"):
        table("XX")
    with pytest.raises(NotFound, match="'bretagne'"):
        table("FR").days(2026, "bretagne")


def test_good_friday_is_worked_in_paris_and_not_in_strasbourg() -> None:
    assert CALENDARS["FR"].is_working_day(date(2026, 4, 3))
    assert not CALENDARS["FR-alsace-moselle"].is_working_day(date(2026, 4, 3))
