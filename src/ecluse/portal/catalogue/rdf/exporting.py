"""Descriptions written as a graph, in the words of a profile."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import pyoxigraph
from pyoxigraph import RdfFormat
from rdflib import RDF, BNode, Graph, Literal, URIRef
from rdflib.term import Node as Term

from ecluse.domain.metadata import Node, Text
from ecluse.portal.catalogue.rdf.importing import BOOLEAN, NON_NEGATIVE, XSD
from ecluse.portal.catalogue.rdf.profiles import Member, Profile
from ecluse.portal.catalogue.rdf.reading import FORMATS

N_TRIPLES: Final = "application/n-triples"


def export_graph(described: Iterable[Node], profile: Profile) -> Graph:
    """Return the graph of datasets and series, each under its address."""
    graph = empty_graph(profile)
    for one in described:
        _write(graph, one, type(one).__name__, profile)
    return graph


def empty_graph(profile: Profile) -> Graph:
    """Return a graph without triples that knows the prefixes of a profile."""
    graph = Graph(bind_namespaces="none")
    for prefix, namespace in profile.prefixes.items():
        graph.bind(prefix, namespace)
    return graph


def serialise(graph: Graph, media_type: str) -> bytes:
    """Return a graph in a format that is read, by its media type."""
    triples = graph.serialize(format="nt", encoding="utf-8")
    return converted([triples], media_type, prefixes=dict(graph.namespaces()))


def converted(parts: Iterable[bytes], media_type: str, *, prefixes: Mapping[str, str]) -> bytes:
    """Return N-Triples in another format.

    Names of things without address are unique wherever they are written, so parts stay apart.
    """
    if media_type == N_TRIPLES:
        return b"\n".join(parts)
    quads = pyoxigraph.parse(b"\n".join(parts), format=RdfFormat.N_TRIPLES)
    written = pyoxigraph.serialize(
        (quad.triple for quad in quads), format=FORMATS[media_type], prefixes=dict(prefixes)
    )
    assert written is not None  # noqa: S101 - bytes, unless a file is named
    return written


def _write(
    graph: Graph, value: Node, class_: str, profile: Profile, *, implied: URIRef | None = None
) -> Term:
    shape = profile.classes[class_]
    subject = URIRef(value.address) if value.address else BNode()
    for type_ in (*map(URIRef, value.types),) or (implied or shape.class_,):
        if type_:
            graph.add((subject, RDF.type, type_))
    for member in shape.members:
        given = getattr(value, member.name)
        for one in given if isinstance(given, tuple) else (given,):
            if one is not None:
                graph.add((subject, member.predicate, _term(graph, one, member, profile)))
    return subject


def _term(graph: Graph, value: Any, member: Member, profile: Profile) -> Term:
    if isinstance(value, Node):
        return _write(graph, value, member.kind, profile, implied=member.class_)
    if isinstance(value, Text):
        return _literal(value)
    if isinstance(value, bool):
        return Literal("true" if value else "false", datatype=BOOLEAN)
    if isinstance(value, int):
        return Literal(str(value), datatype=NON_NEGATIVE)
    return URIRef(value)


def _literal(text: Text) -> Literal:
    if text.language:
        return Literal(text.words, lang=text.language)
    if not text.kind:
        return Literal(text.words)
    kind = text.kind if ":" in text.kind else XSD + text.kind
    return Literal(text.words, datatype=URIRef(kind), normalize=False)
