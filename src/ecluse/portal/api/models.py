"""Tokens that open the API, the accounts that a partner portal brought, what they accepted."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

SCOPE = 24
NAME = 80


class TokenQuerySet(models.QuerySet["Token"]):
    """Tokens by what they still open."""

    def open(self, *, now: datetime) -> Self:
        """Keep those that were not revoked and have not ended, of accounts that are active."""
        return self.filter(revoked_at__isnull=True, expires_at__gt=now, account__is_active=True)


class Token(models.Model):
    """What a program shows to act as an account. Only the digest of its secret is kept.

    `window` and `count` say how many requests it made in one minute, for the limit.
    """

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="tokens"
    )
    name = models.CharField(max_length=NAME)
    key_id = models.CharField(max_length=16, unique=True)
    secret_digest = models.CharField(max_length=64)
    scopes = ArrayField(models.CharField(max_length=SCOPE))
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    used_on = models.DateField(null=True)
    window = models.BigIntegerField(default=0)
    count = models.PositiveIntegerField(default=0)

    objects = TokenQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="token_ends_after_it_begins", condition=Q(expires_at__gt=F("made_at"))
            ),
        )

    def __str__(self) -> str:
        return self.key_id


class PartnerPerson(models.Model):
    """A person whom a partner portal brought, under the name that it gives them."""

    partner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="partner_persons"
    )
    user_id = models.CharField(max_length=200)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="known_as"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("partner", "user_id"), name="partner_person_once"),
            models.UniqueConstraint(fields=("partner", "account"), name="partner_account_once"),
        )

    def __str__(self) -> str:
        return f"{self.partner_id} {self.account_id}"


class Acceptance(models.Model):
    """Somebody accepted the conditions of a dataset for one file, as they stood that day."""

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    file = models.CharField(max_length=24)
    dataset = models.CharField(max_length=80)
    digest = models.CharField(max_length=71)
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("account", "file", "dataset", "digest"), name="acceptance_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.file} {self.dataset}"
