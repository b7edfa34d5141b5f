"""Descriptions in the shape of the Health Data Hub's catalogue are judged by that shape too."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from ecluse.portal.catalogue import upkeep
from ecluse.portal.catalogue.harvest import actions
from ecluse.portal.catalogue.models import DescriptionRecord, Source
from tests.agreement.healthdcat import FOLDER, PRESENT
from tests.sites import Signers
from tests.unit.portal.catalogue.rdf_documents import PREFIXES

pytestmark = PRESENT
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LISTS = "https://hdeu-dcat.data.health.europa.eu/resource/authority/"
CONTACT = "foaf:homepage <https://chu.example/> ; foaf:mbox <mailto:data@chu.example>"
DISTRIBUTION = """[ a dcat:Distribution ; dcat:accessURL <https://chu.example/asthma/> ;
        dcatap:applicableLegislation <http://data.europa.eu/eli/reg/2025/327/oj> ;
        dct:format <http://publications.europa.eu/resource/authority/file-type/CSV> ;
        dcat:byteSize "1000"^^xsd:nonNegativeInteger ;
        dct:rights [ a dct:RightsStatement ; rdfs:label "Sur autorisation"@fr ] ]"""
LEGACY = f"""{PREFIXES}
@prefix adms: <http://www.w3.org/ns/adms#> .
@prefix dcatap: <http://data.europa.eu/r5r/> .
@prefix dqv: <http://www.w3.org/ns/dqv#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
ex:asthma a dcat:Dataset ;
    dct:identifier "ASTHMA-1"^^xsd:anyURI ;
    dct:title "Cohorte asthme"@fr ;
    dct:description "Enfants suivis pour un asthme"@fr ;
    dcat:keyword "asthme"@fr ;
    dct:accessRights <http://publications.europa.eu/resource/authority/access-right/NON_PUBLIC> ;
    dcatap:applicableLegislation <http://data.europa.eu/eli/reg/2025/327/oj> ;
    dcat:theme <http://publications.europa.eu/resource/authority/data-theme/HEAL> ;
    dct:type <http://publications.europa.eu/resource/authority/dataset-type/PERSONAL_DATA> ;
    dct:spatial <http://publications.europa.eu/resource/authority/country/FRA> ;
    healthdcatap:healthCategory <{LISTS}healthcategories/RQSH> ;
    healthdcatap:healthTheme <{LISTS}health-theme/NONCOMMUNICABLE_DISEASES> ;
    healthdcatap:populationCoverage "Enfants de 6 à 11 ans"@fr ;
    healthdcatap:hdab [ a foaf:Agent ; foaf:name "Health Data Hub" ; {CONTACT} ] ;
    dct:publisher [ a foaf:Agent ; foaf:name "CHU d’Exemple" ; {CONTACT} ;
        healthdcatap:publisherType <{LISTS}publisher-type/healthcare-providers> ;
        healthdcatap:publisherNote "Hôpital universitaire"@fr ;
        healthdcatap:trustedDataHolder false ] ;
    dcat:contactPoint [ a vcard:Kind ; vcard:hasURL <https://chu.example/> ;
        vcard:hasEmail <mailto:data@chu.example> ] ;
    dct:provenance [ a dct:ProvenanceStatement ; rdfs:label "Consultations"@fr ] ;
    dpv:hasPurpose [ a dpv:Purpose ; dct:description "Recherche"@fr ] ;
    dpv:hasPersonalData <https://w3id.org/dpv/dpv-pd#Age> ;
    dqv:hasLegalBasis [ a dpv:LegalBasis ; dct:description "Loi"@fr ] ;
    dcat:distribution {DISTRIBUTION} ;
    adms:sample {DISTRIBUTION} .
"""


@pytest.fixture
def source(signers: Signers, settings: Settings, tmp_path: Path) -> Source:
    """Another hub, which writes in its own shape; this site has the shapes."""
    settings.ECLUSE_SHAPES = str(FOLDER)
    settings.ECLUSE_HOME = tmp_path
    return actions.add_source("hdh", name="HDH", kind=Source.Kind.FILE, by="set-up")[0]


def judged(source: Source, document: str) -> DescriptionRecord:
    actions.harvest(source, now=NOW, data=document.encode())
    upkeep.keep_up(now=NOW)
    return DescriptionRecord.objects.get()


def test_it_is_judged_by_its_own_shape_and_by_release_8(source: Source) -> None:
    held = judged(source, LEGACY)

    # Release 8 asks whether the data are structured, which the older shape does not know.
    assert held.verdicts == {"hdh-legacy": {"conforms": True, "findings": []}}
    assert held.conforms is False
    assert "healthdcatap:hasStructuredData" in {one["path"] for one in held.findings}


def test_what_its_shape_misses_is_told_field_by_field(source: Source, client: Client) -> None:
    held = judged(source, LEGACY.replace("dpv:hasPurpose", "dpv:unknown"))
    page = client.get(f"/catalogue/{held.dataset.slug}/report/").content.decode()

    told = held.verdicts["hdh-legacy"]["findings"]
    assert [(one["path"], one["rule"]) for one in told] == [("dpv:hasPurpose", "MinCount")]
    assert "Catalogue du Health Data Hub" in page
    assert page.index("Catalogue du Health Data Hub") < page.rindex("Finalités")


def test_a_description_of_today_is_judged_by_release_8_alone(source: Source) -> None:
    today = LEGACY.replace("dqv:hasLegalBasis", "dpv:hasLegalBasis")

    assert judged(source, today).verdicts == {}


def test_without_its_shape_the_verdict_of_release_8_stands(
    source: Source, settings: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "rules"
    (folder / "shapes").mkdir(parents=True)
    (folder / "vocab").symlink_to(FOLDER / "vocab")
    (folder / "shapes/healthdcat-ap-r8").symlink_to(FOLDER / "shapes/healthdcat-ap-r8")
    (folder / "shapes/dcat-ap-3.0.1").symlink_to(FOLDER / "shapes/dcat-ap-3.0.1")
    settings.ECLUSE_SHAPES = str(folder)

    held = judged(source, LEGACY)

    assert (held.verdicts, held.judged_at) == ({}, NOW)
