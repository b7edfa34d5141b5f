"""Descriptions read from a graph, and the triples of it that no description holds."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from rdflib import RDF, BNode, Graph, Literal, URIRef
from rdflib.term import Node as Term

from ecluse.domain.metadata import DataService, DatasetDescription, Node, Series, Text
from ecluse.portal.catalogue.rdf.profiles import SIMPLE, Member, Profile, Shape

Triple = tuple[Term, Term, Term]
XSD: Final = "http://www.w3.org/2001/XMLSchema#"
NON_NEGATIVE: Final = URIRef(f"{XSD}nonNegativeInteger")
BOOLEAN: Final = URIRef(f"{XSD}boolean")
MAXIMUM_DIGITS: Final = 19
DCAT: Final = "http://www.w3.org/ns/dcat#"
ACCESS_SERVICE: Final = URIRef(f"{DCAT}accessService")
SERVICE: Final = URIRef(f"{DCAT}service")
"""By which a catalogue lists its services."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What a graph says of datasets, series and services, and which triples nothing holds."""

    datasets: tuple[DatasetDescription, ...]
    series: tuple[Series, ...]
    services: tuple[DataService, ...]
    left: Graph
    left_of: tuple[Graph, ...]
    """The triples said of each dataset, series and service, in this order, and not understood."""

    @property
    def described(self) -> tuple[DatasetDescription | Series | DataService, ...]:
        """All that is described, in the order of `left_of`."""
        return (*self.datasets, *self.series, *self.services)


def import_graph(graph: Graph, profile: Profile) -> Imported:
    """Return what a graph describes in the words of `profile`, each kind sorted by address.

    A service that only gives access to one distribution is a part of it, not one of the catalogue.
    """
    reader = _Reader(graph, profile)
    parts = set(graph.objects(None, ACCESS_SERVICE)) - set(graph.objects(None, SERVICE))
    subjects = [
        (one, name)
        for name in ("DatasetDescription", "Series", "DataService")
        for one in _sorted(graph.subjects(RDF.type, profile.classes[name].class_))
        if one not in parts
    ]
    read = [reader.read(one, name) for one, name in subjects]
    left = Graph(bind_namespaces="none")
    for triple in graph:
        if triple not in reader.understood:
            left.add(triple)
    return Imported(
        datasets=tuple(one for one in read if isinstance(one, DatasetDescription)),
        series=tuple(one for one in read if isinstance(one, Series)),
        services=tuple(one for one in read if isinstance(one, DataService)),
        left=left,
        left_of=tuple(_reached(left, one, graph) for one, _ in subjects),
    )


def left_over(left: Graph, profile: Profile) -> dict[str, int]:
    """Return how many triples of each predicate were not understood, by its short name."""
    counted = Counter(profile.short(str(predicate)) for predicate in left.predicates())
    return dict(sorted(counted.items()))


def _sorted(terms: Iterator[Term]) -> list[Term]:
    return sorted(set(terms), key=lambda term: (isinstance(term, BNode), str(term)))


def _reached(left: Graph, start: Term, graph: Graph) -> Graph:
    """Return the triples left that are said of `start`, or of nodes without address under it."""
    found, seen, todo = Graph(bind_namespaces="none"), {start}, [start]
    while todo:
        subject = todo.pop()
        for triple in left.triples((subject, None, None)):
            found.add(triple)
        for value in graph.objects(subject):
            if isinstance(value, BNode) and value not in seen:
                seen.add(value)
                todo.append(value)
    return found


class _Reader:
    """Reads nodes as values, and notes every triple that a value holds."""

    def __init__(self, graph: Graph, profile: Profile) -> None:
        self.graph = graph
        self.profile = profile
        self.understood: set[Triple] = set()
        self._classes: dict[Term, URIRef | None] = {
            member.predicate: member.class_ or profile.classes[member.kind].class_
            for shape in profile.classes.values()
            for member in shape.members
            if member.kind not in SIMPLE
        }

    def read(
        self,
        subject: Term,
        class_: str,
        *,
        implied: URIRef | None = None,
        above: tuple[Term, ...] = (),
    ) -> Node:
        """Return the value of a node. `implied` is the class that its place says, if it has one."""
        shape = self.profile.classes[class_]
        members: dict[str, Any] = {"types": self._types(subject, implied or shape.class_)}
        if isinstance(subject, URIRef):
            members["address"] = str(subject)
        for member in shape.members:
            found = self._values(subject, member, (*above, subject), shape)
            if found:
                members[member.name] = found[0] if member.name in shape.single else found
        return shape.value(**members)

    def _types(self, subject: Term, implied: URIRef | None) -> tuple[str, ...]:
        """Return the classes said of a node; none where the places it stands in say as much."""
        types = set(self.graph.objects(subject, RDF.type))
        self.understood.update((subject, RDF.type, type_) for type_ in types)
        places = {self._classes.get(place) for place in self.graph.predicates(None, subject)}
        if types <= {implied, *places}:
            return ()
        return tuple(sorted(str(type_) for type_ in types if isinstance(type_, URIRef)))

    def _values(
        self, subject: Term, member: Member, above: tuple[Term, ...], shape: Shape
    ) -> tuple[Any, ...]:
        found: list[Any] = []
        for value in sorted(self.graph.objects(subject, member.predicate), key=str):
            if found and member.name in shape.single:
                break
            read = self._value(value, member, above)
            if read is not None:
                self.understood.add((subject, member.predicate, value))
                found.append(read)
        # Nodes without address have no order of their own: the same document, read twice, must say
        # the same thing.
        return tuple(sorted(found, key=repr))

    def _value(self, value: Term, member: Member, above: tuple[Term, ...]) -> Any:
        if member.kind in SIMPLE:
            return READERS[member.kind](value)
        if isinstance(value, Literal) or value in above:
            return None
        return self.read(value, member.kind, implied=member.class_, above=above)


def _text(value: Term) -> Text | None:
    if not isinstance(value, Literal):
        return None
    kind = str(value.datatype or "")
    return Text(str(value), value.language or "", kind.removeprefix(XSD))


def _integer(value: Term) -> int | None:
    if not isinstance(value, Literal) or value.datatype != NON_NEGATIVE:
        return None
    words = str(value)
    is_plain = words.isascii() and words.isdigit() and len(words) < MAXIMUM_DIGITS
    number = int(words) if is_plain else None
    # `007` would be written back as `7`: another triple.
    return number if str(number) == words else None


def _boolean(value: Term) -> bool | None:
    if not isinstance(value, Literal) or value.datatype != BOOLEAN:
        return None
    return {"true": True, "false": False}.get(str(value))


def _iri(value: Term) -> str | None:
    return str(value) if isinstance(value, URIRef) else None


READERS: Final[Mapping[str, Callable[[Term], Any]]] = {
    "text": _text,
    "integer": _integer,
    "boolean": _boolean,
    "iri": _iri,
}
