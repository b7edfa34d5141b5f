"""All files of others harvested twice, and our own catalogue judged by the shapes of release 8."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings
from rdflib import DCTERMS, RDF, Graph

from ecluse.domain.documents import Signer
from ecluse.portal.catalogue import actions, serving, upkeep
from ecluse.portal.catalogue.harvest import actions as harvests
from ecluse.portal.catalogue.models import Dataset, HarvestRecord, Resource, Source
from ecluse.portal.catalogue.packaged import packaged
from ecluse.portal.catalogue.rdf.profiles import R8, profile
from ecluse.portal.catalogue.rdf.reading import read_graph
from ecluse.portal.catalogue.rdf.validation import Finding, validate
from ecluse.portal.catalogue.serving import DCAT
from ecluse.portal.mailbox.actions import receive
from tests.agreement.healthdcat import FOLDER, PATHS, PRESENT, document
from tests.sites import Signers
from tests.unit.portal.build import CLAIMS, NOTICE

pytestmark = PRESENT
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LAW = "http://data.europa.eu/r5r/applicableLegislation"


def harvest_all() -> Counter[str]:
    """Harvest each file as a source of its own; how many of each outcome."""
    counts: Counter[str] = Counter()
    for number, path in enumerate(PATHS):
        source, _ = Source.objects.get_or_create(
            slug=f"s{number}", name=path, kind=Source.Kind.FILE
        )
        run = harvests.harvest(source, now=NOW, data=document(path))
        counts.update({run.state: 1, **run.counts})
    return counts


def test_all_files_harvested_twice_make_no_double(signers: Signers) -> None:
    first = harvest_all()
    count = Dataset.objects.count() + Resource.objects.count()
    second = harvest_all()

    # 1 + 1 + 1 + 1 + 21 + 3 + 1 + 1 + 2 datasets in Turtle, 2 + 3 + 1 in RDF/XML, 1 in CKAN; a
    # series and a service beside; two of those have neither title nor identifier, or share theirs.
    assert first["done"] == second["done"] == len(PATHS)
    assert second["unchanged"] == first["added"] == count
    assert second["added"] == second["changed"] == second["withdrawn"] == 0
    assert second["rejected"] == first["rejected"]
    assert all(
        record.report["reason"]
        for record in HarvestRecord.objects.filter(state=HarvestRecord.State.REJECTED)
    )


@pytest.fixture
def shapes(settings: Settings, tmp_path: Path) -> None:
    """A site that has the shapes."""
    settings.ECLUSE_SHAPES = str(FOLDER)
    settings.ECLUSE_HOME = tmp_path


def broken(graph: Graph, level: str) -> set[Finding]:
    """What the shapes find, but for one warning.

    The list of publishers of catalogues is that of the institutions of the Union, none of which
    publishes ours.
    """
    found = set(validate(graph, profile(R8), level=level, folder=FOLDER).findings)
    address = "http://127.0.0.1:8000/catalogue/"
    return found - {Finding("warning", "dct:publisher", "Node", address, f"{address}#body")}


def test_the_catalogue_that_we_export_obeys_the_shapes(
    signers: Signers, shapes: None, client: Client
) -> None:
    actions.describe("snds-synthetic", CLAIMS, by="set-up", now=NOW)
    actions.describe("not-loaded", replace(CLAIMS, category="q"), by="set-up", now=NOW)
    receive(signers.sign(NOTICE, issuer=Signer.AGENT, now=NOW), now=NOW)

    done = upkeep.keep_up(now=NOW)
    graph = read_graph(client.get("/catalogue/catalogue.ttl").content, "text/turtle")

    assert done == {"judged": 2, "conforming": 2, "exported": 2}
    assert broken(graph, "non-public") == set()


def test_of_the_datasets_of_others_only_those_that_obey_are_exported(
    signers: Signers, shapes: None, client: Client
) -> None:
    harvest_all()

    done = upkeep.keep_up(now=NOW)
    graph = read_graph(client.get("/catalogue/catalogue.ttl").content, "text/turtle")

    # ARCA alone, under our address; it is public, so judged by the shapes of public data.
    assert (done["conforming"], done["exported"]) == (1, 1)
    assert any("ARCA" in title for title in graph.objects(None, DCTERMS.title))
    assert broken(graph, "public") == set()


def test_the_report_says_field_by_field_what_to_mend(
    signers: Signers, shapes: None, client: Client
) -> None:
    source = Source.objects.create(slug="fdz", name="FDZ", kind=Source.Kind.FILE)
    path = "examples/real-de/FDZ-Gesundheit.ttl"
    harvests.harvest(source, now=NOW, data=document(path))
    upkeep.keep_up(now=NOW)

    slug = Dataset.objects.get().slug
    page = client.get(f"/catalogue/{slug}/report/").content.decode()

    assert "Accès aux données" in page
    assert "Renseignez ce champ." in page
    assert "vcard:hasStreetAddress" in page


def test_the_snds_is_described_in_full_and_obeys_the_shapes(signers: Signers, shapes: None) -> None:
    actions.publish("snds", packaged("snds"), by="set-up", now=NOW)

    assert upkeep.keep_up(now=NOW) == {"judged": 1, "conforming": 1, "exported": 1}


def test_series_and_services_are_exported_with_what_they_name(
    signers: Signers, shapes: None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ARCA in a series, a second one alone, on a page each; a service serves both."""
    monkeypatch.setattr(serving, "PAGE_SIZE", 1)
    arca = read_graph(document("examples/r8/ARCA.ttl"), "text/turtle")
    (address,) = arca.subjects(RDF.type, DCAT.Dataset)
    beside = f"""<urn:series> a <{DCAT.DatasetSeries}> ; <{DCTERMS.title}> "Registres"@fr ;
        <{DCTERMS.description}> "Un par an"@fr ;
        <{LAW}> <urn:law> ; <{DCAT["last"]}> <{address}> .
        <{address}> <{DCAT.inSeries}> <urn:series> .
        <urn:api> a <{DCAT.DataService}> ; <{DCTERMS.title}> "API"@fr ;
        <{DCAT.endpointURL}> <https://api.example/> ; <{DCAT.servesDataset}> <{address}> ."""
    source = Source.objects.create(slug="arca", name="ARCA", kind=Source.Kind.FILE)
    harvests.harvest(source, now=NOW, data=document("examples/r8/ARCA.ttl") + beside.encode())
    actions.describe("snds-synthetic", CLAIMS, by="set-up", now=NOW)

    assert upkeep.keep_up(now=NOW)["conforming"] == 2

    pages = [client.get(f"/catalogue/catalogue.ttl?page={number}").content for number in (1, 2)]
    graphs = [read_graph(page, "text/turtle") for page in pages]
    assert [len(list(graph.subject_objects(DCAT.servesDataset))) for graph in graphs] == [1, 0]
    assert [len(list(graph.subject_objects(DCAT.inSeries))) for graph in graphs] == [1, 0]
    assert (broken(graphs[0], "public"), broken(graphs[1], "non-public")) == (set(), set())
