"""The description of a dataset as its holder writes it, and the versions that were submitted."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from ecluse.domain.metadata import DatasetDescription
from ecluse.domain.metadata.storing import from_json
from ecluse.portal.accounts.models import User
from ecluse.portal.cases.conditions import both_or_none
from ecluse.portal.cases.models import CaseRecord, Item
from ecluse.portal.catalogue.models import Dataset
from ecluse.portal.holders.models import Holder

DIGEST = 71


class DescriptionFileQuerySet(models.QuerySet["DescriptionFile"]):
    """Questions asked of descriptions; every page begins with `visible_to`."""

    def visible_to(self, user: User) -> Self:
        """Keep those of the holders of `user`; for officers, all that were submitted once."""
        mine = Q(holder__persons__subject=user.subject)
        if user.may("description.read-any"):
            mine |= Q(item__case__filed_at__isnull=False)
        return self.filter(mine).select_related("item__case", "holder", "shown").distinct()

    def of_holders_of(self, user: User) -> Self:
        """Keep those that this person writes."""
        return self.filter(holder__persons__subject=user.subject).distinct()

    def in_state(self, *states: str) -> Self:
        """Keep those in one of these states, the one that waits longest first."""
        return self.filter(item__state__in=states).order_by("item__since", "pk")


class DescriptionFile(models.Model):
    """What a holder says of a dataset; where it stands is the state of `item`.

    `slug` names the dataset for ever: it ends its permanent address. `content` is the description
    as it is written now, `unread` the answers that could not be understood, as they were typed.
    `shown` is the version that the catalogue shows. The `judged_…` are what the shapes of the
    standard said of the content of that digest.
    """

    number = models.CharField(max_length=24, unique=True)
    item = models.OneToOneField(Item, on_delete=models.PROTECT, related_name="description_file")
    holder = models.ForeignKey(Holder, on_delete=models.PROTECT, related_name="description_files")
    slug = models.SlugField(unique=True, max_length=80)
    content = models.JSONField()
    unread = models.JSONField(default=dict)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    opened_at = models.DateTimeField()
    edited_at = models.DateTimeField()
    shown = models.ForeignKey(
        "DescriptionVersion", on_delete=models.PROTECT, related_name="+", null=True
    )
    judged_digest = models.CharField(max_length=DIGEST, blank=True)
    judged_level = models.CharField(max_length=20, blank=True)
    judged_findings = models.JSONField(default=list)

    objects = DescriptionFileQuerySet.as_manager()

    def __str__(self) -> str:
        return self.number

    @property
    def case(self) -> CaseRecord:
        """The file that its acts and clocks belong to."""
        return self.item.case

    @property
    def state(self) -> str:
        """Where it stands: a state of the machine of descriptions."""
        return self.item.state

    def said(self) -> DatasetDescription:
        """Return the description as it is written now."""
        return from_json(self.content, DatasetDescription)

    def dataset(self) -> Dataset | None:
        """Return the dataset of the catalogue; None before the first publication."""
        return Dataset.objects.filter(slug=self.slug).first()


class DescriptionVersion(models.Model):
    """A description as it was submitted: frozen, judged by another person, then published."""

    file = models.ForeignKey(DescriptionFile, on_delete=models.PROTECT, related_name="versions")
    rank = models.PositiveSmallIntegerField()
    content = models.JSONField()
    digest = models.CharField(max_length=DIGEST)
    note = models.TextField(blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    submitted_at = models.DateTimeField()
    validated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    validated_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("file", "rank"), name="description_version_once"),
            models.CheckConstraint(
                name="description_validated_by_somebody",
                condition=both_or_none("validated_by", "validated_at"),
            ),
            models.CheckConstraint(
                name="description_validated_by_another",
                condition=Q(validated_by__isnull=True) | ~Q(validated_by=models.F("submitted_by")),
            ),
            models.CheckConstraint(
                name="description_published_once_validated",
                condition=Q(published_at__isnull=True) | Q(validated_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.file} {self.rank}"

    def said(self) -> DatasetDescription:
        """Return what was submitted."""
        return from_json(self.content, DatasetDescription)
