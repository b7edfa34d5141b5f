"""Mails through a real server: each once, tried again, given up, cancelled with their cause."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import connection
from pytest_django import Settings

from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.cases import daily
from ecluse.portal.cases.models import ActRow, Dispatch
from ecluse.portal.messages import actions, sending
from ecluse.portal.messages.models import Mail, Notice
from ecluse.portal.messages.sending import Sent
from tests.unit.portal.cases.desk import Desk, later
from tests.unit.portal.messages.mailserver import Box

CAMILLE, INES = "camille.moreau@univ.example", "ines.garnier@hub.example"
NOW = later(0)
MINUTE = timedelta(minutes=1)


def run(now: datetime = NOW) -> Sent:
    actions.announce(now=now)
    return sending.send(now=now)


def notice(email: str) -> Notice:
    return Notice.objects.get(account__email=email)


def test_what_happened_is_mailed_once_to_each_recipient(desk: Desk, box: Box) -> None:
    desk.submitted()

    assert run() == Sent(sent=2)  # the acknowledgement, and the file to check
    assert run(later(1)) == Sent()
    assert sorted(str(one["To"]) for one in box.taken) == [CAMILLE, INES]


def test_a_mail_holds_nothing_of_the_file_and_names_nobody(desk: Desk, box: Box) -> None:
    desk.case.title = "Saignements digestifs"
    desk.case.save()
    desk.submitted()
    run()

    texts = [f"{one['Subject']} {one.get_content()}" for one in box.taken]
    said = " ".join(texts)
    assert "2026-00001" in said
    assert f"/messages/{notice(CAMILLE).pk}/" in said
    private = ("Saignements", "Camille", "Moreau", "Garnier", "univ.example")
    assert not [word for word in private if word in said]


def test_a_mail_says_that_a_machine_wrote_it_and_names_itself(desk: Desk, box: Box) -> None:
    desk.submitted()
    run()

    mail = next(one for one in box.taken if one["To"] == CAMILLE)
    assert mail["Message-ID"] == f"<notice-{notice(CAMILLE).pk}@127.0.0.1>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["From"] == "ne-pas-repondre@hub.example"


def test_a_mail_is_in_the_language_of_its_recipient(desk: Desk, box: Box) -> None:
    actions.prefer(desk.camille, language="en", only_to_act=False)
    desk.submitted()
    run()

    subjects = {str(one["To"]): str(one["Subject"]) for one in box.taken}
    assert subjects == {
        CAMILLE: "File 2026-00001: a letter awaits you",
        INES: "Dossier 2026-00001 : déposé",
    }


def test_whoever_wants_mails_only_to_act_still_reads_the_rest_in_the_portal(
    desk: Desk, box: Box
) -> None:
    actions.prefer(desk.louis, language="fr", only_to_act=True)
    desk.complete()  # told to Louis, of whom nothing is awaited
    run()

    assert notice("louis.bernard@univ.example").mail == Mail.OFF
    assert "louis.bernard@univ.example" not in {str(one["To"]) for one in box.taken}


def test_an_address_refused_for_good_is_not_tried_again_and_is_journalled(
    desk: Desk, box: Box
) -> None:
    box.refusals[CAMILLE] = "550 no such user camille.moreau@univ.example"
    desk.submitted()

    assert run() == Sent(sent=1, failed=1)
    assert run(later(1)) == Sent()
    assert (notice(CAMILLE).mail, notice(CAMILLE).error) == (Mail.FAILED, "smtp-550")
    entry = JournalEntry.objects.get(action="mail.failed")
    assert "camille" not in bytes(entry.body).decode()


def test_an_address_refused_for_now_is_tried_again_later_and_later(desk: Desk, box: Box) -> None:
    box.refusals[CAMILLE] = "451 greylisted"
    desk.submitted()
    first = run()
    too_soon = run(NOW + 4 * MINUTE)
    second = run(NOW + 5 * MINUTE)
    del box.refusals[CAMILLE]
    third = run(NOW + 35 * MINUTE)

    assert (first, too_soon) == (Sent(sent=1, postponed=1), Sent())
    assert (second, third) == (Sent(postponed=1), Sent(sent=1))


def test_after_six_failures_it_is_given_up(desk: Desk, box: Box) -> None:
    box.refusals[CAMILLE] = "451 greylisted"
    desk.submitted()
    runs = [run(later(2 * day)) for day in range(6)]

    assert runs[0] == Sent(sent=1, postponed=1)
    assert runs[1:5] == [Sent(postponed=1)] * 4
    assert runs[5] == Sent(failed=1)
    assert notice(CAMILLE).error == "smtp-451"


def test_a_server_that_does_not_answer_ends_the_run_and_nothing_is_lost(
    desk: Desk, box: Box, settings: Settings
) -> None:
    desk.submitted()
    settings.EMAIL_PORT = 1  # nobody listens there
    down = run()
    settings.EMAIL_PORT = box.port
    back = run(NOW + 6 * MINUTE)

    assert down == Sent(postponed=1)
    assert back == Sent(sent=2)


def test_a_mail_whose_taking_was_never_heard_is_sent_again_as_the_same_mail(
    desk: Desk, box: Box
) -> None:
    desk.submitted()
    box.is_silent_after_data = True
    run()
    box.is_silent_after_data = False
    run(NOW + 6 * MINUTE)

    first, *others = [str(one["Message-ID"]) for one in box.taken]
    assert others.count(first) == 1
    assert len(others) == 2


def test_a_reminder_whose_cause_ends_before_it_goes_is_cancelled(
    desk: Desk, box: Box, settings: Settings
) -> None:
    desk.submitted()
    desk.do("start-screening", desk.assessor)
    desk.do("ask-information", desk.assessor, reason="L’avis éthique manque.")
    run()
    box.taken.clear()
    daily.run(now=later(21))  # seven days before the four weeks end
    actions.announce(now=later(21))
    desk.do("supply-information", desk.camille, day=21)

    assert run(later(21)) == Sent(sent=1, cancelled=1)  # told: information supplied
    assert [str(one["To"]) for one in box.taken] == [INES]
    assert not Notice.objects.of(desk.camille).filter(dispatch__name="due-soon").exists()


def test_a_reminder_whose_clock_was_extended_is_cancelled_too(desk: Desk, box: Box) -> None:
    desk.deciding()
    run()
    box.taken.clear()
    daily.run(now=later(62))
    actions.announce(now=later(62))
    desk.do("extend", desk.decider, on="unit-1", day=62, reason="Complexe.")
    done = run(later(62))

    assert done.cancelled == 1
    assert "paul.lefevre@hub.example" not in {str(one["To"]) for one in box.taken}


def test_without_a_server_everything_is_told_in_the_portal_alone(
    desk: Desk, settings: Settings
) -> None:
    settings.EMAIL_HOST = ""
    desk.submitted()

    assert run() == Sent()
    assert notice(CAMILLE).mail == Mail.OFF
    assert Notice.objects.of(desk.camille).unread().count() == 1


def test_what_was_told_is_not_told_again(desk: Desk, box: Box) -> None:
    desk.submitted()

    assert actions.announce(now=NOW) == 2
    assert actions.announce(now=NOW) == 0
    assert not Dispatch.objects.to_send().exists()


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_send_each_mail_once(desk: Desk, box: Box) -> None:
    act = ActRow.objects.create(
        item=desk.item(), action="declare-complete", role="assessor", by=desk.assessor, at=NOW
    )
    Dispatch.objects.bulk_create(
        Dispatch(case=desk.case, act=act, name=name, is_letter=False, queued_at=NOW)
        for name in ("file-complete", "decided", "due-day-moved")
    )
    actions.announce(now=NOW)  # three messages for each of Camille and Louis

    with ThreadPoolExecutor(2) as both:
        runs = list(both.map(lambda _: _in_a_thread(), range(2)))

    assert sum(one.sent for one in runs) == 6
    assert len({str(one["Message-ID"]) for one in box.taken}) == len(box.taken) == 6


def _in_a_thread() -> Sent:
    try:
        return sending.send(now=NOW)
    finally:
        connection.close()
