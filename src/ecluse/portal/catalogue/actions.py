"""Describe datasets, judge descriptions, and take in the snapshots of the secure zone."""

import gzip
import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from rdflib import Graph

from ecluse.domain.documents import SnapshotNotice
from ecluse.domain.errors import InvalidInput, OutOfScope, SetupIncomplete
from ecluse.domain.metadata import (
    Agent,
    Concept,
    DatasetDescription,
    Node,
    Statement,
    Text,
    words_in,
)
from ecluse.domain.metadata.storing import to_json
from ecluse.portal.audit.actions import record
from ecluse.portal.catalogue import completing, quality_labels, resources
from ecluse.portal.catalogue.lists import CODES, HEALTH_CATEGORIES, LETTERS, letter_of
from ecluse.portal.catalogue.models import Dataset, DescriptionRecord, Snapshot
from ecluse.portal.catalogue.rdf import exporting, validation
from ecluse.portal.catalogue.rdf.profiles import LEGACY, R8, Profile, profile
from ecluse.portal.catalogue.rdf.upgrades import to_legacy
from ecluse.trust.documents import Verified

UNJUDGED: dict[str, Any] = {
    "conforms": None,
    "findings": [],
    "judged_at": None,
    "rendered": None,
    "indexed_at": None,
    "verdicts": {},
}
"""What is known of a description that has just changed: nothing yet."""

LINE = 200
"""The longest text of a line of the list, in characters; the description itself is never cut."""


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
    """Publish the short description of a dataset, or replace it. Raises InvalidInput.

    Source: EHDS art. 51(1) (categories), 60(3), 77.
    """
    _check(slug, description)
    dataset, _ = Dataset.objects.update_or_create(
        slug=slug, defaults={**asdict(description), "described_at": now, "withdrawn_at": None}
    )
    _keep(dataset, _in_full(description), now=now)
    record("dataset.described", slug, by=by, at=now)
    return dataset


@transaction.atomic
def publish(slug: str, description: DatasetDescription, *, by: str, now: datetime) -> Dataset:
    """Publish the full description of a dataset, or replace it. Raises InvalidInput."""
    if not description.titles:
        raise InvalidInput(f"The description of {slug} has no title: give it one.")
    dataset, _ = Dataset.objects.update_or_create(
        slug=slug, defaults={**_lines(description), "described_at": now, "withdrawn_at": None}
    )
    _keep(dataset, description, now=now)
    record("dataset.described", slug, by=by, at=now)
    return dataset


@transaction.atomic
def withdraw(dataset: Dataset, *, by: str, now: datetime) -> None:
    """Take a dataset out of the catalogue; what was asked and permitted on it stays."""
    Dataset.objects.filter(pk=dataset.pk).update(withdrawn_at=now)
    record("dataset.withdrawn", dataset.slug, by=by, at=now)


def judge(held: DescriptionRecord, *, now: datetime) -> validation.Verdict:
    """Ask the shapes of the standard about a description, and keep what they say.

    One whose source writes in the shape of the Health Data Hub is judged by that shape too.

    Raises:
        SetupIncomplete: the site has no shapes, see ECLUSE_SHAPES.
    """
    verdict = _judged(graph_of(held), profile(R8))
    own = _in_own_words(held)
    DescriptionRecord.objects.filter(pk=held.pk, digest=held.digest).update(
        conforms=verdict.obeys,
        level=verdict.level,
        findings=[asdict(finding) for finding in verdict.findings],
        verdicts={one.profile: _kept(one) for one in own},
        judged_at=now,
    )
    return verdict


def _judged(graph: Graph, rules: Profile) -> validation.Verdict:
    level = validation.level_of(graph, rules)
    return validation.validate(graph, rules, level=level, folder=Path(settings.ECLUSE_SHAPES))


def _in_own_words(held: DescriptionRecord) -> list[validation.Verdict]:
    """Return the verdict under the profile that its source writes in, if its rules are here."""
    harvested = getattr(held.dataset, "harvested", None)
    if harvested is None or harvested.report.get("profile") != LEGACY:
        return []
    try:
        return [_judged(legacy_graph_of(held), profile(LEGACY))]
    except SetupIncomplete:
        return []


def _kept(verdict: validation.Verdict) -> dict[str, Any]:
    findings = [asdict(finding) for finding in verdict.findings]
    return {"conforms": verdict.obeys, "findings": findings}


