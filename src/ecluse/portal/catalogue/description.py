"""A dataset as everybody may read it: one plain value behind the page and its JSON."""

from dataclasses import dataclass

from django.utils import translation

from ecluse.domain.codec import JSON, format_instant
from ecluse.domain.documents import SnapshotNotice, TableDescription
from ecluse.domain.parameters import MINIMUM_COUNT
from ecluse.portal.catalogue.models import Dataset, Snapshot


@dataclass(frozen=True)
class DatasetText:
    """The words of a dataset in the language of the page, French where English is missing."""

    title: str
    summary: str
    coverage: str
    conditions: str


def text_of(dataset: Dataset) -> DatasetText:
    """Return the words of a dataset in the language of the page."""
    language = "en" if (translation.get_language() or "fr").startswith("en") else "fr"
    names = ("title", "summary", "coverage", "conditions")
    return DatasetText(
        *(
            str(getattr(dataset, f"{name}_{language}") or getattr(dataset, f"{name}_fr"))
            for name in names
        )
    )


def shown_count(count: int) -> int | None:
    """Return the count, or None where it is under the threshold and must not be published."""
    return count if count >= MINIMUM_COUNT.value else None


def to_json(dataset: Dataset, snapshot: Snapshot | None) -> dict[str, JSON]:
    """Return the description for programs, counts under the threshold left out."""
    return {
        "slug": dataset.slug,
        "title": {"fr": dataset.title_fr, "en": dataset.title_en},
        "summary": {"fr": dataset.summary_fr, "en": dataset.summary_en},
        "holder": dataset.holder,
        "category": dataset.category,
        "coverage": {"fr": dataset.coverage_fr, "en": dataset.coverage_en},
        "conditions": {"fr": dataset.conditions_fr, "en": dataset.conditions_en},
        "snapshot": None if snapshot is None else _snapshot(snapshot, snapshot.notice()),
    }


def _snapshot(snapshot: Snapshot, notice: SnapshotNotice) -> dict[str, JSON]:
    return {
        "identifier": notice.snapshot,
        "digest": snapshot.digest,
        "model": notice.model,
        "loaded_at": format_instant(notice.loaded_at),
        "person_count": shown_count(notice.person_count),
        "care_from": notice.care_from.isoformat(),
        "care_to": notice.care_to.isoformat(),
        "tables": [_table(table) for table in notice.tables],
        "sources": [
            {"name": source.name, "code_system": source.code_system} for source in notice.sources
        ],
    }


def _table(table: TableDescription) -> dict[str, JSON]:
    return {
        "name": table.name,
        "title": {"fr": table.title_fr, "en": table.title_en},
        "row_count": shown_count(table.row_count),
        "columns": [
            {"name": column.name, "type": column.type, "role": column.role}
            for column in table.columns
        ],
    }
