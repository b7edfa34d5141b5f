"""Notices: what was told to which account, whether it was read, and what became of its mail."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from ecluse.domain.actors import Actor
from ecluse.portal.accounts.models import User
from ecluse.portal.cases.models import NAME, Dispatch

ERROR = 40
LANGUAGES = ("fr", "en")


class Mail(models.TextChoices):
    """What became of the mail of a notice; the notice itself is in the portal from the start."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"  # refused for good, or tried too often
    BOUNCED = "bounced"  # accepted, then returned
    CANCELLED = "cancelled"  # a reminder whose cause ended first
    OFF = "off"  # this site sends no mail, or the person wants none for this


ALIVE = Q(dispatch__clock__isnull=True) | Q(
    dispatch__clock__completed_on__isnull=True,
    dispatch__clock__voided_on__isnull=True,
    dispatch__clock__due_on=F("dispatch__due_on"),
)
"""What is no reminder, and a reminder whose clock still runs to the day that it is about."""
UNDELIVERED = (Mail.FAILED.value, Mail.BOUNCED.value)


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Questions asked of notices; every page begins with `of` or, for officers, `undelivered`."""

    def of(self, account: User) -> Self:
        """Keep what was told to an account, the last first; a dead reminder is not shown."""
        found = self.filter(account=account).exclude(mail=Mail.CANCELLED)
        return found.select_related("dispatch__case").order_by("-announced_at", "-pk")

    def unread(self) -> Self:
        """Keep what has not been read."""
        return self.filter(read_at__isnull=True).exclude(mail=Mail.CANCELLED)

    def due(self, *, now: datetime) -> Self:
        """Keep the mails to try at `now`, the oldest first."""
        return self.filter(mail=Mail.WAITING, next_try_at__lte=now).order_by("pk")

    def dead(self) -> Self:
        """Keep the waiting mails that are about something that is over."""
        return self.filter(mail=Mail.WAITING).exclude(ALIVE)

    def undelivered(self) -> Self:
        """Keep the mails that did not arrive, the last first."""
        found = self.filter(mail__in=UNDELIVERED)
        return found.select_related("dispatch__case", "account").order_by("-pk")


class Notice(models.Model):
    """One thing told to one account, as what they are on the file.

    Its words are read from the catalogue by the dispatch's name: none is stored. `next_try_at` is
    given while the mail waits; `error` is a code such as `smtp-550`, never a server's own words.
    """

    dispatch = models.ForeignKey(Dispatch, on_delete=models.PROTECT, related_name="notices")
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices"
    )
    actor = models.CharField(max_length=NAME)
    due_on = models.DateField(null=True)
    announced_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    mail = models.CharField(max_length=12, choices=Mail.choices)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=ERROR, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(
                fields=("account",), condition=Q(read_at__isnull=True), name="notice_unread"
            ),
            models.Index(
                fields=("next_try_at",), condition=Q(mail="waiting"), name="notice_mail_due"
            ),
        )
        constraints = (
            models.UniqueConstraint(fields=("dispatch", "account"), name="notice_once_an_account"),
            models.CheckConstraint(
                name="notice_actor_known", condition=Q(actor__in=[one.value for one in Actor])
            ),
            models.CheckConstraint(
                name="notice_mail_known", condition=Q(mail__in=[one.value for one in Mail])
            ),
            models.CheckConstraint(
                name="notice_tried_again_while_it_waits",
                condition=Q(mail="waiting", next_try_at__isnull=False)
                | (~Q(mail="waiting") & Q(next_try_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="notice_sent_at_an_instant",
                condition=~Q(mail__in=["sent", "bounced"]) | Q(sent_at__isnull=False),
            ),
            models.CheckConstraint(
                name="notice_failed_with_a_code",
                condition=~Q(mail__in=["failed", "bounced"]) | Q(error__gt=""),
            ),
        )

    def __str__(self) -> str:
        return f"{self.dispatch_id} {self.actor}"


class Preference(models.Model):
    """How an account wants its mails: in which language, and whether only when it must act."""

    account = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    language = models.CharField(max_length=2, default="fr")
    only_to_act = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="preference_language_known", condition=Q(language__in=LANGUAGES)
            ),
        )

    def __str__(self) -> str:
        return f"{self.account_id} {self.language}"
