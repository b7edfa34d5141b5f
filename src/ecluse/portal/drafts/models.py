"""Attached files, the team of a file, its invitations, a basket, an upgrade under way.

A file is named by its number: what is written about it here does not depend on what it becomes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from ecluse.domain.forms import FileType
from ecluse.portal.accounts.models import User

NUMBER = 24
FIELD = 60


class Scan(models.TextChoices):
    """What the search for viruses said of an attached file."""

    PENDING = "pending"  # not searched yet: officers cannot open it
    CLEAN = "clean"
    INFECTED = "infected"  # its bytes are gone
    OFF = "off"  # this site searches nothing, and says so


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    """Attached files by the file they belong to."""

    def of_file(self, number: str) -> Self:
        """Keep what is attached to a file now."""
        return self.filter(file=number, removed_at__isnull=True)


class Attachment(models.Model):
    """A file attached to a question. Its bytes lie elsewhere, under their digest."""

    file = models.CharField(max_length=NUMBER, db_index=True)
    field = models.CharField(max_length=FIELD)
    name = models.CharField(max_length=120)
    type = models.CharField(max_length=8)
    size = models.PositiveIntegerField()
    digest = models.CharField(max_length=71, db_index=True)
    scan = models.CharField(max_length=8, choices=Scan.choices, default=Scan.PENDING)
    scanned_at = models.DateTimeField(null=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    uploaded_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("file", "field", "digest"),
                condition=Q(removed_at__isnull=True),
                name="attachment_once",
            ),
            models.CheckConstraint(
                name="attachment_type_known",
                condition=Q(type__in=[each.value for each in FileType]),
            ),
            models.CheckConstraint(
                name="attachment_scan_known", condition=Q(scan__in=[each.value for each in Scan])
            ),
        )

    def __str__(self) -> str:
        return f"{self.file} {self.field}"


class TeamRole(models.TextChoices):
    """What somebody does on a file that they did not open."""

    EDITOR = "editor"
    READER = "reader"


class Member(models.Model):
    """Somebody invited to write or to read a file, beside its applicant."""

    file = models.CharField(max_length=NUMBER, db_index=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    role = models.CharField(max_length=8, choices=TeamRole.choices)
    joined_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("file", "user"), name="team_member_once"),
            models.CheckConstraint(
                name="team_role_known", condition=Q(role__in=[each.value for each in TeamRole])
            ),
        )

    def __str__(self) -> str:
        return f"{self.file} {self.user_id}"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Invitations by what may still become of them."""

    def open(self, number: str, *, now: datetime) -> Self:
        """Keep those of a file that can still be accepted."""
        return self.filter(
            file=number, expires_at__gt=now, accepted_at__isnull=True, withdrawn_at__isnull=True
        )


class Invitation(models.Model):
    """A link that makes one person a member of a file, once. The link itself is never stored."""

    APPLICANT = "applicant"
    ROLES = (*(role.value for role in TeamRole), APPLICANT)

    file = models.CharField(max_length=NUMBER, db_index=True)
    role = models.CharField(max_length=10)
    email = models.EmailField()
    token_digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="invitation_role_known",
                condition=Q(role__in=["editor", "reader", "applicant"]),
            ),
            models.CheckConstraint(
                name="invitation_accepted_or_withdrawn",
                condition=Q(accepted_at__isnull=True) | Q(withdrawn_at__isnull=True),
            ),
            models.UniqueConstraint(
                fields=("file", "email"),
                condition=Q(accepted_at__isnull=True, withdrawn_at__isnull=True),
                name="invitation_one_open_for_each",
            ),
        )

    def __str__(self) -> str:
        return f"{self.file} {self.role}"


class Basket(models.Model):
    """The datasets that somebody put aside in the catalogue, in that order."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="+")
    datasets = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.user_id}"


class Upgrade(models.Model):
    """A file that passed to another form version and may still go back: what it was before."""

    file = models.CharField(max_length=NUMBER, primary_key=True)
    before_version = models.PositiveSmallIntegerField()
    after_version = models.PositiveSmallIntegerField()
    answers_before = models.JSONField()
    started_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="upgrade_goes_forward",
                condition=Q(after_version__gt=models.F("before_version")),
            ),
        )

    def __str__(self) -> str:
        return self.file
