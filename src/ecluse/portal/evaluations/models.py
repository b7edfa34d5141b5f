"""Evaluations as files; what was registered, locked, deviated and reported is appended for ever."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from ecluse.domain.codec import decode
from ecluse.domain.documents import (
    EvaluationLock,
    EvaluationOrder,
    EvaluationProtocol,
    EvaluationReceipt,
    Refusal,
)
from ecluse.domain.evaluations.deviations import Deviation
from ecluse.domain.evaluations.protocols import Protocol
from ecluse.portal.accounts.models import User
from ecluse.portal.aisystems.models import SystemRecord
from ecluse.portal.applications.pinned import FormFile
from ecluse.portal.cases.models import CaseRecord
from ecluse.portal.mailbox.reading import body_in

WAITING = ("draft", "registered")
"""The states in which a registered protocol holds the data of its permit back."""


class OrderState(StrEnum):
    """Where an order to run an evaluation stands."""

    ORDERED = "ordered"
    REFUSED = "refused"
    CHECKED = "checked"
    REJECTED = "rejected"
    RELEASED = "released"


ENDED = (OrderState.REFUSED.value, OrderState.REJECTED.value)
"""The states of an order that leave room for another."""


class EvaluationQuerySet(models.QuerySet["EvaluationFile"]):
    """Questions asked of evaluations; every page begins with `visible_to` or `public`."""

    def public(self) -> Self:
        """Keep those whose protocol was registered, whatever became of them."""
        registered = Registration.objects.filter(evaluation=OuterRef("pk"))
        return self.filter(Exists(registered)).select_related("item__case", "system", "applicant")

    def visible_to(self, user: User | None) -> Self:
        """Keep the public ones; and one's own, drafts among them."""
        seen = Q(Exists(Registration.objects.filter(evaluation=OuterRef("pk"))))
        if user is not None:
            seen |= Q(item__case__in=CaseRecord.objects.visible_to(user).values("pk"))
        return self.filter(seen).select_related("item__case", "system", "applicant", "dataset")

    def holding(self, permit_number: str) -> Self:
        """Keep those whose registered protocol waits for its lock, under a permit."""
        last = Registration.objects.filter(evaluation=OuterRef("pk"), permit_number=permit_number)
        return self.filter(Exists(last), item__state__in=WAITING)

    def newest_first(self) -> Self:
        """Order from the last opened to the first."""
        return self.order_by("-started_at", "-pk")


class EvaluationFile(FormFile):
    """An evaluation of a system of the register, on a dataset of the catalogue."""

    system = models.ForeignKey(SystemRecord, on_delete=models.PROTECT, related_name="evaluations")

    objects = EvaluationQuerySet.as_manager()

    def last_registration(self) -> Registration | None:
        """The protocol registered last, or None for a draft never sent."""
        return self.registrations.order_by("-pk").first()

    def lock(self) -> LockRow | None:
        """What locked it, or None."""
        return self.locks.first()

    def report(self) -> ReportRow | None:
        """The report filed, or None."""
        return self.reports.first()

    def open_order(self) -> OrderRow | None:
        """The order that was neither refused nor rejected, or None: there is one at most."""
        return self.orders.exclude(state__in=ENDED).first()

    def is_person(self, user: User | None) -> bool:
        """Whether somebody writes this evaluation."""
        return user is not None and self.applicant_id == user.pk


class Registration(models.Model):
    """A version of the protocol, as signed. `digest` is that of the protocol's canonical bytes."""

    evaluation = models.ForeignKey(
        EvaluationFile, on_delete=models.PROTECT, related_name="registrations"
    )
    version = models.CharField(max_length=20)
    permit_number = models.CharField(max_length=40)
    digest = models.CharField(max_length=71)
    data = models.BinaryField()
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    registered_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("evaluation", "version"), name="evaluation_version_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.evaluation_id} {self.version}"

    def protocol(self) -> Protocol:
        """Return the protocol as signed."""
        return body_in(bytes(self.data), EvaluationProtocol).protocol


class LockRow(models.Model):
    """The lock of an evaluation, as signed: there is one, for ever."""

    evaluation = models.ForeignKey(EvaluationFile, on_delete=models.PROTECT, related_name="locks")
    digest = models.CharField(max_length=71, unique=True)
    data = models.BinaryField()
    locked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    locked_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("evaluation",), name="evaluation_locked_once"),
        )

    def __str__(self) -> str:
        return f"{self.evaluation_id}"

    def lock(self) -> EvaluationLock:
        """Return the lock as signed."""
        return body_in(bytes(self.data), EvaluationLock)


class DeviationRow(models.Model):
    """A departure from the locked protocol, as declared."""

    evaluation = models.ForeignKey(
        EvaluationFile, on_delete=models.PROTECT, related_name="deviations"
    )
    content = models.JSONField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.evaluation_id} {self.pk}"

    def deviation(self) -> Deviation:
        """The deviation, as a value."""
        found: Deviation = decode(self.content, Deviation, at="deviation")
        return found


class OrderRow(models.Model):
    """An order to run an evaluation in the zone: the signed bytes are the order."""

    number = models.CharField(max_length=40, unique=True)
    evaluation = models.ForeignKey(EvaluationFile, on_delete=models.PROTECT, related_name="orders")
    state = models.CharField(max_length=12, default=OrderState.ORDERED.value)
    ordered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    ordered_at = models.DateTimeField()
    data = models.BinaryField()
    digest = models.CharField(max_length=71, unique=True)
    answered_at = models.DateTimeField(null=True)
    answer_data = models.BinaryField(null=True)
    answer_digest = models.CharField(max_length=71, blank=True)
    release_number = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="evaluation_order_state_known",
                condition=Q(state__in=[state.value for state in OrderState]),
            ),
            models.CheckConstraint(
                name="evaluation_order_answered_by_a_document",
                condition=Q(state="ordered", answered_at__isnull=True, answer_data__isnull=True)
                | (~Q(state="ordered") & Q(answered_at__isnull=False, answer_data__isnull=False)),
            ),
            models.CheckConstraint(
                name="evaluation_order_released_by_a_release",
                condition=Q(state="released", release_number__gt="")
                | (~Q(state="released") & Q(release_number="")),
            ),
            models.UniqueConstraint(
                fields=("evaluation",),
                condition=~Q(state__in=ENDED),
                name="one_open_order_per_evaluation",
            ),
        )

    def __str__(self) -> str:
        return self.number

    def order(self) -> EvaluationOrder:
        """Return the order as signed."""
        return body_in(bytes(self.data), EvaluationOrder)

    def receipt(self) -> EvaluationReceipt | None:
        """Return what was run, or None before the receipt and after a refusal."""
        if self.answer_data is None or self.state == OrderState.REFUSED:
            return None
        return body_in(bytes(self.answer_data), EvaluationReceipt)

    def refusal(self) -> Refusal | None:
        """Return why the zone did not obey, or None if it did or has not answered."""
        if self.answer_data is None or self.state != OrderState.REFUSED:
            return None
        return body_in(bytes(self.answer_data), Refusal)


class ReportRow(models.Model):
    """The report of an evaluation, as the zone signed it: there is one, for ever.

    `filed_by` is None where it was filed by itself, upon its release.
    """

    evaluation = models.ForeignKey(EvaluationFile, on_delete=models.PROTECT, related_name="reports")
    digest = models.CharField(max_length=71, unique=True)
    data = models.BinaryField()
    filed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    filed_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("evaluation",), name="evaluation_reported_once"),
        )

    def __str__(self) -> str:
        return f"{self.evaluation_id}"
