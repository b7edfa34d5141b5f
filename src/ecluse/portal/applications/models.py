"""Applications, their persons, what was submitted, asked and found."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Max, Q

from ecluse.domain.applications import Criterion, CriterionOutcome
from ecluse.domain.machines import Kind
from ecluse.domain.machines.application import UNDER_WAY
from ecluse.portal.accounts.models import User
from ecluse.portal.applications.pinned import FormFile, answer_text
from ecluse.portal.cases.models import ActRow, CaseRecord, Item

REFUSING = ("refuse", "close-incomplete")


class Series(models.Model):
    """A series of numbers without gaps: `last` is the number given last."""

    name = models.CharField(max_length=40, primary_key=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} {self.last}"


class ApplicationQuerySet(models.QuerySet["Application"]):
    """Questions asked of applications; every page begins with `visible_to`."""

    def visible_to(self, user: User) -> Self:
        """Keep the files that `user` may read: those that name them; for officers, all submitted.

        A draft belongs to its persons alone: no officer reads it.
        """
        cases = CaseRecord.objects.visible_to(user).values("pk")
        return self.filter(item__case__in=cases).select_related("item__case")

    def naming(self, user: User) -> Self:
        """Keep the files of which `user` is the applicant or a person."""
        named = self.filter(item__case__parties__subject=user.subject)
        return named.select_related("item__case").distinct()

    def received(self) -> Self:
        """Keep the files received and not yet decided, for the public register."""
        found = self.filter(item__state__in=UNDER_WAY).select_related("item__case")
        return found.order_by("-item__case__filed_at")

    def refused(self) -> Self:
        """Keep the files refused, last decision first."""
        found = self.filter(item__state="decided-negative").select_related("item__case")
        return found.order_by("-item__since")


class Application(FormFile):
    """A data access application (EHDS art. 67); what was submitted is in `submissions`."""

    objects = ApplicationQuerySet.as_manager()

    def title_for(self, user: User) -> str:
        """The title as `user` may read it: their own as it stands, another's as submitted."""
        submission = None if user.subject in self.subjects() else self.last_submission()
        return answer_text(submission.answers, "title") if submission else self.title

    def unit(self) -> Item:
        """The decision of this hub on the file: the first decision unit."""
        found = Item.objects.select_related("case").order_by("number")
        return found.filter(case=self.case, kind=Kind.DECISION_UNIT.value)[0]

    def refused_unit(self) -> Item | None:
        """The decision unit that was refused, if one was."""
        units = self.case.items.filter(kind=Kind.DECISION_UNIT.value, state="refused")
        return units.order_by("number").first()

    def assessment(self) -> ActRow | None:
        """Who assessed it last, and when."""
        return self._last_act("assess")

    def refusal(self) -> ActRow | None:
        """Who refused it, when and why; the software closes a file left incomplete."""
        return self._last_act(*REFUSING)

    def _last_act(self, *actions: str) -> ActRow | None:
        acts = ActRow.objects.filter(item__case=self.case, action__in=actions)
        return acts.select_related("by").order_by("at", "pk").last()

    def subjects(self) -> frozenset[str]:
        """Every person of the file, the applicant among them."""
        named = {person.subject for person in self.persons.all()}
        return frozenset({self.applicant.subject} | named)

    def outcomes(self) -> tuple[CriterionOutcome, ...]:
        """What the assessor found last, criterion by criterion."""
        return tuple(
            CriterionOutcome(Criterion(row.criterion), row.is_met, row.reason)
            for row in self.criteria.filter(round=self.rounds()).order_by("criterion")
        )

    def rounds(self) -> int:
        """How many times it was assessed: again after it was sent back, or after an appeal."""
        return self.criteria.aggregate(last=Max("round"))["last"] or 0

    def last_submission(self) -> Submission | None:
        """What was submitted last, or None for a draft."""
        return self.submissions.order_by("-round").first()


class ApplicationPerson(models.Model):
    """A natural person who will access the data (EHDS art. 67(2)(a)); `subject` is an account."""

    SUBJECT_LENGTH = 254
    NAME_LENGTH = 200

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="persons")
    subject = models.CharField(max_length=SUBJECT_LENGTH, db_index=True)
    name = models.CharField(max_length=NAME_LENGTH)
    is_principal_investigator = models.BooleanField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("application", "subject"), name="application_person_once"
            ),
        )

    def __str__(self) -> str:
        return self.name


class Submission(models.Model):
    """What was submitted, frozen: round 1 at first, one more after each request for information.

    `digest` is that of the canonical JSON of `answers`, and stands in the journal.
    """

    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="submissions"
    )
    round = models.PositiveSmallIntegerField()
    answers = models.JSONField()
    digest = models.CharField(max_length=71)
    submitted_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("application", "round"), name="submission_round_once"),
        )

    def __str__(self) -> str:
        return f"{self.application_id} {self.round}"


class Message(models.Model):
    """A line of the file's thread: a request for information, or the applicant's answer.

    `field` names the question of the form that it is about, if any.
    """

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="messages")
    field = models.CharField(max_length=64, blank=True)
    text = models.TextField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(name="message_says_something", condition=Q(text__gt="")),
        )

    def __str__(self) -> str:
        return f"{self.application_id} {self.at:%Y-%m-%d}"


class CriterionRow(models.Model):
    """What the assessor found on one criterion of EHDS art. 68(1), in one round of assessment."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="criteria")
    round = models.PositiveSmallIntegerField()
    criterion = models.CharField(max_length=1)
    is_met = models.BooleanField()
    reason = models.TextField(blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("application", "round", "criterion"), name="criterion_once"
            ),
            models.CheckConstraint(
                name="criterion_known",
                condition=Q(criterion__in=[criterion.value for criterion in Criterion]),
            ),
            models.CheckConstraint(
                name="criterion_not_met_with_reason", condition=Q(is_met=True) | Q(reason__gt="")
            ),
        )

    def __str__(self) -> str:
        return f"{self.application_id} {self.criterion}"
