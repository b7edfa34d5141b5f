"""Subscriptions, the deliveries due to each, and every attempt to send one.

The outbox is the table of acts itself: an act is written in the transaction that moves the file,
and a delivery is owed as long as none of the subscription names that act. Nothing can be lost
between the two, and a transaction that is undone owes nothing.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from ecluse.portal.cases.models import ActRow, CaseRecord

EVENT = 80
URL = 500


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    """Subscriptions by what may still be sent to them."""

    def kept(self) -> Self:
        """Keep those that nobody removed."""
        return self.filter(removed_at__isnull=True)

    def sending(self) -> Self:
        """Keep those to which deliveries go now."""
        return self.kept().filter(paused_at__isnull=True, account__is_active=True)


class Subscription(models.Model):
    """An address told of the events of the files that an account may read.

    `events` is empty for all. Acts up to `after_act` are settled: each has its delivery or needs
    none. The secret that signs is derived from `salt`, and stored nowhere.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="webhooks"
    )
    url = models.CharField(max_length=URL)
    events = ArrayField(models.CharField(max_length=EVENT), default=list)
    salt = models.CharField(max_length=64)
    after_act = models.BigIntegerField()
    created_at = models.DateTimeField()
    paused_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)

    objects = SubscriptionQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.account_id} {self.url}"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Deliveries by what is left to do with them."""

    def waiting(self) -> Self:
        """Keep what was neither delivered nor given up."""
        return self.filter(delivered_at__isnull=True, given_up_at__isnull=True)

    def first_of_their_file(self) -> Self:
        """Keep the oldest waiting delivery of each file: a later one never overtakes it."""
        earlier = (
            DeliveryQuerySet(Delivery)
            .waiting()
            .filter(
                subscription=models.OuterRef("subscription"),
                case=models.OuterRef("case"),
                pk__lt=models.OuterRef("pk"),
            )
        )
        return self.waiting().exclude(models.Exists(earlier))

    def due(self, *, now: datetime) -> Self:
        """Keep what may be sent at `now`, the oldest first."""
        return self.first_of_their_file().filter(next_at__lte=now).order_by("pk")


class Delivery(models.Model):
    """One event owed to one subscription; `act` is None for a test call. Its bytes never change.

    Attempts are counted from `counted_from`: when it was written, or last sent again by its holder.
    """

    event_id = models.UUIDField(unique=True, default=uuid.uuid4)
    subscription = models.ForeignKey(
        Subscription, on_delete=models.PROTECT, related_name="deliveries"
    )
    act = models.ForeignKey(ActRow, on_delete=models.PROTECT, related_name="deliveries", null=True)
    case = models.ForeignKey(CaseRecord, on_delete=models.PROTECT, related_name="+", null=True)
    event = models.CharField(max_length=EVENT)
    body = models.BinaryField()
    queued_at = models.DateTimeField()
    counted_from = models.DateTimeField()
    next_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(
                fields=("subscription", "case", "id"),
                condition=Q(delivered_at__isnull=True, given_up_at__isnull=True),
                name="delivery_waiting",
            ),
        )
        constraints = (
            models.UniqueConstraint(fields=("subscription", "act"), name="delivery_once"),
            models.CheckConstraint(
                name="delivery_made_or_given_up",
                condition=Q(delivered_at__isnull=True) | Q(given_up_at__isnull=True),
            ),
            models.CheckConstraint(
                name="delivery_of_an_act_or_a_test",
                condition=Q(act__isnull=False, case__isnull=False)
                | Q(act__isnull=True, case__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return f"{self.event} {self.event_id}"

    def state(self) -> str:
        """Where it stands: `waiting`, `delivered` or `given-up`."""
        if self.given_up_at is not None:
            return "given-up"
        return "waiting" if self.delivered_at is None else "delivered"


class Attempt(models.Model):
    """One call: the status that came back, or why none did; never what the other side said."""

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="attempts")
    at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    failure = models.CharField(max_length=40, blank=True)
    milliseconds = models.PositiveIntegerField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="attempt_answered_or_failed",
                condition=Q(status__isnull=False) | Q(failure__gt=""),
            ),
        )

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.status or self.failure}"
