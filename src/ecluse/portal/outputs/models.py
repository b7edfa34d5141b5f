"""Answers to data requests, requests to take outputs out, and the votes of their checkers."""

from __future__ import annotations

from typing import Self

from django.db import models

from ecluse.domain.documents import (
    CheckReport,
    Decision,
    OutputRequest,
    TabulationOrder,
    TabulationReceipt,
    Vote,
)
from ecluse.domain.outputs import Mandate, State
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.enclaves.models import Job
from ecluse.portal.mailbox.models import IncomingDocument, OutgoingDocument
from ecluse.portal.mailbox.reading import body_of
from ecluse.portal.outputs.labels import STATES

OPEN_STATES = (State.SUBMITTED.value, State.ONE_VOTE.value)


class Answer(models.Model):
    """The tables that answer a data request, as the secure zone made them (EHDS art. 69).

    `order_document` is the decision, `receipt_document` counts the cells hidden, and
    `report_document` lists the files.
    """

    number = models.CharField(max_length=60, unique=True)
    request_number = models.CharField(max_length=40)
    title = models.CharField(max_length=300)
    order_document = models.OneToOneField(
        IncomingDocument, on_delete=models.PROTECT, related_name="+"
    )
    receipt_document = models.OneToOneField(
        IncomingDocument, on_delete=models.PROTECT, null=True, related_name="+"
    )
    report_document = models.OneToOneField(
        IncomingDocument, on_delete=models.PROTECT, null=True, related_name="+"
    )

    def __str__(self) -> str:
        return self.number

    @property
    def order(self) -> TabulationOrder:
        """The order, as its issuer signed it."""
        return body_of(self.order_document, TabulationOrder)

    @property
    def receipt(self) -> TabulationReceipt | None:
        """What was tabulated, once it was."""
        found = self.receipt_document
        return body_of(found, TabulationReceipt) if found else None

    @property
    def report(self) -> CheckReport | None:
        """What its files show and hide, once they are made."""
        return body_of(self.report_document, CheckReport) if self.report_document else None


class RequestQuerySet(models.QuerySet["Request"]):
    """Requests by who may see them and whose turn it is."""

    def visible_to(self, user: User) -> Self:
        """Keep those of the person's own workspaces; checkers and auditors see all."""
        if user.roles() & {Role.CHECKER, Role.AUDITOR}:
            return self
        return self.filter(job__in=Job.objects.visible_to(user))

    def open(self) -> Self:
        """Keep those that wait for a vote, oldest first."""
        return self.filter(state__in=OPEN_STATES).order_by("requested_at")

    def decided(self) -> Self:
        """Keep those that wait for nothing more, newest first."""
        return self.exclude(state__in=OPEN_STATES).order_by("-requested_at")


class Request(models.Model):
    """Files of a job that its author asks to take out, or those of an answer (EHDS art. 73(2)).

    An answer has no author here: this site asks by itself, in the name of who prepared it.
    """

    number = models.CharField(max_length=60, unique=True)
    job = models.ForeignKey(Job, on_delete=models.PROTECT, related_name="requests", null=True)
    answer = models.ForeignKey(Answer, on_delete=models.PROTECT, related_name="requests", null=True)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    requested_at = models.DateTimeField()
    state = models.CharField(max_length=20, default=State.SUBMITTED.value)
    document = models.OneToOneField(OutgoingDocument, on_delete=models.PROTECT, related_name="+")
    release = models.OneToOneField(
        OutgoingDocument, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = RequestQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=[state.value for state in State]),
                name="request_state_known",
            ),
            models.CheckConstraint(
                condition=models.Q(state=State.RELEASED.value, release__isnull=False)
                | (~models.Q(state=State.RELEASED.value) & models.Q(release__isnull=True)),
                name="request_released_by_a_document",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    job__isnull=False, answer__isnull=True, requested_by__isnull=False
                )
                | models.Q(job__isnull=True, answer__isnull=False, requested_by__isnull=True),
                name="request_of_a_job_or_an_answer",
            ),
            models.UniqueConstraint(
                fields=("answer",),
                condition=models.Q(state__in=OPEN_STATES),
                name="one_open_request_per_answer",
            ),
            models.UniqueConstraint(
                fields=("job",),
                condition=models.Q(state__in=OPEN_STATES),
                name="one_open_request_per_job",
            ),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def state_label(self) -> str:
        """What people read for the state."""
        return str(STATES[self.state])

    @property
    def source(self) -> Job | Answer:
        """What made the files."""
        source = self.job or self.answer
        assert source is not None  # noqa: S101 - a constraint of the table
        return source

    @property
    def mandate(self) -> Mandate:
        """What the files were made under, as its issuer signed it."""
        source = self.source
        return source.order if isinstance(source, Answer) else source.workspace.permit

    @property
    def title(self) -> str:
        """The title of the project or of the data request."""
        source = self.source
        return source.title if isinstance(source, Answer) else source.workspace.title

    @property
    def requester(self) -> str:
        """Who asked, in words."""
        return self.requested_by.full_name if self.requested_by else self.body.requested_by

    @property
    def body(self) -> OutputRequest:
        """The request as signed: files, digests, reasons."""
        return body_of(self.document, OutputRequest)

    def signed_votes(self) -> tuple[Vote, ...]:
        """Every vote, first cast first."""
        return tuple(row.vote for row in self.votes.select_related("checker").order_by("voted_at"))


class RequestVote(models.Model):
    """One checker's vote; its comment is read by the author once all votes are in."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="votes")
    checker = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decision = models.CharField(max_length=10)
    comment = models.TextField(blank=True)
    voted_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("request", "checker"), name="one_vote_per_checker"),
            models.CheckConstraint(
                condition=models.Q(decision__in=[decision.value for decision in Decision]),
                name="vote_known",
            ),
            models.CheckConstraint(
                condition=models.Q(decision=Decision.APPROVE.value) | ~models.Q(comment=""),
                name="rejection_says_why",
            ),
        )

    def __str__(self) -> str:
        return f"{self.request} {self.checker}"

    @property
    def vote(self) -> Vote:
        """The vote as a release states it."""
        return Vote(self.checker.subject, Decision(self.decision), self.voted_at)
