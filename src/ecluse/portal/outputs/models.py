"""Answers to orders, requests to take outputs out, and their review by checkers."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q

from ecluse.domain.documents import (
    CheckReport,
    Decision,
    EvaluationOrder,
    EvaluationReceipt,
    OutputRequest,
    TabulationOrder,
    TabulationReceipt,
)
from ecluse.domain.outputs import Mandate
from ecluse.domain.reviews.machine import ACTIVE, OWNERS, Party, State
from ecluse.domain.reviews.review import FileKind
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.enclaves.models import Job, Workspace
from ecluse.portal.mailbox.models import IncomingDocument, OutgoingDocument
from ecluse.portal.mailbox.reading import body_of
from ecluse.portal.outputs.labels import KINDS, STATES

OPEN_STATES = tuple(state.value for state in State if state in ACTIVE)
WITH_RELEASE = (State.RELEASING.value, State.RELEASED.value, State.RECALLED.value)
WITHOUT_RELEASE = tuple(
    state.value for state in State if state.value not in (*WITH_RELEASE, State.RELEASE_FAILED.value)
)
PUBLIC_NOTES = 2000


class Answer(models.Model):
    """What answers an order: tables of a data request (EHDS art. 69), or an evaluation's report.

    `order_document` is the decision, or the order under a permit; `receipt_document` says what was
    made, and `report_document` lists the files. `request_number` is that of the permit, of an
    evaluation.
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
    def order(self) -> TabulationOrder | EvaluationOrder:
        """The order, as its issuer signed it."""
        if self.order_document.kind == EvaluationOrder.__name__:
            return body_of(self.order_document, EvaluationOrder)
        return body_of(self.order_document, TabulationOrder)

    @property
    def receipt(self) -> TabulationReceipt | EvaluationReceipt | None:
        """What was made, once it was."""
        found = self.receipt_document
        if found is not None and found.kind == EvaluationReceipt.__name__:
            return body_of(found, EvaluationReceipt)
        return body_of(found, TabulationReceipt) if found else None

    @property
    def report(self) -> CheckReport | None:
        """What its files show and hide, once they are made."""
        return body_of(self.report_document, CheckReport) if self.report_document else None


class RequestQuerySet(models.QuerySet["Request"]):
    """Requests by who may see them and whose turn it is."""

    def visible_to(self, user: User) -> Self:
        """Keep those of the person's own workspaces; checkers and auditors see what was asked."""
        asked = ~Q(state=State.DRAFT.value)
        own = Q(workspace__in=Workspace.objects.visible_to(user))
        if user.roles() & {Role.CHECKER, Role.AUDITOR}:
            return self.filter(own | asked).distinct()
        return self.filter(own)

    def open(self) -> Self:
        """Keep those that are not final, oldest first."""
        return self.filter(state__in=OPEN_STATES).order_by("requested_at")

    def turn_of(self, party: Party) -> Self:
        """Keep those whose turn is this party's, oldest first."""
        states = [state.value for state, owner in OWNERS.items() if owner is party]
        return self.filter(state__in=states).order_by("requested_at")

    def decided(self) -> Self:
        """Keep those that wait for nothing more, newest first."""
        return self.exclude(state__in=OPEN_STATES).order_by("-requested_at")

    def with_sources(self) -> Self:
        """Fetch at once what a page of requests shows."""
        return self.select_related(
            *("job__workspace", "workspace__document", "workspace__deletion_document"),
            *("job__report_document", "answer__order_document"),
            *("answer__receipt_document", "answer__report_document"),
            *("requested_by", "document", "release"),
        )


