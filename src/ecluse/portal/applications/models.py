"""Applications, their persons, what was submitted, asked and found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from ecluse.domain.applications import TURNS, Criterion, CriterionOutcome, State, Turn
from ecluse.portal.accounts.models import User
from ecluse.portal.catalogue.models import Dataset

OPEN_STATES = (
    State.SUBMITTED,
    State.AWAITING_INFORMATION,
    State.COMPLETE,
    State.ASSESSED,
)
DECIDED_STATES = (State.GRANTED, State.REFUSED)


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
        named = Q(applicant=user) | Q(persons__subject=user.subject)
        if user.may("application.read-any"):
            return self.filter(named | Q(submitted_at__isnull=False)).distinct()
        return self.filter(named).distinct()

    def naming(self, user: User) -> Self:
        """Keep the files of which `user` is the applicant or a person."""
        return self.filter(Q(applicant=user) | Q(persons__subject=user.subject)).distinct()

    def waiting_for(self, *turns: Turn) -> Self:
        """Keep the files whose turn it is for one of `turns` to act."""
        return self.filter(state__in=[state for state, turn in TURNS.items() if turn in turns])

    def by_due_day(self) -> Self:
        """Order by the day that is due first; files without one come last, oldest first."""
        return self.order_by(F("decision_due_on").asc(nulls_last=True), "submitted_at", "pk")

    def received(self) -> Self:
        """Keep the files received and not yet decided, for the public register."""
        return self.filter(state__in=OPEN_STATES).order_by("-submitted_at")

    def refused(self) -> Self:
        """Keep the files refused, last decision first."""
        return self.filter(state=State.REFUSED).order_by("-decided_at")


class Application(models.Model):
    """A data access application (EHDS art. 67), pinned to the form version it began with.

    `answers` is what the applicant is writing; what was submitted is in `submissions`. The day due
    in `completion_due_on` is the applicant's, the one in `decision_due_on` the hub's.
    """

    number = models.CharField(max_length=16, unique=True)
    form = models.CharField(max_length=60)
    form_version = models.PositiveSmallIntegerField()
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="applications")
    answers = models.JSONField(default=dict)
    state = models.CharField(max_length=24, default=State.DRAFT.value)
    applicant = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="applications"
    )
    started_at = models.DateTimeField()
    turn_since = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    completion_due_on = models.DateField(null=True)
    complete_at = models.DateTimeField(null=True)
    decision_due_on = models.DateField(null=True)
    assessor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="assessed", null=True
    )
    assessed_at = models.DateTimeField(null=True)
    decider = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="decided", null=True
    )
    decided_at = models.DateTimeField(null=True)
    refusal_reason = models.TextField(blank=True)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="application_state_known",
                condition=Q(state__in=[state.value for state in State]),
            ),
            models.CheckConstraint(
                name="application_submitted_once_sent",
                condition=Q(submitted_at__isnull=False) | Q(state__in=["draft", "withdrawn"]),
            ),
            models.CheckConstraint(
                name="application_awaits_until_a_day",
                condition=Q(state="awaiting-information", completion_due_on__isnull=False)
                | (~Q(state="awaiting-information") & Q(completion_due_on__isnull=True)),
            ),
            models.CheckConstraint(
                name="application_complete_has_due_day",
                condition=Q(complete_at__isnull=True, decision_due_on__isnull=True)
                | Q(complete_at__isnull=False, decision_due_on__isnull=False),
            ),
            models.CheckConstraint(
                name="application_complete_before_assessed",
                condition=Q(complete_at__isnull=False)
                | ~Q(state__in=["complete", "assessed", "granted", "refused"]),
            ),
            models.CheckConstraint(
                name="application_assessor_with_instant",
                condition=Q(assessor__isnull=True, assessed_at__isnull=True)
                | Q(assessor__isnull=False, assessed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="application_assessed_by_somebody",
                condition=Q(assessor__isnull=False)
                | ~Q(state__in=["assessed", "granted", "refused"]),
            ),
            models.CheckConstraint(
                name="application_decided_by_somebody",
                condition=Q(
                    state__in=["granted", "refused"],
                    decider__isnull=False,
                    decided_at__isnull=False,
                )
                | (
                    ~Q(state__in=["granted", "refused"])
                    & Q(decider__isnull=True, decided_at__isnull=True)
                ),
            ),
            models.CheckConstraint(
                name="application_refused_with_reasons",
                condition=Q(state="refused", refusal_reason__gt="")
                | (~Q(state="refused") & Q(refusal_reason="")),
            ),
            models.CheckConstraint(
                name="application_never_decided_by_applicant",
                condition=Q(decider__isnull=True) | ~Q(decider=F("applicant")),
            ),
            models.CheckConstraint(
                name="application_never_assessed_by_applicant",
                condition=Q(assessor__isnull=True) | ~Q(assessor=F("applicant")),
            ),
            models.CheckConstraint(
                name="application_decider_did_not_assess",
                condition=Q(decider__isnull=True) | ~Q(decider=F("assessor")),
            ),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def title(self) -> str:
        """The title that the applicant gave, or nothing yet."""
        return answer_text(self.answers, "title")

    def title_for(self, user: User) -> str:
        """The title as `user` may read it: their own as it stands, another's as submitted."""
        submission = None if user.subject in self.subjects() else self.last_submission()
        return answer_text(submission.answers, "title") if submission else self.title

    def turn(self) -> Turn:
        """Whose turn it is."""
        return TURNS[State(self.state)]

    def subjects(self) -> frozenset[str]:
        """Every person of the file, the applicant among them."""
        named = {person.subject for person in self.persons.all()}
        return frozenset({self.applicant.subject} | named)

    def outcomes(self) -> tuple[CriterionOutcome, ...]:
        """What the assessor found, criterion by criterion."""
        return tuple(
            CriterionOutcome(Criterion(row.criterion), row.is_met, row.reason)
            for row in self.criteria.order_by("criterion")
        )

    def last_submission(self) -> Submission | None:
        """What was submitted last, or None for a draft."""
        return self.submissions.order_by("-round").first()


def answer_text(answers: object, field: str) -> str:
    """The answer to a text field, or the empty text for anything else."""
    value = answers.get(field) if isinstance(answers, Mapping) else None
    return value if isinstance(value, str) else ""


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
    """What the assessor found on one criterion of EHDS art. 68(1)."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="criteria")
    criterion = models.CharField(max_length=1)
    is_met = models.BooleanField()
    reason = models.TextField(blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("application", "criterion"), name="criterion_once"),
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
