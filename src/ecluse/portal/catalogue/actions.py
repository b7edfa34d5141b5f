"""Describe datasets, and take in the snapshots that the secure zone announces."""

from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction

from ecluse.domain.documents import SnapshotNotice
from ecluse.domain.errors import InvalidInput, OutOfScope
from ecluse.portal.audit.actions import record
from ecluse.portal.catalogue.models import Dataset, Snapshot
from ecluse.trust.documents import Verified

CATEGORIES = frozenset("abcdefghijklmnopq")
"""The letters of EHDS art. 51(1)."""


@dataclass(frozen=True, kw_only=True)
class Description:
    """What a data holder says of a dataset, in both languages (EHDS art. 60(3), 77)."""

    title_fr: str
    title_en: str
    summary_fr: str
    summary_en: str
    holder: str
    category: str
    coverage_fr: str
    coverage_en: str
    conditions_fr: str
    conditions_en: str


@transaction.atomic
def describe(slug: str, description: Description, *, by: str, now: datetime) -> Dataset:
    """Publish the description of a dataset, or replace it. Raises InvalidInput.

    Source: EHDS art. 51(1) (categories), 60(3), 77.
    """
    _check(slug, description)
    dataset, _ = Dataset.objects.update_or_create(
        slug=slug, defaults={**asdict(description), "described_at": now}
    )
    record("dataset.described", slug, by=by, at=now)
    return dataset


def _check(slug: str, description: Description) -> None:
    empty = sorted(name for name, text in asdict(description).items() if not text.strip())
    if empty:
        raise InvalidInput(f"The description of {slug} lacks {', '.join(empty)}.")
    if description.category not in CATEGORIES:
        raise InvalidInput(
            f"{description.category!r} is not a category of EHDS art. 51(1): use a letter a to q."
        )


@transaction.atomic
def receive_snapshot(verified: Verified, *, now: datetime) -> Snapshot:
    """Keep a snapshot announced by the secure zone; its dataset shows once it is described.

    Raises:
        OutOfScope: not a snapshot notice, or another notice of the same snapshot.
    """
    notice = verified.document.body
    if not isinstance(notice, SnapshotNotice):
        raise OutOfScope(f"A {verified.document.kind} announces no snapshot.")
    dataset, _ = Dataset.objects.get_or_create(slug=notice.dataset)
    if dataset.snapshots.filter(identifier=notice.snapshot).exists():
        raise OutOfScope(
            f"Snapshot {notice.snapshot} of {notice.dataset} was announced before: load again to "
            "announce a new one."
        )
    return dataset.snapshots.create(
        identifier=notice.snapshot,
        model=notice.model,
        loaded_at=notice.loaded_at,
        received_at=now,
        digest=verified.digest,
        data=verified.data,
    )
