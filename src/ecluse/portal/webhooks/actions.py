"""Subscribe, remove, resume, try; and send what is owed, in the order of each file.

A delivery is tried eight times over about eighteen hours; then it is given up, kept, and its
subscription pauses until its holder resumes it. A receiver may get a delivery twice, never out of
order within one file, unless its holder sends one that was given up again.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import CharField, Exists, F, Max, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat

from ecluse.domain.codec import format_instant
from ecluse.domain.errors import InvalidInput, NotAllowed, NotFound
from ecluse.portal.accounts.models import User
from ecluse.portal.audit.actions import record
from ecluse.portal.cases.models import ActRow, CaseRecord
from ecluse.portal.cases.speaking import speaking
from ecluse.portal.webhooks import addresses, events, sending, signatures
from ecluse.portal.webhooks.models import Attempt, Delivery, Subscription

MOST: Final = 10
"""How many subscriptions one account keeps."""
WAITS: Final = tuple(
    timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 2 * 60, 5 * 60, 10 * 60)
)
"""How long after each failure the next attempt comes; after the last one, none does."""
SETTLED: Final = timedelta(hours=1)
"""An act of before this cannot be in a transaction that still runs."""
MOST_TRIALS: Final = 5
TRIAL_TIME: Final = timedelta(minutes=1)
MOST_AT_ONCE: Final = 500
SENDER_LOCK: Final = 0x0EC1_0B00
SOFTWARE: Final = "system"


@dataclass(frozen=True, slots=True)
class Done:
    """What a run did: deliveries written, delivered, failed for now, given up."""

    queued: int
    delivered: int
    failed: int
    given_up: int


@transaction.atomic
def subscribe(url: str, wanted: list[str], *, by: User, now: datetime) -> tuple[Subscription, str]:
    """Subscribe an address to events, all of them if none is named; return its secret too.

    The secret is shown once. Raises InvalidInput: the address, an event, or too many. Raises
    NotAllowed: an address that is not of the open Internet.
    """
    # One at a time for an account, or two would pass the count together.
    User.objects.get_queryset().select_for_update(no_key=True).get(pk=by.pk)
    if Subscription.objects.kept().filter(account=by).count() >= MOST:
        raise InvalidInput(f"{MOST} webhooks are kept already: remove one first.")
    addresses.resolve(addresses.check(url))
    made = Subscription.objects.create(
        account=by,
        url=url,
        events=events.check(wanted),
        salt=secrets.token_hex(16),
        after_act=ActRow.objects.aggregate(last=Max("pk"))["last"] or 0,
        created_at=now,
    )
    record("webhook.added", str(made.pk), by=by.journal_name(), at=now)
    return made, signatures.secret_of(made.salt)


def find(subscription_id: UUID, *, of: User) -> Subscription:
    """Return a subscription of this account. Raises NotFound."""
    found = Subscription.objects.kept().filter(pk=subscription_id, account=of).first()
    if found is None:
        raise NotFound("No webhook of yours has this name: it may have been removed.")
    return found


@transaction.atomic
def remove(subscription: Subscription, *, by: User, now: datetime) -> None:
    """End a subscription; its log stays."""
    kept = Subscription.objects.kept().filter(pk=subscription.pk)
    if kept.update(removed_at=now):
        record("webhook.removed", str(subscription.pk), by=by.journal_name(), at=now)


@transaction.atomic
def resume(subscription: Subscription, *, by: User, now: datetime) -> int:
    """Send again to a subscription that paused, first what was given up; how many deliveries."""
    paused = Subscription.objects.kept().filter(pk=subscription.pk, paused_at__isnull=False)
    if not paused.update(paused_at=None):
        return 0
    record("webhook.resumed", str(subscription.pk), by=by.journal_name(), at=now)
    # A test call that failed is over: nobody waits for it.
    undelivered = subscription.deliveries.filter(delivered_at__isnull=True, act__isnull=False)
    return undelivered.update(given_up_at=None, counted_from=now, next_at=now)


def try_out(subscription: Subscription, *, now: datetime) -> Attempt:
    """Send a test call now, and once: it is not tried again. Returns what came of it.

    Raises NotAllowed: five were made in the last minute; a stranger's server is not to be hammered.
    """
    recent = subscription.deliveries.filter(act__isnull=True, queued_at__gt=now - TRIAL_TIME)
    if recent.count() >= MOST_TRIALS:
        raise NotAllowed(f"{MOST_TRIALS} test calls were made in a minute: wait, then try again.")
    event_id = uuid4()
    body = events.trial_body(event_id, at=format_instant(now))
    # Given up before it is made: the run that sends what is owed never sends it again.
    delivery = _write(subscription, events.TEST, (event_id, body), now=now, given_up_at=now)
    return _call(delivery, now=now)


def deliver(*, now: datetime) -> Done:
    """Write what is owed, and send what is due. One run at a time: another does nothing.

    Calls are made outside any transaction: a slow receiver holds no row.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [SENDER_LOCK])
        if not cursor.fetchone()[0]:
            return Done(0, 0, 0, 0)
    try:
        return _deliver(now=now)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [SENDER_LOCK])


