"""What a document of a source says, description by description, and what it does not say well."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from rdflib import Graph, Namespace, URIRef

from ecluse.domain.metadata import DatasetDescription
from ecluse.domain.metadata.storing import to_json
from ecluse.portal.catalogue.rdf.importing import import_graph, left_over
from ecluse.portal.catalogue.rdf.profiles import R8, profile
from ecluse.portal.catalogue.rdf.reading import read_graph
from ecluse.portal.catalogue.rdf.upgrades import upgrade

HYDRA: Final = Namespace("http://www.w3.org/ns/hydra/core#")
NEXT: Final = (HYDRA.next, HYDRA.nextPage)
NUL: Final = "\x00"
IDENTIFIER_LENGTH: Final = 500


@dataclass(frozen=True, slots=True)
class Found:
    """One description: what the source calls it, what it says, and the notes of its reading.

    `refusal` says why it cannot be kept; empty where it can. `changes` were made on the way in,
    `left` are properties that were not understood, with how many triples of each.
    """

    identifiers: tuple[str, ...]
    description: DatasetDescription
    refusal: str = ""
    changes: Mapping[str, int] = field(default_factory=dict)
    left: Mapping[str, int] = field(default_factory=dict)


def in_document(data: bytes, media_type: str, *, base: str | None = None) -> tuple[Found, ...]:
    """Return the descriptions of an RDF document. Raises Malformed, InvalidInput."""
    return in_graph(read_graph(data, media_type, base=base))


def in_graph(graph: Graph) -> tuple[Found, ...]:
    """Return the descriptions of a graph, upgraded to the present release."""
    rules = profile(R8)
    new, changes = upgrade(graph)
    read = import_graph(new, rules)
    return tuple(
        judged(one, changes=changes, left=left_over(left, rules))
        for one, left in zip(read.datasets, read.left_of, strict=True)
    )


def judged(
    description: DatasetDescription,
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


def _refusal(description: DatasetDescription, identifiers: tuple[str, ...]) -> str:
    if not identifiers:
        return "It has no dct:identifier and no address: give it an identifier."
    if any(len(one) > IDENTIFIER_LENGTH for one in identifiers):
        return f"Its identifier is over {IDENTIFIER_LENGTH} characters: shorten it."
    if not any(title.words.strip() for title in description.titles):
        return "It has no dct:title: give it a title."
    if NUL in _words(to_json(description)):
        return "A text of it holds a NUL character: take it out."
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
