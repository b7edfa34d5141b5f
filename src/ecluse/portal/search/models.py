"""The index of the catalogue: what can be looked for, kept beside the descriptions."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.functions import Upper

from ecluse.portal.catalogue.models import Dataset, Resource

CONFIGURATION = "french"
"""How the database stems; it is given texts without accents (see `words.plain`)."""


class Facet(models.TextChoices):
    """A way to narrow a search."""

    CATEGORY = "category"
    THEME = "theme"
    PLACE = "place"
    POPULATION = "population"
    ACCESS = "access"
    HOLDER = "holder"
    STANDARD = "standard"
    ASSESSED = "assessed"
    LABEL = "label"


class Choice(models.Model):
    """One value of a facet, such as a holder; what people read of closed lists is in `choices`.

    Labels are no rows here: they are granted and expire without a word of the description.
    """

    facet = models.CharField(max_length=12, choices=Facet.choices)
    code = models.CharField(max_length=300)
    label_fr = models.CharField(max_length=300, blank=True)
    label_en = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("facet", "code"), name="choice_once"),)

    def __str__(self) -> str:
        return f"{self.facet}: {self.code}"


class Entry(models.Model):
    """One dataset as it is looked for.

    `document` weighs titles first (A), then keywords, holder and lists (B), what is said of the
    data (C), the names and labels of variables (D); `head` is the same without variables: short
    enough to rank thousands at once. `choices` are the keys of its `Choice`s; years are those of
    the data, null where they are not known.
    """

    dataset = models.OneToOneField(
        Dataset, on_delete=models.CASCADE, primary_key=True, related_name="entry"
    )
    digest = models.CharField(max_length=71)
    document = SearchVectorField()
    head = SearchVectorField()
    choices = ArrayField(models.IntegerField(), default=list)
    from_year = models.SmallIntegerField(null=True)
    to_year = models.SmallIntegerField(null=True)
    person_count = models.BigIntegerField(null=True)
    variable_count = models.IntegerField(default=0)

    class Meta:
        indexes = (GinIndex(fields=("document",), name="entry_document"),)

    def __str__(self) -> str:
        return str(self.dataset)


class VariableEntry(models.Model):
    """One variable of one dataset as it is looked for."""

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="variables")
    table = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    label_fr = models.CharField(max_length=500, blank=True)
    label_en = models.CharField(max_length=500, blank=True)
    datatype = models.CharField(max_length=60, blank=True)
    document = SearchVectorField()

    class Meta:
        indexes = (
            GinIndex(fields=("document",), name="variable_document"),
            # How `istartswith` asks: upper case on both sides.
            models.Index(OpClass(Upper("name"), name="text_pattern_ops"), name="variable_name"),
        )

    def __str__(self) -> str:
        return f"{self.table}.{self.name}"


class ResourceEntry(models.Model):
    """A series or a service as it is looked for: its title first (A), then what is said (C)."""

    resource = models.OneToOneField(
        Resource, on_delete=models.CASCADE, primary_key=True, related_name="entry"
    )
    digest = models.CharField(max_length=71)
    document = SearchVectorField()

    class Meta:
        indexes = (GinIndex(fields=("document",), name="resource_document"),)

    def __str__(self) -> str:
        return str(self.resource)


class Word(models.Model):
    """A word that some description holds, plain: what a typing mistake is compared to."""

    word = models.CharField(max_length=60, primary_key=True)

    class Meta:
        indexes = (GinIndex(fields=("word",), opclasses=("gin_trgm_ops",), name="word_trigrams"),)

    def __str__(self) -> str:
        return self.word
