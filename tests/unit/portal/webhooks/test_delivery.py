"""What is told to a webhook, in which order, signed, tried again, given up, resumed."""

import base64
import hashlib
import hmac
import io
from datetime import datetime, timedelta

from django.core.management import call_command
from django.db import connection, transaction

from ecluse.portal.accounts.models import User
from ecluse.portal.applications import actions as applications
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.cases.models import Party
from ecluse.portal.fees.reminders import remind
from ecluse.portal.webhooks import actions
from ecluse.portal.webhooks.actions import WAITS, Done
from ecluse.portal.webhooks.models import Delivery, Subscription
from tests.unit.portal.applications.road import NOW, Road
from tests.unit.portal.fees.billing import Billing, billing, prints
from tests.unit.portal.holders.calling import Calling, calling
from tests.unit.portal.webhooks.receivers import Receiver

__all__ = ["billing", "calling"]

MINUTE = timedelta(minutes=1)
NOTHING = Done(queued=0, delivered=0, failed=0, given_up=0)


def subscribe(receiver: Receiver, by: User, *events: str) -> Subscription:
    return actions.subscribe(receiver.url, list(events), by=by, now=NOW)[0]


def instants_of_every_attempt() -> list[datetime]:
    """The instants of the eight attempts of a delivery queued at NOW."""
    instants = [NOW]
    for wait in WAITS:
        instants.append(instants[-1] + wait)
    return instants


def test_an_act_is_told_to_who_may_read_the_file(road: Road, receiver: Receiver) -> None:
    subscribe(receiver, road.camille)
    application = road.submitted()

    done = actions.deliver(now=NOW)

    (said,) = receiver.said()
    assert done == Done(queued=1, delivered=1, failed=0, given_up=0)
    assert said == {
        "id": str(Delivery.objects.get().event_id),
        "type": "application.submit",
        "timestamp": "2026-01-05T10:00:00.000Z",
        "data": {
            "file": {"number": application.number, "kind": "application"},
            "object": {"id": "file", "kind": "application"},
            "state_before": "draft",
            "state_after": "submitted",
            "href": f"http://127.0.0.1:8000/api/v1/files/{application.number}",
        },
    }


def test_nothing_is_told_to_who_may_not_read_the_file(road: Road, receiver: Receiver) -> None:
    subscribe(receiver, road.stranger)
    road.submitted()

    assert actions.deliver(now=NOW) == NOTHING
    assert receiver.calls == []


def test_a_holder_is_told_what_happens_to_its_calls_and_nothing_else_of_the_file(
    calling: Calling, receiver: Receiver
) -> None:
    subscribe(receiver, calling.anne)
    subscribe(receiver, calling.bob)
    calling.asked()

    actions.deliver(now=NOW)

    (said,) = receiver.said()
    assert said["type"] == "holder-call.ask"
    assert said["data"]["file"] == {"number": "FR-2026-0001-H1", "kind": "holder-call"}
    assert "2026-00001" not in str(said)


@prints
def test_a_late_payer_is_told_by_webhook_too(billing: Billing, receiver: Receiver) -> None:
    subscribe(receiver, billing.road.camille, "decision-unit.remind-payment")
    billing.invoice()
    remind(now=NOW + timedelta(days=31))

    actions.deliver(now=NOW + timedelta(days=31))

    assert [said["type"] for said in receiver.said()] == ["decision-unit.remind-payment"]


def test_the_reason_of_a_refusal_and_who_refused_are_not_told(
    road: Road, receiver: Receiver
) -> None:
    subscribe(receiver, road.camille, "decision-unit.refuse")
    road.refused()

    actions.deliver(now=NOW)

    ((_headers, body),) = receiver.calls
    assert b"decision-unit.refuse" in body
    assert b"Trop de colonnes" not in body
    assert road.decider.subject.encode() not in body


def test_a_call_is_signed_as_standard_webhooks_says(road: Road, receiver: Receiver) -> None:
    _made, secret = actions.subscribe(receiver.url, [], by=road.camille, now=NOW)
    road.submitted()
    actions.deliver(now=NOW)

    ((headers, body),) = receiver.calls
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-timestamp"] == "1767607200"
    assert headers["webhook-signature"] == f"v1,{expected}"


