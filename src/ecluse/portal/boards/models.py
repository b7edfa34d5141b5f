"""Legal entities and their accounts, boards, submissions: the signed documents, and their place."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from ecluse.domain import documents
from ecluse.domain.evaluations.secrecy import (
    BoardRules,
    Purpose,
    Standing,
    SubmissionStatus,
    Usage,
)
from ecluse.portal.accounts.models import User
from ecluse.portal.evaluations.models import EvaluationFile
from ecluse.portal.mailbox.reading import body_in
from ecluse.portal.permits.models import PermitRecord


class BoardState(StrEnum):
    """Where a board stands."""

    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"
    REFUSED = "refused"


class SubmissionState(StrEnum):
    """Where a submission stands."""

    SENT = "sent"
    ANSWERED = "answered"
    REFUSED = "refused"


class LegalEntity(models.Model):
    """Somebody in law, by SIREN or by a country and a number there: the holder of a budget."""

    number = models.CharField(max_length=33, unique=True)
    name = models.CharField(max_length=200)

    def __str__(self) -> str:
        return f"{self.name} ({self.number})"


class Enrolment(models.Model):
    """The legal entity for which an account submits: one at a time."""

    account = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="enrolment"
    )
    entity = models.ForeignKey(LegalEntity, on_delete=models.PROTECT, related_name="enrolments")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.account_id} {self.entity_id}"


class BoardQuerySet(models.QuerySet["Board"]):
    """Questions asked of boards: all of them are public but those that the zone refused."""

    def visible_to(self, user: User | None) -> Self:
        """Keep those that this person may know of."""
        if user is not None and user.may("board.keep"):
            return self
        return self.exclude(state=BoardState.REFUSED)


class Board(models.Model):
    """A board: the document that opened it, the one that closes it, its result.

    `protocol_digest` repeats the opening's, so that the evaluation of a protocol finds its boards.
    """

    number = models.CharField(max_length=20, unique=True)
    title = models.CharField(max_length=200)
    permit = models.ForeignKey(PermitRecord, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, default=BoardState.OPEN.value)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    opened_at = models.DateTimeField()
    opening_data = models.BinaryField()
    opening_digest = models.CharField(max_length=71, unique=True)
    protocol_digest = models.CharField(max_length=71, blank=True, db_index=True)
    closing_digest = models.CharField(max_length=71, blank=True)
    result_data = models.BinaryField(null=True)
    result_digest = models.CharField(max_length=71, blank=True)
    refusal_code = models.CharField(max_length=40, blank=True)

    objects = BoardQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="board_state_known",
                condition=Q(state__in=[state.value for state in BoardState]),
            ),
            models.CheckConstraint(
                name="board_closed_with_its_result",
                condition=Q(state=BoardState.CLOSED.value, result_data__isnull=False)
                | (~Q(state=BoardState.CLOSED.value) & Q(result_data__isnull=True)),
            ),
        )

    def __str__(self) -> str:
        return self.number

    def evaluation(self, user: User | None) -> EvaluationFile | None:
        """Return the evaluation whose protocol opened this board, if this person may know of it."""
        if not self.protocol_digest:
            return None
        known = EvaluationFile.objects.visible_to(user)
        return known.filter(registrations__digest=self.protocol_digest).order_by("pk").first()

    def opening(self) -> documents.BoardOpening:
        """Return what opened this board."""
        return body_in(bytes(self.opening_data), documents.BoardOpening)

    def rules(self) -> BoardRules:
        """Return what this board fixes."""
        return self.opening().rules

    def opened_on(self) -> date:
        """Return the first day on which a submission counts."""
        return self.opening().opened_on

    def result(self) -> documents.BoardResult | None:
        """Return how the board ended, if it did."""
        if self.result_data is None:
            return None
        return body_in(bytes(self.result_data), documents.BoardResult)

    def standings(self) -> tuple[Standing, ...]:
        """Return the standings of the end; before it, those of the last answer that told some."""
        result = self.result()
        if result is not None:
            return result.standings
        last = self.submissions.filter(tells_standings=True).order_by("answered_at", "pk").last()
        answer = last.answer() if last is not None else None
        return answer.standings if answer is not None else ()

    def usage(self, entity: LegalEntity, period: int) -> Usage:
        """Return what was used here, what waits for its answer counted as used."""
        every = self.submissions.all()
        scored = every.filter(Q(state=SubmissionState.SENT) | Q(status=SubmissionStatus.SCORED))
        mine = Q(entity=entity, period=period)
        failed = every.filter(mine, status=SubmissionStatus.FAILED)
        asked = scored.filter(purpose=Purpose.EXPLORE, state=SubmissionState.SENT)
        return Usage(
            answered=scored.count(),
            counted=scored.filter(mine).count(),
            failed=failed.count(),
            explored=asked.count(),
        )


class SubmissionQuerySet(models.QuerySet["Submission"]):
    """Questions asked of submissions; a page begins with `visible_to`."""

    def visible_to(self, user: User) -> Self:
        """Keep those of the entity for which this person submits now."""
        return self.filter(entity__enrolments__account=user)

    def newest_first(self) -> Self:
        """Order from the last to the first."""
        return self.order_by("-at", "-pk").select_related("by")


class Submission(models.Model):
    """A file that an entity sent to a board, and the answer. `period` is that of the day it left.

    `status` repeats the answer's, so that budgets are counted without reading every document.
    """

    number = models.CharField(max_length=32, unique=True)
    board = models.ForeignKey(Board, on_delete=models.PROTECT, related_name="submissions")
    entity = models.ForeignKey(LegalEntity, on_delete=models.PROTECT, related_name="submissions")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    period = models.IntegerField()
    purpose = models.CharField(max_length=10)
    request_key = models.UUIDField()
    order_data = models.BinaryField()
    order_digest = models.CharField(max_length=71, unique=True)
    state = models.CharField(max_length=10, default=SubmissionState.SENT.value)
    status = models.CharField(max_length=10, blank=True)
    tells_standings = models.BooleanField(default=False)
    answered_at = models.DateTimeField(null=True)
    answer_data = models.BinaryField(null=True)
    answer_digest = models.CharField(max_length=71, blank=True)
    refusal_code = models.CharField(max_length=40, blank=True)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("board", "by", "request_key"), name="submission_once"),
            models.CheckConstraint(
                name="submission_answered_with_a_document",
                condition=Q(state=SubmissionState.SENT.value, answer_data__isnull=True)
                | (~Q(state=SubmissionState.SENT.value) & Q(answer_data__isnull=False)),
            ),
            models.CheckConstraint(
                name="submission_answered_after_it_was_sent",
                condition=Q(answered_at__isnull=True) | Q(answered_at__gte=F("at")),
            ),
        )

    def __str__(self) -> str:
        return self.number

    def order(self) -> documents.Submission:
        """Return what was sent."""
        return body_in(bytes(self.order_data), documents.Submission)

    def answer(self) -> documents.ScoreRelease | None:
        """Return what the secure zone told, if it answered with a score or with faults."""
        if self.answer_data is None or self.state != SubmissionState.ANSWERED:
            return None
        return body_in(bytes(self.answer_data), documents.ScoreRelease)
