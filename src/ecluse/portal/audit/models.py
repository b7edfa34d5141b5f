"""The entries of the journal, what of them can be erased, what this site saw of other journals."""

from __future__ import annotations

from typing import Self

from django.db import models


class JournalEntryQuerySet(models.QuerySet["JournalEntry"]):
    """Questions that the auditor asks of the journal."""

    def of_action(self, action: str) -> Self:
        """Keep the entries of one action; an empty name keeps all."""
        return self.filter(action=action) if action else self

    def newest_first(self) -> Self:
        """Order from the last entry to the first."""
        return self.order_by("-sequence")


class JournalEntry(models.Model):
    """One fact, once written never changed: a trigger of the database refuses it.

    `token` is that of its draft. `body` is the canonical JSON that the tree commits to; the other
    columns repeat parts of it for searching. `frontier` holds the complete subtrees after this
    entry, so that the next root costs a few hashes. `checkpoint` is empty but for the last entry of
    a group.
    """

    sequence = models.BigIntegerField(primary_key=True)
    token = models.UUIDField(unique=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=254)
    action = models.CharField(max_length=64, db_index=True)
    subject = models.CharField(max_length=200)
    digest = models.CharField(max_length=71, null=True, db_index=True)  # noqa: DJ001 - absent
    body = models.BinaryField()
    leaf = models.BinaryField()
    frontier = models.BinaryField()
    checkpoint = models.TextField(blank=True)

    objects = JournalEntryQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(sequence__gte=1), name="journal_from_one"),
        )

    def __str__(self) -> str:
        return f"{self.sequence} {self.action} {self.subject}"


class PendingEntry(models.Model):
    """A fact of an act that is done, before its number: `drafts` writes it, `sequencing` takes it.

    `line` is its canonical JSON but for the number; `seal` proves that this site wrote it.
    """

    token = models.UUIDField(unique=True)
    line = models.BinaryField()
    seal = models.BinaryField()

    def __str__(self) -> str:
        return str(self.token)


class WitnessedCheckpoint(models.Model):
    """What another side said its journal was: kept so that it cannot tell another story later."""

    origin = models.CharField(max_length=120)
    size = models.BigIntegerField()
    root = models.CharField(max_length=64)
    key_id = models.CharField(max_length=80)
    note = models.TextField()
    witnessed_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("origin", "size", "root"), name="checkpoint_once"),
        )

    def __str__(self) -> str:
        return f"{self.origin} {self.size}"


class PersonalField(models.Model):
    """A personal value to which an entry commits. Deleting the row erases it; the tree stays."""

    commitment = models.CharField(max_length=64, primary_key=True)
    name = models.CharField(max_length=64)
    value = models.TextField()
    salt = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.name} {self.commitment[:12]}"
