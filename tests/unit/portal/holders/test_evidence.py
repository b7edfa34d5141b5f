"""A holder that is late: the evidence is frozen once, with its facts and nothing of the study."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.utils import timezone

from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.cases import daily
from ecluse.portal.cases.models import Dispatch
from ecluse.portal.holders import daily as holders_daily
from ecluse.portal.holders.models import DelayEvidence
from ecluse.portal.permits import actions as permit_actions
from ecluse.trust import canonical
from tests.unit.portal.applications.road import ANSWERS
from tests.unit.portal.holders.calling import Calling, later

LAST_DAY = 92
"""From 5 January to 7 April 2026."""


def a_day_passes(day: int) -> int:
    """The daily job, so many days after the call."""
    daily.run(now=later(day))
    return holders_daily.run(now=later(day)).holders_late


def test_nothing_is_held_against_a_holder_on_its_last_day(calling: Calling) -> None:
    calling.asked()

    assert a_day_passes(LAST_DAY) == 0
    assert not DelayEvidence.objects.exists()


def test_the_day_after_the_delay_is_frozen_once_with_its_facts(calling: Calling) -> None:
    call = calling.asked()
    calling.do(call, "acknowledge", calling.anne, day=2)

    assert [a_day_passes(LAST_DAY + 1), a_day_passes(LAST_DAY + 2)] == [1, 0]
    kept = DelayEvidence.objects.get(call=call)
    facts = json.loads(bytes(kept.body))
    assert (facts["asked_on"], facts["due_on"], facts["seen_late_on"]) == (
        "2026-01-05",
        "2026-04-07",
        "2026-04-08",
    )
    assert [act["action"] for act in facts["acts"]] == ["ask", "acknowledge"]
    assert kept.digest == canonical.digest(bytes(kept.body))
    assert JournalEntry.objects.get(action="holder-call.overdue").digest == kept.digest


def test_the_evidence_says_nothing_of_the_study(calling: Calling) -> None:
    calling.asked()
    a_day_passes(LAST_DAY + 1)
    text = bytes(DelayEvidence.objects.get().body).decode()

    assert str(ANSWERS["title"]) not in text
    assert "camille" not in text
    assert "2026-00001" not in text


def test_the_evidence_is_never_changed(calling: Calling) -> None:
    calling.asked()
    a_day_passes(LAST_DAY + 1)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        DelayEvidence.objects.update(body=b"{}")


def test_a_holder_that_supplied_in_time_is_left_alone(calling: Calling) -> None:
    calling.supplied(day=LAST_DAY)

    assert a_day_passes(LAST_DAY + 30) == 0


def test_a_supply_sent_back_after_the_last_day_is_late(calling: Calling) -> None:
    call = calling.supplied(day=LAST_DAY)
    calling.do(call, "return-supply", calling.road.preparer, day=LAST_DAY + 1, reason="Vide.")

    assert a_day_passes(LAST_DAY + 1) == 1


def test_a_call_whose_permit_was_taken_back_is_without_object_and_never_late(
    calling: Calling,
) -> None:
    call = calling.asked()
    permit_actions.revoke(calling.permit, "Abus.", by=calling.road.decider, now=later(5))
    done = holders_daily.run(now=later(6))
    call.item.refresh_from_db()

    assert (done.calls_ended, call.item.state) == (1, "cancelled")
    assert a_day_passes(LAST_DAY + 1) == 0


def test_a_call_under_a_permit_in_force_is_left_as_it_is(calling: Calling) -> None:
    calling.asked()

    assert holders_daily.run(now=later(6)) == holders_daily.Done(0, 0)


def test_the_daily_job_of_the_site_does_both(
    calling: Calling, monkeypatch: pytest.MonkeyPatch
) -> None:
    calling.asked()
    monkeypatch.setattr(timezone, "now", lambda: later(LAST_DAY + 1))
    said = StringIO()
    call_command("daily", stdout=said)

    assert "calls_ended=0 holders_late=1 invoices_reminded=0" in said.getvalue()


def test_the_holder_is_reminded_a_month_a_week_and_a_day_before(calling: Calling) -> None:
    calling.asked()
    daily.run(now=later(LAST_DAY - 30))
    daily.run(now=later(LAST_DAY - 7))
    daily.run(now=later(LAST_DAY - 1))

    sent = Dispatch.objects.filter(clock__rule="supply").order_by("pk")
    assert list(sent.values_list("name", "days_before")) == [
        ("due-soon", 30),
        ("due-soon", 7),
        ("due-soon", 1),
    ]
