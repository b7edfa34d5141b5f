"""The register as it is searched, how far it follows the journal, and what the report counts."""

from __future__ import annotations

from datetime import date
from typing import Any, Final, Self

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchQuery, SearchRank, SearchVectorField
from django.db import models
from django.db.models import F, Q

from ecluse.portal.register.rows import Kind, PublicResult, PublicRow, Stage

LABEL = 60
SEARCH: Final = "french_unaccent"
"""French words by their stems, whatever their accents: made by the first migration."""


class PublicationQuerySet(models.QuerySet["Publication"]):
    """The register as a visitor asks it."""

    def decisions(self) -> Self:
        """Keep one line for each matter: an application that became a permit gives way to it."""
        return self.exclude(stage=Stage.GRANTED)

    def at_stage(self, stage: str, *, today: date) -> Self:
        """Keep what stands there today: a permit past its last day has ended, noted or not."""
        is_past = Q(stage=Stage.ACTIVE, valid_until__lt=today)
        if stage == Stage.ENDED:
            return self.filter(Q(stage=stage) | is_past)
        return self.filter(stage=stage).exclude(is_past)

    def matching(self, words: str) -> Self:
        """Keep what holds these words, the closest first; or whose number holds them."""
        query = SearchQuery(words, config=SEARCH, search_type="websearch")
        found = self.filter(Q(search=query) | Q(number__icontains=words))
        return found.annotate(rank=SearchRank(F("search"), query)).order_by("-rank", "-pk")

    def newest_first(self) -> Self:
        """Order from the last thing received or decided to the first."""
        return self.order_by(F("decided_on").desc(nulls_first=True), "-received_on", "-pk")


class Publication(models.Model):
    """A line of the register, as `rows.PublicRow` last gave it. None is ever removed.

    Its columns are the fields of the row, and nothing else but the words searched and the instant
    of the last change, for feeds.
    """

    number = models.CharField(max_length=40, unique=True)
    file = models.CharField(max_length=24, db_index=True)
    kind = models.CharField(max_length=20)
    stage = models.CharField(max_length=12)
    title = models.TextField(blank=True)
    organisation = models.TextField(blank=True)
    domicile = models.CharField(max_length=60, blank=True)
    purposes = models.JSONField(default=list)
    categories = models.JSONField(default=list)
    datasets = models.JSONField(default=list)
    holders = models.JSONField(default=list)
    data_format = models.CharField(max_length=20, blank=True)
    summary = models.TextField(blank=True)
    reason = models.TextField(blank=True)
    received_on = models.DateField(null=True)
    decided_on = models.DateField(null=True)
    valid_from = models.DateField(null=True)
    valid_until = models.DateField(null=True)
    ended_on = models.DateField(null=True)
    replaces = models.CharField(max_length=40, blank=True)
    changed_at = models.DateTimeField()
    search = SearchVectorField(null=True)

    objects = PublicationQuerySet.as_manager()

    class Meta:
        indexes = (GinIndex(fields=("search",), name="publication_search"),)
        constraints = (
            models.CheckConstraint(
                name="publication_kind_known", condition=Q(kind__in=[one.value for one in Kind])
            ),
            models.CheckConstraint(
                name="publication_stage_known", condition=Q(stage__in=[one.value for one in Stage])
            ),
        )

    def __str__(self) -> str:
        return self.number

    def row(self) -> PublicRow:
        """Return what is public."""
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name in PublicRow.__dataclass_fields__
            for value in (getattr(self, name),)
        }
        return PublicRow(**values)

    def stage_on(self, today: date) -> Stage:
        """Return where it stands today."""
        is_past = self.valid_until is not None and today > self.valid_until
        return Stage.ENDED if is_past and self.stage == Stage.ACTIVE else Stage(self.stage)


class Result(models.Model):
    """A result made public (EHDS art. 61(4)): where it is read, and what it says in plain words.

    `number` is that of the permit, or of the data request, on the register.
    """

    number = models.CharField(max_length=40, db_index=True)
    kind = models.CharField(max_length=20)
    title = models.CharField(max_length=300)
    link = models.URLField(max_length=300, blank=True)
    summary = models.TextField()
    public_on = models.DateField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="result_says_what", condition=Q(title__gt="", summary__gt="")
            ),
            models.CheckConstraint(
                name="result_link_is_secure", condition=Q(link="") | Q(link__startswith="https://")
            ),
            models.CheckConstraint(
                name="result_kind_known",
                condition=Q(kind__in=[Kind.PERMIT.value, Kind.REQUEST.value]),
            ),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def public(self) -> PublicResult:
        """Return what is public: not who recorded it."""
        return PublicResult(self.number, self.title, self.link, self.summary, self.public_on)


class Position(models.Model):
    """How far the register has followed the journal: one row, the sequence of the last entry."""

    sequence = models.BigIntegerField(default=0)

    class Meta:
        constraints = (models.CheckConstraint(name="position_one", condition=Q(pk=1)),)

    def __str__(self) -> str:
        return str(self.sequence)


class Counted(models.Model):
    """What one entry of the journal adds to one figure of the activity report (EHDS art. 59(1)).

    `year` is that of the event in the hub's own time. `value` is one, or days, or euro cents.
    """

    sequence = models.BigIntegerField()
    counter = models.CharField(max_length=LABEL)
    label = models.CharField(max_length=LABEL, blank=True)
    value = models.BigIntegerField()
    year = models.PositiveSmallIntegerField()

    class Meta:
        indexes = (models.Index(fields=("year", "counter", "label"), name="counted_by_year"),)
        constraints = (
            models.UniqueConstraint(
                fields=("sequence", "counter", "label"), name="counted_once_an_entry"
            ),
        )

    def __str__(self) -> str:
        return f"{self.year} {self.counter} {self.label} {self.value}"


class Statement(models.Model):
    """What the hub states of itself for the report, where no file tells it: an audit, a fine.

    `about` is public, as the report is. A statement is never changed: a wrong one is withdrawn.
    """

    counter = models.CharField(max_length=LABEL)
    label = models.CharField(max_length=LABEL, blank=True)
    value = models.PositiveBigIntegerField()
    on = models.DateField()
    about = models.CharField(max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    stated_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(name="statement_says_what", condition=Q(about__gt="")),
        )

    def __str__(self) -> str:
        return f"{self.on} {self.counter} {self.value}"
