"""Datasets as described to everybody, and their snapshots as announced by the secure zone."""

from __future__ import annotations

from typing import Self

from django.db import models

from ecluse.domain.documents import SnapshotNotice
from ecluse.domain.metadata import DataService, DatasetDescription, Series
from ecluse.domain.metadata.storing import from_json
from ecluse.portal.catalogue.labels import CATEGORIES
from ecluse.portal.mailbox.reading import body_in


class DatasetQuerySet(models.QuerySet["Dataset"]):
    """The catalogue as a visitor asks it."""

    def described(self) -> Self:
        """Keep the datasets that have a description: the others are not shown yet."""
        return self.exclude(title_fr="").filter(withdrawn_at=None).order_by("title_fr")


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
    withdrawn_at = models.DateTimeField(null=True)

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


class DescriptionQuerySet(models.QuerySet["DescriptionRecord"]):
    """Descriptions, as the exports and the judge ask for them."""

    def shown(self) -> Self:
        """Keep those of datasets that the catalogue shows, in an order that does not change."""
        found = self.filter(dataset__withdrawn_at=None).exclude(dataset__title_fr="")
        return found.select_related("dataset").order_by("dataset_id")

    def exportable(self, *, is_judged: bool) -> Self:
        """Keep those that obey the shapes; without shapes on this site, those never refused."""
        return self.filter(conforms=True) if is_judged else self.exclude(conforms=False)

    def unjudged(self) -> Self:
        """Keep those that changed since the shapes were asked, and were not judged again."""
        return self.filter(judged_at=None)

    def unindexed(self) -> Self:
        """Keep those that changed since the search learned them."""
        return self.filter(indexed_at=None)


class DescriptionRecord(models.Model):
    """All that is said of a dataset, and what the shapes of the standard say of that.

    `content` is a `DatasetDescription` as compact JSON, `findings` a list of `rdf` findings; both
    `conforms` (no rule is broken) and `judged_at` are null until it was judged. `rendered` is the
    RDF of the dataset in full (N-Triples, gzip), null until it was asked for; `indexed_at` is null
    until the search knows it. `verdicts` hold `conforms` and `findings` by the name of another
    profile that its source writes in.
    """

    dataset = models.OneToOneField(Dataset, on_delete=models.CASCADE, related_name="record")
    content = models.JSONField()
    digest = models.CharField(max_length=71)
    changed_at = models.DateTimeField(db_index=True)
    conforms = models.BooleanField(null=True)
    level = models.CharField(max_length=20, blank=True)
    findings = models.JSONField(default=list)
    judged_at = models.DateTimeField(null=True)
    rendered = models.BinaryField(null=True)
    indexed_at = models.DateTimeField(null=True)
    verdicts = models.JSONField(default=dict)

    objects = DescriptionQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(
                fields=("dataset",),
                condition=models.Q(indexed_at=None),
                name="description_unindexed",
            ),
        )

    def __str__(self) -> str:
        return str(self.dataset)

    def description(self) -> DatasetDescription:
        """Return what was said, as a value."""
        return from_json(self.content, DatasetDescription)


class Source(models.Model):
    """A catalogue of others that descriptions are harvested from.

    `key_digest` is the SHA-256 of the key that an `ingest` source shows; empty for the others.
    """

    class Kind(models.TextChoices):
        """How descriptions arrive."""

        DCAT = "dcat"
        CKAN = "ckan"
        FILE = "file"
        INGEST = "ingest"

    slug = models.SlugField(unique=True, max_length=60)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    address = models.CharField(max_length=500, blank=True)
    key_digest = models.CharField(max_length=64, blank=True, db_index=True)

    def __str__(self) -> str:
        return self.slug

    def rejected(self) -> models.QuerySet[HarvestRecord]:
        """Return the descriptions that stay refused, the last met first."""
        return self.records.filter(state=HarvestRecord.State.REJECTED).order_by("-seen_at", "pk")


class HarvestRun(models.Model):
    """One reading of a source: complete (`done`), or broken off and without effect (`failed`).

    A failed one has the `code` of its error and what was said of it.
    """

    class State(models.TextChoices):
        """How it ended."""

        DONE = "done"
        FAILED = "failed"

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="runs")
    started_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices)
    code = models.CharField(max_length=40, blank=True)
    reason = models.TextField(blank=True)
    counts = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.source} {self.started_at}"


class ResourceQuerySet(models.QuerySet["Resource"]):
    """Series and services as visitors and exports ask for them."""

    def shown(self) -> Self:
        """Keep those that their source still says, by title."""
        return self.filter(withdrawn_at=None).order_by("title_fr", "pk")


class Resource(models.Model):
    """A series of datasets, or a service that gives access to some: what stands beside datasets.

    `content` is a `Series` or a `DataService` as compact JSON.
    """

    class Kind(models.TextChoices):
        """What it is, as its address says it."""

        SERIES = "series"
        SERVICE = "services"

    kind = models.CharField(max_length=10, choices=Kind.choices)
    slug = models.SlugField(unique=True, max_length=80)
    title_fr = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200, blank=True)
    summary_fr = models.TextField(blank=True)
    summary_en = models.TextField(blank=True)
    content = models.JSONField()
    digest = models.CharField(max_length=71)
    changed_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    objects = ResourceQuerySet.as_manager()

    def __str__(self) -> str:
        return self.slug

    def value(self) -> Series | DataService:
        """Return what was said, as a value."""
        if self.kind == self.Kind.SERIES:
            return from_json(self.content, Series)
        return from_json(self.content, DataService)


class HarvestRecord(models.Model):
    """One description of a source, known by the identifier that the source gives it.

    `kind` says of what; `dataset` or `resource` is what it became, both null for a rejected one;
    `report` holds why, what was changed on the way in, the properties that were not understood,
    with how many triples of each, and the profile that it was written in.
    """

    class Kind(models.TextChoices):
        """What is described."""

        DATASET = "dataset"
        SERIES = "series"
        SERVICE = "services"

    class State(models.TextChoices):
        """What became of it."""

        KEPT = "kept"
        REJECTED = "rejected"
        WITHDRAWN = "withdrawn"

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="records")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.DATASET)
    identifier = models.CharField(max_length=500)
    dataset = models.OneToOneField(
        Dataset, on_delete=models.PROTECT, null=True, related_name="harvested"
    )
    resource = models.OneToOneField(
        Resource, on_delete=models.PROTECT, null=True, related_name="harvested"
    )
    state = models.CharField(max_length=10, choices=State.choices)
    digest = models.CharField(max_length=71, blank=True)
    report = models.JSONField(default=dict)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("source", "kind", "identifier"), name="harvested_once"),
        )

    def __str__(self) -> str:
        return f"{self.source} {self.identifier}"


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
