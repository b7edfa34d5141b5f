"""Letters as issued: their words, their sealed files, their first opening; who asked to check."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from ecluse.portal.accounts.models import User
from ecluse.portal.cases.models import CaseRecord, Dispatch, Item

LANGUAGES = ("fr", "en")
"""French has effect; English is a courtesy."""
CODE_LENGTH = 26
"""128 bits in base 32."""


class IssuedLetterQuerySet(models.QuerySet["IssuedLetter"]):
    """Questions asked of letters; every page begins with `visible_to`."""

    def visible_to(self, user: User) -> Self:
        """Keep the letters of the files that `user` may read."""
        cases = CaseRecord.objects.visible_to(user).values("pk")
        return self.filter(dispatch__case__in=cases)


class IssuedLetter(models.Model):
    """A letter put in the person's space. Written once: a trigger refuses any change.

    `about` is the object whose state says what the letter is worth, `state_then` its state when the
    letter was issued. Anybody who holds `code` may ask whether the letter exists: it is looked up
    by its digest, so that the time of the answer tells nothing of a code that is nearly right.
    `twin` is the signed document that says the same to a machine: for a permit, the permit.
    """

    dispatch = models.OneToOneField(Dispatch, on_delete=models.PROTECT, related_name="issued")
    number = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=40)
    about = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="+")
    state_then = models.CharField(max_length=40)
    states_remedies = models.BooleanField()
    dated_on = models.DateField()
    issued_at = models.DateTimeField()
    code = models.CharField(max_length=CODE_LENGTH)
    code_digest = models.CharField(max_length=64, unique=True)
    twin = models.BinaryField()
    twin_digest = models.CharField(max_length=71)

    objects = IssuedLetterQuerySet.as_manager()

    def __str__(self) -> str:
        return self.number

    @property
    def case(self) -> CaseRecord:
        """The file that the letter is about."""
        return self.dispatch.case

    def first_opening(self) -> Opening | None:
        """When and by whom it was first opened; None as long as its addressee has not."""
        return Opening.objects.filter(letter=self).select_related("by").first()

    def file(self, language: str) -> LetterFile:
        """The sealed file in one language. Raises LetterFile.DoesNotExist."""
        return self.files.get(language=language)


class LetterFile(models.Model):
    """One language of a letter: its words as JSON, and the sealed PDF made of them."""

    letter = models.ForeignKey(IssuedLetter, on_delete=models.PROTECT, related_name="files")
    language = models.CharField(max_length=2)
    words = models.JSONField()
    pdf = models.BinaryField()
    digest = models.CharField(max_length=71)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("letter", "language"), name="letter_file_once"),
            models.CheckConstraint(
                name="letter_file_language", condition=Q(language__in=LANGUAGES)
            ),
        )

    def __str__(self) -> str:
        return f"{self.letter_id} {self.language}"


class Opening(models.Model):
    """The first time that its addressee opened a letter: once, for ever."""

    letter = models.OneToOneField(IssuedLetter, on_delete=models.PROTECT, related_name="opening")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.letter_id} {self.at:%Y-%m-%d}"


class CheckAsked(models.Model):
    """A check that somebody asked, by a keyed fingerprint of their address: for the limit alone."""

    fingerprint = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("fingerprint", "at"), name="check_asked_recently"),)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"
