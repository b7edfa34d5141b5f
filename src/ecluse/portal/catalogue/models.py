"""Datasets as described to everybody, and their snapshots as announced by the secure zone."""

from __future__ import annotations

from typing import Self

from django.db import models

from ecluse.domain.documents import SnapshotNotice
from ecluse.portal.catalogue.labels import CATEGORIES
from ecluse.portal.mailbox.reading import body_in


class DatasetQuerySet(models.QuerySet["Dataset"]):
    """The catalogue as a visitor asks it."""

    def described(self) -> Self:
        """Keep the datasets that have a description: the others are not shown yet."""
        return self.exclude(title_fr="").order_by("title_fr")

    def matching(self, words: str) -> Self:
        """Keep the datasets that hold every word, whatever its accents and capitals."""
        found = self
        for word in words.split():
            found = found.filter(_holds(word))
        return found


def _holds(word: str) -> models.Q:
    fields = ("title_fr", "title_en", "summary_fr", "summary_en", "holder", "slug")
    condition = models.Q()
    for field in fields:
        condition |= models.Q(**{f"{field}__unaccent__icontains": word})
    return condition


class Dataset(models.Model):
    """A dataset that may be asked for. `category` is the letter of EHDS art. 51(1)."""

    slug = models.SlugField(unique=True, max_length=80)
    title_fr = models.CharField(max_length=200, blank=True)
    title_en = models.CharField(max_length=200, blank=True)
    summary_fr = models.TextField(blank=True)
    summary_en = models.TextField(blank=True)
    holder = models.CharField(max_length=200, blank=True)
    category = models.CharField(max_length=1, blank=True)
    coverage_fr = models.CharField(max_length=200, blank=True)
    coverage_en = models.CharField(max_length=200, blank=True)
    conditions_fr = models.TextField(blank=True)
    conditions_en = models.TextField(blank=True)
    described_at = models.DateTimeField(null=True)

    objects = DatasetQuerySet.as_manager()

    def __str__(self) -> str:
        return self.slug

    @property
    def category_label(self) -> str:
        """What people read for the category: its letter and its words."""
        words = CATEGORIES.get(self.category)
        return f"{self.category} – {words}" if words else self.category

    def latest_snapshot(self) -> Snapshot | None:
        """Return the snapshot loaded last, or None before the first."""
        return self.snapshots.order_by("-loaded_at", "-pk").first()


class Snapshot(models.Model):
    """A snapshot that the secure zone announced: shape and counts, never a row."""

    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="snapshots")
    identifier = models.CharField(max_length=80)
    model = models.CharField(max_length=40)
    loaded_at = models.DateTimeField()
    received_at = models.DateTimeField()
    digest = models.CharField(max_length=71, unique=True)
    data = models.BinaryField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("dataset", "identifier"), name="snapshot_once"),
        )

    def __str__(self) -> str:
        return f"{self.dataset} {self.identifier}"

    def notice(self) -> SnapshotNotice:
        """Return the verified notice: tables, columns, event sources, counts."""
        return body_in(bytes(self.data), SnapshotNotice)
