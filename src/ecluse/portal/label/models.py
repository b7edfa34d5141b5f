"""Labels: what is declared and proved of a dataset, what the hub decided, every act."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from ecluse.domain.documents import QualityEvidence
from ecluse.domain.metadata.label import (
    OPEN,
    SHOWN,
    Answer,
    Assessment,
    Score,
    State,
    assess,
    measured,
    together,
)
from ecluse.portal.accounts.models import User
from ecluse.portal.cases.conditions import both_or_none
from ecluse.portal.catalogue.models import Dataset
from ecluse.portal.holders.models import Holder
from ecluse.portal.label.scheme import scheme
from ecluse.portal.mailbox.reading import body_in

DIGEST = 71


class QualityLabelQuerySet(models.QuerySet["QualityLabel"]):
    """Questions asked of labels; every page begins with `visible_to`."""

    def visible_to(self, user: User | None) -> Self:
        """Keep those that were granted once; those of one's holder; for officers, all."""
        seen = Q(state__in=SHOWN)
        if user is not None:
            seen |= Q(holder__persons__subject=user.subject)
            if user.may("description.read-any"):
                seen |= ~Q(state=State.DRAFT)
        return self.filter(seen).select_related("dataset", "holder").distinct()

    def of_holders_of(self, user: User) -> Self:
        """Keep those that this person asks for."""
        return self.filter(holder__persons__subject=user.subject).distinct()

    def in_force(self, *, on: date) -> Self:
        """Keep those that hold on a day."""
        return self.filter(state=State.GRANTED, expires_on__gte=on)


class QualityLabel(models.Model):
    """A label asked for a dataset, then granted or not. Source: EHDS art. 78.

    `answers` are the levels that the holder declares, by element, with what they rest on; what
    signed evidence measures stands in their place. `marks`, `percent` and `letter` are those of the
    day it was submitted. `reason`: of the last act that needed one.
    """

    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="quality_labels")
    holder = models.ForeignKey(Holder, on_delete=models.PROTECT, related_name="quality_labels")
    state = models.CharField(max_length=10, default=State.DRAFT.value)
    scheme = models.CharField(max_length=40)
    is_publicly_funded = models.BooleanField(default=False)
    answers = models.JSONField(default=dict)
    marks = models.JSONField(default=list)
    percent = models.PositiveSmallIntegerField(null=True)
    letter = models.CharField(max_length=1, blank=True)
    opened_at = models.DateTimeField()
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    submitted_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    granted_on = models.DateField(null=True)
    expires_on = models.DateField(null=True)
    reason = models.TextField(blank=True)

    objects = QualityLabelQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="label_state_exists", condition=Q(state__in=[one.value for one in State])
            ),
            models.UniqueConstraint(
                fields=("dataset",),
                name="label_open_once",
                condition=Q(state__in=sorted(one.value for one in OPEN)),
            ),
            models.UniqueConstraint(
                fields=("dataset",), name="label_granted_once", condition=Q(state="granted")
            ),
            models.CheckConstraint(
                name="label_granted_until_a_day",
                condition=both_or_none("granted_on", "expires_on")
                & (~Q(state="granted") | Q(granted_on__isnull=False)),
            ),
            models.CheckConstraint(
                name="label_decided_by_another",
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("submitted_by")),
            ),
            models.CheckConstraint(
                name="label_revoked_with_reason", condition=~Q(state="revoked") | ~Q(reason="")
            ),
        )

    def __str__(self) -> str:
        return f"{self.dataset} {self.pk}"

    def declared(self) -> dict[str, Answer]:
        """Return what the holder declares."""
        return {
            code: Answer(said["level"], note=said["note"]) for code, said in self.answers.items()
        }

    def evidence_body(self) -> QualityEvidence | None:
        """Return the last evidence joined, verified when it came; None without any."""
        last = self.evidence.order_by("-pk").first()
        return last.body() if last else None

    def every_answer(self) -> dict[str, Answer]:
        """Return what is declared, and in its place what was measured."""
        body = self.evidence_body()
        if body is None:
            return self.declared()
        scores = [Score(one.dimension, one.checks, one.passed) for one in body.scores]
        return together(self.declared(), measured(scheme(), scores, note=body.report_digest))

    def assessment(self) -> Assessment:
        """Return what the scheme says of the answers as they stand."""
        return assess(scheme(), self.every_answer())


class LabelEvidence(models.Model):
    """A signed document of the zone that measured the dataset: which report, which scores."""

    label = models.ForeignKey(QualityLabel, on_delete=models.PROTECT, related_name="evidence")
    digest = models.CharField(max_length=DIGEST)
    data = models.BinaryField()
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    added_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("label", "digest"), name="label_evidence_once"),
        )

    def __str__(self) -> str:
        return self.digest

    def body(self) -> QualityEvidence:
        """Return what the document says: it was verified when it came."""
        return body_in(bytes(self.data), QualityEvidence)


class LabelAct(models.Model):
    """What was done to a label, by whom (nobody: time), and why."""

    label = models.ForeignKey(QualityLabel, on_delete=models.PROTECT, related_name="acts")
    action = models.CharField(max_length=20)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    at = models.DateTimeField()
    reason = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.label_id} {self.action}"