def test_the_secret_is_not_in_the_database(road: Road, receiver: Receiver) -> None:
    made, secret = actions.subscribe(receiver.url, [], by=road.camille, now=NOW)

    stored = str(Subscription.objects.filter(pk=made.pk).values().get())
    assert secret not in stored
    assert secret.removeprefix("whsec_") not in stored


def test_the_acts_of_a_file_are_told_in_their_order(road: Road, receiver: Receiver) -> None:
    subscribe(receiver, road.camille)
    road.complete()

    actions.deliver(now=NOW)

    assert receiver.events() == [
        "application.submit",
        "application.start-screening",
        "application.declare-complete",
    ]


def test_an_act_that_waits_is_not_overtaken(road: Road, receiver: Receiver) -> None:
    subscribe(receiver, road.camille)
    receiver.answers = [500]
    application = road.submitted()
    first = actions.deliver(now=NOW)
    applications.withdraw(application, by=road.camille, now=NOW)

    too_soon = actions.deliver(now=NOW + MINUTE / 2)
    in_time = actions.deliver(now=NOW + MINUTE)

    assert first == Done(queued=1, delivered=0, failed=1, given_up=0)
    assert too_soon == Done(queued=1, delivered=0, failed=0, given_up=0)
    assert in_time == Done(queued=0, delivered=2, failed=0, given_up=0)
    assert receiver.events() == ["application.submit", "application.submit", "application.withdraw"]


def test_a_file_that_waits_does_not_keep_another_waiting(road: Road, receiver: Receiver) -> None:
    subscribe(receiver, road.camille)
    receiver.answers = [503]
    road.submitted()
    actions.deliver(now=NOW)
    other = road.submitted()

    actions.deliver(now=NOW + MINUTE / 2)

    assert receiver.said()[1]["data"]["file"]["number"] == other.number


def test_each_attempt_sends_the_same_bytes_under_the_same_id(
    road: Road, receiver: Receiver
) -> None:
    subscribe(receiver, road.camille)
    receiver.answers = [500]
    road.submitted()
    actions.deliver(now=NOW)
    actions.deliver(now=NOW + MINUTE)

    (first, again) = receiver.calls
    assert first[1] == again[1]
    assert first[0]["webhook-id"] == again[0]["webhook-id"]
    assert first[0]["webhook-timestamp"] != again[0]["webhook-timestamp"]


def test_what_was_delivered_is_not_sent_again(road: Road, receiver: Receiver) -> None:
    subscribe(receiver, road.camille)
    road.submitted()
    actions.deliver(now=NOW)

    assert actions.deliver(now=NOW + 60 * MINUTE) == NOTHING
    assert len(receiver.calls) == 1


def test_an_act_that_is_undone_is_never_told(road: Road, receiver: Receiver) -> None:
    subscribe(receiver, road.camille)
    draft = road.draft()
    sid = transaction.savepoint()
    applications.submit(draft, by=road.camille, now=NOW)
    transaction.savepoint_rollback(sid)

    assert actions.deliver(now=NOW) == NOTHING


def test_a_delivery_is_given_up_after_eight_attempts_and_its_webhook_pauses(
    road: Road, receiver: Receiver
) -> None:
    made = subscribe(receiver, road.camille)
    receiver.answers = [500] * 8
    road.submitted()

    runs = [actions.deliver(now=at) for at in instants_of_every_attempt()]

    made.refresh_from_db()
    assert [run.failed for run in runs] == [1] * 7 + [0]
    assert runs[-1].given_up == 1
    assert made.paused_at == instants_of_every_attempt()[-1]
    assert made.paused_at - NOW == timedelta(hours=18, minutes=21)
    assert JournalEntry.objects.filter(action="webhook.paused").count() == 1


def test_a_paused_webhook_loses_nothing(road: Road, receiver: Receiver) -> None:
    made = subscribe(receiver, road.camille)
    receiver.answers = [500] * 8
    application = road.submitted()
    runs = [actions.deliver(now=at) for at in instants_of_every_attempt()]
    later = NOW + timedelta(days=2)
    applications.withdraw(application, by=road.camille, now=later)
    while_paused = actions.deliver(now=later)

    again = actions.resume(made, by=road.camille, now=later)
    after = actions.deliver(now=later)

    assert (len(runs), while_paused, again) == (8, NOTHING, 1)
    assert after == Done(queued=1, delivered=2, failed=0, given_up=0)
    assert receiver.events()[8:] == ["application.submit", "application.withdraw"]


