"""When a period of law ends: Regulation (EEC, Euratom) 1182/71, whole, and the French silence.

`Parameter.unit` is one of UNITS. A period that law expresses otherwise (a figure without a unit of
time) is no period: InvalidInput.
"""

from calendar import monthrange
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import islice

from ecluse.domain.clocks.calendars import Calendar
from ecluse.domain.errors import InvalidInput
from ecluse.domain.parameters import Parameter

UNITS = ("hours", "days", "working days", "weeks", "months", "years")
LEAST_WORKING_DAYS = 2


class Counting(StrEnum):
    """How the days of a period are counted."""

    UNION = "union"
    """Reg. 1182/71: the day of the event is out, the last day is a working day."""
    FRENCH_SILENCE = "french-silence"
    """Silence of a French administration: the period begins on the day after the deposit, ends on
    the same date as that day, whatever the day of the week (CRPA art. L114-3, L231-1, L231-4)."""


def add_months(day: date, months: int) -> date:
    """The same date `months` later, or the last day of that month if it is shorter.

    Negative `months` count back. Source: Reg. 1182/71 art. 3(2)(c).
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def same_day_later(day: date, period: Parameter) -> date:
    """The day that many days, weeks, months or years later; no holiday is looked at."""
    if period.unit in ("months", "years"):
        return add_months(day, period.value * (12 if period.unit == "years" else 1))
    if period.unit in ("days", "weeks"):
        return day + timedelta(days=period.value * (7 if period.unit == "weeks" else 1))
    raise InvalidInput(f"A period in {period.unit!r} does not end on a date: use one of {UNITS}.")


def ends_on(event_on: date, period: Parameter, *, calendar: Calendar) -> date:
    """The last day of a period in days or longer that runs from an event on `event_on`.

    The day of the event does not count (art. 3(1)); the period ends on the same date, or the last
    day of a shorter month (3(2)(c)); holidays, Sundays and Saturdays within it count unless it is
    in working days (3(3)); a last day that is one of these moves to the next working day (3(4));
    two days or more hold at least two working days (3(5)).
    """
    if period.unit == "working days":
        return next(islice(calendar.working_days_after(event_on), period.value - 1, None))
    last = calendar.first_working_day(same_day_later(event_on, period))
    if period.unit == "days" and period.value < LEAST_WORKING_DAYS:
        return last
    return max(last, _second_working_day(event_on, calendar))


def ends_at(event_at: datetime, period: Parameter, *, calendar: Calendar) -> datetime:
    """The end of a period in hours, in the time zone of `event_at`.

    The hour of the event does not count (art. 3(1)), and holidays do not move the end (3(4)). From
    two days on, the period holds at least two working days (3(5)): a day counts as soon as an hour
    of it is within the period, otherwise the end is that of the second working day.
    """
    if period.unit != "hours":
        raise InvalidInput(f"A period in {period.unit!r} ends on a day: ask ends_on.")
    begins = event_at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    end = begins + timedelta(hours=period.value)
    if timedelta(hours=period.value) < timedelta(days=LEAST_WORKING_DAYS):
        return end
    second = _second_working_day(begins.date() - timedelta(days=1), calendar)
    if second <= (end - timedelta(microseconds=1)).date():
        return end
    return datetime.combine(second + timedelta(days=1), time(), tzinfo=event_at.tzinfo)


def last_day_before(event_on: date, period: Parameter) -> date:
    """The last day to act where law asks to act a period before `event_on`.

    Counted back to the same date and never moved: art. 3(4) second subparagraph leaves periods
    calculated retroactively alone.
    """
    back = Parameter(-period.value, period.unit, period.effective_on, period.source)
    return same_day_later(event_on, back)


def _second_working_day(after: date, calendar: Calendar) -> date:
    return next(islice(calendar.working_days_after(after), LEAST_WORKING_DAYS - 1, None))
