"""When a legal period ends: Regulation (EEC, Euratom) 1182/71 with the French public holidays.

Source: Reg. 1182/71 art. 3: a period in weeks or months ends on the same weekday or date; the day
of the event is not counted; a period that ends on a Saturday, Sunday or public holiday runs to the
end of the next working day. French holidays: Code du travail art. L3133-1.
"""

from calendar import SATURDAY, monthrange
from datetime import UTC, date, datetime, timedelta
from functools import cache

from ecluse.domain.parameters import COMPLETION_WEEKS, DECISION_MONTHS, Parameter


def legal_day(instant: datetime) -> date:
    """The day that it is in metropolitan France at `instant`; permits and periods count in it.

    Central European time, one hour more from 01:00 UTC on the last Sunday of March to 01:00 UTC on
    the last Sunday of October. Source: Directive 2000/84/EC art. 2 and 3.
    """
    utc = instant.astimezone(UTC)
    is_summer = _change(utc.year, 3) <= utc < _change(utc.year, 10)
    return (utc + timedelta(hours=2 if is_summer else 1)).date()


def _change(year: int, month: int) -> datetime:
    last = datetime(year, month, 31, 1, tzinfo=UTC)
    return last - timedelta(days=(last.weekday() + 1) % 7)


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus' algorithm)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (a + 11 * h) // 319
    r = (2 * e + 2 * i - k - h + m + 32) % 7
    month = (h - m + r + 90) // 25
    return date(year, month, (h - m + r + month + 19) % 32)


@cache
def french_holidays(year: int) -> frozenset[date]:
    """The eleven public holidays of the year in metropolitan France."""
    sunday = easter(year)
    fixed = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
    moving = (1, 39, 50)  # Easter Monday, Ascension, Whit Monday
    return frozenset(
        {date(year, month, day) for month, day in fixed}
        | {sunday + timedelta(days=days) for days in moving}
    )


def is_working_day(day: date) -> bool:
    """Whether the day is neither a Saturday, a Sunday nor a public holiday."""
    return day.weekday() < SATURDAY and day not in french_holidays(day.year)


def add_months(day: date, months: int) -> date:
    """The same date `months` later, or the last day of that month if it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def ends_on(event_on: date, period: Parameter) -> date:
    """The last day of `period` (in weeks, months or years) that begins with an event on `event_on`.

    Source: Reg. 1182/71 art. 3(2) to 3(4).
    """
    if period.unit == "weeks":
        last = event_on + timedelta(weeks=period.value)
    else:
        last = add_months(event_on, period.value * (12 if period.unit == "years" else 1))
    while not is_working_day(last):
        last += timedelta(days=1)
    return last


def decision_due_on(complete_on: date) -> date:
    """The day by which the permit is issued or refused. Source: EHDS art. 68(4)."""
    return ends_on(complete_on, DECISION_MONTHS)


def completion_due_on(asked_on: date) -> date:
    """The day by which the applicant completes the file. Source: EHDS art. 68(4)."""
    return ends_on(asked_on, COMPLETION_WEEKS)