class Request(models.Model):
    """Files of a job that its author asks to take out, or those of an answer (EHDS art. 73(2)).

    An answer has no author here: this site asks by itself, in the name of who ordered it. That of
    an evaluation is of the project whose permit it was made under.
    `document` is what was asked at this turn, `note` what the checkers tell the author.
    """

    number = models.CharField(max_length=60, unique=True)
    job = models.ForeignKey(Job, on_delete=models.PROTECT, related_name="requests", null=True)
    workspace = models.ForeignKey(
        Workspace, on_delete=models.PROTECT, related_name="requests", null=True
    )
    answer = models.ForeignKey(Answer, on_delete=models.PROTECT, related_name="requests", null=True)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    requested_at = models.DateTimeField()
    state = models.CharField(max_length=20, default=State.DRAFT.value)
    frozen_from = models.CharField(max_length=20, blank=True)
    turn = models.PositiveSmallIntegerField(default=1)
    note = models.TextField(blank=True, max_length=PUBLIC_NOTES)
    document = models.OneToOneField(
        OutgoingDocument, on_delete=models.PROTECT, related_name="+", null=True
    )
    release = models.OneToOneField(
        OutgoingDocument, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = RequestQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in State]),
                name="request_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=WITH_RELEASE, release__isnull=False)
                | Q(state=State.RELEASE_FAILED.value)
                | Q(state__in=WITHOUT_RELEASE, release__isnull=True)
                | Q(state__in=[State.FROZEN.value, State.CLOSED.value]),
                name="request_released_by_a_document",
            ),
            models.CheckConstraint(
                condition=Q(state=State.FROZEN.value) ^ Q(frozen_from=""),
                name="request_frozen_from_a_state",
            ),
            models.CheckConstraint(
                condition=Q(
                    job__isnull=False,
                    workspace__isnull=False,
                    answer__isnull=True,
                    requested_by__isnull=False,
                )
                | Q(
                    job__isnull=True,
                    answer__isnull=False,
                    requested_by__isnull=True,
                ),
                name="request_of_a_job_or_an_answer",
            ),
            models.UniqueConstraint(
                fields=("answer",),
                condition=Q(state__in=OPEN_STATES),
                name="one_open_request_per_answer",
            ),
            models.UniqueConstraint(
                fields=("workspace", "requested_by"),
                condition=Q(state__in=OPEN_STATES),
                name="one_open_request_per_person_and_project",
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
        order = self.answer.order if self.answer else None
        if isinstance(order, TabulationOrder):
            return order
        assert self.workspace is not None  # noqa: S101 - a constraint of the table
        return self.workspace.permit

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
        assert self.document is not None  # noqa: S101 - asked of what was submitted
        return body_of(self.document, OutputRequest)


class RequestGroup(models.Model):
    """Files that belong together, and what their author says of them."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="groups")
    name = models.CharField(max_length=80)
    context = models.TextField(max_length=2000)
    controls = models.TextField(max_length=2000)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("request", "name"), name="group_once"),)

    def __str__(self) -> str:
        return self.name


class RequestFile(models.Model):
    """One file of a request, by its bytes. `columns` are those of a table, once it left."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="files")
    group = models.ForeignKey(RequestGroup, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=200)
    digest = models.CharField(max_length=71, db_index=True)
    kind = models.CharField(max_length=12, default=FileKind.OUTPUT.value)
    columns = models.TextField(blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("request", "name"), name="requested_file_once"),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in FileKind]),
                name="requested_file_kind_known",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def kind_label(self) -> str:
        """What people read for the kind."""
        return str(KINDS[self.kind])


class RequestVote(models.Model):
    """What a checker says of one file; a file that changes loses its votes."""

    file = models.ForeignKey(RequestFile, on_delete=models.CASCADE, related_name="votes")
    checker = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decision = models.CharField(max_length=10)
    comment = models.TextField(blank=True)
    voted_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("file", "checker"), name="one_vote_per_checker"),
            models.CheckConstraint(
                condition=Q(decision__in=[decision.value for decision in Decision]),
                name="vote_known",
            ),
            models.CheckConstraint(
                condition=Q(decision=Decision.APPROVE.value) | ~Q(comment=""),
                name="rejection_says_why",
            ),
        )

    def __str__(self) -> str:
        return f"{self.file} {self.checker}"


class RequestReview(models.Model):
    """One checker at one turn: when the request was opened, and when the review was handed in."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="reviews")
    checker = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    turn = models.PositiveSmallIntegerField()
    opened_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("request", "checker", "turn"), name="one_review_per_checker_and_turn"
            ),
        )

    def __str__(self) -> str:
        return f"{self.request} {self.checker} {self.turn}"


class Remark(models.Model):
    """A question or an answer about a request; a private one is for checkers alone."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="remarks")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(max_length=2000)
    is_private = models.BooleanField(default=False)
    turn = models.PositiveSmallIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = (models.CheckConstraint(condition=~Q(text=""), name="remark_says_something"),)

    def __str__(self) -> str:
        return f"{self.request} {self.at}"
