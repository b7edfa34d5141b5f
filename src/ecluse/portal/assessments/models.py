"""What an assessor notes: each question, each variable, and the opinions asked outside."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from ecluse.domain.assessments import QUESTIONS, Answer, question_of
from ecluse.domain.documents import Coarsening, Precision
from ecluse.domain.minimisation_reviews import Finding, Verdict
from ecluse.domain.opinions import AskedOpinion
from ecluse.portal.applications.models import Application

NAME = 24
TABLE = 80
TOKEN_DIGEST = 64


class Note(models.Model):
    """What was found on one question in one round, by whom and when; written again until the end.

    `round` is that of the assessment under way: one more than those concluded.
    """

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="notes")
    round = models.PositiveSmallIntegerField()
    question = models.CharField(max_length=NAME)
    is_met = models.BooleanField()
    reason = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("application", "round", "question"), name="note_once"),
            models.CheckConstraint(
                name="note_question_known",
                condition=Q(question__in=[one.value for one in QUESTIONS]),
            ),
            models.CheckConstraint(
                name="note_not_met_with_reason", condition=Q(is_met=True) | Q(reason__gt="")
            ),
        )

    def __str__(self) -> str:
        return f"{self.application_id} {self.question}"

    def answer(self) -> Answer:
        """The note as the domain's value."""
        return Answer(question_of(self.question), self.is_met, self.reason)


class VariableFinding(models.Model):
    """What the review says of one variable of one submission.

    `precision` and `step` are how it is given; empty for its value, and for one that is dropped.
    """

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="findings")
    submission = models.PositiveSmallIntegerField()
    table = models.CharField(max_length=TABLE)
    column = models.CharField(max_length=TABLE)
    verdict = models.CharField(max_length=NAME)
    precision = models.CharField(max_length=NAME, blank=True)
    step = models.PositiveIntegerField(null=True)
    reason = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("application", "submission", "table", "column"), name="finding_once"
            ),
            models.CheckConstraint(
                name="finding_verdict_known",
                condition=Q(verdict__in=[one.value for one in Verdict]),
            ),
            models.CheckConstraint(
                name="finding_less_with_reason",
                condition=Q(verdict=Verdict.KEEP.value) | Q(reason__gt=""),
            ),
        )

    def __str__(self) -> str:
        return f"{self.application_id} {self.table}.{self.column}"

    def finding(self) -> Finding:
        """The finding as the domain's value."""
        given = (
            Coarsening(self.column, Precision(self.precision), self.step)
            if self.precision
            else None
        )
        return Finding((self.table, self.column), Verdict(self.verdict), given, self.reason)


class ExpertOpinionQuerySet(models.QuerySet["ExpertOpinion"]):
    """Questions asked of opinions."""

    def of(self, application: Application) -> Self:
        """Keep those asked on a file, the first asked first."""
        return self.filter(application=application).order_by("asked_at", "pk")


class ExpertOpinion(models.Model):
    """An opinion asked of somebody outside, by a link that is never stored: its digest is.

    `sections` are the parts of the form that the expert reads. What they wrote is read by others
    only once no other opinion on the file is awaited: see `domain.opinions`.
    """

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="opinions")
    submission = models.PositiveSmallIntegerField()
    expert_name = models.CharField(max_length=150)
    expert_email = models.EmailField()
    question = models.TextField()
    sections = models.JSONField()
    token_digest = models.CharField(max_length=TOKEN_DIGEST, unique=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True)
    conflicted_at = models.DateTimeField(null=True)
    interest = models.TextField(blank=True)
    choice = models.CharField(max_length=NAME, blank=True)
    text = models.TextField(blank=True)
    digest = models.CharField(max_length=71, blank=True)
    given_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    objects = ExpertOpinionQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="opinion_given_whole",
                condition=Q(given_at__isnull=True, text="", choice="", digest="")
                | Q(given_at__isnull=False, text__gt="", choice__gt="", digest__gt=""),
            ),
            models.CheckConstraint(
                name="opinion_given_once_cleared",
                condition=Q(given_at__isnull=True) | Q(cleared_at__isnull=False),
            ),
            models.CheckConstraint(
                name="opinion_never_given_with_an_interest",
                condition=Q(given_at__isnull=True) | Q(conflicted_at__isnull=True),
            ),
            models.CheckConstraint(
                name="opinion_conflict_says_which",
                condition=Q(conflicted_at__isnull=True) | Q(interest__gt=""),
            ),
        )

    def __str__(self) -> str:
        return f"{self.application_id} {self.asked_at:%Y-%m-%d}"

    def value(self) -> AskedOpinion:
        """Where it stands, as the domain's value."""
        return AskedOpinion(
            self.expires_at,
            cleared_at=self.cleared_at,
            conflicted_at=self.conflicted_at,
            given_at=self.given_at,
            withdrawn_at=self.withdrawn_at,
        )
