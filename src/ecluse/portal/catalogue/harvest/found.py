"""What a document of a source says, description by description, and what it does not say well."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from rdflib import Graph, Namespace, URIRef

from ecluse.domain.metadata import DataService, DatasetDescription, Series
from ecluse.domain.metadata.storing import to_json
from ecluse.portal.catalogue.models import HarvestRecord
from ecluse.portal.catalogue.rdf.importing import import_graph, left_over
from ecluse.portal.catalogue.rdf.profiles import LEGACY, R8, profile
from ecluse.portal.catalogue.rdf.reading import read_graph
from ecluse.portal.catalogue.rdf.upgrades import is_legacy, upgrade

HYDRA: Final = Namespace("http://www.w3.org/ns/hydra/core#")
NEXT: Final = (HYDRA.next, HYDRA.nextPage)
NUL: Final = "\x00"
IDENTIFIER_LENGTH: Final = 500
NO_IDENTIFIER: Final = "It has no dct:identifier and no address: give it an identifier."
LONG_IDENTIFIER: Final = f"Its identifier is over {IDENTIFIER_LENGTH} characters: shorten it."
NO_TITLE: Final = "It has no dct:title: give it a title."
NUL_CHARACTER: Final = "A text of it holds a NUL character: take it out."
Described = DatasetDescription | Series | DataService
KINDS: Final[Mapping[type, HarvestRecord.Kind]] = {
    DatasetDescription: HarvestRecord.Kind.DATASET,
    Series: HarvestRecord.Kind.SERIES,
    DataService: HarvestRecord.Kind.SERVICE,
}


@dataclass(frozen=True, slots=True)
class Found:
    """One description: what the source calls it, what it says, and the notes of its reading.

    `refusal` says why it cannot be kept; empty where it can. `changes` were made on the way in,
    `left` are properties that were not understood, with how many triples of each. `profile` is the
    profile that its source writes in, where it is another one than that of today.
    """

    identifiers: tuple[str, ...]
    description: Described
    refusal: str = ""
    changes: Mapping[str, int] = field(default_factory=dict)
    left: Mapping[str, int] = field(default_factory=dict)
    profile: str = ""

    @property
    def kind(self) -> HarvestRecord.Kind:
        """What is described: a dataset, a series, a service."""
        return KINDS[type(self.description)]


def in_document(data: bytes, media_type: str, *, base: str | None = None) -> tuple[Found, ...]:
    """Return the descriptions of an RDF document. Raises Malformed, InvalidInput."""
    return in_graph(read_graph(data, media_type, base=base))


def in_graph(graph: Graph) -> tuple[Found, ...]:
    """Return the descriptions of a graph, upgraded to the present release."""
    rules = profile(R8)
    new, changes = upgrade(graph)
    read = import_graph(new, rules)
    written_in = LEGACY if is_legacy(graph) else ""
    return tuple(
        replace(
            judged(one, changes=changes, left=left_over(left, rules)),
            profile=written_in if isinstance(one, DatasetDescription) else "",
        )
        for one, left in zip(read.described, read.left_of, strict=True)
    )


def judged(
    description: Described,
    *,
    changes: Mapping[str, int] | None = None,
    left: Mapping[str, int] | None = None,
) -> Found:
    """Return a description with what stands against keeping it."""
    said = sorted({one.words.strip() for one in description.identifiers} - {""})
    identifiers = tuple(said) or ((description.address,) if description.address else ())
    return Found(
        identifiers, description, _refusal(description, identifiers), changes or {}, left or {}
    )


def next_page(graph: Graph) -> str | None:
    """Return the address of the next page of a catalogue, as Hydra says it; None on the last."""
    for predicate in NEXT:
        for address in graph.objects(None, predicate):
            if isinstance(address, URIRef):
                return str(address)
    return None


def _refusal(description: Described, identifiers: tuple[str, ...]) -> str:
    if not identifiers:
        return NO_IDENTIFIER
    if any(len(one) > IDENTIFIER_LENGTH for one in identifiers):
        return LONG_IDENTIFIER
    if not any(title.words.strip() for title in description.titles):
        return NO_TITLE
    if NUL in _words(to_json(description)):
        return NUL_CHARACTER
    return ""


def _words(json: object) -> str:
    """Return every text of a description, one after the other."""
    if isinstance(json, str):
        return json
    inside: Iterable[object] = ()
    if isinstance(json, dict):
        inside = json.values()
    elif isinstance(json, list):
        inside = json
    return "\n".join(_words(one) for one in inside)
