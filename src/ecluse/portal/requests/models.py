"""Data requests, what was submitted, and the orders that answer them."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from ecluse.domain import documents
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.applications.pinned import FormFile
from ecluse.portal.cases.models import ActRow, CaseRecord
from ecluse.portal.mailbox.reading import body_in

PREPARED = ("answering", "checking", "answered")
"""The states in which those who prepare answers read a request."""


class State(StrEnum):
    """Where an order to tabulate stands."""

    ORDERED = "ordered"
    REFUSED = "refused"
    CHECKED = "checked"
    REJECTED = "rejected"
    RELEASED = "released"


ENDED = (State.REFUSED.value, State.REJECTED.value)
"""The states after which another order may be made."""


class DataRequestQuerySet(models.QuerySet["DataRequest"]):
    """Questions asked of data requests; every page begins with `visible_to`."""

    def visible_to(self, user: User) -> Self:
        """Keep the requests that `user` may read: those that name them; for officers, all filed.

        Who prepares answers reads the requests that were granted.
        """
        readable = Q(item__case__in=CaseRecord.objects.visible_to(user).values("pk"))
        if Role.PREPARER in user.roles():
            readable |= Q(item__state__in=PREPARED)
        return self.filter(readable).select_related("item__case", "dataset")

    def newest_first(self) -> Self:
        """Order from the last opened to the first."""
        return self.order_by("-started_at", "-pk")


class DataRequest(FormFile):
    """A data request (EHDS art. 69).

    `minimum_count` and the digest of the list of opt-outs are those of the decision; the reason of
    the exception of art. 71(4) too, empty where it is not applied.
    """

    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    minimum_count = models.PositiveIntegerField(null=True)
    opt_out_list_digest = models.CharField(max_length=71, blank=True)
    opt_out_exception_reason = models.TextField(blank=True)

    objects = DataRequestQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="data_request_granted_with_its_list",
                condition=Q(
                    decided_at__isnull=True,
                    decided_by__isnull=True,
                    minimum_count__isnull=True,
                    opt_out_list_digest="",
                )
                | Q(
                    decided_at__isnull=False,
                    decided_by__isnull=False,
                    minimum_count__isnull=False,
                    opt_out_list_digest__gt="",
                ),
            ),
        )

    def subjects(self) -> frozenset[str]:
        """Every person of the file, its applicant among them."""
        named = self.case.parties.filter(role__in=["data-user", "project-member"])
        return frozenset({self.applicant.subject, *named.values_list("subject", flat=True)})

    def assessors(self) -> frozenset[str]:
        """Who assessed it, at any time."""
        acts = ActRow.objects.filter(item=self.item, action="assess", by__isnull=False)
        return frozenset(row.by.subject for row in acts.select_related("by") if row.by)

    def last_submission(self) -> RequestSubmission | None:
        """What was submitted last, or None for a draft."""
        return self.submissions.order_by("-round").first()

    def open_order(self) -> Tabulation | None:
        """The order under way or answered; None when one may be made."""
        return self.tabulations.exclude(state__in=ENDED).order_by("-pk").first()


class RequestSubmission(models.Model):
    """What was submitted, frozen; `digest`, that of the canonical JSON, stands in the journal."""

    request = models.ForeignKey(DataRequest, on_delete=models.PROTECT, related_name="submissions")
    round = models.PositiveSmallIntegerField()
    answers = models.JSONField()
    digest = models.CharField(max_length=71)
    submitted_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("request", "round"), name="request_submission_round_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.request_id} {self.round}"


class Tabulation(models.Model):
    """An order to tabulate: the signed bytes are the order, the columns repeat them.

    `request_key` is drawn with the summary page: sent twice, it orders once.
    """

    number = models.CharField(max_length=40, unique=True)
    request = models.ForeignKey(DataRequest, on_delete=models.PROTECT, related_name="tabulations")
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
    release_number = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="tabulation_state_known",
                condition=Q(state__in=[state.value for state in State]),
            ),
            models.CheckConstraint(
                name="tabulation_answered_by_a_document",
                condition=Q(state="ordered", answered_at__isnull=True, answer_data__isnull=True)
                | (~Q(state="ordered") & Q(answered_at__isnull=False, answer_data__isnull=False)),
            ),
            models.CheckConstraint(
                name="tabulation_released_by_a_release",
                condition=Q(state="released", release_number__gt="")
                | (~Q(state="released") & Q(release_number="")),
            ),
            models.UniqueConstraint(
                fields=("request",),
                condition=~Q(state__in=ENDED),
                name="one_open_order_per_request",
            ),
        )

    def __str__(self) -> str:
        return self.number

    def order(self) -> documents.TabulationOrder:
        """Return the order as signed."""
        return body_in(bytes(self.order_data), documents.TabulationOrder)

    def receipt(self) -> documents.TabulationReceipt | None:
        """Return what was tabulated, or None before the receipt and after a refusal."""
        if self.answer_data is None or self.state == State.REFUSED:
            return None
        return body_in(bytes(self.answer_data), documents.TabulationReceipt)

    def refusal(self) -> documents.Refusal | None:
        """Return why the secure zone did not obey, or None if it did or has not answered."""
        if self.answer_data is None or self.state != State.REFUSED:
            return None
        return body_in(bytes(self.answer_data), documents.Refusal)
