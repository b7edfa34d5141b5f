"""Extractions: the order signed here, and the receipt or refusal that the secure zone answered."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from ecluse.domain import documents
from ecluse.portal.accounts.models import User
from ecluse.portal.mailbox.reading import body_in
from ecluse.portal.permits.models import PermitRecord


class State(StrEnum):
    """Where an extraction stands."""

    ORDERED = "ordered"
    DELIVERED = "delivered"
    REFUSED = "refused"


class ExtractionQuerySet(models.QuerySet["Extraction"]):
    """Questions asked of extractions; every page begins with `visible_to`."""

    def visible_to(self, user: User) -> Self:
        """Keep the extractions of the permits that `user` may read."""
        return self.filter(permit__in=PermitRecord.objects.visible_to(user))

    def newest_first(self) -> Self:
        """Order from the last order to the first."""
        return self.order_by("-ordered_at", "-pk")


class Extraction(models.Model):
    """One extraction. `request_key` is drawn with the summary page: sent twice, it orders once."""

    number = models.CharField(max_length=40, unique=True)
    permit = models.ForeignKey(PermitRecord, on_delete=models.PROTECT, related_name="extractions")
    request_key = models.UUIDField(unique=True)
    state = models.CharField(max_length=12, default=State.ORDERED.value)
    ordered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    ordered_at = models.DateTimeField()
    order_data = models.BinaryField()
    order_digest = models.CharField(max_length=71, unique=True)
    answered_at = models.DateTimeField(null=True)
    answer_data = models.BinaryField(null=True)
    answer_digest = models.CharField(max_length=71, blank=True)

    objects = ExtractionQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="extraction_state_known",
                condition=Q(state__in=[state.value for state in State]),
            ),
            models.CheckConstraint(
                name="extraction_answered_by_a_document",
                condition=Q(
                    state="ordered",
                    answered_at__isnull=True,
                    answer_data__isnull=True,
                    answer_digest="",
                )
                | Q(
                    state__in=["delivered", "refused"],
                    answered_at__isnull=False,
                    answer_data__isnull=False,
                    answer_digest__gt="",
                ),
            ),
        )

    def __str__(self) -> str:
        return self.number

    def order(self) -> documents.ExtractionOrder:
        """Return the order as signed."""
        return body_in(bytes(self.order_data), documents.ExtractionOrder)

    def receipt(self) -> documents.ExtractionReceipt | None:
        """Return what was delivered, or None before the receipt."""
        if self.state != State.DELIVERED or self.answer_data is None:
            return None
        return body_in(bytes(self.answer_data), documents.ExtractionReceipt)

    def refusal(self) -> documents.Refusal | None:
        """Return why the secure zone did not obey, or None if it did or has not answered."""
        if self.state != State.REFUSED or self.answer_data is None:
            return None
        return body_in(bytes(self.answer_data), documents.Refusal)
