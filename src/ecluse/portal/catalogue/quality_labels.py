"""The quality and utility label of a dataset that holds today (EHDS art. 78).

What knows it comes after the catalogue in the flow: the assembled site names it.
"""

from dataclasses import replace
from datetime import date
from typing import Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string

from ecluse.domain.metadata import DatasetDescription, QualityNote
from ecluse.portal.catalogue.models import Dataset


class Label(Protocol):
    """A label in force: its letter, its last day, where it is read and drawn, and its RDF."""

    @property
    def letter(self) -> str:
        """From A, the best, to E."""

    @property
    def expires_on(self) -> date:
        """Its last day."""

    @property
    def page(self) -> str:
        """Where it is read."""

    @property
    def picture(self) -> str:
        """Where it is drawn, as SVG."""

    @property
    def note(self) -> QualityNote:
        """What the RDF of the dataset says of it."""


def label_of(dataset: Dataset) -> Label | None:
    """Return the label of a dataset, if one holds."""
    return cast("Label | None", import_string(settings.ECLUSE_LABELS)(dataset))


def with_label(description: DatasetDescription, dataset: Dataset) -> DatasetDescription:
    """Return the description with a note of the label that holds."""
    label = label_of(dataset)
    if label is None:
        return description
    return replace(description, quality_notes=(*description.quality_notes, label.note))
