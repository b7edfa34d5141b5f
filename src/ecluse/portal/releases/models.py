"""Releases received from the checking room, and the files that each lets out."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q

from ecluse.domain import documents
from ecluse.portal.accounts.models import User
from ecluse.portal.mailbox.reading import body_in
from ecluse.portal.outputs.labels import RECALLS
from ecluse.portal.permits.models import PermitRecord
from ecluse.portal.requests.models import DataRequest, Tabulation


class ReleaseQuerySet(models.QuerySet["ReleaseRecord"]):
    """Questions asked of releases; every page begins with `visible_to`."""

    def visible_to(self, user: User) -> Self:
        """Keep the releases of the permits and of the data requests that `user` may read."""
        of_permits = Q(permit__in=PermitRecord.objects.visible_to(user))
        requests = DataRequest.objects.visible_to(user).values("pk")
        return self.filter(of_permits | Q(tabulation__request__in=requests))

    def newest_first(self) -> Self:
        """Order from the last release to the first."""
        return self.order_by("-received_at", "-pk")


class ReleaseRecord(models.Model):
    """A release: two independent checkers let exactly these files out (EHDS art. 73(2)).

    Of a permit, or of the order that answers a data request (art. 69).
    """

    request_number = models.CharField(max_length=40, unique=True)
    permit = models.ForeignKey(
        PermitRecord, on_delete=models.PROTECT, related_name="releases", null=True
    )
    tabulation = models.OneToOneField(
        Tabulation, on_delete=models.PROTECT, related_name="release", null=True
    )
    job_number = models.CharField(max_length=40)
    data = models.BinaryField()
    digest = models.CharField(max_length=71, unique=True)
    released_at = models.DateTimeField()
    received_at = models.DateTimeField()
    recalled_at = models.DateTimeField(null=True)
    recall_reason = models.CharField(max_length=20, blank=True)

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="release_of_a_permit_or_an_order",
                condition=Q(permit__isnull=False, tabulation__isnull=True)
                | Q(permit__isnull=True, tabulation__isnull=False),
            ),
            models.CheckConstraint(
                name="release_recalled_for_a_reason",
                condition=Q(recalled_at__isnull=True) ^ ~Q(recall_reason=""),
            ),
        )

    def __str__(self) -> str:
        return self.request_number

    @property
    def recall_label(self) -> str:
        """Why the release was recalled, in words; empty while it stands."""
        return str(RECALLS[self.recall_reason]) if self.recall_reason else ""

    def names(self, user: User) -> bool:
        """Whether `user` may download: a person of the permit, or of the data request."""
        if self.permit is not None:
            return self.permit.names(user)
        return self.tabulation is not None and user.subject in self.tabulation.request.subjects()

    def document(self) -> documents.Release:
        """Return what was signed."""
        return body_in(bytes(self.data), documents.Release)


class ReleaseDownload(models.Model):
    """A person who took a release away, or read its tables: they are told if it is recalled."""

    release = models.ForeignKey(ReleaseRecord, on_delete=models.PROTECT, related_name="downloads")
    account = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    first_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("release", "account"), name="download_once_a_person"),
        )

    def __str__(self) -> str:
        return f"{self.release} {self.account}"


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
