"""The days of this hub: the French calendar applied to the clocks of `domain.clocks`."""

from datetime import date, datetime

from ecluse.domain.clocks.calendars import CALENDARS
from ecluse.domain.clocks.clock import due_on, start
from ecluse.domain.clocks.ehds import EHDS
from ecluse.domain.clocks.periods import add_months
from ecluse.domain.errors import InvalidInput

__all__ = ["HUB", "add_months", "completion_due_on", "decision_due_on", "legal_day"]

HUB = CALENDARS["FR"]


def legal_day(instant: datetime) -> date:
    """The day that it is in metropolitan France at `instant`; permits and periods count in it."""
    return HUB.day(instant)


def decision_due_on(complete_on: date) -> date:
    """The day by which the permit is issued or refused. Source: EHDS art. 68(4)."""
    return _due("decision", complete_on)


def completion_due_on(asked_on: date) -> date:
    """The day by which the applicant completes the file. Source: EHDS art. 68(4)."""
    return _due("completion", asked_on)


def _due(rule_id: str, event_on: date) -> date:
    due = due_on(start(EHDS, rule_id, on=event_on, calendar=HUB))
    if due is None:
        raise InvalidInput(f"Law gives no figure for {rule_id}.")
    return due
