"""Series of datasets and services that give access to data: what a catalogue has beside datasets.

Each has our permanent address, as datasets have; the address of its source is kept beside, and what
names one by it (a dataset in a series, a service that serves a dataset) names ours when exported.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.urls import reverse

from ecluse.domain.metadata import (
    Concept,
    DataService,
    DatasetDescription,
    Identifier,
    Series,
    Text,
)
from ecluse.domain.metadata import words_in as words
from ecluse.domain.metadata.storing import to_json
from ecluse.portal.audit.actions import record
from ecluse.portal.catalogue import completing
from ecluse.portal.catalogue.models import Dataset, DescriptionRecord, Resource, Source
from ecluse.portal.catalogue.rdf import exporting
from ecluse.portal.catalogue.rdf.profiles import R8, profile

LINE: Final = 200
"""The longest title of a list, in characters; the description itself is never cut."""


@transaction.atomic
def publish(
    slug: str, value: Series | DataService, *, digest: str, by: str, now: datetime
) -> Resource:
    """Publish a series or a service, or replace it."""
    kind = Resource.Kind.SERIES if isinstance(value, Series) else Resource.Kind.SERVICE
    resource, _ = Resource.objects.update_or_create(
        slug=slug,
        defaults={
            "kind": kind,
            "title_fr": words(value.titles, "fr")[:LINE],
            "title_en": words(value.titles, "en")[:LINE],
            "summary_fr": words(value.descriptions, "fr"),
            "summary_en": words(value.descriptions, "en"),
            "content": to_json(value),
            "digest": digest,
            "changed_at": now,
            "withdrawn_at": None,
        },
    )
    record("resource.described", slug, by=by, at=now)
    return resource


@transaction.atomic
def withdraw(resource: Resource, *, by: str, now: datetime) -> None:
    """Take a series or a service out of the catalogue."""
    Resource.objects.filter(pk=resource.pk).update(withdrawn_at=now)
    record("resource.withdrawn", resource.slug, by=by, at=now)


def forget_rendered(source: Source) -> None:
    """Have the datasets of a source written anew: what they name has another address now."""
    DescriptionRecord.objects.filter(dataset__harvested__source=source).update(rendered=None)


def permanent_address(resource: Resource) -> str:
    """Return the address under which a series or a service is known for ever."""
    path = reverse("catalogue:resource", kwargs={"kind": resource.kind, "slug": resource.slug})
    return f"{settings.ECLUSE_URL}{path}"


def in_full(resource: Resource) -> Series | DataService:
    """Return all that is said of a series or a service, under its permanent address."""
    value = resource.value()
    others = value.other_identifiers
    if value.address:
        others = (*others, Identifier(notations=(Text(value.address, kind="anyURI"),)))
    ours = replace(value, address=permanent_address(resource), other_identifiers=others)
    known = _datasets_of(resource)
    if isinstance(ours, Series):
        return replace(ours, first=_named(ours.first, known), last=_named(ours.last, known))
    return replace(ours, serves=_named(ours.serves, known))


def rendered(resource: Resource, *, among: Collection[str] | None = None) -> bytes:
    """Return the RDF of a series or a service as N-Triples.

    It names no other datasets than `among`, addresses, where they are given: a part of the
    catalogue must describe all that it names.
    """
    value = in_full(resource)
    if among is not None and isinstance(value, Series):
        value = replace(value, first=_kept(value.first, among), last=_kept(value.last, among))
    elif among is not None and isinstance(value, DataService):
        value = replace(value, serves=_kept(value.serves, among))
    return exporting.serialise(exporting.export_graph([value], profile(R8)), exporting.N_TRIPLES)


def heads_of_series(dataset: Dataset) -> list[Series]:
    """Return the series of a dataset with what the standard asks of any: it names them.

    Nothing without address is in them: told by each of their datasets, they stay one.
    """
    return [
        Series(
            address=one.address,
            titles=one.titles,
            descriptions=one.descriptions,
            applicable_legislation=tuple(
                Concept(address=law.address) for law in one.applicable_legislation if law.address
            ),
        )
        for one in map(in_full, series_of(dataset))
        if isinstance(one, Series)
    ]


def exportable() -> list[Resource]:
    """Return the series and the services that other catalogues may take."""
    return [one for one in Resource.objects.shown() if is_exportable(one)]


def beside(datasets: Iterable[Dataset], *, is_first: bool) -> list[Resource]:
    """Return the series and services that stand with these datasets, a part of the catalogue.

    A service of none of our datasets stands in the first part; a series without any, in none.
    """
    here, found = {dataset.pk for dataset in datasets}, []
    for one in exportable():
        held = set(datasets_of(one).values_list("pk", flat=True))
        is_alone = not held and one.kind == Resource.Kind.SERVICE
        if held & here or (is_first and is_alone):
            found.append(one)
    return found


def is_exportable(resource: Resource) -> bool:
    """Whether other catalogues may take it: the standard asks a title, and more.

    A series needs a description and the law that applies, a service the address where it answers.
    Source: DCAT-AP 3.0.1, HealthDCAT-AP release 8.
    """
    value = resource.value()
    if isinstance(value, DataService):
        return bool(value.titles and value.endpoints)
    return bool(value.titles and value.descriptions and value.applicable_legislation)


def with_series(description: DatasetDescription, source: Source) -> DatasetDescription:
    """Return the description of a dataset of `source` that names series by our addresses."""
    named = (*description.series, *description.previous)
    if not named:
        return description
    ours = {
        resource.content.get("address", ""): permanent_address(resource)
        for resource in Resource.objects.shown().filter(harvested__source=source)
    }
    known = _addresses(Dataset.objects.described().filter(harvested__source=source))
    return replace(
        description,
        series=_named(description.series, ours),
        previous=_named(description.previous, known),
    )


def series_of(dataset: Dataset) -> QuerySet[Resource]:
    """Return the series that a dataset is a part of."""
    named = dataset.record.content.get("series", [])
    return _beside(dataset).filter(kind=Resource.Kind.SERIES, content__address__in=named)


def services_of(dataset: Dataset) -> QuerySet[Resource]:
    """Return the services that say they give access to a dataset."""
    address = dataset.record.content.get("address")
    found = _beside(dataset).filter(kind=Resource.Kind.SERVICE)
    return found.filter(content__serves__contains=[address]) if address else found.none()


def datasets_of(resource: Resource) -> QuerySet[Dataset]:
    """Return the datasets of a series, or those that a service gives access to."""
    own = Dataset.objects.described().filter(
        harvested__source__in=Source.objects.filter(records__resource=resource)
    )
    content = resource.content
    if resource.kind == Resource.Kind.SERVICE:
        return own.filter(record__content__address__in=content.get("serves", []))
    address = content.get("address")
    return own.filter(record__content__series__contains=[address]) if address else own.none()


def _beside(dataset: Dataset) -> QuerySet[Resource]:
    """Return what the source of a dataset has beside it; nothing for a dataset of the hub."""
    return Resource.objects.shown().filter(
        harvested__source__in=Source.objects.filter(records__dataset=dataset)
    )


def _datasets_of(resource: Resource) -> Mapping[str, str]:
    return _addresses(datasets_of(resource))


def _addresses(datasets: QuerySet[Dataset]) -> Mapping[str, str]:
    """Return our address of each dataset, by the address that its source gives it."""
    said = KeyTextTransform("address", "record__content")
    pairs = datasets.annotate(theirs=said).values_list("theirs", "slug")
    return {theirs: completing.permanent_address(slug) for theirs, slug in pairs if theirs}


def _kept(addresses: Iterable[str], among: Collection[str]) -> tuple[str, ...]:
    return tuple(address for address in addresses if address in among)


def _named(addresses: Iterable[str], known: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(known.get(address, address) for address in addresses)