def test_a_webhook_resumed_is_tried_eight_times_again(road: Road, receiver: Receiver) -> None:
    made = subscribe(receiver, road.camille)
    receiver.answers = [500] * 9
    road.submitted()
    runs = [actions.deliver(now=at) for at in instants_of_every_attempt()]
    later = NOW + timedelta(days=2)
    actions.resume(made, by=road.camille, now=later)

    done = actions.deliver(now=later)

    assert (runs[-1].given_up, done.failed) == (1, 1)


def test_a_receiver_that_does_not_listen_is_a_failure_told_in_the_log(
    road: Road, receiver: Receiver
) -> None:
    made = subscribe(receiver, road.camille)
    Subscription.objects.filter(pk=made.pk).update(url="http://127.0.0.1:1/")
    road.submitted()

    done = actions.deliver(now=NOW)

    attempt = Delivery.objects.get().attempts.get()
    assert done.failed == 1
    assert (attempt.status, attempt.failure) == (None, "unreachable")


def test_a_redirection_is_not_followed(road: Road, receiver: Receiver) -> None:
    subscribe(receiver, road.camille)
    receiver.answers, receiver.location = [302], f"{receiver.url}/elsewhere"
    road.submitted()

    done = actions.deliver(now=NOW)

    assert (done.failed, len(receiver.calls)) == (1, 1)
    assert Delivery.objects.get().attempts.get().status == 302


def test_an_account_that_is_closed_is_told_nothing_more(road: Road, receiver: Receiver) -> None:
    subscribe(receiver, road.camille)
    road.submitted()
    road.camille.is_active = False
    road.camille.save()

    assert actions.deliver(now=NOW) == NOTHING


def test_a_test_call_is_made_at_once_and_once(road: Road, receiver: Receiver) -> None:
    made = subscribe(receiver, road.camille)
    receiver.answers = [500]

    attempt = actions.try_out(made, now=NOW)

    assert attempt.status == 500
    assert receiver.events() == ["webhook.test"]
    assert actions.deliver(now=NOW + 60 * MINUTE) == NOTHING


def test_an_act_that_could_not_be_read_yet_is_told_once_it_can(
    road: Road, receiver: Receiver
) -> None:
    subscribe(receiver, road.camille)
    first = road.submitted()
    hers = Party.objects.filter(case=first.case, subject=road.camille.subject)
    hers.update(subject="somebody@else.example")
    second = road.submitted()
    actions.deliver(now=NOW)
    others = Party.objects.filter(case=first.case, subject="somebody@else.example")
    others.update(subject=road.camille.subject)

    done = actions.deliver(now=NOW)

    numbers = [said["data"]["file"]["number"] for said in receiver.said()]
    assert done.delivered == 1
    assert numbers == [second.number, first.number]


def test_one_run_sends_at_a_time(road: Road, receiver: Receiver) -> None:
    subscribe(receiver, road.camille)
    road.submitted()
    other = connection.get_new_connection(connection.get_connection_params())
    other.execute("SELECT pg_advisory_lock(%s)", [actions.SENDER_LOCK])

    beside = actions.deliver(now=NOW)
    other.execute("SELECT pg_advisory_unlock(%s)", [actions.SENDER_LOCK])
    other.close()
    alone = actions.deliver(now=NOW)

    assert (beside, alone.delivered) == (NOTHING, 1)


def test_the_command_says_what_it_did(road: Road, receiver: Receiver) -> None:
    subscribe(receiver, road.camille)
    road.submitted()
    said = io.StringIO()

    call_command("deliver", stdout=said)

    assert said.getvalue().strip() == "queued=1 delivered=1 failed=0 given_up=0"


def test_an_officer_is_told_of_every_file_that_was_filed(road: Road, receiver: Receiver) -> None:
    subscribe(receiver, road.assessor, "application.submit")
    road.submitted()
    road.draft()

    assert actions.deliver(now=NOW).delivered == 1
