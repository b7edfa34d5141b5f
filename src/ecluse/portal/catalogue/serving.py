"""The catalogue for programs: DCAT in the formats of RDF, page by page, and an Atom feed."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from rdflib import RDF, SKOS, Graph, Literal, Namespace, URIRef

from ecluse.domain.errors import NotFound
from ecluse.domain.metadata import Node
from ecluse.portal.catalogue import actions, completing, description, resources
from ecluse.portal.catalogue.models import DescriptionRecord, Resource
from ecluse.portal.catalogue.rdf import exporting
from ecluse.portal.catalogue.rdf.profiles import LEGACY, R8, profile

DCAT: Final = Namespace("http://www.w3.org/ns/dcat#")
DCATAP: Final = Namespace("http://data.europa.eu/r5r/")
DCT: Final = Namespace("http://purl.org/dc/terms/")
HYDRA: Final = Namespace("http://www.w3.org/ns/hydra/core#")
PAGE_SIZE: Final = 50
FEED_LENGTH: Final = 50
HTML: Final = "text/html"
JSON: Final = "application/json"
SUFFIXES: Final = {
    "ttl": "text/turtle",
    "jsonld": "application/ld+json",
    "rdf": "application/rdf+xml",
    "nt": "application/n-triples",
}
"""The media type of each ending of an address."""
RDF_TYPES: Final = tuple(SUFFIXES.values())


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the catalogue in RDF: its number, and that of the last."""

    data: bytes
    number: int
    last: int


def preferred(request: HttpRequest, *more: str) -> str:
    """Return the media type that the asker likes best: HTML, a format of RDF, or one of `more`."""
    return request.get_preferred_type([HTML, *RDF_TYPES, *more]) or HTML


def format_of(suffix: str) -> str:
    """Return the media type that an ending asks for. Raises NotFound."""
    if suffix not in SUFFIXES:
        raise NotFound(f"Aucun format « {suffix} » : demandez {', '.join(SUFFIXES)}.")
    return SUFFIXES[suffix]


def catalogue_answer(request: HttpRequest, media_type: str) -> HttpResponse:
    """Answer with the page asked of the catalogue, in a format of RDF."""
    suffix = next(name for name, type_ in SUFFIXES.items() if type_ == media_type)
    part = catalogue_rdf(request.GET.get("page"), media_type, suffix=suffix)
    return HttpResponse(part.data, content_type=media_type)


def varying(response: HttpResponse) -> HttpResponse:
    """Say that the answer depends on the format asked for."""
    patch_vary_headers(response, ("Accept",))
    return response


def dataset_rdf(held: DescriptionRecord, media_type: str, *, profile_name: str = R8) -> bytes:
    """Return one dataset in a format of RDF, in the words of a profile.

    Raises NotFound: no such profile is given.
    """
    if profile_name == LEGACY:
        return exporting.serialise(actions.legacy_graph_of(held), media_type)
    if profile_name != R8:
        raise NotFound(f"Aucun profil « {profile_name} » : demandez {R8} ou {LEGACY}.")
    return _converted([actions.rendered(held)], media_type)


def resource_rdf(resource: Resource, media_type: str) -> bytes:
    """Return one series or service in a format of RDF."""
    return _converted([resources.rendered(resource)], media_type)


def has_shapes() -> bool:
    """Whether this site has the shapes of the standard, so that descriptions are judged."""
    folder = Path(settings.ECLUSE_SHAPES)
    return all((folder / name).is_file() for name in profile(R8).lists)


def catalogue_rdf(number: str | None, media_type: str, *, suffix: str) -> Part:
    """Return a page of the catalogue, with where the other pages are (Hydra).

    Series and services, which are few, stand on each page where one of their datasets does.
    """
    found = DescriptionRecord.objects.shown().exportable(is_judged=has_shapes())
    page = Paginator(found, PAGE_SIZE).get_page(number)
    datasets = [held.dataset for held in page.object_list]
    beside = resources.beside(datasets, is_first=not page.has_previous())
    own = _catalogue(page, suffix) + _listed(beside)
    among = {completing.permanent_address(dataset.slug) for dataset in datasets}
    parts = [exporting.serialise(own, exporting.N_TRIPLES)]
    parts += (actions.rendered(held) for held in page.object_list)
    parts += (resources.rendered(one, among=among) for one in beside)
    return Part(_converted(parts, media_type), page.number, page.paginator.num_pages)


