"""A file that answers a form: what applications and data requests have alike."""

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.db import models

from ecluse.portal.cases.models import CaseRecord, Item
from ecluse.portal.catalogue.models import Dataset


class FormFile(models.Model):
    """A file of an applicant, pinned to the form version it began with.

    `answers` is what the applicant is writing; what was submitted is frozen beside it. Where the
    file stands, its clocks and who acted on it are those of its case.
    """

    number = models.CharField(max_length=24, unique=True)
    item = models.OneToOneField(Item, on_delete=models.PROTECT, related_name="+")
    form = models.CharField(max_length=60)
    form_version = models.PositiveSmallIntegerField()
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="+")
    answers = models.JSONField(default=dict)
    applicant = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    started_at = models.DateTimeField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.number

    @property
    def title(self) -> str:
        """The title that the applicant gave, or nothing yet."""
        return answer_text(self.answers, "title")

    @property
    def case(self) -> CaseRecord:
        """The file of which this is the first object."""
        return self.item.case

    @property
    def state(self) -> str:
        """Where the file stands: a state of the machine of its kind."""
        return self.item.state

    @property
    def submitted_at(self) -> datetime | None:
        """When it was first submitted, or None for a draft."""
        return self.case.filed_at


def answer_text(answers: object, field: str) -> str:
    """The answer to a text field, or the empty text for anything else."""
    value = answers.get(field) if isinstance(answers, Mapping) else None
    return value if isinstance(value, str) else ""
