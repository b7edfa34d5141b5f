"""Descriptions as CKAN gives them: packages of its API, with the fields of its DCAT extension.

Source: CKAN API `package_search`; field names of the HealthDCAT-AP schema of ckanext-dcat.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from rdflib import RDF, BNode, Graph, Literal, URIRef
from rdflib.term import Node as Term

from ecluse.domain.errors import Malformed
from ecluse.portal.catalogue.harvest.found import Found, in_graph
from ecluse.portal.catalogue.rdf.importing import XSD
from ecluse.portal.catalogue.rdf.profiles import R8, Member, Profile, Shape, profile
from ecluse.portal.catalogue.rdf.reading import MAXIMUM_BYTES, check_json
from ecluse.portal.catalogue.rdf.upgrades import as_address

PAGE: Final = 100
"""Packages asked for at once."""

DATASET: Final[Mapping[str, str]] = {
    "titles": "title",
    "descriptions": "notes",
    "identifiers": "identifier",
    "keywords": "tags",
    "access_rights": "access_rights",
    "analytics": "analytics",
    "applicable_legislation": "applicable_legislation",
    "code_values": "code_values",
    "coding_systems": "coding_system",
    "conforms_to": "conforms_to",
    "frequencies": "frequency",
    "health_categories": "health_category",
    "health_themes": "health_theme",
    "referenced_by": "is_referenced_by",
    "issued": "issued",
    "languages": "language",
    "legal_bases": "legal_basis",
    "maximum_age": "max_typical_age",
    "minimum_age": "min_typical_age",
    "modified": "modified",
    "record_count": "number_of_records",
    "person_count": "number_of_unique_individuals",
    "personal_data": "personal_data",
    "population_coverage": "population_coverage",
    "purposes": "purpose",
    "temporal_resolution": "temporal_resolution",
    "themes": "theme",
    "version_notes": "version_notes",
    "contact_points": "contact",
    "creators": "creator",
    "access_bodies": "hdab",
    "publishers": "publisher",
    "provenance": "provenance",
    "generated_by": "provenance_activity",
    "retention": "retention_period",
    "temporal": "temporal_coverage",
    "spatial": "spatial_uri",
    "quality_notes": "quality_annotation",
    "qualified_relations": "qualified_relation",
    "samples": "sample",
    "relations": "related_resource",
    "distributions": "resources",
}
PARTS: Final[Mapping[str, Mapping[str, str]]] = {
    "Distribution": {
        "titles": "name",
        "descriptions": "description",
        "access_urls": "access_url",
        "download_urls": "download_url",
        "applicable_legislation": "applicable_legislation",
        "formats": "format",
        "media_types": "mimetype",
        "licences": "license",
        "retention": "retention_period",
    },
    "Agent": {
        "names": "name",
        "mailboxes": "email",
        "homepages": "url",
        "identifiers": "identifier",
    },
    "Contact": {"names": "name", "emails": "email", "pages": "url"},
    "Period": {"start": "start", "end": "end"},
    "Statement": {"labels": "label"},
    "Activity": {
        "labels": "label",
        "kinds": "dct_type",
        "see_also": "seeAlso",
        "started": "startedAtTime",
    },
    "QualityNote": {"bodies": "body", "targets": "target", "motives": "motivated_by"},
    "Relation": {"others": "relation", "roles": "role"},
}
OWN: Final = frozenset(
    {
        *("id", "name", "uri", "type", "state", "private", "isopen", "extras", "num_resources"),
        *("num_tags", "metadata_created", "metadata_modified", "creator_user_id", "organization"),
    }
)
"""What CKAN says of its own record."""
DATES: Final = frozenset({"issued", "modified", "start", "end", "started"})
DAY: Final = len("2026-01-31")


def packages_in(data: bytes) -> tuple[list[dict[str, Any]], int | None]:
    """Return the packages of an answer of the API or of a file, and how many there are in all.

    Raises Malformed.
    """
    if len(data) > MAXIMUM_BYTES:
        raise Malformed(f"The answer is over {MAXIMUM_BYTES} bytes: ask for fewer packages.")
    check_json(data)
    value = json.loads(data)
    total = None
    if isinstance(value, dict) and isinstance(value.get("result"), dict):
        total, value = value["result"].get("count"), value["result"].get("results")
    packages = value if isinstance(value, list) else [value]
    if not all(isinstance(package, dict) for package in packages):
        raise Malformed("This is no list of CKAN packages: give the address of the CKAN site.")
    return packages, total if isinstance(total, int) else None


def in_packages(packages: list[dict[str, Any]]) -> tuple[Found, ...]:
    """Return the descriptions of packages, each written as RDF and read as any other.

    The fields that nothing of a description holds are told with those of RDF that are not.
    """
    return tuple(found for package in packages for found in _in_package(package))


def _in_package(package: dict[str, Any]) -> Iterator[Found]:
    graph, rules = Graph(bind_namespaces="none"), profile(R8)
    extras = package.get("extras")
    flat = {**package, **_extras(extras if isinstance(extras, list) else [])}
    flat["identifier"] = flat.get("identifier") or flat.get("id")
    _Writer(graph, rules).write(flat, rules.classes["DatasetDescription"], DATASET)
    known = {*DATASET.values(), *OWN}
    left = {f"ckan:{name}": 1 for name, value in flat.items() if value and name not in known}
    for found in in_graph(graph):
        yield replace(found, left={**found.left, **left})


def _extras(extras: list[Any]) -> dict[str, Any]:
    """Return the pairs kept aside; a list in them is written as JSON."""
    pairs = {}
    for one in extras:
        if isinstance(one, dict) and isinstance(one.get("key"), str):
            pairs[one["key"]] = _unwrapped(one.get("value"))
    return pairs


def _unwrapped(value: object) -> object:
    if not isinstance(value, str) or not value.startswith("["):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


class _Writer:
    """Writes the fields of a package as triples."""

    def __init__(self, graph: Graph, rules: Profile) -> None:
        self.graph = graph
        self.rules = rules

    def write(self, given: dict[str, Any], shape: Shape, names: Mapping[str, str]) -> Term:
        """Write one thing; return what it is called."""
        subject = as_address(str(given.get("uri") or "")) or BNode()
        if shape.class_:
            self.graph.add((subject, RDF.type, shape.class_))
        for member in shape.members:
            for value in _many(given.get(names.get(member.name, ""))):
                term = self._term(value, member)
                if term is not None:
                    self.graph.add((subject, member.predicate, term))
        return subject

    def _term(self, value: Any, member: Member) -> Term | None:
        if isinstance(value, dict) and "display_name" in value:
            value = value.get("name")
        if isinstance(value, dict):
            names = PARTS.get(member.kind)
            shape = self.rules.classes.get(member.kind)
            return self.write(value, shape, names) if names and shape else None
        if not isinstance(value, str | int | float):
            return None
        words = str(value)
        if member.kind in {"text", "integer", "boolean"}:
            return _literal(words, member)
        return as_address(words) or self._worded(words, member)

    def _worded(self, words: str, member: Member) -> Term | None:
        """Words where a thing is expected: a statement that says them."""
        if member.kind != "Statement":
            return None
        shape = self.rules.classes["Statement"]
        return self.write({"label": words}, shape, PARTS["Statement"])


def _many(value: Any) -> Iterator[Any]:
    for one in value if isinstance(value, list) else [value]:
        if one not in (None, "", {}):
            yield one


def _literal(words: str, member: Member) -> Literal:
    if member.name in DATES and words[:4].isdigit():
        kind = "date" if len(words) == DAY else "dateTime"
        return Literal(words, datatype=URIRef(XSD + kind), normalize=False)
    if member.name == "temporal_resolution":
        return Literal(words, datatype=URIRef(f"{XSD}duration"), normalize=False)
    return Literal(words)