def legacy_graph_of(held: DescriptionRecord) -> Graph:
    """Return the RDF of a dataset in the shape of the Health Data Hub's catalogue."""
    return to_legacy(exporting.export_graph([in_full(held.dataset)], profile(LEGACY)))


def graph_of(held: DescriptionRecord) -> Graph:
    """Return the RDF of a dataset in full, with the words of its series."""
    series = resources.heads_of_series(held.dataset)
    return exporting.export_graph([in_full(held.dataset), *series], profile(R8))


def rendered(held: DescriptionRecord) -> bytes:
    """Return the RDF of a dataset in full as N-Triples, made once and kept."""
    if held.rendered is not None:
        return gzip.decompress(bytes(held.rendered))
    data = exporting.serialise(graph_of(held), "application/n-triples")
    packed = gzip.compress(data, compresslevel=6, mtime=0)
    DescriptionRecord.objects.filter(pk=held.pk, digest=held.digest).update(rendered=packed)
    return data


def in_full(dataset: Dataset) -> DatasetDescription:
    """Return all that is said of a dataset, under its permanent address.

    The hub adds what it knows to the datasets that it describes itself, nothing to those of others,
    whose own address stays as another identifier.
    """
    description = quality_labels.with_label(dataset.record.description(), dataset)
    if hasattr(dataset, "harvested"):
        named = resources.with_series(description, dataset.harvested.source)
        return completing.renamed(named, slug=dataset.slug)
    snapshot = dataset.latest_snapshot()
    notice = snapshot.notice() if snapshot else None
    return completing.complete(description, slug=dataset.slug, notice=notice)


def _keep(dataset: Dataset, description: DatasetDescription, *, now: datetime) -> None:
    """Keep the description; what was judged of another one is forgotten."""
    content = to_json(description)
    digest = digest_of(description)
    held = DescriptionRecord.objects.filter(dataset=dataset).first()
    if held is not None and held.digest == digest:
        return
    values = {"content": content, "digest": digest, "changed_at": now, "level": ""}
    DescriptionRecord.objects.update_or_create(dataset=dataset, defaults={**values, **UNJUDGED})


def digest_of(description: Node) -> str:
    """Return the digest of what is said: the same for the same words, whenever they are read."""
    text = json.dumps(to_json(description), sort_keys=True, ensure_ascii=False)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _in_full(short: Description) -> DatasetDescription:
    contact_points = completing.access_body().contact_points
    holder = Agent(names=(Text(short.holder, "fr"),), contact_points=contact_points)
    conditions = completing.both(short.conditions_fr, short.conditions_en)
    category = f"{HEALTH_CATEGORIES}{CODES[short.category]}"
    return DatasetDescription(
        titles=completing.both(short.title_fr, short.title_en),
        descriptions=completing.both(short.summary_fr, short.summary_en),
        population_coverage=completing.both(short.coverage_fr, short.coverage_en),
        health_categories=(Concept(address=category),),
        legal_bases=(Statement(descriptions=conditions),),
        holders=(holder,),
    )


def _lines(description: DatasetDescription) -> dict[str, str]:
    """Return what lists and searches read of a description."""
    holders = (*description.holders, *description.publishers)
    titles, summaries = description.titles, description.descriptions
    coverage = description.population_coverage
    return {
        "title_fr": words_in(titles, "fr")[:LINE],
        "title_en": words_in(titles, "en")[:LINE],
        "summary_fr": words_in(summaries, "fr"),
        "summary_en": words_in(summaries, "en"),
        "holder": words_in(holders[0].names, "fr")[:LINE] if holders else "",
        "category": letter_of(description.category_codes),
        "coverage_fr": words_in(coverage, "fr")[:LINE],
        "coverage_en": words_in(coverage, "en")[:LINE],
    }


def _check(slug: str, description: Description) -> None:
    empty = sorted(name for name, text in asdict(description).items() if not text.strip())
    if empty:
        raise InvalidInput(f"The description of {slug} lacks {', '.join(empty)}.")
    if len(description.category) != 1 or description.category not in LETTERS:
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
    DescriptionRecord.objects.filter(dataset=dataset).update(**UNJUDGED)
    return dataset.snapshots.create(
        identifier=notice.snapshot,
        model=notice.model,
        loaded_at=notice.loaded_at,
        received_at=now,
        digest=verified.digest,
        data=verified.data,
    )
