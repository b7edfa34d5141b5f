"""A dataset as everybody may read it: one plain value behind the page and its JSON."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils import translation

from ecluse.domain.codec import JSON, format_instant
from ecluse.domain.documents import SnapshotNotice, TableDescription
from ecluse.domain.metadata import Table, Text, words_in
from ecluse.domain.parameters import MINIMUM_COUNT
from ecluse.portal.catalogue.models import Dataset, Resource, Snapshot


@dataclass(frozen=True)
class DatasetText:
    """The words of a dataset in the language of the page, French where English is missing."""

    title: str
    summary: str
    coverage: str
    conditions: str


def text_of(dataset: Dataset) -> DatasetText:
    """Return the words of a dataset in the language of the page."""
    language = _language()
    names = ("title", "summary", "coverage", "conditions")
    return DatasetText(
        *(
            str(getattr(dataset, f"{name}_{language}") or getattr(dataset, f"{name}_fr"))
            for name in names
        )
    )


@dataclass(frozen=True, slots=True)
class ResourceText:
    """The words of a series or a service in the language of the page."""

    title: str
    summary: str


def text_of_resource(resource: Resource) -> ResourceText:
    """Return the words of a series or a service, French where English is missing."""
    is_english = _language() == "en"
    title = (is_english and resource.title_en) or resource.title_fr
    return ResourceText(title, (is_english and resource.summary_en) or resource.summary_fr)


@dataclass(frozen=True, slots=True)
class FullText:
    """What is said beyond the short description, in the language of the page; empty if nothing."""

    keywords: str
    legal_bases: str
    purposes: str
    provenance: str
    holders: str
    publishers: str
    access_bodies: str
    person_count: int | None
    record_count: int | None
    use_terms: str
    address: str
    is_of_trusted_holder: bool
    variable_count: int
    tables: tuple[tuple[str, str, int], ...]
    """Each table: its name, what it holds, and how many variables it has."""


def in_words(dataset: Dataset) -> FullText:
    """Return what is said of a dataset beyond its short description."""
    said, language = dataset.record.description(), _language()

    def words(values: Iterable[Any], *names: str) -> str:
        found = (words_in(getattr(one, name), language) for one in values for name in names)
        return ", ".join(dict.fromkeys(text for text in found if text))

    keywords = [one.words for one in said.keywords if one.language in ("", language)]
    return FullText(
        keywords=", ".join(keywords or [one.words for one in said.keywords]),
        legal_bases=words(said.legal_bases, "labels", "descriptions"),
        purposes=words(said.purposes, "labels", "descriptions"),
        provenance=words(said.provenance, "labels", "descriptions"),
        holders=words(said.holders, "names"),
        publishers=words(said.publishers, "names"),
        access_bodies=words(said.access_bodies, "names"),
        person_count=said.person_count,
        record_count=said.record_count,
        use_terms=", ".join(said.use_terms),
        address=said.address,
        is_of_trusted_holder=said.is_of_trusted_holder,
        variable_count=len(said.every_variable()),
        tables=tuple(
            _described(table, language) for group in said.variables for table in group.tables
        ),
    )


def _described(table: Table, language: str) -> tuple[str, str, int]:
    name, *others = table.titles or (Text(""),)
    return (name.words, words_in(tuple(others), language), len(table.variables))


def _language() -> str:
    return "en" if (translation.get_language() or "fr").startswith("en") else "fr"


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
