"""Documents sent and received, the files that they name, and the tokens already used."""

from __future__ import annotations

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models


class OutgoingDocumentQuerySet(models.QuerySet["OutgoingDocument"]):
    """What a receiver may fetch."""

    def addressed_to(self, audience: str) -> Self:
        """Keep the documents meant for this receiver, oldest first."""
        return self.filter(audience__contains=[audience]).order_by("sequence")


class OutgoingDocument(models.Model):
    """A document that this site signed, for the receivers of its audience to fetch in order."""

    sequence = models.BigIntegerField(primary_key=True)
    document_id = models.UUIDField(unique=True)
    audience = ArrayField(models.CharField(max_length=80))
    kind = models.CharField(max_length=40)
    number = models.CharField(max_length=80)
    digest = models.CharField(max_length=71, unique=True)
    data = models.BinaryField()
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)

    objects = OutgoingDocumentQuerySet.as_manager()

    class Meta:
        indexes = (models.Index(fields=("kind", "number"), name="outgoing_number"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


class NumbersLost(models.Model):
    """The last number that a receiver has, beyond those of a site put back from an older copy.

    New documents are numbered after it: one under it would never be asked for.
    """

    last = models.BigIntegerField(unique=True)
    told_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.last)


class IncomingDocument(models.Model):
    """A document that this site verified and obeyed. Its identifier never comes twice."""

    document_id = models.UUIDField(unique=True)
    digest = models.CharField(max_length=71, unique=True)
    kind = models.CharField(max_length=40)
    number = models.CharField(max_length=80)
    issuer = models.CharField(max_length=20)
    key_id = models.CharField(max_length=80)
    data = models.BinaryField()
    issued_at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("kind", "number"), name="incoming_number"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


class AnnouncedFile(models.Model):
    """A file that a received document lists: the only files that may be put here.

    `kind` is the kind of that document, so that each site takes only what its law allows.
    """

    document = models.ForeignKey(IncomingDocument, on_delete=models.PROTECT, related_name="files")
    kind = models.CharField(max_length=40)
    digest = models.CharField(max_length=71, db_index=True)
    size = models.BigIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("document", "digest"), name="announced_once"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.digest}"


class OfferedFile(models.Model):
    """A file that a sent document names: its receivers may fetch it."""

    document = models.ForeignKey(OutgoingDocument, on_delete=models.PROTECT, related_name="files")
    digest = models.CharField(max_length=71, db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("document", "digest"), name="offered_once"),)

    def __str__(self) -> str:
        return self.digest


class UsedToken(models.Model):
    """A token of the agent, kept until it expires so that it works once."""

    jti = models.CharField(max_length=80, primary_key=True)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.jti
