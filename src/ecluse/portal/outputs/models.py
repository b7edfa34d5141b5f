"""Requests to take outputs out, and the votes of their checkers."""

from __future__ import annotations

from typing import Self

from django.db import models

from ecluse.domain.documents import Decision, OutputRequest, Vote
from ecluse.domain.outputs import State
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.enclaves.models import Job
from ecluse.portal.mailbox.models import OutgoingDocument
from ecluse.portal.mailbox.reading import body_of
from ecluse.portal.outputs.labels import STATES

OPEN_STATES = (State.SUBMITTED.value, State.ONE_VOTE.value)


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
    """Files of one job that its author asks to take out (EHDS art. 73(2))."""

    number = models.CharField(max_length=60, unique=True)
    job = models.ForeignKey(Job, on_delete=models.PROTECT, related_name="requests")
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
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
