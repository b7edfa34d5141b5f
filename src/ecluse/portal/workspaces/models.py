"""What the zone last told of its workspaces, what was closed, and the incidents."""

from __future__ import annotations

from typing import Final, Self

from django.db import models

from ecluse.domain import incidents
from ecluse.domain.incidents import Due, Word
from ecluse.portal.accounts.models import User
from ecluse.portal.enclaves.models import Extract, Job, Workspace
from ecluse.trust.import_orders import Act


class LiveReport(models.Model):
    """The last word of the server of the workspaces: who is where. One row, replaced each second.

    It holds names of persons who work here, never a value of a person's row.
    """

    told_at = models.DateTimeField()
    sessions = models.JSONField()
    workspaces = models.JSONField()

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(pk=1), name="one_live_report"),)

    def __str__(self) -> str:
        return f"{self.told_at:%Y-%m-%d %H:%M:%S}"


class ClosureQuerySet(models.QuerySet["Closure"]):
    """Closures by what they still do."""

    def binding(self, permit_number: str | None = None) -> Self:
        """Keep those not lifted, of all workspaces or of one and of all at once."""
        kept = self.filter(lifted_at=None)
        if permit_number is None:
            return kept
        return kept.filter(permit_number__in=("", permit_number))

    def waiting(self) -> Self:
        """Keep those that the zone has not carried out."""
        return self.filter(done_at=None, lifted_at=None)


class ProposalQuerySet(models.QuerySet["Proposal"]):
    """Proposals by what became of them."""

    def waiting(self) -> Self:
        """Keep those for which the zone has sent nothing yet."""
        return self.filter(job=None, failure="")

    def of(self, permit_number: str) -> Self:
        """Keep those of one permit, newest first."""
        found = self.filter(extract__workspace__permit_number=permit_number)
        return found.select_related("job", "asked_by").order_by("-pk")


class Closure(models.Model):
    """One workspace closed at once, or all: nobody enters until it is lifted."""

    permit_number = models.CharField(max_length=64, blank=True)
    reason = models.TextField()
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    lifted_at = models.DateTimeField(null=True)

    objects = ClosureQuerySet.as_manager()

    def __str__(self) -> str:
        return self.permit_number or "*"


class Proposal(models.Model):
    """The outputs folder of a workspace proposed to the second gate, as an analysis that copies."""

    extract = models.ForeignKey(Extract, on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    job = models.OneToOneField(Job, on_delete=models.PROTECT, null=True, related_name="+")
    failure = models.TextField(blank=True)

    objects = ProposalQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.extract} {self.asked_at:%Y-%m-%d %H:%M}"


class ArrivalQuerySet(models.QuerySet["Arrival"]):
    """Files brought in, by where they stand."""

    def for_zone(self) -> Self:
        """Keep those of which the zone has something to do, oldest first."""
        return self.filter(state__in=Arrival.ASKED).order_by("pk")

    def held(self) -> Self:
        """Keep those that wait for somebody to let them in, oldest first."""
        return self.filter(state=Arrival.HELD).select_related("workspace", "brought_by")

    def of(self, workspace: Workspace) -> Self:
        """Keep those of one workspace, newest first."""
        return self.filter(workspace=workspace).select_related("brought_by", "judged_by")


class Arrival(models.Model):
    """A file that a person brings in: here until the zone has fetched it, then only its traces.

    `held` names it in the zone's quarantine. `findings` tell counts and columns, never a value.
    """

    SENT, HELD, FAILED = "sent", "held", "failed"
    ADMITTING, ADMITTED = "admitting", "admitted"
    REFUSING, REFUSED = "refusing", "refused"
    STATES: Final = (SENT, HELD, FAILED, ADMITTING, ADMITTED, REFUSING, REFUSED)
    ASKED: Final = {SENT: Act.BRING, ADMITTING: Act.ADMIT, REFUSING: Act.REFUSE}

    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="arrivals")
    what = models.CharField(max_length=8)
    name = models.CharField(max_length=64)
    columns = models.JSONField(default=list)
    size = models.BigIntegerField()
    digest = models.CharField(max_length=71)
    brought_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    brought_at = models.DateTimeField()
    state = models.CharField(max_length=12, default=SENT)
    held = models.CharField(max_length=32, blank=True)
    findings = models.JSONField(default=list)
    rows = models.BigIntegerField(null=True)
    judged_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    judged_at = models.DateTimeField(null=True)
    failure = models.TextField(blank=True)

    objects = ArrivalQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                name="arrival_let_in_by_another",
                condition=models.Q(judged_by=None) | ~models.Q(judged_by=models.F("brought_by")),
            ),
            models.CheckConstraint(
                name="arrival_state_known",
                condition=models.Q(
                    state__in=(
                        *("sent", "held", "failed", "admitting", "admitted"),
                        *("refusing", "refused"),
                    )
                ),
            ),
            models.CheckConstraint(
                name="arrival_stopped_stays_out",
                condition=~models.Q(state__in=("admitting", "admitted")) | models.Q(findings=[]),
            ),
        )

    def __str__(self) -> str:
        return f"{self.workspace} {self.name}"

    @property
    def asked_act(self) -> Act:
        """What the zone is asked to do."""
        return self.ASKED[self.state]


class Incident(models.Model):
    """An incident of security, from when it was noticed to its report."""

    title = models.CharField(max_length=200)
    description = models.TextField()
    permit_number = models.CharField(max_length=64, blank=True)
    noticed_at = models.DateTimeField()
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    warning_at = models.DateTimeField(null=True)
    detail_at = models.DateTimeField(null=True)
    report_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(detail_at=None) | models.Q(warning_at__isnull=False),
                name="incident_warned_before_detailed",
            ),
            models.CheckConstraint(
                condition=models.Q(report_at=None) | models.Q(detail_at__isnull=False),
                name="incident_detailed_before_reported",
            ),
        )

    def __str__(self) -> str:
        return self.title

    def dues(self) -> tuple[Due, ...]:
        """Return each word of it, by when it is due and when it was sent."""
        sent = {
            Word.WARNING: self.warning_at,
            Word.DETAIL: self.detail_at,
            Word.REPORT: self.report_at,
        }
        return tuple(
            Due(word, incidents.due_at(word, noticed_at=self.noticed_at), at)
            for word, at in sent.items()
        )

    def next_word(self) -> Word | None:
        """Return the word to send next, None once the report is sent."""
        return next((due.word for due in self.dues() if due.sent_at is None), None)
