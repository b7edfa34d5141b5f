"""EHDS art. 60(3) and 77: a holder describes its datasets, and checks each at least once a year."""

from datetime import date, timedelta

import pytest
from django.core import mail
from pytest_django import Settings

from ecluse.domain.clocks import clock as clocks
from ecluse.domain.clocks.calendars import CALENDARS
from ecluse.domain.clocks.ehds import EHDS
from ecluse.domain.errors import NotAllowed
from ecluse.portal.cases import daily
from ecluse.portal.cases.models import Lapse
from ecluse.portal.descriptions import actions
from ecluse.portal.messages import sending
from ecluse.portal.messages.actions import announce
from ecluse.portal.messages.models import Notice
from tests.unit.portal.descriptions.desk import DAY, NOW, Desk, check_clock, desk

__all__ = ["desk"]

PARIS = CALENDARS["FR"]
CHECKED_BY = date(2030, 4, 2)
"""A year after Monday 2 April 2029: Tuesday 2 April 2030."""


def told(day: date) -> list[tuple[str, str]]:
    """Run the daily job of that day; return the reminders told to Anne on it, and the due day."""
    now = NOW + (day - NOW.date())
    daily.run(now=now)
    announce(now=now)
    found = Notice.objects.filter(announced_at=now, dispatch__clock__isnull=False)
    found = found.filter(account__email="anne@chu.example")
    return [(one.dispatch.name, str(one.due_on)) for one in found]


def test_the_year_runs_from_the_publication_of_the_description(desk: Desk) -> None:
    clock = check_clock(desk.published())

    assert (clock.article, clock.started_on, clock.due_on) == ("60(3)", NOW.date(), CHECKED_BY)


def test_a_year_that_ends_on_a_holiday_ends_on_the_next_working_day() -> None:
    started = clocks.start(EHDS, "description-check", on=date(2029, 5, 1), calendar=PARIS)

    # 1 May 2030 is a Wednesday, and a holiday.
    assert clocks.due_on(started) == date(2030, 5, 2)


def test_before_publication_nothing_is_to_be_checked(desk: Desk) -> None:
    file = desk.validated()

    assert not file.item.clock_rows.exists()


@pytest.mark.parametrize("days", [90, 30, 7, 0])
def test_the_holder_is_reminded_three_months_a_month_a_week_before_and_on_the_day(
    desk: Desk, days: int
) -> None:
    desk.published()

    assert told(CHECKED_BY - timedelta(days=days)) == [("due-soon", "2030-04-02")]


def test_no_reminder_comes_before_its_day(desk: Desk) -> None:
    desk.published()

    assert told(CHECKED_BY - timedelta(days=91)) == []


def test_a_reminder_is_not_told_twice(desk: Desk) -> None:
    desk.published()
    first = told(CHECKED_BY - timedelta(days=30))

    assert (len(first), told(CHECKED_BY - timedelta(days=29))) == (1, [])


def test_whoever_speaks_for_the_holder_is_reminded_and_nobody_else(desk: Desk) -> None:
    desk.published()
    told(CHECKED_BY - timedelta(days=30))

    reminded = Notice.objects.filter(dispatch__name="due-soon")
    assert sorted(one.account.email for one in reminded) == [
        "anne@chu.example",
        "remi@chu.example",
    ]


def test_once_the_year_has_passed_the_check_is_due_and_the_delay_is_kept(desk: Desk) -> None:
    file = desk.published()
    reminders = told(CHECKED_BY + DAY)

    assert actions.again(file).state == "check-due"
    assert reminders == [("overdue", "2030-04-02")]
    assert Lapse.objects.get(clock=check_clock(file)).due_on == CHECKED_BY


def test_on_the_last_day_it_is_not_late_yet(desk: Desk) -> None:
    file = desk.published()
    told(CHECKED_BY)

    assert actions.again(file).state == "published"


def test_confirming_that_nothing_changed_starts_another_year(desk: Desk) -> None:
    file = desk.published()
    checked = NOW + (date(2030, 3, 20) - NOW.date())
    actions.act(file, "confirm-unchanged", by=desk.remi, now=checked)

    # 20 March 2031 is a Thursday.
    assert check_clock(file).due_on == date(2031, 3, 20)
    assert actions.again(file).versions.count() == 1


def test_a_late_check_is_still_a_check(desk: Desk) -> None:
    file = desk.published()
    told(CHECKED_BY + DAY)
    late = NOW + (date(2030, 4, 10) - NOW.date())
    after = actions.act(file, "confirm-unchanged", by=desk.anne, now=late)

    assert (after.state, check_clock(file).started_on) == ("published", date(2030, 4, 10))


def test_the_hub_does_not_check_in_the_place_of_the_holder(desk: Desk) -> None:
    with pytest.raises(NotAllowed, match="for the persons of CHU"):
        actions.act(desk.published(), "confirm-unchanged", by=desk.preparer, now=NOW)


def test_a_new_version_starts_another_year_too_and_until_then_the_first_runs(desk: Desk) -> None:
    file = desk.published()
    later = NOW + 100 * DAY
    actions.act(file, "revise", by=desk.anne, now=later)
    desk.save(file, "what", {"title_fr": "Infarctus et suites"})
    actions.submit(file, "", by=desk.anne, now=later)
    running = check_clock(file).due_on
    actions.act(file, "validate", by=desk.preparer, now=later)
    actions.act(file, "publish", by=desk.preparer, now=later)

    # 2 April 2029 and 100 days: 11 July 2029; a year later, a Thursday.
    assert (running, check_clock(file).due_on) == (CHECKED_BY, date(2030, 7, 11))


def test_a_mail_of_a_reminder_says_nothing_of_the_dataset(desk: Desk, settings: Settings) -> None:
    settings.EMAIL_HOST = "mail.example"
    desk.published()
    told(CHECKED_BY - timedelta(days=30))
    sending.send(now=NOW + (CHECKED_BY - timedelta(days=30) - NOW.date()))

    sent = next(one for one in mail.outbox if "anne@chu.example" in one.to and "2030" in one.body)
    assert "JD-2029-00001" in sent.subject
    assert "Infarctus" not in sent.subject + sent.body
