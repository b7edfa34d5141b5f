"""What time alone brings: each thing once, in order, whatever day the job was forgotten."""

from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from ecluse.portal import cases
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.cases import daily
from ecluse.portal.cases.daily import Done
from ecluse.portal.cases.models import ClockRow, Dispatch, Lapse
from tests.unit.portal.cases.desk import Desk, later


def reminders() -> list[tuple[str, int]]:
    found = Dispatch.objects.filter(clock__isnull=False).order_by("pk")
    return list(found.values_list("clock__rule", "days_before"))


def incomplete(desk: Desk) -> None:
    desk.submitted()
    desk.do("start-screening", desk.assessor)
    desk.do("ask-information", desk.assessor, reason="L’avis éthique manque.")


def test_an_incomplete_file_is_closed_the_day_after_its_four_weeks(desk: Desk) -> None:
    incomplete(desk)
    on_the_last_day = daily.run(now=later(28))
    still = desk.state()
    the_day_after = daily.run(now=later(29))

    assert (on_the_last_day.lapsed, still) == (0, "awaiting-information")
    assert (the_day_after.lapsed, desk.state()) == (1, "decided-negative")


def test_a_run_forgotten_for_a_month_does_the_same_once(desk: Desk) -> None:
    incomplete(desk)

    assert daily.run(now=later(60)).lapsed == 1
    assert daily.run(now=later(60)) == Done(0, 0, 0, 0)


def test_a_draft_is_deleted_once_it_has_been_kept_long_enough(desk: Desk) -> None:
    desk.do("save-draft", desk.camille)
    kept_until = ClockRow.objects.get(rule="draft-kept").due_on
    days = (kept_until - date(2026, 1, 5)).days  # type: ignore[operator]

    assert daily.run(now=later(days)).lapsed == 0
    assert daily.run(now=later(days + 1)).lapsed == 1
    assert desk.state() == "deleted"


def test_a_permit_expires_after_its_last_day_and_its_data_are_to_be_deleted(desk: Desk) -> None:
    desk.granted(until=date(2026, 2, 4))
    daily.run(now=later(30))
    on_its_last_day = desk.state("permit-1")
    daily.run(now=later(31))

    assert (on_its_last_day, desk.state("permit-1")) == ("active", "expired")
    assert ClockRow.objects.get(rule="deletion").due_on == date(2026, 8, 5)


def test_what_the_register_shows_is_recorded_as_published(desk: Desk) -> None:
    desk.submitted()

    assert daily.run(now=later(0)).published == 1
    assert desk.state("case") == "under-way"
    assert ClockRow.objects.get(rule="publish-application").completed_on == date(2026, 1, 5)


def test_a_late_decision_is_kept_as_evidence_once_and_journalled(desk: Desk) -> None:
    desk.complete()
    due_day = (date(2026, 4, 7) - date(2026, 1, 5)).days

    assert daily.run(now=later(due_day)).late == 0
    assert daily.run(now=later(due_day + 1)).late == 1
    assert daily.run(now=later(due_day + 5)).late == 0
    assert Lapse.objects.get().due_on == date(2026, 4, 7)
    assert JournalEntry.objects.get(action="clock.lapsed").subject == "2026-00001"


def test_whoever_must_act_is_reminded_at_each_threshold_once(desk: Desk) -> None:
    incomplete(desk)  # due on 2 February, 28 days later
    daily.run(now=later(20))
    daily.run(now=later(21))
    daily.run(now=later(22))
    daily.run(now=later(27))

    assert reminders() == [("completion", 7), ("completion", 1)]


def test_of_the_reminders_missed_in_a_forgotten_week_the_last_alone_goes(desk: Desk) -> None:
    incomplete(desk)
    daily.run(now=later(27))

    assert reminders() == [("completion", 1)]


def test_a_reminder_not_yet_sent_dies_with_its_cause(desk: Desk) -> None:
    incomplete(desk)
    daily.run(now=later(21))
    waiting = Dispatch.objects.to_send().filter(clock__isnull=False).count()
    desk.do("supply-information", desk.camille, day=22)

    assert waiting == 1
    assert not Dispatch.objects.to_send().filter(clock__isnull=False).exists()


def test_a_suspended_clock_reminds_nobody_and_is_never_late(desk: Desk) -> None:
    desk.complete()
    daily.run(now=later(0))
    desk.do("ask-supplement", desk.assessor, day=1, reason="Précisez.")
    daily.run(now=later(200))

    assert not Lapse.objects.filter(clock__rule="decision").exists()
    assert "decision" not in {rule for rule, _ in reminders()}


def test_after_an_extension_the_new_due_day_has_its_own_reminders(desk: Desk) -> None:
    desk.deciding()
    daily.run(now=later(62))  # 30 days before 7 April
    desk.do("extend", desk.decider, on="unit-1", day=62, reason="Complexe.")
    daily.run(now=later(62))
    daily.run(now=later(152))  # 30 days before 6 July

    dates = Dispatch.objects.filter(clock__rule="decision").order_by("pk")
    assert [str(one.due_on) for one in dates] == ["2026-04-07", "2026-07-06"]


@pytest.mark.parametrize(
    ("left", "reminder"), [(31, None), (30, 30), (8, 30), (7, 7), (0, 1), (-1, -1)]
)
def test_the_reminder_of_a_day_is_the_last_threshold_passed(
    left: int, reminder: int | None
) -> None:
    due = date(2026, 4, 30)
    row = ClockRow(rule="decision", due_on=due)

    assert daily.reminder_of(row, today=date.fromordinal(due.toordinal() - left)) == reminder


def test_the_command_says_how_many_things_it_did(desk: Desk) -> None:
    desk.submitted()
    said = StringIO()
    call_command("daily", stdout=said)

    assert "published=1" in said.getvalue()
    assert " erased=0 indexed=0 " in said.getvalue()


def test_no_page_can_act_as_the_software() -> None:
    portal = Path(cases.__file__).parents[1]
    naming = {
        path.relative_to(portal).as_posix()
        for path in portal.rglob("*.py")
        if "perform_by_software" in path.read_text(encoding="utf-8")
    }

    assert naming == {
        *("cases/actions.py", "cases/daily.py", "evaluations/orders.py"),
        *("evaluations/reporting.py", "fees/reminders.py", "findings/actions.py"),
        *("holders/daily.py", "lives/closing.py", "lives/daily.py", "requests/tabulations.py"),
    }
