"""Workspaces, extracts and jobs, each bound to the verified document that made it."""

from __future__ import annotations

from typing import Self

from django.db import models

from ecluse.domain.documents import (
    CheckReport,
    DeletionCertificate,
    ExtractionReceipt,
    JobProgress,
    JobReceipt,
    JobStatus,
    Permit,
)
from ecluse.portal.accounts.models import User
from ecluse.portal.enclaves.labels import JOB_STATES as LABELS
from ecluse.portal.mailbox.models import IncomingDocument, OutgoingDocument
from ecluse.portal.mailbox.reading import body_of

OPEN, SUSPENDED, CLOSED = "active", "suspended", "closed"
WAITING, REFUSED = "waiting", "refused"
JOB_STATES = (WAITING, REFUSED, *(status.value for status in JobStatus))


class WorkspaceQuerySet(models.QuerySet["Workspace"]):
    """Workspaces by who may see them."""

    def visible_to(self, user: User) -> Self:
        """Keep the workspaces whose permit names this person (EHDS art. 73(1)(a))."""
        return self.filter(persons__subject=user.subject).distinct()


class Workspace(models.Model):
    """What a signed permit opened in the secure zone; closed by its revocation.

    `revoked_at` and `suspended_at` repeat what binds now of the documents received; nothing is
    done in a workspace that is suspended, and nothing of it is lost.
    """

    permit_number = models.CharField(max_length=40, unique=True)
    title = models.CharField(max_length=300)
    valid_until = models.DateField()
    document = models.ForeignKey(IncomingDocument, on_delete=models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True)
    suspended_at = models.DateTimeField(null=True)
    deletion_document = models.ForeignKey(
        IncomingDocument, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = WorkspaceQuerySet.as_manager()

    def __str__(self) -> str:
        return self.permit_number

    @property
    def permit(self) -> Permit:
        """The permit itself, as its issuer signed it."""
        return body_of(self.document, Permit)

    @property
    def state(self) -> str:
        """Whether jobs may still be sent, as far as this site knows; the agent checks again."""
        if self.revoked_at or self.deletion_document_id:
            return CLOSED
        return SUSPENDED if self.suspended_at else OPEN

    @property
    def deletion(self) -> DeletionCertificate | None:
        """What the secure zone certified as destroyed, once it was."""
        found = self.deletion_document
        return body_of(found, DeletionCertificate) if found else None


class WorkspacePerson(models.Model):
    """A person whom the permit names."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="persons")
    subject = models.EmailField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("workspace", "subject"), name="person_once"),
        )

    def __str__(self) -> str:
        return self.subject


class Extract(models.Model):
    """An extraction that the agent delivered into the workspace."""

    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="extracts")
    order_number = models.CharField(max_length=60, unique=True)
    document = models.ForeignKey(IncomingDocument, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return self.order_number

    @property
    def receipt(self) -> ExtractionReceipt:
        """What was delivered: tables, columns, counts, digests."""
        return body_of(self.document, ExtractionReceipt)


class JobQuerySet(models.QuerySet["Job"]):
    """Jobs by who may see them."""

    def visible_to(self, user: User) -> Self:
        """Keep the jobs of the workspaces that this person may see."""
        return self.filter(workspace__in=Workspace.objects.visible_to(user))

    def stoppable_by(self, user: User) -> Self:
        """Keep the jobs that this person may have stopped: theirs, or all for a supervisor."""
        return self.all() if user.may("workspace.supervise") else self.visible_to(user)

    def running(self) -> Self:
        """Keep the jobs that the zone has not answered yet."""
        return self.filter(state=WAITING)

    def with_documents(self) -> Self:
        """Fetch at once what a page of jobs shows."""
        return self.select_related(
            "order",
            "receipt_document",
            "report_document",
            "progress_document",
            "cancellation",
            "workspace",
            "submitted_by",
        )


class Job(models.Model):
    """One run of a data user's analysis on an extract.

    `cancellation` is the word that stops it, once somebody gave it; `progress_document` the latest
    that the agent said of its actions while it ran.
    """

    number = models.CharField(max_length=60, unique=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="jobs")
    extract = models.ForeignKey(Extract, on_delete=models.PROTECT, related_name="jobs")
    submitted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField()
    entry = models.CharField(max_length=200)
    order = models.OneToOneField(OutgoingDocument, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=20, default=WAITING)
    refusal_reason = models.TextField(blank=True)
    receipt_document = models.ForeignKey(
        IncomingDocument, on_delete=models.PROTECT, null=True, related_name="+"
    )
    report_document = models.ForeignKey(
        IncomingDocument, on_delete=models.PROTECT, null=True, related_name="+"
    )
    progress_document = models.ForeignKey(
        IncomingDocument, on_delete=models.PROTECT, null=True, related_name="+"
    )
    cancellation = models.OneToOneField(
        OutgoingDocument, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = JobQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=JOB_STATES), name="job_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=[WAITING, REFUSED])
                | models.Q(receipt_document__isnull=False),
                name="job_ended_by_a_receipt",
            ),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def state_label(self) -> str:
        """What people read for the state."""
        return str(LABELS[self.state])

    @property
    def receipt(self) -> JobReceipt | None:
        """How the job ended, once it has."""
        return body_of(self.receipt_document, JobReceipt) if self.receipt_document else None

    @property
    def report(self) -> CheckReport | None:
        """The automatic checks of its outputs, once they are done."""
        return body_of(self.report_document, CheckReport) if self.report_document else None

    @property
    def progress(self) -> JobProgress | None:
        """How far it has come, once the agent has said it."""
        return body_of(self.progress_document, JobProgress) if self.progress_document else None

    @property
    def is_checked(self) -> bool:
        """Whether its outputs may be asked for."""
        return self.state == JobStatus.SUCCEEDED and self.report_document is not None
