"""Releases received from the checking room, and the files that each lets out."""

from __future__ import annotations

from typing import Self

from django.db import models

from ecluse.domain import documents
from ecluse.portal.accounts.models import User
from ecluse.portal.mailbox.reading import body_in
from ecluse.portal.permits.models import PermitRecord


class ReleaseQuerySet(models.QuerySet["ReleaseRecord"]):
    """Questions asked of releases; every page begins with `visible_to`."""

    def visible_to(self, user: User) -> Self:
        """Keep the releases of the permits that `user` may read."""
        return self.filter(permit__in=PermitRecord.objects.visible_to(user))

    def naming(self, user: User) -> Self:
        """Keep the releases of the permits that name `user`: only they may download."""
        return self.filter(permit__in=PermitRecord.objects.naming(user))

    def newest_first(self) -> Self:
        """Order from the last release to the first."""
        return self.order_by("-received_at", "-pk")


class ReleaseRecord(models.Model):
    """A release: two independent checkers let exactly these files out (EHDS art. 73(2))."""

    request_number = models.CharField(max_length=40, unique=True)
    permit = models.ForeignKey(PermitRecord, on_delete=models.PROTECT, related_name="releases")
    job_number = models.CharField(max_length=40)
    data = models.BinaryField()
    digest = models.CharField(max_length=71, unique=True)
    released_at = models.DateTimeField()
    received_at = models.DateTimeField()

    objects = ReleaseQuerySet.as_manager()

    def __str__(self) -> str:
        return self.request_number

    def document(self) -> documents.Release:
        """Return what was signed."""
        return body_in(bytes(self.data), documents.Release)


class ReleasedFile(models.Model):
    """One file of a release, by content: bytes of another digest are never served."""

    release = models.ForeignKey(ReleaseRecord, on_delete=models.PROTECT, related_name="files")
    name = models.CharField(max_length=200)
    size = models.BigIntegerField()
    digest = models.CharField(max_length=71)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("release", "name"), name="released_file_once"),
            models.CheckConstraint(name="released_file_size", condition=models.Q(size__gte=0)),
        )

    def __str__(self) -> str:
        return self.name