def _listed(beside: Iterable[Resource]) -> Graph:
    """Return that the catalogue holds these series and services."""
    graph, catalogue = Graph(), URIRef(catalogue_address())
    for one in beside:
        lists = DCAT.service if one.kind == Resource.Kind.SERVICE else DCAT.resource
        graph.add((catalogue, lists, URIRef(resources.permanent_address(one))))
    return graph


def catalogue_address() -> str:
    """Return the permanent address of the catalogue."""
    return f"{settings.ECLUSE_URL}{reverse('search:search')}"


def _converted(triples: Iterable[bytes], media_type: str) -> bytes:
    return exporting.converted(triples, media_type, prefixes=profile(R8).prefixes)


def _catalogue(page: Page[DescriptionRecord], suffix: str) -> Graph:
    """Return what the catalogue says of itself, and the datasets of one page."""
    rules, catalogue = profile(R8), URIRef(catalogue_address())
    body: list[Node] = [completing.access_body(address=f"{catalogue}#body")]
    graph = exporting.empty_graph(rules) + exporting.export_graph(body, rules)
    words = (("Catalogue des données de santé", "fr"), ("Catalogue of health data", "en"))
    graph.add((catalogue, RDF.type, DCAT.Catalog))
    for text, language in words:
        graph.add((catalogue, DCT.title, Literal(text, lang=language)))
        graph.add((catalogue, DCT.description, Literal(text, lang=language)))
    graph.add((catalogue, DCT.publisher, URIRef(f"{catalogue}#body")))
    graph.add((catalogue, DCATAP.applicableLegislation, URIRef(completing.EHDS)))
    themes = URIRef(f"{completing.AUTHORITY}data-theme")
    graph.add((catalogue, DCAT.themeTaxonomy, themes))
    graph.add((themes, RDF.type, SKOS.ConceptScheme))
    graph.add((themes, DCT.title, Literal("Data theme", lang="en")))
    graph.add((catalogue, RDF.type, HYDRA.Collection))
    graph.add((catalogue, HYDRA.totalItems, Literal(page.paginator.count)))
    for held in page.object_list:
        address = URIRef(completing.permanent_address(held.dataset.slug))
        graph.add((catalogue, DCAT.dataset, address))
    _add_view(graph, catalogue, page, suffix)
    return graph


def _add_view(graph: Graph, catalogue: URIRef, page: Page[DescriptionRecord], suffix: str) -> None:
    """Say which page this is, and where the others are."""

    def at(number: int) -> URIRef:
        path = reverse("catalogue:catalogue_rdf", args=[suffix])
        return URIRef(f"{settings.ECLUSE_URL}{path}?page={number}")

    view = at(page.number)
    graph.add((catalogue, HYDRA.view, view))
    graph.add((view, RDF.type, HYDRA.PartialCollectionView))
    graph.add((view, HYDRA.first, at(1)))
    graph.add((view, HYDRA.last, at(page.paginator.num_pages)))
    if page.has_next():
        graph.add((view, HYDRA.next, at(page.next_page_number())))
    if page.has_previous():
        graph.add((view, HYDRA.previous, at(page.previous_page_number())))


def to_atom() -> str:
    """Return the descriptions that changed last, for a reader of feeds."""
    address = f"{settings.ECLUSE_URL}{reverse('catalogue:feed')}"
    feed = Atom1Feed(
        title=_("Catalogue"),
        link=catalogue_address(),
        description="",
        feed_url=address,
        language="fr",
    )
    changed = DescriptionRecord.objects.shown().defer("content", "findings", "rendered")
    for held in changed.order_by("-changed_at", "-pk")[:FEED_LENGTH]:
        words = description.text_of(held.dataset)
        page = completing.permanent_address(held.dataset.slug)
        feed.add_item(
            title=words.title,
            link=page,
            description=words.summary,
            unique_id=page,
            updateddate=held.changed_at,
        )
    return feed.writeString("utf-8")
