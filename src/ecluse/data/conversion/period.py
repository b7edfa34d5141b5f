"""Which days the dataset covers: those of the months whose claims are there."""

from datetime import date
from typing import Final

from ecluse.data.conversion.feeds import CLAIM_LINES, STAY_FAMILIES
from ecluse.data.conversion.workshop import Workshop
from ecluse.data.filters import filters
from ecluse.data.schemas import TABLE_YEAR
from ecluse.domain.errors import InvalidInput

COVERED: Final = """
WITH months AS (
    SELECT date_trunc('month', event_date) AS month, count(*) AS line_count
    FROM claim_days WHERE event_date IS NOT NULL GROUP BY ALL
), full_months AS (
    SELECT month FROM months WHERE line_count * 2 >= (SELECT median(line_count) FROM months
        WHERE line_count * 100 >= (SELECT max(line_count) FROM months))
)
SELECT CAST(min(month) AS DATE), CAST(last_day(max(month)) AS DATE) FROM full_months
"""
"""A month is covered when it has half the lines of the median month. Months of under a hundredth of
the fullest are stray dates: they do not weigh on the median."""


def covered(workshop: Workshop) -> tuple[date, date]:
    """Return the first and last day of care covered: those chosen, otherwise those found.

    Raises:
        InvalidInput: neither chosen nor to be found, or in the wrong order.
    """
    choices = workshop.choices
    first, last = choices.first_day, choices.last_day
    if first is None or last is None:
        found = _by_claims(workshop) or _by_stays(workshop)
        if found is None:
            raise InvalidInput(
                "The dataset has neither claims nor stays to tell which days it covers: "
                "give --first-day and --last-day."
            )
        first, last = first or found[0], last or found[1]
    if first > last:
        raise InvalidInput(f"The period from {first} to {last} is empty: put --first-day before.")
    return first, last


def regime_entries() -> list[tuple[int, date]]:
    """Return, for each insurance regime (RGM_GRG_COD), the first day of its claims."""
    known = next((item for item in filters("snds") if item.name == "regime_entry"), None)
    groups = [
        group
        for rule in (known.rules if known else ())
        for alternative in rule.drop
        for condition in alternative
        for group in condition.groups
    ]
    return [
        (int(value), date(group.last_year + 1, 1, 1))
        for group in groups
        if group.last_year is not None
        for value in group.values
    ]


def _by_claims(workshop: Workshop) -> tuple[date, date] | None:
    if not workshop.has(CLAIM_LINES):
        return None
    workshop.raw(CLAIM_LINES).project("event_date").create_view("claim_days", replace=True)
    ((first, last),) = workshop.connection.execute(COVERED).fetchall()
    return None if first is None else (first, last)


def _by_stays(workshop: Workshop) -> tuple[date, date] | None:
    years = [
        year
        for family in STAY_FAMILIES
        if workshop.has(family.persons)
        for year in workshop.raw(family.persons)
        .aggregate(f"min({TABLE_YEAR}), max({TABLE_YEAR})")
        .fetchall()[0]
        if year is not None
    ]
    return (date(min(years), 1, 1), date(max(years), 12, 31)) if years else None
