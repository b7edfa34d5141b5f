"""RDF in and out: what is understood comes back, what is not is told, older words are upgraded."""

from rdflib import Graph
from rdflib.compare import isomorphic

from ecluse.domain.metadata import Agent, DatasetDescription, Text
from ecluse.portal.catalogue.rdf import exporting, importing, profiles, upgrades
from ecluse.portal.catalogue.rdf.reading import read_graph
from tests.unit.portal.catalogue.rdf_documents import HEART, PREFIXES

R8 = profiles.profile(profiles.R8)
OLD_LIST = "http://13.81.34.152:1101/resource/authority/"


def read(document: str) -> Graph:
    return read_graph(document.encode(), "text/turtle")


def test_a_document_is_read_as_a_description() -> None:
    found = importing.import_graph(read(HEART), R8)

    assert found.datasets == (
        DatasetDescription(
            address="https://source.example/heart",
            identifiers=(Text("HEART-1"),),
            titles=(Text("Heart registry", "en"), Text("Registre du cœur", "fr")),
            descriptions=(Text("Infarctus et suites", "fr"),),
            holders=(Agent(names=(Text("CHU d’Exemple"),)),),
            person_count=1200,
        ),
    )
    assert len(found.left) == 0


def test_what_is_understood_is_written_back_triple_for_triple() -> None:
    graph = read(HEART)

    written = exporting.export_graph(importing.import_graph(graph, R8).datasets, R8)

    assert isomorphic(written, graph)


def test_what_is_not_understood_is_told_and_not_written_back() -> None:
    graph = read(HEART + 'ex:heart ex:colour "red" ; healthdcatap:minTypicalAge "18 ans" .')

    found = importing.import_graph(graph, R8)

    assert importing.left_over(found.left, R8) == {
        "healthdcatap:minTypicalAge": 1,
        "https://source.example/colour": 1,
    }
    assert isomorphic(exporting.export_graph(found.datasets, R8), read(HEART))


def test_a_property_that_holds_one_value_keeps_one_and_tells_the_other() -> None:
    graph = read(f'{HEART} ex:heart dcat:version "1", "2" .')

    found = importing.import_graph(graph, R8)

    assert found.datasets[0].version == Text("1")
    assert importing.left_over(found.left, R8) == {"dcat:version": 1}


def test_what_describes_itself_ends() -> None:
    graph = read(f"{HEART} ex:heart dct:creator ex:me . ex:me dct:creator ex:heart .")

    assert len(importing.import_graph(graph, R8).datasets) == 1


def test_the_same_document_read_twice_says_the_same() -> None:
    first, second = (importing.import_graph(read(HEART), R8).datasets for _ in range(2))

    assert first == second


def test_agents_of_release_5_get_a_contact_point() -> None:
    graph = read(
        f"""{PREFIXES} ex:a a dcat:Dataset ; dct:publisher [
            a foaf:Organization ; foaf:name "CHU" ;
            dcat:contactPoint [ vcard:hasEmail <mailto:a@chu.example> ] ] ."""
    )

    upgraded, changes = upgrades.upgrade(graph)
    (publisher,) = importing.import_graph(upgraded, R8).datasets[0].publishers

    assert changes == {"class-added": 1, "contact-point-added": 1}
    assert publisher.contact_points[0].emails == (Text("a@chu.example"),)


def test_older_properties_lists_and_types_are_said_in_the_words_of_release_8() -> None:
    graph = read(
        f"""{PREFIXES} ex:a a dcat:Dataset ;
            healthdcatap:numberOfRecords "0127"^^xsd:integer ;
            healthdcatap:healthCategory <{OLD_LIST}healthcategories/EHRS> ;
            dpv:hasPersonalData <https://w3id.org/dpv/pd#Age> ;
            healthdcatap:hasCodeValues [ skos:notation "Q87.1" ] .
            ex:column a csvw:Column ; csvw:titles "Âge" ."""
    )

    upgraded, changes = upgrades.upgrade(graph)
    (found,) = importing.import_graph(upgraded, R8).datasets

    assert found.record_count == 127
    assert found.category_codes == ("EHRS",)
    assert found.personal_data[0].address == "https://w3id.org/dpv/dpv-pd#Age"
    assert found.code_values == (Text("Q87.1"),)
    assert changes == {
        "code-value-mended": 2,
        "property-renamed": 1,
        "term-renamed": 2,
        "type-mended": 1,
    }


def test_a_description_of_today_is_not_changed() -> None:
    upgraded, changes = upgrades.upgrade(read(HEART))

    assert changes == {}
    assert isomorphic(upgraded, read(HEART))


def test_the_hdh_shape_is_written_with_its_own_properties() -> None:
    legacy = profiles.profile(profiles.LEGACY)
    (found,) = importing.import_graph(
        read(
            f"""{PREFIXES} ex:a a dcat:Dataset ; dct:identifier "A" ;
            dpv:hasLegalBasis [ a dpv:LegalBasis ; dct:description "Loi"@fr ] ."""
        ),
        R8,
    ).datasets

    text = exporting.serialise(
        upgrades.to_legacy(exporting.export_graph([found], legacy)), "text/turtle"
    ).decode()

    assert "dqv:hasLegalBasis" in text
    assert '"A"^^xsd:anyURI' in text