def _deliver(*, now: datetime) -> Done:
    queued, outcomes = 0, []
    for subscription in list(Subscription.objects.sending().select_related("account")):
        queued += _queue(subscription, now=now)
        outcomes += _send_all(subscription, now=now)
    return Done(queued, *(outcomes.count(name) for name in ("delivered", "failed", "given-up")))


@transaction.atomic
def _queue(subscription: Subscription, *, now: datetime) -> int:
    """Write the deliveries owed to one subscription, in the order of the acts; how many."""
    owed = list(_owed(subscription)[:MOST_AT_ONCE])
    readable = CaseRecord.objects.visible_to(subscription.account)
    for act in owed:
        event_id = uuid4()
        is_read = readable.filter(pk=act.item.case_id).exists()
        said = event_id, events.body_of(act, event_id, is_read=is_read)
        _write(subscription, events.event_of(act), said, now=now, act=act, case=act.item.case)
    if len(owed) < MOST_AT_ONCE:
        _settle(subscription, now=now)
    return len(owed)


def _write(
    subscription: Subscription,
    event: str,
    said: tuple[UUID, bytes],
    *,
    now: datetime,
    **rest: object,
) -> Delivery:
    event_id, body = said
    return Delivery.objects.create(
        event_id=event_id,
        subscription=subscription,
        event=event,
        body=body,
        queued_at=now,
        counted_from=now,
        next_at=now,
        **rest,
    )


def _owed(subscription: Subscription) -> QuerySet[ActRow]:
    """The acts that the account may read now and of which the subscription has no delivery.

    Of a file that it may not read, a holder's person is told what happens to their calls alone.

    Acts of one file hold it one after the other, so their order is that of their numbers.
    """
    cases = CaseRecord.objects.visible_to(subscription.account)
    deliveries = Delivery.objects.filter(subscription=subscription, act=OuterRef("pk"))
    spoken = speaking().items_of(subscription.account)
    read = Q(item__case__in=cases.values("pk")) | Q(item__in=spoken.values("pk"))
    found = ActRow.objects.filter(read, pk__gt=subscription.after_act)
    if subscription.events:
        name = Concat(F("item__kind"), Value("."), F("action"), output_field=CharField())
        found = found.annotate(event=name).filter(event__in=subscription.events)
    return found.exclude(Exists(deliveries)).select_related("item__case").order_by("pk")


def _settle(subscription: Subscription, *, now: datetime) -> None:
    old = ActRow.objects.filter(at__lt=now - SETTLED).aggregate(last=Max("pk"))["last"]
    if old is not None and old > subscription.after_act:
        Subscription.objects.filter(pk=subscription.pk).update(after_act=old)


def _send_all(subscription: Subscription, *, now: datetime) -> list[str]:
    """Send what is due until nothing is, or one fails: its receiver has then time to recover."""
    outcomes: list[str] = []
    while len(outcomes) < MOST_AT_ONCE:
        delivery = subscription.deliveries.due(now=now).first()
        if delivery is None:
            break
        outcomes.append(_send(delivery, now=now))
        if outcomes[-1] != "delivered":
            break
    return outcomes


def _send(delivery: Delivery, *, now: datetime) -> str:
    _call(delivery, now=now)
    if delivery.delivered_at is None:
        _put_off(delivery, now=now)
    return "failed" if delivery.state() == "waiting" else delivery.state()


def _call(delivery: Delivery, *, now: datetime) -> Attempt:
    """Call the receiver and write what came of it."""
    secret = signatures.secret_of(delivery.subscription.salt)
    body = bytes(delivery.body)
    headers = signatures.headers(delivery.event_id, body, secret=secret, now=now)
    answer = sending.send(delivery.subscription.url, body, headers)
    if answer.is_delivered:
        delivery.delivered_at, delivery.given_up_at = now, None
        delivery.save(update_fields=["delivered_at", "given_up_at"])
    return delivery.attempts.create(
        at=now,
        status=answer.status,
        failure=answer.failure,
        milliseconds=answer.milliseconds,
    )


@transaction.atomic
def _put_off(delivery: Delivery, *, now: datetime) -> None:
    failures = delivery.attempts.filter(at__gte=delivery.counted_from).count()
    if failures <= len(WAITS):
        delivery.next_at = now + WAITS[failures - 1]
        delivery.save(update_fields=["next_at"])
        return
    delivery.given_up_at = now
    delivery.save(update_fields=["given_up_at"])
    subscription = delivery.subscription
    if Subscription.objects.sending().filter(pk=subscription.pk).update(paused_at=now):
        record("webhook.paused", str(subscription.pk), by=SOFTWARE, at=now)
