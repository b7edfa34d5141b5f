"""Older descriptions in the words of HealthDCAT-AP release 8, and release 8 in those of the HDH.

What changes is counted, so that the holder reads it: nothing is invented, only said otherwise.
"""

import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from rdflib import RDF, BNode, Graph, Literal, Namespace, URIRef
from rdflib.term import Node as Term

from ecluse.portal.catalogue.rdf.importing import BOOLEAN, NON_NEGATIVE, XSD
from ecluse.portal.catalogue.rdf.profiles import R8, profile

CV: Final = Namespace("http://data.europa.eu/m8g/")
DCAT: Final = Namespace("http://www.w3.org/ns/dcat#")
DCT: Final = Namespace("http://purl.org/dc/terms/")
FOAF: Final = Namespace("http://xmlns.com/foaf/0.1/")
HEALTH: Final = Namespace("http://healthdataportal.eu/ns/health#")
SKOS: Final = Namespace("http://www.w3.org/2004/02/skos/core#")
VCARD: Final = Namespace("http://www.w3.org/2006/vcard/ns#")
ANY_URI: Final = URIRef(f"{XSD}anyURI")
MAIL: Final = "mailto:"
WEB: Final = ("http://", "https://", MAIL)
LEGACY_BASIS: Final = URIRef("http://www.w3.org/ns/dqv#hasLegalBasis")
NUMBERS: Final = frozenset(
    URIRef(f"{XSD}{name}")
    for name in ("integer", "int", "long", "decimal", "string", "positiveInteger")
)

Triple = tuple[Term, Term, Term]


def is_legacy(graph: Graph) -> bool:
    """Whether a graph is written in the shape of the Health Data Hub's catalogue.

    Its sign is a legal basis in the quality vocabulary: no release has it there.
    """
    return (None, LEGACY_BASIS, None) in graph


def upgrade(graph: Graph) -> tuple[Graph, Mapping[str, int]]:
    """Return the graph in the words of release 8, and how often each change was made."""
    changes: Counter[str] = Counter()
    new = _copy(graph)
    for step in STEPS:
        for name, old, triples in list(step(new)):
            if old is not None:
                new.remove(old)
            for triple in triples:
                new.add(triple)
            changes[name] += 1
    return new, dict(sorted(changes.items()))


def _copy(graph: Graph) -> Graph:
    new = Graph(bind_namespaces="none")
    for prefix, namespace in graph.namespaces():
        new.bind(prefix, namespace)
    for triple in graph:
        new.add(triple)
    return new


Change = tuple[str, Triple | None, list[Triple]]


def _renamed(graph: Graph) -> Iterator[Change]:
    """Properties and terms that are called otherwise."""
    given = _given()
    agents = set(_agents(graph))
    for subject, predicate, value in graph:
        words = given["agent_predicates"] if subject in agents else {}
        name = given["predicates"].get(str(predicate)) or words.get(str(predicate))
        term = _term(value, given)
        if name or term != value:
            new = (subject, URIRef(name) if name else predicate, term)
            yield (
                ("property-renamed" if name else "term-renamed"),
                (subject, predicate, value),
                [new],
            )


def _term(value: Term, given: dict[str, Any]) -> Term:
    if not isinstance(value, URIRef):
        return value
    if str(value) in given["terms"]:
        return URIRef(given["terms"][str(value)])
    for old, new in given["prefixes"].items():
        if value.startswith(old):
            return URIRef(new + value.removeprefix(old))
    return value


def _classed(graph: Graph) -> Iterator[Change]:
    """Classes that are a kind of another one: an organisation is an agent."""
    for narrow, wide in _given()["classes"].items():
        for subject in graph.subjects(RDF.type, URIRef(narrow)):
            if (subject, RDF.type, URIRef(wide)) not in graph:
                yield "class-added", None, [(subject, RDF.type, URIRef(wide))]


def _agents(graph: Graph) -> Iterator[Term]:
    for member in profile(R8).classes["DatasetDescription"].members:
        if member.kind == "Agent":
            yield from graph.objects(None, member.predicate)


def _reached(graph: Graph) -> Iterator[Change]:
    """Agents that say how to reach them in the words of FOAF or vCard get a contact point."""
    for agent in set(_agents(graph)):
        if isinstance(agent, Literal) or (agent, CV.contactPoint, None) in graph:
            continue
        point = BNode()
        said = list(_contact(graph, agent, point))
        if said:
            kind = (point, RDF.type, CV.ContactPoint)
            yield "contact-point-added", None, [(agent, CV.contactPoint, point), kind, *said]


