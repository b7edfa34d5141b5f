"""Every file of others is read, written and read again: nothing understood is lost."""

import pytest
from rdflib import Graph
from rdflib.compare import graph_diff, isomorphic, to_isomorphic

from ecluse.domain.metadata import DatasetDescription
from ecluse.domain.metadata.storing import from_json, to_json
from ecluse.portal.catalogue.rdf.exporting import export_graph
from ecluse.portal.catalogue.rdf.importing import import_graph
from ecluse.portal.catalogue.rdf.profiles import R8, profile
from ecluse.portal.catalogue.rdf.reading import SUFFIXES, read_graph
from tests.agreement.healthdcat import PATHS, PRESENT, document, found_in

pytestmark = PRESENT
RULES = profile(R8)
RDF_PATHS = [path for path in PATHS if not path.endswith(".json")]
SMALL = [path for path in RDF_PATHS if "r5-synthetic" not in path]


def read(path: str) -> Graph:
    return read_graph(document(path), SUFFIXES["." + path.rpartition(".")[2]])


@pytest.mark.parametrize("path", SMALL)
def test_no_triple_that_is_understood_is_lost(path: str) -> None:
    graph = read(path)

    found = import_graph(graph, RULES)
    written = export_graph(found.described, RULES)

    _, lost, _ = graph_diff(to_isomorphic(graph - found.left), to_isomorphic(written))
    assert list(lost) == []


@pytest.mark.parametrize("path", RDF_PATHS)
def test_what_was_written_is_understood_whole_and_says_the_same(path: str) -> None:
    found = import_graph(read(path), RULES)

    again = import_graph(export_graph(found.described, RULES), RULES)

    assert again.described == found.described
    assert list(again.left) == []


@pytest.mark.parametrize("path", PATHS)
def test_what_is_kept_in_the_database_is_what_was_read(path: str) -> None:
    described = [found.description for found in found_in(path)]

    assert described
    assert [from_json(to_json(one), DatasetDescription) for one in described] == described


def test_the_official_example_is_understood_but_for_nothing() -> None:
    graph = read("examples/r8/ARCA.ttl")

    found = import_graph(graph, RULES)

    assert list(found.left) == []
    assert len(found.datasets[0].every_variable()) == 17
    # Only classes that the place of a thing implies are added.
    written = export_graph(found.datasets, RULES)
    assert isomorphic(written, graph + (written - graph) - (graph - written))


def test_what_is_not_understood_is_told() -> None:
    (found,) = found_in("examples/real-de/FDZ-Gesundheit.ttl")

    assert found.left["vcard:hasStreetAddress"] == 1
    assert found.left["dcatap:healthdcatap#maxTypicalAge:"] == 1
