"""Bytes of others as a graph: bounded, no entity expanded, nothing fetched.

Parsed by Oxigraph, which opens no address; what made it or a reader fail was measured: entities of
RDF/XML multiply, JSON nested 10,000 deep and triple terms nested 100,000 deep end the process.
"""

import json
from collections.abc import Iterator
from typing import Final
from xml.parsers import expat

import pyoxigraph
from pyoxigraph import RdfFormat
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.term import Node as Term

from ecluse.domain.errors import InvalidInput, Malformed

MAXIMUM_BYTES: Final = 20_000_000
MAXIMUM_TRIPLES: Final = 1_000_000
MAXIMUM_DEPTH: Final = 64
MAXIMUM_TRIPLE_TERMS: Final = 100
XSD_STRING: Final = "http://www.w3.org/2001/XMLSchema#string"

FORMATS: Final = {
    "text/turtle": RdfFormat.TURTLE,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/rdf+xml": RdfFormat.RDF_XML,
    "application/ld+json": RdfFormat.JSON_LD,
}
"""By media type."""
SUFFIXES: Final = {
    ".ttl": "text/turtle",
    ".nt": "application/n-triples",
    ".rdf": "application/rdf+xml",
    ".xml": "application/rdf+xml",
    ".owl": "application/rdf+xml",
    ".jsonld": "application/ld+json",
    ".json": "application/ld+json",
}
"""The media type of a file, by the end of its name."""


def read_graph(data: bytes, media_type: str, *, base: str | None = None) -> Graph:
    """Return the triples of a document. `base` is the address that relative ones are taken from.

    Raises:
        InvalidInput: not a format that is read, or larger than what is read.
        Malformed: not a document of this format, or one that asks for entities or for the network.
    """
    format_ = FORMATS.get(media_type)
    if format_ is None:
        raise InvalidInput(f"{media_type!r} is not read: give {', '.join(FORMATS)}.")
    if len(data) > MAXIMUM_BYTES:
        raise InvalidInput(f"{len(data)} bytes; {MAXIMUM_BYTES} are read at most: cut it in pages.")
    _check(data, format_)
    graph = Graph()
    for number, triple in enumerate(_triples(data, format_, base), start=1):
        if number > MAXIMUM_TRIPLES:
            raise InvalidInput(f"Over {MAXIMUM_TRIPLES} triples: cut the document in pages.")
        graph.add(triple)
    return graph


def _check(data: bytes, format_: RdfFormat) -> None:
    if format_ == RdfFormat.RDF_XML:
        _check_xml(data)
    elif format_ == RdfFormat.JSON_LD:
        check_json(data)
    elif data.count(b"<<") > MAXIMUM_TRIPLE_TERMS:
        raise Malformed("The document nests triples in triples: write them one by one.")


def _check_xml(data: bytes) -> None:
    """Refuse a document type: it is what entities are declared in, whatever the encoding."""

    def refuse(*_: object) -> None:
        raise Malformed(
            "The document declares a document type or entities: write names and texts in full."
        )

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(data, True)  # noqa: FBT003 - expat takes it by position alone
    except (expat.ExpatError, ValueError) as error:
        raise Malformed(f"The document is not XML: {error}.") from None


def check_json(data: bytes) -> None:
    """Pass for JSON in UTF-8 that is not nested too deep. Raises Malformed."""
    try:
        value = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Malformed("The document is not JSON in UTF-8, or is nested too deep.") from None
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > MAXIMUM_DEPTH:
            raise Malformed(f"The document is nested over {MAXIMUM_DEPTH} deep: flatten it.")
        level = [inner for each in level for inner in _inside(each)]


def _inside(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _triples(
    data: bytes, format_: RdfFormat, base: str | None
) -> Iterator[tuple[Term, Term, Term]]:
    try:
        for quad in pyoxigraph.parse(data, format=format_, base_iri=base):
            if isinstance(quad.object, pyoxigraph.Triple):
                raise Malformed("The document has a triple in a triple: write them one by one.")
            yield _term(quad.subject), _term(quad.predicate), _term(quad.object)
    except (SyntaxError, ValueError, OSError) as error:
        raise Malformed(f"The document cannot be read: {error}.") from None


def _term(term: object) -> Term:
    if isinstance(term, pyoxigraph.NamedNode):
        return URIRef(term.value)
    if isinstance(term, pyoxigraph.BlankNode):
        return BNode(term.value)
    assert isinstance(term, pyoxigraph.Literal)  # noqa: S101 - a reader of RDF yields no other
    if term.language:
        return Literal(term.value, lang=term.language)
    if term.datatype.value == XSD_STRING:
        return Literal(term.value)
    return Literal(term.value, datatype=URIRef(term.datatype.value), normalize=False)