def _contact(graph: Graph, agent: Term, point: BNode) -> Iterator[Triple]:
    cards = list(graph.objects(agent, DCAT.contactPoint))
    for where, predicate in ((agent, FOAF.mbox), *((card, VCARD.hasEmail) for card in cards)):
        for mail in graph.objects(where, predicate):
            yield point, CV.email, Literal(str(mail).removeprefix(MAIL))
    for where, predicate in ((agent, FOAF.homepage), *((card, VCARD.hasURL) for card in cards)):
        for page in graph.objects(where, predicate):
            if isinstance(page, URIRef):
                yield point, CV.contactPage, page


def _typed(graph: Graph) -> Iterator[Change]:
    """Values of another type than the property asks for, where they say the same."""
    for shape in profile(R8).classes.values():
        for member in shape.members:
            retype = RETYPED.get(member.kind)
            for subject, value in graph.subject_objects(member.predicate) if retype else ():
                new = retype(value) if isinstance(value, Literal) and retype else None
                if new is not None and new != value:
                    old = (subject, member.predicate, value)
                    yield "type-mended", old, [(subject, member.predicate, new)]


def _count(value: Literal) -> Term | None:
    kind = value.datatype
    words = str(value).strip().removesuffix(".0")
    is_number = kind is None or kind in NUMBERS or kind == NON_NEGATIVE
    if not is_number or not words.isascii() or not words.isdigit():
        return None
    return Literal(words.lstrip("0") or "0", datatype=NON_NEGATIVE)


def _truth(value: Literal) -> Term | None:
    words = {"true": "true", "1": "true", "false": "false", "0": "false"}.get(str(value).lower())
    return Literal(words, datatype=BOOLEAN) if words else None


def _address(value: Literal) -> Term | None:
    return as_address(str(value))


def as_address(words: str) -> URIRef | None:
    """Return words that are the address of a page or a mailbox as an IRI; None if they are not."""
    words = words.strip()
    if "@" in words and ":" not in words and " " not in words:
        words = MAIL + words
    is_address = words.startswith(WEB) and not any(sign in words for sign in ' <>"{}|\\^`')
    return URIRef(words) if is_address and words.isprintable() else None


RETYPED: Final[Mapping[str, Callable[[Literal], Term | None]]] = {
    "integer": _count,
    "boolean": _truth,
    "iri": _address,
}


def _coded(graph: Graph) -> Iterator[Change]:
    """Code values that were concepts are literals: the identifier, else the notation."""
    for subject, value in graph.subject_objects(HEALTH.hasCodeValues):
        words = graph.value(value, DCT.identifier) or graph.value(value, SKOS.notation)
        if isinstance(value, BNode) and words is not None:
            old = (subject, HEALTH.hasCodeValues, value)
            yield "code-value-mended", old, [(subject, HEALTH.hasCodeValues, Literal(str(words)))]
            for triple in list(graph.triples((value, None, None))):
                yield "code-value-mended", triple, []


def _structured(graph: Graph) -> Iterator[Change]:
    """A dataset that lists variables is structured."""
    for dataset in set(graph.subjects(HEALTH.hasVariables)):
        if (dataset, HEALTH.hasStructuredData, None) not in graph:
            truth = Literal("true", datatype=BOOLEAN)
            yield "structured-said", None, [(dataset, HEALTH.hasStructuredData, truth)]


STEPS: Final = (_renamed, _classed, _reached, _typed, _coded, _structured)


def to_legacy(graph: Graph) -> Graph:
    """Return a graph of release 8 with what the HDH catalogue asks for: mail and page of agents."""
    new = _copy(graph)
    for agent, point in graph.subject_objects(CV.contactPoint):
        for mail in graph.objects(point, CV.email):
            if (agent, FOAF.mbox, None) not in new:
                new.add((agent, FOAF.mbox, URIRef(f"{MAIL}{mail}")))
        for page in graph.objects(point, CV.contactPage):
            if (agent, FOAF.homepage, None) not in new:
                new.add((agent, FOAF.homepage, page))
    for subject in graph.subjects(RDF.type, DCAT.Dataset):
        for value in graph.objects(subject, DCT.identifier):
            new.remove((subject, DCT.identifier, value))
            new.add((subject, DCT.identifier, Literal(str(value), datatype=ANY_URI)))
    return new


@cache
def _given() -> dict[str, Any]:
    file = files("ecluse") / "schemas" / "upgrades" / "to-r8.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))
